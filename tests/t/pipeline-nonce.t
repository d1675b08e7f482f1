#!/bin/sh
# The whole pipeline before a CA that refuses nine of ten nonces: each stage
# goes on with the nonce of the refusal, alone and with a shared acme-net.
. "$(dirname "$0")/../lib.sh"
need jq openssl

ca_start PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_WFE_NONCEREJECT=90
faultd_start
mkdir www
cat >issue.sh <<'S'
acme-account register --no-contact --agree-tos --account-dir le/accounts |
acme-order new -d "$1" -d "www.$1" |
acme-challenge webroot -w www |
acme-finalize --new-key ecdsa --key-out "$1.key" --fullchain-out "$1.pem" |
certstore save --config-dir le --work-dir work --cert-name "$1"
S

issued()
{
	is "$status" 0 "$1: ends well"
	json out '.lineage.version == 1 and .error == null' "$1: a lineage"
	is "$(openssl x509 -in "le/live/$1/cert.pem" -noout -pubkey)" \
		"$(openssl pkey -in "le/live/$1/privkey.pem" -pubout)" \
		"$1: its certificate and key"
	faultd_get /log | jq -s '[.[] | select(.status == 400)] | length' >refused
	ok "$1: many nonces were refused" test "$(cat refused)" -ge 8
	is "$(faultd_get /log | jq -s '[.[] | select(.resource == "newOrder" and
		.status == 201)] | length')" 1 "$1: one order"
	note "$(cat refused) refused"
	faultd_post /reset
}

run sh issue.sh alone.example
issued alone.example
run acme-net -- sh issue.sh shared.example
issued shared.example
is "$(find www ! -name www)" '' 'no challenge is left'
is "$(leftovers)" '' 'no process is left'
done_testing
