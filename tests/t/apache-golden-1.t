#!/bin/sh
# Configurations of Apache (tests/data/apache): what becomes of the files, that
# the server takes them and serves the certificate, that a second run changes
# nothing, and that a rollback restores every byte. CASE=NAME runs one of them;
# with RECORD=1 what has become is written into it. apache-golden-2 and -3 have
# the rest.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
apache_begin

part=${0##*-}
part=${part%.t}
number=0
for case in "$ROOT"/tests/data/apache/${CASE-*}.case; do
	number=$((number + 1))
	[ -n "${CASE-}" ] || [ $((number % 3 + 1)) = "$part" ] || continue
	name=${case##*/}
	case_run "$case" "${name%.case}"
done
done_testing
