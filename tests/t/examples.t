#!/bin/sh
# The pipelines of examples/, as a user would run them.
. "$(dirname "$0")/../lib.sh"
need curl jq /usr/bin/python3
ca_start
mkdir www le hooks
export CONFIG="$T/le" WEBROOT="$T/www"
P=$ROOT/examples/pipelines
web_start www

run "$P/issue" a.example www.a.example
is "$status" 0 'issue'
is "$out" 'a.example: new' 'a new certificate'
run certstore verify --config-dir le
is "$status" 0 'which is whole'
run "$P/issue" a.example www.a.example
is "$status $out" '0 a.example: keep' 'a second run keeps it'
is "$(ls le/archive/a.example | wc -l)" 4 'and makes nothing'
CONTACT=me@example.com run "$P/issue" b.example
is "$status $out" '0 b.example: new' 'with an address'
WEBROOT=$T/hooks run "$P/issue" c.example
like "$out" 'c.example|validat' 'a name that cannot be validated is told'
not_ok 'and leaves no certificate' test -e le/live/c.example
for program in issue two-ways; do
	run "$P/$program"
	is "$status" 64 "$program wants names"
done

cp "$ROOT/tests/helpers/txt-set" hooks/add
cp "$ROOT/tests/helpers/txt-clear" hooks/remove
run "$P/two-ways" both.example "$T/hooks"
is "$status $out" "0 $T/le/live/both.example" 'two-ways'
like "$(openssl x509 -in le/live/both.example/cert.pem -noout -ext subjectAltName)" \
	'DNS:\*\.both\.example' 'with the wildcard'
run certbot renew --force-renewal --cert-name both.example --config-dir le \
	--work-dir w --logs-dir l --http-01-port "$HTTP01_PORT" \
	--no-random-sleep-on-renew --server "$ACME_SERVER"
is "$status" 0 'certbot renews it'
is "$(readlink le/live/both.example/cert.pem)" \
	../../archive/both.example/cert2.pem 'with the same two stages'

printf 'd.example www.d.example\n\nbad..name\ne.example\n' >names
run "$P/batch" failed.json <names
isnt "$status" 0 'batch, with a bad name'
is "$(printf '%s\n' "$out" | sort | tr '\n' ' ')" 'd.example e.example ' \
	'the others are there'
like "$err" '^bad\.\.name: ' 'it is told'
is "$(wc -l <failed.json)" 1 'and kept'
jq -c '.request.names = ["good.example"]' failed.json >mended.json
run "$P/batch" --again mended.json
is "$status $out" '0 good.example' 'mended, it is done'
is "$(wc -c <mended.json)" 0 'and nothing is left'

run "$P/revoked"
is "$status $out" '0 ' 'nothing is revoked or ends soon'
sed 's/7 \* 24/7000 * 24/' "$P/revoked" >far
run sh far
is "$status" 1 'all end before a later time'
is "$(printf '%s\n' "$out" | sed 's/: ends at 20.*//' | sort | tr '\n' ' ')" \
	'a.example b.example both.example d.example e.example good.example ' \
	'which are named'
is "$(leftovers)" '' 'no process is left'
done_testing
