#!/bin/sh
# Cases of tests/data/apache beside Debian's certbot with python3-certbot-apache:
# the same files afterwards, but for layout, unless tests/data/apache/beside.tsv
# says that they differ, and why. Columns: case, same or differs, * for those
# that every run looks at, reason. CASE=NAME runs one, ALL=1 all of them.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
apache_begin
. "$ROOT/tests/both.sh"

# theirs CASE: `certbot install` with what the case asks for.
theirs()
{
	_live=/etc/letsencrypt/live/all
	_names=$(case_do get "$1" names | tr ' ' ,)
	_more='--no-redirect'
	for _word in $(case_do get "$1" enhance); do
		case $_word in
		redirect) _more="$_more --redirect" ;;
		hsts) _more="$_more --hsts" ;;
		uir) _more="$_more --uir" ;;
		staple) _more="$_more --staple-ocsp" ;;
		esac
	done
	case $_more in
	*' --redirect'*) _more=${_more#--no-redirect} ;;
	esac
	_root=$(sed -n 's/^config.*"vhost_root": "\([^"]*\)".*/\1/p' "$1")
	[ -z "$_root" ] || _more="$_more --apache-vhost-root $_root"
	# shellcheck disable=SC2086 # several words
	debian install --apache -n -d "$_names" $_more \
		--cert-path $_live/cert.pem --key-path $_live/privkey.pem \
		--fullchain-path $_live/fullchain.pem \
		--chain-path $_live/chain.pem --work-dir "$T/w" \
		--logs-dir "$T/w" >"$T/theirs.log" 2>&1 </dev/null
}

# plain TREE: each file's lines without layout, in order of the words; links.
plain()
{
	(cd "$1" && find . -type l -printf '%p -> %f\n' | sort
	find . -type f | LC_ALL=C sort | while read -r _f; do
		sed -e 's/\r$//; s/^[ \t]*//; s/[ \t]*$//; s/[ \t][ \t]*/ /g' \
			-e 's/ \[OR\]$//' -e '/^$/d' -e '/^#/d' \
			-e "s|^|$_f: |" "$_f" | LC_ALL=C sort
	done)
}

# prepared CASE: its files, and Apache with them.
prepared()
{
	apache_fresh
	case_do apply "$1" /etc/apache2
	case_do get "$1" setup | (cd /etc/apache2 && sh -e) >/dev/null 2>&1
	apache_start || bail "$1: Apache does not start: $(cat "$T/apache.log")"
}

beside()
{
	prepared "$1"
	theirs "$1"
	echo "status $?" >"$T/theirs.plain"
	plain "$T/etc" >>"$T/theirs.plain"
	apache_stop
	prepared "$1"
	case_do requests "$1" >"$T/requests"
	echo '{"op":"restart"}' >>"$T/requests"
	apache_talk <"$T/requests" >"$T/ours.log" 2>&1
	echo "status $?" >"$T/ours.plain"
	plain "$T/etc" >>"$T/ours.plain"
	apache_stop
}

for case in "$ROOT"/tests/data/apache/*.case; do
	name=${case##*/}
	name=${name%.case}
	[ "${CASE-$name}" = "$name" ] || continue
	row=$(grep "^$name	" "$ROOT/tests/data/apache/beside.tsv") ||
		bail "$name has no row in beside.tsv"
	case ${ALL-}${CASE-}$row in
	*'	-	'*) [ -n "${ALL-}${CASE-}" ] || continue ;;
	esac
	beside "$case"
	case $row in
	*'	same	'*)
		same "$T/theirs.plain" "$T/ours.plain" "$name: as Debian's" ||
			diag "$(tail -n 5 "$T/theirs.log")"
		;;
	*)
		not_ok "$name: not as Debian's: ${row##*	}" \
			cmp -s "$T/theirs.plain" "$T/ours.plain"
		;;
	esac
done
is "$(differences_of apache-beside | tr ' ' '\n' | sort)" \
	"$(awk -F '\t' '$2 == "differs" { print $1 }' \
		"$ROOT/tests/data/apache/beside.tsv" | sort)" \
	'tests/data/differences.tsv has a reason for each that differs'
done_testing
