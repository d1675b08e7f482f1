#!/bin/sh
# A third of the nginx corpus: see tests/nginx-golden.sh.
. "$(dirname "$0")/../lib.sh"
NGX_PART=1
. "$ROOT/tests/nginx-golden.sh"
