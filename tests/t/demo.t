#!/bin/sh
# scripts/demo, twice: what it shows, and that nothing of it is left.
. "$(dirname "$0")/../lib.sh"

DEMO_DIR=$T/demo
export DEMO_DIR
for time in first second; do
	run "$ROOT/scripts/demo" </dev/null
	is "$status" 0 "the $time time" || diag "$(tail -n 30 out)"
	for stage in acme-account acme-order acme-challenge acme-finalize \
		certstore; do
		like "$err" "^  $stage  *[a-z]+ " "$stage says what it did"
	done
	unlike "$err" 'error:' 'no errors'
	like "$out" 'Certificate Name: one\.example' 'certbot lists the first'
	like "$out" 'Certificate Name: two\.example' 'and the second'
	is "$(printf '%s\n' "$out" | grep -c '/cert\.pem: OK$')" 2 \
		'openssl verifies both'
	is "$(leftovers)" '' 'nothing still runs'
	not_ok 'the CA is stopped' test -e demo/ca/env
done
done_testing
