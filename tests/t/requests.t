#!/bin/sh
# What a certificate costs: requests to the CA, TLS handshakes, memory.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/pipeline.sh"
need jq curl
ca_start
faultd_start --http2
web_start

# pipeline DIR NAME...: a new account and a certificate for the names
pipeline()
{
	mkdir "$1"
	echo "cd $1
acme-account register --agree-tos --no-contact --account-dir accounts |
acme-order new -d $(echo "$2" | tr ' ' ,) |
acme-challenge webroot -w $T/www |
acme-finalize --new-key ecdsa --key-out key.pem --fullchain-out full.pem |
certstore save --config-dir conf --work-dir work --cert-name a" >issue.sh
	faultd_post /reset
	run acme-net -- sh issue.sh
	faultd_get /log | jq -s '[.[] | if type == "array" then .[] else . end]' \
		>log.json
}

# driver DIR NAMES: the same by certbot
driver()
{
	mkdir "$1"
	faultd_post /reset
	run certbot certonly --server "$ACME_SERVER" --webroot -w "$T/www" -n --agree-tos \
		--register-unsafely-without-email --key-type ecdsa \
		-d "$(echo "$2" | tr ' ' ,)" --config-dir "$1/conf" \
		--work-dir "$1/work" --logs-dir "$1/logs"
	faultd_get /log | jq -s '[.[] | if type == "array" then .[] else . end]' \
		>log.json
}

# looks: repeated looks at the same order or authorization
looks()
{
	jq '[.[] | select(.resource == "order" or .resource == "authz") | .path] |
		length - (unique | length)' log.json
}

# cost: all requests but repeated looks; once: without values for requests
cost()
{
	echo $(($(counter .requests) - $(looks)))
}

told()
{
	note "$1: $(counter .requests) requests, $(looks) of them repeated looks: $(
		faultd_get /counters | jq -c .resources)"
}

twenty=$(for i in $(seq 20); do printf 'n%s.example ' "$i"; done)
twenty=${twenty% }
for who in pipeline driver; do
	$who $who.1 one.example
	is "$status" 0 "$who: one name"
	told "$who, one name"
	ok "$who: one name costs at most 10 requests" test "$(cost)" -le 10
	is "$(counter .resources.directory)" 1 "$who: one name: one directory"
	is "$(counter .resources.newNonce)" 1 "$who: one name: one newNonce"
	is "$(counter .tls)" 1 "$who: one name: one handshake"
	$who $who.20 "$twenty"
	is "$status" 0 "$who: twenty names"
	told "$who, twenty names"
	# One value for each of the 8 requests in flight.
	ok "$who: twenty names cost at most 2 * 20 + 7 and the nonces" \
		test $(($(cost) - $(counter .nonces))) -le 47
	ok "$who: a nonce for each request in flight at most" \
		test "$(counter .nonces)" -le 8
	is "$(counter .resources.authz)" 20 "$who: each authorization is read once"
	is "$(counter .resources.challenge)" 20 "$who: and answered once"
	is "$(counter .tls)" 1 "$who: twenty names: one handshake"
	ok "$who: no more than 8 in flight" test "$(counter .max_in_flight)" -le 8
	ok "$who: but more than one" test "$(counter .max_in_flight)" -gt 1
done

# -- the same line once more: the account is there
pipeline_again()
{
	sed -i 's/--key-out/--replace-key &/' issue.sh
	faultd_post /reset
	run acme-net -- sh issue.sh
	faultd_get /log | jq -s '[.[] | if type == "array" then .[] else . end]' \
		>log.json
}
pipeline next next.example
pipeline_again
is "$status" 0 'with the account that is there'
told 'with an account'
ok 'it costs at most 9' test "$(cost)" -le 9
is "$(counter .resources.newAccount)" 0 'no newAccount'

# -- memory of --version; its time is a matter of the bench
for program in "$ACME_BUILD"/bin/*; do
	name=$(basename "$program")
	head -c 2 "$program" | grep -q '#!' && continue
	kib=$(/usr/bin/python3 -c '
import os, sys
pid = os.posix_spawn(sys.argv[1], [sys.argv[1], "--version"], os.environ,
    file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
print(os.wait4(pid, 0)[2].ru_maxrss)' "$program")
	ok "$name --version takes $kib KiB, below 12 MiB" \
		test "$kib" -lt 12288
done
is "$(leftovers)" '' 'no process is left'
done_testing
