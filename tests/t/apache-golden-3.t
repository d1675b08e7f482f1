#!/bin/sh
# A third of the configurations of Apache: see tests/apache-golden.sh.
. "$(dirname "$0")/../lib.sh"
APACHE_PART=3
. "$ROOT/tests/apache-golden.sh"
