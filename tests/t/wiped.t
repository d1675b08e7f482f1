#!/bin/sh
# Memory that a stage gives back holds no key any more, as text: neither of one
# that it has read nor of one that it has made.
. "$(dirname "$0")/../lib.sh"
need openssl jq
ca_start PEBBLE_VA_ALWAYS_VALID=1
acme-account register --no-contact --agree-tos --account-dir acc >account ||
	bail 'no account'
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out own.pem \
	2>/dev/null

# The order's URL, which is no secret; the beginning of any key; own.pem without
# its modulus; the private numbers of the account's key.
{
	echo 'my-order/'
	echo 'BEGIN PRIVATE KEY'
	grep -v -e '^--' own.pem | sed 1,7d | grep -E '.{40}'
	jq -r '.d, .p, .q, .dp, .dq, .qi' acc/*/*/*/private_key.json
} >words
ok 'there is something to look for' test "$(wc -l <words)" -gt 20

# freed FILE COMMAND...: which words it gives back unwiped
freed()
{
	_in=$1
	shift
	rm -f freed
	run env FREED_WORDS="$T/words" FREED_LOG="$T/freed" \
		LD_PRELOAD="$ACME_BUILD/tests/helpers/freed.so" "$@" <"$_in"
	is "$status" 0 "$*"
	is "$(sort -n freed)" "1 of $1" "$1: the order's URL, and of keys nothing"
}

acme-order new -d a.example <account |
	acme-challenge answer --preferred-challenges dns-01 >ready
freed ready acme-finalize --key own.pem
acme-order new -d b.example <account |
	acme-challenge answer --preferred-challenges dns-01 >ready
freed ready acme-finalize --new-key rsa --key-out new.pem --fullchain-out new.chain
cp out done
freed done certstore save --config-dir le --work-dir work
is "$(leftovers)" '' 'no process is left'
done_testing
