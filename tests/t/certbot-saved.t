#!/bin/sh
# The renewal file of each row of tests/data/saved.tsv: the same from Debian's
# certbot and from ours, after certonly and after a renewal with changed options;
# what is not given again stays.
. "$(dirname "$0")/../lib.sh"
need openssl jq
. "$ROOT/tests/both.sh"
tab=$(printf '\t')
ca_start PEBBLE_VA_ALWAYS_VALID=1
mkdir www www2
ours register -n --agree-tos --register-unsafely-without-email --server "$ACME_SERVER"
is "$status" 0 'an account'
mv c base
printf 'reuse-key = true\nkey-type = ecdsa\nmust-staple\n' >saved.ini
printf 'post-hook = true x\npreferred-chain = Z\n' >saved2.ini

# conf WHO STEP: the renewal file without what differs by nature; key_type at one
# place, because certbot's own depends on how the value came; the web roots, its
# last section, sorted: theirs come in the order of the CA's authorizations.
conf()
{
	_curve=
	# A curve that a file did not have to name: certbot 4 saves it.
	! certbot_at_least 3.0 || _curve='/^elliptic_curve = secp256r1$/d;'
	sed "$_curve/^version = /d; /^# renew_before_expiry/d; /^key_type = /d" \
		c/renewal/a.example.conf >conf.all 2>&1
	{
		sed '/^\[\[webroot_map\]\]/q' conf.all
		sed '1,/^\[\[webroot_map\]\]/d' conf.all | sort
	} >"conf.$1.$2"
	grep '^key_type = ' c/renewal/a.example.conf >>"conf.$1.$2" 2>&1
}

# turn WHO PROGRAM CERTONLY RENEW
turn()
{
	rm -rf c
	cp -a base c
	eval "run $2 certonly -n --server $ACME_SERVER --config-dir c \
		--work-dir w --logs-dir l $3" </dev/null
	[ "$status" = 0 ] || diag "$1: $err"
	conf "$1" first
	eval "run $2 renew --force-renewal --no-random-sleep-on-renew --config-dir c \
		--work-dir w --logs-dir l $4" </dev/null
	[ "$status" = 0 ] || diag "$1: $err"
	conf "$1" second
}

while IFS=$tab read -r name first second; do
	case $name in '#'*) continue ;; esac
	[ -z "${ONLY-}" ] || [ "$ONLY" = "$name" ] || continue
	[ "$second" != - ] || second=
	# The defaults differ, as the manual says (tests/data/differences.tsv).
	case $first in
	*--key-type* | *saved.ini*) ;;
	*) first="$first --key-type ecdsa" ;;
	esac
	case $first in
	*' -d '* | *webroot-map*) ;;
	*) first="$first -d a.example" ;;
	esac
	turn theirs debian "$first" "$second"
	turn ours certbot "$first" "$second"
	same conf.theirs.first conf.ours.first "$name: certonly $first"
	same conf.theirs.second conf.ours.second "$name: renew $second"
done <"$ROOT/tests/data/saved.tsv"

# Every option that the table marks as saved is in a row.
certbot --list-options | awk -F "$tab" '$1 == "option" && " " $7 " " ~ / saved / {
	print $2 }' | grep -vE '^--(apache|nginx|dns)-' >kept
while read -r names; do
	found=
	for spelling in $names; do
		grep -v '^#' "$ROOT/tests/data/saved.tsv" | grep -qF -e "$spelling" &&
			found=1
	done
	case $names in
	# Given in every row, never on their own, or newer than Debian's.
	*--config-dir* | *--work-dir* | *--logs-dir* | *--server* | *--account* | \
		*--installer* | *-profile*) found=1 ;;
	esac
	[ -n "$found" ] || fail "$names: in no row"
done <kept
isnt "$(cat kept)" '' 'options are marked as saved'
done_testing
