#!/bin/sh
# A pipeline that is cut at any | goes on from its last document, with the
# order that it names; in another directory, too.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/pipeline.sh"
need jq openssl curl
ca_start
faultd_start --http2
web_start

STORE="--config-dir letsencrypt --work-dir work"
# stage N: the Nth stage, on a document of stage N - 1
stage()
{
	case $1 in
	1) acme-account register --agree-tos --no-contact \
		--account-dir letsencrypt/accounts ;;
	2) acme-order new -d "$name" -d "www.$name" ;;
	3) acme-challenge webroot -w "$T/www" ;;
	4) acme-finalize --new-key ecdsa --key-out "$name.pem" \
		--fullchain-out "$name.full.pem" ;;
	5) certstore save $STORE ;;
	esac
}

# upto N: stages 1 to N, each document kept
upto()
{
	_n=1
	: >"$name.0"
	while [ $_n -le "$1" ]; do
		stage $_n <"$name.$((_n - 1))" >"$name.$_n" || return
		_n=$((_n + 1))
	done
}

# from N: stages N to 5 joined by pipes, on the document of stage N - 1
from()
{
	case $1 in
	2) stage 2 | stage 3 | stage 4 | stage 5 ;;
	3) stage 3 | stage 4 | stage 5 ;;
	4) stage 4 | stage 5 ;;
	5) stage 5 ;;
	esac <"$name.$(($1 - 1))"
}

# plain FILE: its document without times; Pebble gives names in any order
plain()
{
	jq -S 'del(.. | .read?) |
		.order.identifiers |= sort_by(.value) | .order.authorizations |= sort' "$1"
}

# whole N WHAT: version 1 of the lineage, its key, N orders since the reset
whole()
{
	is "$status" 0 "$2: status"
	json out '.error == null and .lineage.version == 1' \
		"$2: version 1 is saved"
	_l=letsencrypt/live/$name
	is "$(names "$_l/cert.pem")" "$name www.$name" "$2: the names"
	ok "$2: the key" pair "$_l/cert.pem" "$_l/privkey.pem"
	same "$name.pem" "$_l/privkey.pem" "$2: it is the same key"
	is "$(counter .resources.newOrder)" "$1" "$2: $1 orders"
	is "$(ls "letsencrypt/archive/$name" | wc -l)" 4 "$2: four files"
}

# -- cut behind each stage; the rest runs twice with the same document
for cut in 1 2 3 4; do
	name=cut$cut.example
	faultd_post /reset
	ok "cut behind stage $cut" upto $cut
	run from $((cut + 1))
	whole 1 "cut behind stage $cut"
	[ $cut -eq 1 ] && continue
	serial=$(jq -r .certificate.serial out)
	faultd_post /reset
	run from $((cut + 1))
	whole 0 "cut behind stage $cut, once more"
	is "$(jq -r .certificate.serial out)" "$serial" \
		"cut behind stage $cut: the same certificate"
	is "$(counter .resources.finalize)" 0 \
		"cut behind stage $cut: not finalized twice"
done
name=cut2.example
is "$(find . -name '*.pem' -path './.*' ; ls -A | grep '^\..*pem')" '' \
	'no other key is left beside'

# -- each stage twice with the document it had, in any order
name=twice.example
faultd_post /reset
ok 'a whole pipeline' upto 5
for n in 3 4 5 4 3 5; do
	run stage $n <"$name.$((n - 1))"
	is "$status" 0 "stage $n again: status"
	json out '.error == null' "stage $n again: no error"
	plain out >again.json
	plain "$name.$n" >first.json
	[ $n -eq 3 ] || same again.json first.json \
		"stage $n again: the same document"
done
is "$(counter .resources.newOrder)" 1 'one order'
is "$(counter .resources.finalize)" 1 'finalized once'
run stage 2 <"$name.2"
is "$(counter .resources.newOrder)" 1 'acme-order keeps the order of a document'
cp "$name.1" keep.1
run stage 2 <keep.1
is "$(counter .resources.newOrder)" 2 'from a document without an order: another'

