#!/bin/sh
# A server that takes a request and never answers. A request has 45 seconds, so
# this test waits that long; it does nothing meanwhile.
. "$(dirname "$0")/../lib.sh"

rules()
{
	curl -sSf -o /dev/null --data-binary @- "$FAULTD/rules" &&
		curl -sSf -o /dev/null -X POST "$FAULTD/reset"
}

ca_start
faultd_start
acme-account register --no-contact --agree-tos --account-dir acc >account &&
	acme-order new -d a.example <account >order || bail 'no order'

# Two at once, so that the 45 seconds are waited for once.
rules <<'R'
[{"resource":"order","nth":1,"hang":true},
 {"resource":"newOrder","nth":1,"hang":true,"drop":"after"}]
R
began=$(date +%s)
acme-order -v show - <order >shown 2>shown.err &
show=$!
acme-order new -d b.example <account >made 2>made.err
is $? 0 'an order whose answer never comes'
wait $show
is $? 0 'a read whose answer never comes'
json shown '.order.status == "pending"' 'is repeated'
waited=$(($(date +%s) - began))
is "$((waited >= 45 && waited < 85))" 1 'after 45 seconds'
like "$(cat shown.err)" 'trying again' 'saying so with -v'
json made '.order.status == "pending"' 'the order is found, not made twice'
curl -sSf "$FAULTD/counters" >counters
json counters '.resources.newOrder == 1' 'one new order'
done_testing
