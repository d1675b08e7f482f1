#!/bin/sh
# The scripts of --explain for the decision table (tests/data/decisions.tsv), spec 4.1 to 4.4.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/decisions.sh"
. "$ROOT/tests/explain-decisions.sh"
explain_decisions '^4\.[1-4]$'
done_testing