# -- a document of yesterday: what it says is read again first
name=old.example
faultd_post /reset
upto 4
for n in 2 3 4; do
	jq -c '(.. | .read?) |= (if . then "2020-01-01T00:00:00Z" else empty end)' \
		"$name.$n" >old.json && mv old.json "$name.$n"
	run from $((n + 1))
	whole 1 "an old document behind stage $n"
done
is "$(counter .resources.challenge)" 2 'no authorization is answered again'

# -- in another directory: the document file and the keys are all it needs
name=moved.example
for cut in 2 3 4; do
	name=moved$cut.example
	faultd_post /reset
	mkdir -p here there
	(cd here && upto $cut) || fail "moved: stages 1 to $cut"
	cp "here/$name.$cut" there/
	rm -rf there/keys there/letsencrypt
	mv here/letsencrypt there/keys
	[ $cut -lt 4 ] || mv "here/$name.pem" there/order.pem
	rm -rf here
	cd there || exit 1
	case $cut in
	2) run sh -c 'acme-challenge webroot -w "$T/www" --account-dir keys/accounts <'"$name.2"' |
		acme-finalize --new-key rsa --key-out order.pem --account-dir keys/accounts |
		certstore save --config-dir letsencrypt --work-dir work' ;;
	3) run sh -c 'acme-finalize --new-key rsa --key-out order.pem --account-dir keys/accounts <'"$name.3"' |
		certstore save --config-dir letsencrypt --work-dir work' ;;
	4) run sh -c "certstore save --config-dir letsencrypt --work-dir work --key order.pem <$name.4" ;;
	esac
	is "$status" 0 "moved behind stage $cut: status"
	json "$T/out" '.lineage.version == 1 and .error == null' \
		"moved behind stage $cut: saved"
	like "$err" "the account of this certificate is not in '$T/there/letsencrypt/accounts" \
		"moved behind stage $cut: says where a renewal looks for the account"
	ok "moved behind stage $cut: the key" \
		pair "letsencrypt/live/$name/cert.pem" order.pem
	is "$(counter .resources.newOrder)" 1 "moved behind stage $cut: one order"
	is "$(find letsencrypt -name accounts)" '' \
		"moved behind stage $cut: no other account"
	cd "$T" || exit 1
	rm -f there/order.pem
done

# -- without that option the place in the document is tried, and named
name=lost.example
(mkdir here && cd here && upto 3)
cp "here/$name.3" there/
mv here there/elsewhere
cd there || exit 1
run acme-finalize --new-key rsa --key-out order.pem <"$name.3"
is "$status" 66 'the account is where the document does not say'
like "$err" "--account-dir.*'$T/here/letsencrypt/accounts/" \
	'the sentence names place and option'
cd "$T" || exit 1

# -- a new key that lies beside its place goes along
name=key.example
faultd_post /reset
mkdir here
cd here || exit 1
upto 3
faultd_rules '[{"resource": "order", "drop": "before"},
	{"resource": "cert", "drop": "before"}]'
run acme-finalize --new-key ecdsa --key-out k.pem --timeout 1 <"$name.3"
is "$status" 75 'cut while the certificate is made'
key=$(find . -name '.*' -type f -size +0)
isnt "$key" '' 'the key lies beside its place'
mode "$key" 600 'and is private'
is "$(ls k.pem 2>/dev/null)" '' 'not yet in it'
faultd_rules '[]'
cd "$T" || exit 1
rm -rf moved && mkdir moved
cp "here/$name.3" moved/ && cp -a "here/letsencrypt" moved/keys &&
	mv "here/$key" moved/ && rm -rf here
cd moved || exit 1
sum=$(sha256sum <"$key")
run acme-finalize --new-key ecdsa --key-out k.pem \
	--fullchain-out full.pem --account-dir keys/accounts <"$name.3"
is "$status" 0 'goes on in another directory'
is "$(sha256sum <k.pem)" "$sum" 'with the same key'
ok 'which is the certificate'\''s' pair full.pem k.pem
is "$(find . -name '.*' -type f)" '' 'nothing is left beside'
is "$(counter .resources.newOrder) $(counter .resources.finalize)" '1 1' \
	'one order, finalized once'
cd "$T" || exit 1
is "$(find www -type f)" '' 'no challenge file is left'
is "$(leftovers)" '' 'no process is left'
done_testing
