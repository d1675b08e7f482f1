#!/bin/sh
# tests/certbot-test: a driver, ours and Debian's, against the CA of make ca.
. "$(dirname "$0")/../lib.sh"
need /usr/bin/certbot

run env CA="$T/none" "$ROOT/tests/certbot-test" plugins
is "$status" 1 'without a CA'
like "$err" 'make ca' 'it says how to start one'

CA=$T/ca2
start ca "$ROOT/tests/ca" "$CA"
wait_for grep -q 'until Ctrl-C' ca.log || bail "$(cat ca.log)"
export CA
for program in "$ACME_BUILD/bin/certbot" /usr/bin/certbot; do
	[ -x "$program" ] || bail "$program is not built"
	run env CERTBOT="$program" ROOT_DIR="$T/of" \
		"$ROOT/tests/certbot-test" certonly --standalone \
		-d test.example.com --force-renewal
	is "$status" 0 "$program certonly"
	ok "$program: certificate" openssl x509 -noout \
		-checkhost test.example.com -in of/conf/live/*/cert.pem
done
is "$(readlink of/conf/live/test.example.com/cert.pem)" \
	../../archive/test.example.com/cert2.pem 'the second renewed the first'
done_testing
