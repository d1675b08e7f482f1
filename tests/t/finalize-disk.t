#!/bin/sh
# The outputs of acme-finalize on a disk that is full, or may not be written,
# with links in the way and under odd umasks: an error that names the path,
# nothing left over, and the same document ends it without a new order.
. "$(dirname "$0")/../lib.sh"
need strace jq openssl setpriv

ca_start PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_VA_NOSLEEP=1 \
	PEBBLE_WFE_NONCEREJECT=0 PEBBLE_AUTHZREUSE=0
faultd_start
acme-account register --no-contact --agree-tos --account-dir acc >account ||
	bail 'no account'
# The user of the tests below reads the account's key.
chmod 755 "$T"
chown -R 65534 acc 2>/dev/null

ready()
{
	acme-order new -d "$1" <account |
		acme-challenge answer --preferred-challenges dns-01 >ready
	[ "$(jq -r .order.status ready)" = ready ] || bail "$1 is not ready"
	chmod 644 ready
	faultd_post /reset
}

outputs()
{
	echo "--key-out $1/key.pem --cert-out $1/cert.pem
		--chain-out $1/chain.pem --fullchain-out $1/fullchain.pem"
}

finalize()
{
	_dir=$1
	shift
	# shellcheck disable=SC2046 # options are several words
	run "$@" acme-finalize --new-key ecdsa $(outputs "$_dir") <ready
}

# whole DIRECTORY DESCRIPTION: all four, and nothing beside them
whole()
{
	is "$(ls -A "$1" | tr '\n' ' ')" \
		'cert.pem chain.pem fullchain.pem key.pem ' "$2: all files"
	mode "$1/key.pem" 600 "$2: the key is its owner's"
	is "$(openssl pkey -in "$1/key.pem" -pubout)" \
		"$(openssl x509 -in "$1/cert.pem" -noout -pubkey)" \
		"$2: key and certificate belong together"
	is "$(cat "$1/cert.pem" "$1/chain.pem" | grep -v '^$')" \
		"$(grep -v '^$' "$1/fullchain.pem")" "$2: the chain is whole"
	is "$(counter .resources.newOrder)" 0 "$2: no new order"
}

no_temporary()
{
	is "$(find "$1" -name '.*.tmp-*')" '' "$2: no temporary file"
}

# -- every call that changes a file says ENOSPC, one after the other -------------

ready full.example
mkdir full
# shellcheck disable=SC2046
strace -o trace acme-finalize --new-key ecdsa $(outputs "$T/full") \
	<ready >/dev/null 2>&1 || bail 'finalize under strace'
whole full 'under strace'
awk '{ call = $0; sub(/\(.*/, "", call)
	if (call !~ /^(rename|renameat|renameat2|fsync|openat|write)$/) next
	n[call]++
	if (call == "openat") { if (/O_CREAT/) print call, n[call] }
	else if (call != "write" ||
		/^write\([^12].*-----BEGIN/) print call, n[call] }' \
	trace >calls
ok 'many calls write' test "$(wc -l <calls)" -gt 10
bad='' failures=0
while read -r call when; do
	i=${i-}x
	ready "f$i.example"
	rm -rf full
	mkdir full
	# Only the stage itself, not its acme-net.
	finalize "$T/full" strace -qq -o /dev/null -e trace="$call" \
		-e "inject=$call:error=ENOSPC:when=$when"
	[ -z "$(find full -name '.*.tmp-*')" ] || bad="$bad left:$call:$when"
	if [ "$status" -ne 0 ]; then
		failures=$((failures + 1))
		grep -q "$T/full.*No space left" err ||
			bad="$bad text:$call:$when"
		jq -e '.error.detail' out | grep -q . ||
			bad="$bad document:$call:$when"
		find full -name '*key*' ! -perm 600 | grep -q . &&
			bad="$bad mode:$call:$when"
		finalize "$T/full"
	fi
	[ "$status" -eq 0 ] || bad="$bad again:$call:$when"
	[ "$(ls -A full | tr '\n' ' ')" = \
		'cert.pem chain.pem fullchain.pem key.pem ' ] ||
		bad="$bad files:$call:$when"
	[ "$(openssl pkey -in full/key.pem -pubout)" = \
		"$(openssl x509 -in full/cert.pem -noout -pubkey)" ] ||
		bad="$bad pair:$call:$when"
	[ "$(counter .resources.newOrder)" = 0 ] ||
		bad="$bad order:$call:$when"
