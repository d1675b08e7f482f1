#!/bin/sh
# Fifty documents through one pipeline: one name fails, one line is garbage, the
# rest is done; what failed is finished with --again.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/pipeline.sh"
need jq openssl curl
ca_start
faultd_start --http2
web_start
STORE="--config-dir letsencrypt --work-dir work"

# resolve NAME ADDRESS: an address where nobody listens, or none
resolve()
{
	curl -sS -o .set -d '{"host":"'"$1"'"}' "$CA_CHALLTESTSRV/clear-a"
	curl -sS -o .set -d '{"host":"'"$1"'","addresses":["'"$2"'"]}' \
		"$CA_CHALLTESTSRV/add-a"
}

acme-account register --agree-tos --no-contact \
	--account-dir letsencrypt/accounts >account.json || bail 'no account'
i=0
while [ $i -lt 50 ]; do
	i=$((i + 1))
	if [ $i -eq 17 ]; then
		echo 'this is {no document'
	elif [ $i -eq 33 ]; then
		jq -c '.request.names = ["bad.example", "fine.example"] |
			.mark = 33' account.json
	else
		jq -c --arg i $i '.mark = ($i | tonumber) |
			.request.names = ["n\($i).example", "www.n\($i).example"]' \
			account.json
	fi
done >batch.json
is "$(documents batch.json)" 50 'fifty lines'
resolve bad.example 127.0.0.2

cat >batch.sh <<'EOS'
acme-order new $again |
acme-challenge webroot -w www |
acme-finalize --new-key ecdsa --key-out keys/%n.pem \
	--fullchain-out certs/%n.pem --cert-out certs/%n.cert.pem |
certstore save --config-dir letsencrypt --work-dir work
EOS
mkdir keys certs
again=
export again
faultd_post /reset
run acme-net -- sh batch.sh <batch.json
cp out done.json
is "$status" 65 'the first status that is not for later'
is "$(documents done.json)" 50 'a document for each line'
is "$(jq -s 'map(select(.error == null)) | length' done.json)" 48 '48 are done'
jq -c 'select(.error)' done.json >failed.json
is "$(documents failed.json)" 2 'two are not'
jq -c 'select(.line != null)' failed.json >garbage.json
jq -c 'select(.mark == 33)' failed.json >bad.json
json garbage.json '.error.type == "urn:acme-tools:error:badDocument" and
	.error.stage == "acme-order" and (.line | tostring | length > 0)' \
	'the garbage: a document that says which line'
json bad.json '.error.type == "urn:acme-tools:error:validationFailed" and
	.error.failed == ["bad.example"] and
	.lineage == null and
	.key == null' 'the name that failed, and the one that did not'
is "$(printf '%s\n' "$err" | grep -c 'bad.example (connection')" 1 \
	'it is told once'
is "$(jq -s 'map(.mark) | sort == ([range(1; 51)] - [17] | [null] + .)' done.json)" \
	true 'unknown members stay'
good=0 keys=0
for i in $(seq 50); do
	n=n$i.example
	[ "$(names letsencrypt/live/$n/cert.pem 2>/dev/null)" = \
		"$n www.$n" ] && pair certs/$n.pem keys/$n.pem &&
		cmp -s certs/$n.cert.pem letsencrypt/live/$n/cert.pem &&
		cmp -s keys/$n.pem letsencrypt/live/$n/privkey.pem &&
		good=$((good + 1))
done
is $good 48 '48 lineages, each with its names, its own key and %n'
is "$(sha256sum keys/*.pem | cut -d' ' -f1 | sort -u | wc -l)" 48 '48 keys'
is "$(ls -A keys | wc -l)" 48 'none is left of the others'
is "$(counter .resources.newOrder)" 49 '49 orders'
is "$(counter .tls)" 1 'over one connection'
is "$(find www -type f)" '' 'no challenge file is left'

# -- what failed passes through untouched
faultd_post /reset
run acme-net -- sh batch.sh <failed.json
is "$status" 65 'with its error a document passes through'
jq -S . out >a.json
jq -S . failed.json >b.json
ok 'untouched' cmp a.json b.json
is "$(counter .requests)" 0 'and asks for nothing'
run acme-net -- sh batch.sh <bad.json
is "$status" 68 'the status is that of its error'

