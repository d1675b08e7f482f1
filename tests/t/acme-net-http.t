#!/bin/sh
# What acme-net makes of HTTP: connections, pools, limits, redirects, trust.
. "$(dirname "$0")/../lib.sh"
need openssl jq strace /usr/bin/python3
# Programs look for acme-net beside themselves.
mkdir own
cp "$ACME_BUILD/tests/helpers/net-tool" own/
ln -s "$ACME_BUILD/bin/acme-net" own/acme-net
tool=$T/own/net-tool

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
	-keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1 2>/dev/null ||
	bail 'openssl cannot make a certificate'

# server NAME [ARGUMENT]...: sets port; its events are in NAME.events.
server()
{
	_server=$1
	shift
	port=$(free_port) || bail 'no free port'
	start "$_server" /usr/bin/python3 "$ROOT/tests/helpers/dropd.py" \
		--port "$port" --log "$T/$_server.events" \
		--release "$T/release" "$@"
	wait_for grep -qs listening "$T/$_server.events" ||
		bail "$(cat "$T/$_server.log")"
}
events()
{
	grep -cE "$2" "$T/$1.events"
}
# ask LINE...: each line is a request or a vector of them.
ask()
{
	run timeout 60 "$tool" "$T/trace" <<EOS
$(printf '%s\n' "$@")
EOS
}
answers()
{
	jq -c "$1" "$T/out" | tr '\n' ' '
}

server two --cert cert.pem --key key.pem
H2=https://localhost:$port
server one --cert cert.pem --key key.pem --alpn http/1.1
H1=https://localhost:$port
server plain
PLAIN=http://127.0.0.1:$port
CA='"ca":"'$T/cert.pem'"'

# -- one connection ------------------------------------------------------------
for s in two one; do
	[ $s = two ] && url=$H2 || url=$H1
	ask "{\"url\":\"$url/ok\",$CA}" \
		"{\"url\":\"$url/echo\",\"method\":\"POST\",\"body\":\"abc\",$CA}" \
		"{\"url\":\"$url/ok\",\"method\":\"HEAD\",$CA}" \
		"{\"url\":\"$url/echo\",\"method\":\"PUT\",\"body\":\"def\",$CA}" \
		"{\"url\":\"$url/echo\",\"method\":\"DELETE\",$CA}" \
		"{\"url\":\"$url/status/404\",$CA}"
	is "$(answers '[.status,.body]')" \
		'[200,"ok"] [200,"abc"] [200,""] [200,"def"] [200,""] [404,"status"] ' \
		"$s: methods, bodies and statuses"
	is "$(events $s '^connection')" 1 "$s: over one connection"
	is "$(events $s '^request')" 6 "$s: each sent once"
done
# shellcheck disable=SC2016
run timeout 60 acme-net -- sh -c 'for i in 1 2 3; do
	echo "$1" | "$0" || exit 1
done' "$tool" "{\"url\":\"$H2/ok\",\"ca\":\"cert.pem\"}"
is "$(answers .status)" '200 200 200 ' 'three programs, one after another'
is "$(events two '^connection')" 2 'share one connection'
vector=$(for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	printf '{"url":"%s/gate/%s",%s}\n' "$H2" "$i" "$CA"
done | jq -sc .)
(ask "$vector"; answers '[.status,.body]' >gates; [ "$status" = 0 ]) &
job=$!
wait_for grep -q 'gate 8' two.events
# Another server is not held up; its answer comes after all that was started.
ask "{\"url\":\"$PLAIN/ok\",\"plain\":\"loopback\"}"
is "$(answers .status)" '200 ' 'another server does not wait'
: >release
wait $job
is "$(wc -w <gates)" 12 'twelve requests at once are all answered'
is "$(events two 'gate (9|1.)$')" 0 'at most 8 of them in flight'
is "$(events two '^connection')" 3 'HTTP/2: over one connection'
rm release