done <calls
note "$(wc -l <calls) calls, $failures failures"
ok 'most of them matter' test "$failures" -gt 12
is "$bad" '' 'each: an error with the path, nothing left, the second run ends it'

# -- as an ordinary user ----------------------------------------------------------

ready dir.example
mkdir closed
chmod 555 closed
finalize "$T/closed" as_user
is "$status" 77 'a directory that may not be written'
like "$err" "$T/closed/key.pem cannot be written" 'the path is named'
is "$(ls -A closed)" '' 'nothing is written'
is "$(counter .resources.finalize)" 0 'nor is anything finalized'
finalize "$T/nowhere" as_user
is "$status" 66 'a missing directory'
like "$err" "$T/nowhere/key.pem cannot be written" 'is named'
ok 'and not made' test ! -e nowhere
mkdir half
chmod 777 half
: >half/file
finalize "$T/half/file" as_user
isnt "$status" 0 'a file for a directory'
like "$err" "$T/half/file" 'is named'
rm half/file
mkdir half/fullchain.pem
finalize "$T/half" as_user
isnt "$status" 0 'a directory in the place of a file'
like "$err" "$T/half/fullchain.pem" 'is named'
no_temporary half 'a directory in the place of a file'
rmdir half/fullchain.pem
finalize "$T/half" as_user
is "$status" 0 'the same document ends it'
whole half 'the user'

# -- links planted by another user ---------------------------------------------------

ready link.example
mkdir links
chmod 777 links
for f in cert chain fullchain; do
	echo precious >"victim.$f"
	chmod 666 "victim.$f"
	ln -s "$T/victim.$f" "links/$f.pem"
	chown -h 33 "links/$f.pem" 2>/dev/null
done
finalize "$T/links"
is "$status" 0 'links where the outputs go'
is "$(cat victim.*)" "$(printf 'precious\nprecious\nprecious')" \
	'are not followed'
is "$(find links -type l)" '' 'but replaced'
whole links 'links'
ready keylink.example
rm -rf links
mkdir links
echo precious >victim.key
ln -s "$T/victim.key" links/key.pem
finalize "$T/links"
is "$status" 73 'a link where the key goes: what is there is not replaced'
like "$err" "$T/links/key.pem" 'is named'
# shellcheck disable=SC2046
run acme-finalize --new-key ecdsa --replace-key $(outputs "$T/links") <ready
is "$status" 0 'with --replace-key'
is "$(cat victim.key)" precious 'the link is not followed'
ok 'but replaced' test ! -L links/key.pem
whole links 'a link for the key'
ready dangling.example
rm -rf links
mkdir links
ln -s "$T/nothing.key" links/key.pem
finalize "$T/links"
ok 'a link to nothing is not followed' test ! -e nothing.key
ok 'nor leads the key elsewhere' test "$status" -ne 0 -o ! -L links/key.pem

# -- modes --------------------------------------------------------------------------

for mask in 0 0777 022; do
	ready "u$mask.example"
	rm -rf masked
	mkdir masked
	finalize "$T/masked" sh -c 'umask '$mask'; exec "$@"' sh
	is "$status" 0 "umask $mask"
	whole masked "umask $mask"
done
mode masked/cert.pem 644 'a certificate may be read'
is "$(leftovers)" '' 'no process is left'
done_testing
