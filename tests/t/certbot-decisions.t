#!/bin/sh
# Each row of the decision table (tests/data/decisions.tsv), with certbot's
# questions answered on a terminal of its own: spec 4.1 to 4.4.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/decisions.sh"
decisions_begin

decisions '^4\.[1-4]$' row_holds
ok 'there are many rows' test "$tap_n" -gt 100
is "$(leftovers)" '' 'no process is left'
done_testing