# -- headers -------------------------------------------------------------------
ask "{\"url\":\"$H2/twice\",$CA}" "{\"url\":\"$H1/twice\",$CA}" \
	"{\"url\":\"$H2/echo\",\"headers\":{\"User-Agent\":\"x/1\",\"X-A\":\"b\"},$CA}"
is "$(answers '.headers|[.["x-twice"],.link,.["retry-after"]]' | cut -d' ' -f1-2)" \
	'[["one","two"],["</index>;rel=\"index\""],"7"] [["one","two"],["</index>;rel=\"index\""],"7"]' \
	'repeated headers and links are arrays, names in lower case'
is "$(jq -r '.headers["x-echo-user-agent"] // empty' out)" 'x/1' \
	'request headers arrive'
is "$(jq -r '.headers|keys[]|select(test("expect|content-type"))' out)" '' \
	'and none of libcurl'"'"'s own'
ask "{\"url\":\"$H2/ok\",\"headers\":{\"x\":\"a\\r\\ny: z\"},$CA}"
is "$(answers .fault)" '"broken" ' 'a header cannot smuggle another'
ask "{\"url\":\"$H2/ok\",\"headers\":{\"x\":\"a\\u0001\"},$CA}" \
	"{\"url\":\"$H2/ok\",\"headers\":{\"x\":\"a\\u007f\"},$CA}" \
	"{\"url\":\"$H2/ok\",\"headers\":{\"x y\":\"a\"},$CA}" \
	"{\"url\":\"$H2/ok\",\"headers\":{\"x\":\"a\\tb\"},$CA}"
is "$(answers '.fault // .status')" '"broken" "broken" "broken" 200 ' \
	'nor have a control byte, but a tab'

# -- pool ------------------------------------------------------------------------
POOL="\"pool\":{\"header\":\"Replay-Nonce\",\"of\":\"$H2/nonce\"}"
TAKE="{\"take\":\"replay-nonce\",\"of\":\"$H2/nonce\",$CA}"
POOL_TOO=$(echo "$POOL" | tr RN rn)
before=$(events two ' HEAD /nonce')
ask "{\"url\":\"$H2/signed\",$POOL_TOO,$CA}" "{\"url\":\"$H2/signed\",$POOL_TOO,$CA}" \
	"$TAKE" "$TAKE" "$TAKE"
is "$(jq -c '.headers["replay-nonce"]' out | head -n 2 | tr '\n' ' ')" \
	'null null ' 'a pooled header is not passed on'
is "$(jq -r '.body' out | tail -n 3 | tr '\n' ' ')" \
	'nonce-2 nonce-1 nonce-3 ' 'the newest first, then a fetched one'
is $(($(events two ' HEAD /nonce') - before)) 1 'one fetch for the empty pool'
ask "[$TAKE,$TAKE,$TAKE]"
is "$(jq -r .body out | sort -u | grep -c nonce-)" 3 \
	'three at once are three different ones'
is $(($(events two ' HEAD /nonce') - before)) 4 'by three fetches'
before=$(events two ' HEAD /nonce')
NOVER="{\"take\":\"replay-nonce\",\"of\":\"$H2/nonce\",\"verify\":false}"
ask "{\"url\":\"$H2/signed\",$POOL_TOO,$CA}" "$NOVER" "$TAKE"
is $(($(events two ' HEAD /nonce') - before)) 1 'another trust has another pool'
many=$(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 \
	25 26 27 28 29 30 31 32 33 34 35; do
	printf '{"url":"%s/signed",%s,%s}\n' "$H2" "$POOL_TOO" "$CA"
done | jq -sc .)
takes=$(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 \
	25 26 27 28 29 30 31 32 33; do
	echo "$TAKE"
done | jq -sc .)
before=$(events two ' HEAD /nonce')
ask "$many" "$takes"
is $(($(events two ' HEAD /nonce') - before)) 1 'a pool keeps 32'
# The fetch for one that is gone serves the next one.
GATED="{\"take\":\"replay-nonce\",\"of\":\"$H2/gate/nonce\",$CA}"
cat >gone.sh <<'EOS'
echo "$1" | "$3" >first &
first=$!
while ! grep -q ' HEAD /gate/nonce' two.events; do sleep 0.02; done
kill -9 $first
wait $first 2>/dev/null
echo "$2" | "$3" >between
echo "$2" | "$3" >>between
echo "[$1,$2]" | "$3" >next &
while [ "$(grep -c ' GET /ok' plain.events)" -lt "$4" ]; do sleep 0.02; done
: >release
wait
EOS
run timeout 60 acme-net -- sh gone.sh "$GATED" "{\"url\":\"$PLAIN/ok\",\"plain\":\"loopback\"}" \
	"$tool" "$(($(grep -c ' GET /ok' plain.events) + 3))"
