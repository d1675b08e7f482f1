#!/bin/sh
# Nonces: a server that refuses nearly all, one that gives none; and how many
# requests a certificate costs.
. "$(dirname "$0")/../lib.sh"

rules()
{
	curl -sSf -o /dev/null --data-binary @- "$FAULTD/rules" &&
		curl -sSf -o /dev/null -X POST "$FAULTD/reset"
}

cat >issue.sh <<'S'
acme-account register --no-contact --agree-tos --account-dir "$1" |
acme-order new -d "$2" |
acme-challenge answer --preferred-challenges dns-01 |
acme-finalize --new-key ecdsa --key-out "$1.key" --fullchain-out "$1.pem"
S

ca_start PEBBLE_VA_ALWAYS_VALID=1
faultd_start
run acme-net -- sh issue.sh one a.example
is "$status" 0 'a certificate for a new account'
json out .certificate.serial 'is there'
curl -sSf "$FAULTD/counters" >counters
note "$(jq -c .resources counters)"
json counters '.requests - (.resources.order - 2) <= 10' \
	'ten requests, but for repeated looks'
json counters '.tls == 1' 'one handshake'
curl -sSf -X POST "$FAULTD/reset" >/dev/null
rm one.key
names=$(seq -s, -f 'n%g.example' 20)
run acme-net -- sh issue.sh one "$names"
is "$status" 0 'twenty names'
curl -sSf "$FAULTD/counters" >counters
note "$(jq -c .resources counters)"
json counters '.requests - (.resources.order - 2) -
	(.resources.newNonce - 1) <= 47' '2n+7, but for looks and nonces'
ok 'a nonce for each in flight' test "$(jq .resources.newNonce counters)" -le 8

rules <<'R'
[{"resource":"newNonce","remove_headers":["replay-nonce"]}]
R
run acme-account register --no-contact --agree-tos --account-dir none
is "$status" 76 'no nonce at newNonce'
is "$(printf '%s\n' "$err" | wc -l)" 1 'one sentence'
rules <<'R'
[{"resource":"newNonce","headers":{"Replay-Nonce":"no, nonce"}}]
R
run acme-account register --no-contact --agree-tos --account-dir none
is "$status" 76 'a nonce of other characters than RFC 8555 6.5.1 has'
like "$err" 'newNonce|nonce' 'is told'
is "$(curl -sSf "$FAULTD/counters" | jq '.resources.newAccount // 0')" 0 \
	'and is not sent back'
rules <<'R'
[{"resource":"newAccount","status":400,"fresh_nonce":true,
  "headers":{"Content-Type":"application/problem+json"},
  "body":{"type":"urn:ietf:params:acme:error:badNonce","detail":"no"}}]
R
run acme-account register --no-contact --agree-tos --account-dir all \
	--timeout 1
is "$status" 75 'every nonce refused'
curl -sSf "$FAULTD/counters" >counters
json counters '.resources.newAccount >= 11' 'after more than ten tries'
json counters '.resources.newNonce == 1' 'with the nonces of the refusals'
rules <<'R'
[{"resource":"newAccount","status":400,"fresh_nonce":true,"delay":150,
  "headers":{"Content-Type":"application/problem+json"},
  "body":{"type":"urn:ietf:params:acme:error:badNonce","detail":"no"}}]
R
run acme-account register --no-contact --agree-tos --account-dir all \
	--timeout 1
is "$status" 75 'every nonce refused, slowly'
is "$(curl -sSf "$FAULTD/counters" | jq '.resources.newAccount >= 11')" true \
	'repeated ten times all the same'
stop "$FAULTD_PID"
ca_stop

ca_start PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_WFE_NONCEREJECT=90
run acme-net -- sh issue.sh two "a.example,b.example,c.example"
is "$status" 0 'nine of ten nonces refused'
json out .certificate.serial 'and yet a certificate'
is "$(leftovers)" '' 'no process is left'
done_testing
