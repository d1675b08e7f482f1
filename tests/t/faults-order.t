#!/bin/sh
# Ordering over a network that loses things, and from a server that lies.
. "$(dirname "$0")/../lib.sh"

rules()
{
	curl -sSf -o /dev/null --data-binary @- "$FAULTD/rules" &&
		curl -sSf -o /dev/null -X POST "$FAULTD/reset"
}

# Orders that the CA has made.
orders()
{
	curl -sSf "$FAULTD/log" | jq -s '[.[] |
		select(.resource == "newOrder" and .forwarded != false)] |
		length'
}

ca_start PEBBLE_WFE_ORDERS_PER_PAGE=2
faultd_start
acme-account register --no-contact --agree-tos --account-dir acc >account ||
	bail 'no account'

rules <<'R'
[]
R
run acme-order new -d a.example <account
curl -sSf "$FAULTD/counters" >counters
is "$status" 0 'an order'
json counters '.requests == 3 and .tls == 1' \
	'newNonce, newOrder, authorization'

run acme-order new -d b.example,c.example <account
rules <<'R'
[{"resource":"newOrder","nth":1,"drop":"after"}]
R
run acme-order new -d d.example,e.example <account
is "$status" 0 'the answer to newOrder is lost'
like "$err" 'looking for the order' 'it is looked for'
unlike "$err" 'again' 'and found'
curl -sSf "$FAULTD/counters" >counters
json counters '.resources.newOrder == 1' 'not ordered twice'
json out '[.order.identifiers[].value] | sort == ["d.example", "e.example"]' \
	'the right one'

rules <<'R'
[{"resource":"newOrder","nth":1,"drop":"before"}]
R
run acme-order new -d f.example <account
is "$status" 0 'newOrder does not arrive'
like "$err" 'sent again' 'it is sent again, saying so'
rules <<'R'
[{"resource":"newOrder","nth":1,"drop":"before"},
 {"resource":"account","json":"j.pop('orders', None)"}]
R
run acme-order new -d g.example <account
is "$status" 0 'also where the CA keeps no list'

rules <<'R'
[{"resource":"authz","nth":1,"drop":"after","reset":true},
 {"resource":"authz","nth":2,"status":500}]
R
run acme-order new -d h.example <account
is "$status" 0 'reads are repeated'
is "$(curl -sSf "$FAULTD/log" | jq -s '[.[] |
	select(.resource == "authz").time] |
	.[1] - .[0] >= 0.25 and .[2] - .[1] >= 0.5')" true \
	'with pauses that grow'
rules <<'R'
[{"resource":"newOrder","nth":1,"status":503,"headers":{"Retry-After":"1"}}]
R
run acme-order new -d i.example <account
is "$status" 0 'a busy server is waited for'

# A list of orders that leads in a circle.
rules <<'R'
[{"resource":"orders","remove_headers":["link"],
  "add_headers":[["Link","<>;rel=\"next\""]]}]
R
run acme-order list --account-dir acc
curl -sSf "$FAULTD/counters" >counters
json counters '.resources.orders <= 3' 'pages that lead in a circle are read once'

hostile()
{
	run acme-order new -d z.example --timeout 10 <account
	is "$status" 76 "$1"
	json out '.error.type == "urn:acme-tools:error:protocol" and
		(.order.url | not)' "$1: the error, no order"
	is "$(printf '%s\n' "$err" | wc -l)" 1 "$1: one sentence"
	unlike "$out$err" "$(printf '\033')" "$1: no escapes"
}

# rule SELECTION PYTHON: an answer with its JSON changed.
changed()
{
	jq -n --arg r "$1" --arg j "$2" '[{resource: $r, json: $j}]' | rules
}

changed newOrder "j['identifiers'][0]['value'] = 'evil.example'"
hostile 'an order for another name'
changed newOrder "j['status'] = 'odd'"
hostile 'an unknown status'
changed newOrder "del j['finalize']"
hostile 'no finalize'
changed newOrder "j['finalize'] = 'file:///etc/passwd'"
hostile 'a finalize that is a file'
changed newOrder "j['authorizations'] = 'x'"
hostile 'authorizations that are no list'
changed newOrder "j['authorizations'] = j['authorizations'] * 101"
hostile 'too many authorizations'
changed newOrder "j['authorizations'] = ['http://a.example/']"
hostile 'an authorization over plain http'
changed newOrder "d = j
for i in range(100): d['x'] = {}; d = d['x']"
hostile 'JSON too deep'
rules <<'R'
[{"resource":"newOrder","replace":["\"status\"","\"status\":\"valid\",\"status\""]}]
R
hostile 'a member twice'
rules <<'R'
[{"resource":"newOrder","remove_headers":["location"],
  "add_headers":{"Location":"ftp://a.example/"}}]
R
hostile 'a Location elsewhere'

# An order of the document that is another one when it is read again.
echo '[]' | rules
acme-order new -d y.example <account |
	jq -c '.order.read = "2020-01-01T00:00:00Z"' >placed
json placed .order.url 'an order that was read long ago'
for again in new 'show -'; do
	changed order "j['identifiers'][0]['value'] = 'evil.example'"
	run acme-order $again <placed
	is "$status" 76 "acme-order $again: names that have changed"
	json out '.error.type == "urn:acme-tools:error:protocol"' 'are the error'
	unlike "$(jq -c .order.identifiers out)" evil 'and are not taken over'
done

authz()
{
	changed authz "$1"
	run acme-order new -d z.example --timeout 10 <account
	is "$status" 76 "$2"
	json out '.error.type == "urn:acme-tools:error:protocol"' "$2: error"
	is "$(printf '%s\n' "$err" | wc -l)" 1 "$2: one sentence"
}

authz "j['identifier']['value'] = 'evil.example'" \
	'an authorization for a name nobody asked for'
authz "j['challenges'][0].update(token='../x')
j['challenges'][1].update(token='../x')
j['challenges'][2].update(token='../x')" 'a token that is a path'
authz "[c.update(token='\$(id)') for c in j['challenges']]" \
	'a token of shell characters'
authz "[c.update(token='') for c in j['challenges']]" 'an empty token'
authz "[c.update(token='a' * 65536) for c in j['challenges']]" 'a long token'
authz "[c.update(url='http://a.example/') for c in j['challenges']]" \
	'a challenge over plain http'
changed authz "[c.pop('token') for c in j['challenges']]
j['challenges'].append({'type': 'odd-01', 'status': 'pending'})"
run acme-order new -d y.example <account
is "$status" 0 'unknown and tokenless challenges are let be'

changed newOrder 'pass'
run acme-order new -d x.example --trace trace <account
like "$(cat trace)" 'newOrder|order-plz' 'a trace is written'
unlike "$(cat trace)" '"signature":"[A-Za-z0-9_-]' 'without signatures'
mode trace 600 'for its owner'
echo precious >victim
ln -s victim planted
run acme-order new -d x.example <account --trace planted
isnt "$status" 0 'a link in the place of the trace'
like "$err" 'the trace .*/planted cannot be written' 'is named'
is "$(cat victim)" precious 'and not followed'
is "$(leftovers)" '' 'no process is left'
done_testing