rm -f release
like "$(jq -r '.body // empty' next | head -n 1)" '^nonce-' 'a value for the one that has come since'
is "$(events two ' HEAD /gate/nonce')" 1 'by the fetch of the one that has gone'
ask "{\"take\":\"replay-nonce\",\"of\":\"$H2/nonce-error\",$CA}" \
	"{\"take\":\"replay-nonce\",\"of\":\"$H2/ok\",$CA}" \
	"{\"take\":\"replay-nonce\",\"of\":\"https://localhost:1/\",$CA}"
is "$(answers '[.fault,.exit,.retryAfter]')" \
	'["lost",75,17] ["broken",76,0] ["refused",69,0] ' \
	'a fetch that fails, by its reason'

# -- scheme and redirects ------------------------------------------------------
ask "{\"url\":\"$PLAIN/ok\",\"plain\":\"never\"}" \
	"{\"url\":\"$PLAIN/ok\",\"plain\":\"loopback\"}" \
	"{\"url\":\"$PLAIN/ok\",\"plain\":\"any\"}" \
	"{\"url\":\"file:///etc/passwd\",\"plain\":\"any\"}" \
	"{\"url\":\"http://ca.example/\",\"plain\":\"loopback\"}"
is "$(answers '.fault // .status')" '"broken" 200 200 "broken" "broken" ' \
	'plain http only where it is allowed'
ask "{\"url\":\"$H2/redirect/302?/ok\",$CA}" \
	"{\"url\":\"$H2/redirect/302?/ok\",\"redirects\":1,$CA}" \
	"{\"url\":\"$H2/redirect/302?/redirect/301?/ok\",\"redirects\":1,$CA}" \
	"{\"url\":\"$H2/redirect/307?/ok\",\"redirects\":3,\"method\":\"POST\",\"body\":\"x\",$CA}" \
	"{\"url\":\"$H2/redirect/302?$PLAIN/ok\",\"redirects\":3,$CA}" \
	"{\"url\":\"$H2/redirect/302?file:///etc/passwd\",\"redirects\":3,$CA}" \
	"{\"url\":\"$H2/redirect/302?$H1/env/authorization\",\"redirects\":3,\"headers\":{\"authorization\":\"secret\"},$CA}"
is "$(answers '.fault // [.status,.body]')" \
	'[302,""] [200,"ok"] "broken" [307,""] "broken" "broken" [200,""] ' \
	'redirects are followed as the request says, without credentials'

# -- trust -----------------------------------------------------------------------
mkdir hashed empty
cp cert.pem hashed/
openssl rehash hashed 2>/dev/null || c_rehash hashed >/dev/null
ask "{\"url\":\"$H2/ok\"}" "{\"url\":\"$H2/ok\",$CA}" \
	"{\"url\":\"$H2/ok\",\"ca\":\"$T/hashed\"}" \
	"{\"url\":\"$H2/ok\",\"ca\":\"$T/empty\"}" \
	"{\"url\":\"$H2/ok\",\"ca\":\"$T/missing\"}" \
	"{\"url\":\"$H2/ok\",\"verify\":false}" "{\"url\":\"$H2/ok\"}"
