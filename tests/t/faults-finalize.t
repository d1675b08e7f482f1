#!/bin/sh
# Finalizing over a network that loses things, cut off, and against a CA that
# lies: the key and the certificate always belong together.
. "$(dirname "$0")/../lib.sh"

rules()
{
	curl -sSf -o /dev/null --data-binary @- "$FAULTD/rules" &&
		curl -sSf -o /dev/null -X POST "$FAULTD/reset"
}

ready()
{
	echo '[]' | rules
	acme-order new -d "$1" <account | acme-challenge answer --preferred-challenges dns-01 >ready
	json ready '.order.status == "ready"' "$1 is ready"
}

count()
{
	curl -sSf "$FAULTD/counters" | jq ".resources[\"$1\"] // 0"
}

finalize()
{
	_n=$1
	shift
	run acme-finalize --new-key ecdsa --key-out "$_n.key" \
		--fullchain-out "$_n.pem" "$@" <ready
}

pair()
{
	is "$(openssl pkey -in "$1.key" -pubout)" \
		"$(openssl x509 -in "$1.pem" -noout -pubkey)" \
		"$1: key and certificate belong together"
	is "$(find . -maxdepth 1 -name ".$1.key*")" '' "$1: nothing waits"
}

ca_start PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_ALTERNATE_ROOTS=1
faultd_start
acme-account register --no-contact --agree-tos --account-dir acc >account ||
	bail 'no account'

ready a.example
curl -sSf -o /dev/null -X POST "$FAULTD/reset"
finalize a
is "$status" 0 'finalizes'
is "$(count finalize)/$(count cert)" 1/1 'once'
ok 'with few requests' test "$(curl -sS "$FAULTD/counters" |
	jq '.requests - (.resources.order - 1)')" -le 4
pair a

ready b.example
rules <<'R'
[{"resource":"finalize","nth":1,"drop":"after"}]
R
finalize b
is "$status" 0 'the answer to finalize is lost'
is "$(count finalize)" 1 'the order is read, the CSR not sent again'
pair b
ready c.example
rules <<'R'
[{"resource":"finalize","nth":1,"drop":"before"}]
R
finalize c
is "$status" 0 'the CSR does not arrive'
is "$(count finalize)" 2 'it is sent again'
like "$err" 'sent again' 'saying so'
pair c
ready d.example
rules <<'R'
[{"resource":"finalize","nth":"1-2","status":403,"fresh_nonce":true,
  "headers":{"Content-Type":"application/problem+json"},
  "body":{"type":"urn:ietf:params:acme:error:orderNotReady"}}]
R
finalize d
is "$status" 0 'orderNotReady is polled'
pair d
ready e.example
rules <<'R'
[{"resource":"cert","nth":1,"drop":"after"},
 {"resource":"order","nth":1,"reset":true,"drop":"before"},
 {"resource":"cert","nth":2,"status":502}]
R
finalize e
is "$status" 0 'reads are repeated'
pair e

# Killed while finalize is under way, before and after it arrives.
for when in hold hold_after; do
	ready "$(echo $when | tr _ -).example"
	jq -n --arg h $when '[{resource:"finalize",nth:1,($h):$h}]' | rules
	cat >cut.sh <<S
exec acme-finalize --new-key rsa --key-out f.key --fullchain-out f.pem <ready
S
	start cut sh cut.sh
	wait_for sh -c "curl -sS $FAULTD/held | grep -q $when"
	kill -9 "$pid"
	curl -sS -X POST "$FAULTD/release?$when" >/dev/null
	key=$(find . -maxdepth 1 -name '.f.key.order-*')
	ok "$when: the key waits" test -s "$key"
	mode "$key" 600 "$when: for its owner"
	ok "$when: nothing in its place" test ! -e f.key -a ! -e f.pem
	openssl pkey -in "$key" -pubout >pub
	run acme-finalize --new-key rsa --key-out f.key --fullchain-out f.pem \
		<ready
	is "$status" 0 "$when: a second run ends it"
	is "$(openssl pkey -in f.key -pubout)" "$(cat pub)" "$when: same key"
	[ $when = hold ] || is "$(count finalize)" 1 "$when: not finalized twice"
	pair f
	rm f.key f.pem
done
# Killed while the certificate is downloaded.
ready g.example
rules <<'R'
[{"resource":"cert","nth":1,"hold":"z"}]
R
echo 'exec acme-finalize --new-key ecdsa --key-out g.key <ready' >cut.sh
start cut sh cut.sh
curl -sS "$FAULTD/wait?resource=cert&n=1" >/dev/null
kill -9 "$pid"
curl -sS -X POST "$FAULTD/release?z" >/dev/null
finalize g
is "$status" 0 'killed at the download: goes on'
pair g

refused()
{
	is "$status" "$3" "$2"
	ok "$2: nothing written" test ! -e "$1.key" -a ! -e "$1.pem"
	json out '.error and (.certificate | not)' "$2: an error"
	is "$(printf '%s\n' "$err" | wc -l)" 1 "$2: one sentence"
	unlike "$out$err" "$(printf '\033')" "$2: no escapes"
}

