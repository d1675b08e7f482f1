#!/bin/sh
# Cases of tests/data/nginx beside Debian's certbot with python3-certbot-nginx:
# the same statements afterwards, in whatever order and layout, unless
# tests/data/nginx/beside.tsv says that they differ, and why. Columns: case, same,
# differs or older (only a certbot before 4 does), * for those that every run looks
# at, reason. NGX_CASE=NAME runs one, ALL=1 all of them.
. "$(dirname "$0")/../lib.sh"
need nginx curl jq pgrep
namespaces "$@"
. "$ROOT/tests/nginx.sh"
. "$ROOT/tests/both.sh"

# with WHAT: the names that the case asks it for, with commas; "" for none.
with()
{
	awk -v what="$1" '$1 == what { print $2 }' case/do | paste -sd, -
}

install()
{
	$DEBIAN install --nginx -n --nginx-server-root "$NGX_ROOT" \
		--nginx-sleep-seconds 0 --config-dir le --work-dir work \
		--logs-dir logs "$@" </dev/null
}

# theirs: what the case asks for, one lineage after the other; what is not
# for all names, by enhance.
theirs()
{
	sed -n 's/^deploy [^ ]* *//p' case/do | sort -u | while read -r lineage; do
		lineage=${lineage:-l}
		names=$(awk -v l="$lineage" '$1 == "deploy" &&
			($3 == l || ($3 == "" && l == "l")) { print $2 }' case/do |
			paste -sd, -)
		live=$T/le/live/$lineage
		redirect=--no-redirect
		[ -z "$(with redirect)" ] || [ "$(with redirect)" != "$names" ] ||
			redirect=--redirect
		set -- --fullchain-path "$live/fullchain.pem" \
			--cert-path "$live/cert.pem" --key-path "$live/privkey.pem" \
			--chain-path "$live/chain.pem"
		[ -z "$(with hsts)" ] || set -- --hsts "$@"
		[ -z "$(with staple)" ] || set -- --staple-ocsp "$@"
		install -d "$names" $redirect "$@" || exit 1
		[ $redirect = --no-redirect ] && [ -n "$(with redirect)" ] &&
			install -d "$(with redirect)" --redirect "$@"
	done >theirs.log 2>&1
	return 0
}

# plain FILE: the statements of all files, sorted, without comments and an option
# that is nginx's default; names that Debian's takes from a set in one order.
plain()
{
	(cd "$NGX_ROOT" && find . -type f ! -name '*.pem' ! -name '*.key' \
		! -name '*.pid' ! -name '*.log' -exec cat {} +) |
		tr -d '\r' | LC_ALL=C sed -e 's/\(^\|[ \t]\)#.*//' \
		-e 's/[;{}]/&\n/g' | LC_ALL=C sed -e 's/^[ \t]*//; s/[ \t]*$//' \
		-e 's/[ \t][ \t]*/ /g; s/ \([;{]\)$/\1/' -e 's/ ipv6only=on//' \
		-e 's/^server_name www.a.example a.example;/server_name a.example www.a.example;/' \
		-e '/^$/d' | LC_ALL=C sort >"$1"
}

prepared()
{
	rm -rf work le
	mkdir -p work le
	ngx_case "$1"
	ngx_lineages
	for _file in options-ssl-nginx.conf ssl-dhparams.pem; do
		cp "$ROOT/share/$_file" "le/$_file"
	done
	ngx_start
}

older=differs
case $(/usr/bin/certbot --version 2>/dev/null) in
'certbot '[0-3].*) ;;
*) older=same ;;
esac

for file in "$ROOT"/tests/data/nginx/*.txt; do
	this=$(basename "$file" .txt)
	[ "${NGX_CASE-$this}" = "$this" ] || continue
	row=$(grep "^$this	" "$ROOT/tests/data/nginx/beside.tsv") || {
		[ -n "${ALL-}" ] || bail "$this has no row in beside.tsv"
		row="$this	same	-"
	}
	case ${ALL-}${NGX_CASE-}$row in
	*'	-	'*) [ -n "${ALL-}${NGX_CASE-}" ] || continue ;;
	esac
	prepared "$file"
	debian_next
	theirs
	plain theirs.plain
	ngx_stop
	prepared "$file"
	ngx_run_case
	plain ours.plain
	ngx_stop
	kind=$(echo "$row" | cut -f 2)
	[ "$kind" != older ] || kind=$older
	case $kind in
	same)
		same theirs.plain ours.plain "$this: as Debian's" ||
			diag "$(tail -n 5 theirs.log)"
		;;
	*)
		not_ok "$this: not as Debian's: ${row##*	}" \
			cmp -s theirs.plain ours.plain
		;;
	esac
done
is "$(differences_of nginx-beside | tr ' ' '\n' | sort)" \
	"$(awk -F '\t' '$2 != "same" { print $1 }' \
		"$ROOT/tests/data/nginx/beside.tsv" | sort)" \
	'tests/data/differences.tsv has a reason for each that differs'
done_testing
