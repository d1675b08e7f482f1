#!/bin/sh
# The local CA that the other tests use.
. "$(dirname "$0")/../lib.sh"

ca_start
ok 'answers' curl -sSf -o dir "$ACME_SERVER"
json dir '.newOrder | startswith("https://localhost:")' 'has a directory'
json dir '.meta.externalAccountRequired == false' 'no external account'
ok 'gives its root' ca_root root.pem
ok 'the root is a certificate' openssl x509 -in root.pem -noout
pebble=$CA_PEBBLE_PID
ca_stop
not_ok 'is stopped' alive "$pebble"
not_ok 'its port is free' port_listens \
	"$(echo "$ACME_SERVER" | sed 's/[^0-9]//g')"

ca_start eab=1 PEBBLE_WFE_NONCEREJECT=90 block=bad.example \
	config='.pebble.certificateValidityPeriod = 86400'
ok 'again, with settings' curl -sSf -o dir "$ACME_SERVER"
json dir .meta.externalAccountRequired 'demands an external account'
ok 'rejects nonces' grep -q 'reject 90% of good nonces' ca/pebble.log
ok 'has its validity' grep -q '86400 seconds' ca/pebble.log
ca_stop

# Told not to, it uses no valid authorization again.
ca_start
cat >names.sh <<'END'
names=$(seq -f '-d n%g.example' 100)
acme-account register --agree-tos --no-contact --account-dir a >account || exit
acme-order new $names <account | acme-challenge standalone \
	--http-01-port "$HTTP01_PORT" >valid || exit
for i in 1 2 3 4 5; do
	acme-order new $names <account || exit
done
END
acme-net -- sh names.sh >orders
json valid '.order.status == "ready"' 'a hundred names are valid'
is "$(jq -r '.authorizations[].status' orders | sort | uniq -c | xargs)" '500 pending' \
	'and in five orders more none of them is taken again'
ca_stop

start ca "$ROOT/tests/ca" "$T/other"
ok 'tests/ca writes its variables' wait_for test -s other/env
ok 'tests/ca prints them' wait_for grep -qx "$(grep ACME_SERVER other/env)" ca.log
(. other/env && wait_for curl -sSf -o dir2 "$ACME_SERVER")
json dir2 .newNonce 'and they work'
pebble=$(sed -n 's/^export CA_PEBBLE_PID=//p' other/env)
stop "$pid"
not_ok 'it ends with its script' alive "$pebble"
if ca_new_start config='.pebble.profiles = {"short": {"description": "s",
	"validityPeriod": 518400}}'; then
	ok 'a newer pebble answers' curl -sSf -o dir "$ACME_SERVER"
	json dir '.renewalInfo and .meta.profiles.short' 'and is newer'
	ca_stop
else
	skip 2 'no newer pebble'
fi
not_ok 'an unknown setting is refused' ca_up x nonsense=1
done_testing