ready h.example
rules <<'R'
[{"resource":"finalize","status":400,"fresh_nonce":true,
  "headers":{"Content-Type":"application/problem+json"},
  "body":{"type":"urn:ietf:params:acme:error:badCSR","detail":"no\u001b[1m"}}]
R
finalize h
refused h 'badCSR' 77
json out '.error.type == "urn:ietf:params:acme:error:badCSR"' 'as the CA says'
rules <<'R'
[{"resource":"finalize","status":429,"fresh_nonce":true,
  "headers":{"Content-Type":"application/problem+json","Retry-After":"999"},
  "body":{"type":"urn:ietf:params:acme:error:rateLimited"}}]
R
finalize h
refused h 'a rate limit' 75
json out '.error.retryAfter == 999' 'until when'

changed()
{
	jq -n --arg r "$1" --arg j "$2" '[{resource: $r, json: $j}]' | rules
}

ready i.example
changed order "j['status'] = 'pending'"
finalize i --timeout 20
refused i 'an order that goes back' 76
ready j.example
changed order "j['status'] = 'processing'; j.pop('certificate', None)"
finalize j --timeout 1
refused j 'an order that does not end in the time given' 75
changed order "j['status'] = 'processing'; j.pop('certificate', None); j['expires'] = '2020-01-01T00:00:00Z'"
finalize j --timeout 1
refused j 'an order that never ends' 76
like "$err" 'processing though it expired at 2020-01-01T00:00:00Z' 'which says so'
echo '[]' | rules
finalize j
is "$status" 0 'ends when asked again'
pair j
ready k.example
changed order "j['status'] = 'invalid'
j['error'] = {'type': 'urn:ietf:params:acme:error:caa', 'detail': 'CAA'}"
finalize k
refused k 'an order that fails' 77
ready l.example
changed order "j['certificate'] = 'file:///etc/passwd'"
finalize l
refused l 'a certificate at a file' 76

# Certificates that are none of ours.
openssl req -x509 -newkey rsa:2048 -nodes -keyout evil.key -days 9 \
	-subj /CN=evil -out evil.pem 2>openssl.log
openssl req -new -newkey rsa:2048 -nodes -keyout leaf.key -subj / \
	-out leaf.csr 2>>openssl.log
printf 'subjectAltName=DNS:m.example\n' >ext
openssl x509 -req -in leaf.csr -CA evil.pem -CAkey evil.key -set_serial 7 \
	-days 9 -extfile ext -out leaf.pem 2>>openssl.log
cat leaf.pem evil.pem >strange.pem

answered()
{
	jq -n --rawfile b "$1" '[{resource: "cert", forward: true, status: 200,
		body: $b}]' | rules
}

ready m.example
answered strange.pem
finalize m
refused m 'a certificate of another key' 76
like "$err" 'does not belong to the key' 'says so'
answered evil.pem
finalize m
refused m 'one certificate alone' 76
echo '<html>hello</html>' >page
answered page
finalize m
refused m 'a page' 76
rules <<'R'
[{"resource":"cert","endless":true}]
R
finalize m --timeout 20
refused m 'an endless body' 76
rules <<'R'
[{"resource":"cert","redirect":"{BASE}/dir"}]
R
finalize m
refused m 'a redirect' 76
echo '[]' | rules
finalize m
is "$status" 0 'and after all that the right one'
pair m

# A certificate without one of the names: another order's, with our key.
acme-order new -d n.example,o.example <account | acme-challenge answer --preferred-challenges dns-01 >ready
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out own.pem \
	2>/dev/null
run acme-finalize --key own.pem --fullchain-out half.pem <ready
mv half.pem whole.pem
acme-order new -d n.example,p.example <account | acme-challenge answer --preferred-challenges dns-01 >ready
answered whole.pem
run acme-finalize --key own.pem --fullchain-out half.pem <ready
is "$status" 76 'a certificate that lacks a name'
like "$err" 'lacks the name p.example' 'says which'
ok 'is not written' test ! -e half.pem

# Each of the two chains has a link to the other one.
ready q.example
run timeout 60 acme-finalize --new-key ecdsa --key-out q.key \
	--fullchain-out q.pem --preferred-chain 'No Such Root' <ready
is "$status" 0 'alternate links that lead in a circle'
is "$(count cert)" 2 'each chain is read once'
ready r.example
jq -n '[{resource: "cert", add_headers: [range(16) |
	["Link", "<{BASE}/certZ/\(.)>;rel=\"alternate\""]]}]' | rules
finalize r --preferred-chain 'No Such Root'
refused r 'too many alternates' 76
like "$err" 'offers 17 other chains, more than 16' 'says how many'
is "$(count cert)" 1 'none of them is read'
is "$(leftovers)" '' 'no process is left'
done_testing
