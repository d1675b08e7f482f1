# shellcheck shell=sh
# Configurations of Apache (tests/data/apache): what becomes of the files, that
# the server takes them and serves the certificate, that a second run changes
# nothing, and that a rollback restores every byte. CASE=NAME runs one of them;
# with RECORD=1 what has become is written into it.
# Sourced after lib.sh; a third of the cases is APACHE_PART 1, 2 or 3.
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
apache_begin

number=0
for case in "$ROOT"/tests/data/apache/${CASE-*}.case; do
	number=$((number + 1))
	[ -n "${CASE-}" ] || [ $((number % 3 + 1)) = "$APACHE_PART" ] || continue
	name=${case##*/}
	case_run "$case" "${name%.case}"
done
done_testing