# -- and is finished with --again
resolve bad.example 127.0.0.1
again=--again
run acme-net -- sh batch.sh <bad.json
is "$status" 0 'again: done'
json out '.error == null and .mark == 33 and .lineage.version == 1 and
	.earlierErrors[-1].type == "urn:acme-tools:error:validationFailed" and
	(.earlierErrors | length) == 1' 'again: the error of before is kept'
is "$(counter .resources.newOrder)" 1 'again: the order was invalid, so another one'
is "$(names letsencrypt/live/bad.example/cert.pem)" 'bad.example fine.example' \
	'again: the names'
ok 'again: the key' pair certs/bad.example.pem keys/bad.example.pem

# -- a whole batch again: nothing is done twice
faultd_post /reset
jq -c 'select(.mark != 33)' done.json >most.json
run acme-net -- sh batch.sh <most.json
is "$status" 65 'all again: the garbage stays garbage'
is "$(jq -c 'select(.line != null) | .error' out)" \
	"$(jq -c .error garbage.json)" 'all again: with its first error'
is "$(jq -s 'map(select(.error == null and .lineage.version == 1)) | length' out)" \
	48 'all again: no version is saved twice'
is "$(counter .resources.newOrder)" 0 'all again: no order'
is "$(find letsencrypt/archive -name '*2.pem' | wc -l)" 0 'no second version'

# -- what is for later: 75 if nothing worse is there
again=
faultd_rules '[{"resource": "newOrder", "payload": "late", "status": 503,
	"headers": {"Retry-After": "3600"}}]'
for n in late1 late2 soon; do
	jq -c --arg n $n.example '.request.names = [$n]' account.json
done >later.json
run acme-net -- sh batch.sh <later.json
is "$status" 75 'later: 75'
is "$(jq -s 'map(select(.error == null)) | length' out)" 1 'later: the other is done'
is "$(jq -r 'select(.error) | .error.retryAfter > 3500' out | tr '\n' ' ')" \
	'true true ' 'later: and when'
jq -c 'select(.error)' out >later.json
faultd_rules '[]'
again=--again
run acme-net -- sh batch.sh <later.json
is "$status" 0 'later: done'
is "$(jq -s 'map(.lineage.version) == [1, 1]' out)" true 'later: both'

# -- without %n there is place for one
jq -c '.request.names = ["one.example"]' account.json >two.json
jq -c '.request.names = ["two.example"]' account.json >>two.json
acme-order new <two.json | acme-challenge webroot -w www >ready.json ||
	bail 'no orders'
mkdir one
faultd_post /reset
run acme-finalize --new-key ecdsa --key-out one/key.pem \
	--fullchain-out one/chain.pem <ready.json
is "$status" 64 'without %n: usage'
is "$(jq -s 'map(select(.error == null)) | length' out)" 1 'without %n: the first is done'
json out '.error == null or (.error.detail | test("%n"))' \
	'without %n: the second says what is missing'
ok 'without %n: the key of the first' pair one/chain.pem one/key.pem
is "$(ls -A one | wc -l)" 2 'without %n: no key is made for the second'
is "$(counter .resources.finalize)" 1 'without %n: its order is not wasted'
jq -c 'select(.error)' out >second.json
run acme-finalize --new-key ecdsa --key-out 'one/%n.pem' --again <second.json
cp out last.json
is "$status" 0 'with %n it is finished'
run certstore save --config-dir letsencrypt --work-dir work --cert-name x <last.json
json out '.lineage.name == "x"' 'save of one'
jq -c 'select(.mark == 1 or .mark == 2) | del(.lineage, .plan)' done.json >two.json
run certstore save --config-dir letsencrypt --work-dir work --cert-name y <two.json
is "$status" 64 'save of two under one name'
json out '(.error == null and .lineage.name == "y") or (.error.detail | test("%n"))' 'says what is missing'
run certstore save --config-dir letsencrypt --work-dir work \
	--cert-name 'z-%n' <two.json
is "$(jq -r .lineage.name out | sort | tr '\n' ' ')" 'z-n1.example z-n2.example ' \
	'save with %n in the name'
is "$(leftovers)" '' 'no process is left'
done_testing