is "$(answers '.fault // .status')" \
	'"refused" 200 200 "refused" "refused" 200 "refused" ' \
	'a file, a directory, the system, none; never mixed'
like "$(jq -r '.reason // empty' out | head -n 1)" \
	'localhost:.*certificate.*--ca-bundle' 'and the sentence says what to do'

# -- IPv6, proxies, key log ------------------------------------------------------
server six --address ::1 --cert cert.pem --key key.pem
ask "{\"url\":\"https://[::1]:$port/ok\",$CA}" \
	"{\"url\":\"https://localhost:$port/ok\",$CA}"
is "$(answers .status)" '200 200 ' 'IPv6'
http_proxy=$PLAIN run timeout 60 "$tool" <<EOS
{"url":"http://ca.example/ok","plain":"any"}
EOS
is "$(answers .body)" '"ok" ' 'http_proxy'
like "$(cat plain.events)" 'GET http://ca.example/ok' 'is asked for the whole URL'
HTTP_PROXY=$PLAIN NO_PROXY=127.0.0.1 run timeout 60 "$tool" <<EOS
[{"url":"http://ca.example/two","plain":"any"},{"url":"$PLAIN/direct","plain":"any"}]
EOS
like "$(cat plain.events)" 'GET http://ca.example/two' 'HTTP_PROXY, too'
like "$(cat plain.events)" 'GET /direct' 'NO_PROXY'
https_proxy=$PLAIN run timeout 60 "$tool" <<EOS
{"url":"https://tls.example/"}
EOS
ALL_PROXY=$PLAIN run timeout 60 "$tool" <<EOS
[{"url":"https://all.example/"},{"url":"http://all.example/","plain":"any"}]
EOS
like "$(cat plain.events)" 'CONNECT tls.example:443' 'https_proxy'
like "$(cat plain.events)" 'CONNECT all.example:443' 'ALL_PROXY for https'
like "$(cat plain.events)" 'GET http://all.example/' 'and for http'
SSLKEYLOGFILE=$T/keylog run timeout 60 "$tool" <<EOS
{"url":"$H2/ok",$CA}
EOS
is "$(answers .status)" '200 ' 'SSLKEYLOGFILE'
ok 'writes nothing' test ! -e keylog
# The sandbox would refuse to write it in any case: nothing even tries.
SSLKEYLOGFILE=$T/keylog run timeout 60 strace -f -o keylog.trace \
	-e trace=open,openat,openat2,creat acme-net -- "$tool" <<EOS
{"url":"$H2/ok",$CA}
EOS
is "$(answers .status)" '200 ' 'the same under strace'
like "$(cat keylog.trace)" "$T/cert.pem|/etc/ssl" 'which sees what acme-net opens'
unlike "$(cat keylog.trace)" 'keylog"' 'the key log is not opened'

# -- trace -----------------------------------------------------------------------
rm -f trace
ask "{\"url\":\"$H2/echo?token=hidden1\",\"method\":\"POST\",\"body\":\"hidden2\",\"headers\":{\"authorization\":\"hidden3\",\"x-api-key\":\"hidden4\"},$CA}" \
	"{\"url\":\"$H2/signed\",\"method\":\"POST\",\"headers\":{\"content-type\":\"application/jose+json\"},\"body\":\"{\\\"payload\\\":\\\"cGF5\\\",\\\"signature\\\":\\\"hidden5\\\"}\",$CA}"
is "$status" 0 'with a trace'
unlike "$(cat trace)" 'hidden' 'it holds no credential and no signature'
unlike "$(cat trace)" 'nonce-' 'and nothing that can be used once'
like "$(cat trace)" '^> [0-9]+ POST https://localhost:[0-9]+/signed' 'but the request'
like "$(cat trace)" 'cGF5' 'its payload'
like "$(cat trace)" '^< [0-9]+ 200' 'and the answer'
is "$(ls "$TMPDIR")" '' 'no socket is left'
done_testing
