#!/bin/sh
# A third of the cases of tests/data/apache: see apache-golden-1.
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
