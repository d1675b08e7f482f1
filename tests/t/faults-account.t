#!/bin/sh
# Registration over a network that loses things, and cut off.
. "$(dirname "$0")/../lib.sh"

rules()
{
	curl -sSf -o /dev/null --data-binary @- "$FAULTD/rules" &&
		curl -sSf -o /dev/null -X POST "$FAULTD/reset"
}

accounts()
{
	curl -sSf "$FAULTD/log" | jq -s '[.[] |
		select(.resource == "newAccount" and .status == 201)] | length'
}

register()
{
	run acme-account register --no-contact --agree-tos --account-dir "$@"
}

ca_start
faultd_start

rules <<'R'
[]
R
register a
is "$status" 0 'registers'
curl -sSf "$FAULTD/counters" >counters
json counters '.requests == 3 and .tls == 1' 'three requests, one handshake'
curl -sSf -X POST "$FAULTD/reset" >/dev/null
register a
curl -sSf "$FAULTD/counters" >counters
json counters '.requests == 1 and .resources.directory == 1' \
	'then only the directory'

rules <<'R'
[{"resource":"newAccount","nth":1,"drop":"after"}]
R
register b
is "$status" 0 'the answer to newAccount is lost'
like "$err" 'looking up' 'it is looked up'
curl -sSf "$FAULTD/log" >log
is "$(jq -s '[.[] | select(.resource == "newAccount") |
	.payload | if type == "string" then fromjson else . end |
	.onlyReturnExisting // false] | tostring' -r log)" \
	'[false,true]' 'by its key, and not sent again'

rules <<'R'
[{"resource":"newAccount","nth":1,"drop":"before"}]
R
register c
is "$status" 0 'newAccount does not arrive'
like "$err" 'sent again' 'it is sent again, saying so'
is "$(accounts)" 1 'one account'

rules <<'R'
[{"resource":"newAccount","nth":1,"hold":"x"}]
R
start cut acme-account register --no-contact --agree-tos --account-dir d
curl -sS "$FAULTD/wait?resource=newAccount&n=1" >/dev/null
is "$(find d -name private_key.json | wc -l)" 1 \
	'the key is on disk before newAccount is sent'
kill -9 "$pid"
curl -sS -X POST "$FAULTD/release?x" >/dev/null
key=$(find d -name private_key.json)
cp "$key" first.json
register d
is "$status" 0 'after a kill it goes on'
same "$(jq -r .account.key out)" first.json 'with the same key'

rules <<'R'
[{"resource":"newNonce","nth":"1-2","status":503,"headers":{"Retry-After":"1"}}]
R
register e
is "$status" 0 'a busy server is waited for'
is "$(curl -sSf "$FAULTD/log" | jq -s '[.[] |
	select(.resource == "newNonce").time] |
	.[1] - .[0] >= 1 and .[2] - .[1] >= 1')" true 'as long as it says'
rules <<'R'
[{"resource":"newAccount","status":429,"headers":{"Retry-After":"3600",
	"Content-Type":"application/problem+json"},"fresh_nonce":true,
	"body":{"type":"urn:ietf:params:acme:error:rateLimited",
	"detail":"too many accounts"}}]
R
register f
is "$status" 75 'but not for an hour'
json out '.error.retryAfter == 3600 and .error.status == 429 and
	.error.type == "urn:ietf:params:acme:error:rateLimited"' 'says so'
like "$err" '[0-9]{2}:[0-9]{2}:[0-9]{2}.*too many accounts' \
	'with the time of day'

# Another key: its answer lost, then killed before the answer.
rules <<'R'
[{"resource":"keyChange","nth":1,"drop":"after"}]
R
run acme-account rollover --account-dir a
is "$status" 0 'the answer to keyChange is lost'
like "$err" 'looking up which key' 'it is looked up'
curl -sSf "$FAULTD/counters" >counters
json counters '.resources.keyChange == 1' 'and not sent again'
run acme-account show --account-dir a
is "$status" 0 'the new key works'
rules <<'R'
[{"resource":"keyChange","nth":1,"hold_after":"y"}]
R
start cut acme-account rollover --account-dir a --key-type ecdsa
curl -sS "$FAULTD/wait?resource=keyChange&n=1" >/dev/null
wait_for sh -c "curl -sS $FAULTD/held | grep -q y"
is "$(find a -name private_key.json | wc -l)" 2 'both keys are on disk'
kill -9 "$pid"
curl -sS -X POST "$FAULTD/release?y" >/dev/null
run acme-account rollover --account-dir a --key-type ecdsa
is "$status" 0 'after a kill it goes on'
curl -sSf "$FAULTD/counters" >counters
json counters '.resources.keyChange == 1' 'with what took effect'
is "$(find a -name private_key.json | wc -l)" 1 'one key is left'
run acme-account show --account-dir a
is "$status" 0 'and works'

hostile()
{
	register "$1" --timeout 10
	is "$status" 76 "$2"
	like "$out" 'error:protocol' "$2: the error"
	is "$(find "$1" -name regr.json 2>/dev/null | wc -l)" 0 \
		"$2: no account"
	is "$(printf '%s\n' "$err" | wc -l)" 1 "$2: one sentence"
	unlike "$out$err" "$(printf '\033')" "$2: no escapes"
}

rules <<'R'
[{"resource":"directory","json":"del j['newOrder']"}]
R
hostile h 'a directory without newOrder'
rules <<'R'
[{"resource":"directory","json":"j['newOrder'] = 'http://localhost/x'"}]
R
hostile h 'a plain http URL in it'
rules <<'R'
[{"resource":"directory","status":200,"body":"<html>no\u001b[31m</html>"}]
R
hostile h 'a page'
rules <<'R'
[{"resource":"directory","status":200,"body":"{\"newNonce\":\"https://a/\",\"newNonce\":\"https://b/\"}"}]
R
hostile h 'duplicate members'
rules <<'R'
[{"resource":"directory","endless":true}]
R
hostile h 'an endless body'
rules <<'R'
[{"resource":"newAccount","redirect":"{BASE}/elsewhere"}]
R
hostile h 'a redirect of a signed request'
like "$err" 'not followed|redirect' 'which says so'
rules <<'R'
[{"resource":"newAccount","remove_headers":["location"]}]
R
hostile h2 'no Location'
rules <<'R'
[{"resource":"newAccount","json":"j['status'] = 'odd\\u001b[2J'"}]
R
hostile h3 'an unknown status'
rules <<'R'
[{"resource":"directory","json":"j['meta']['termsOfService'] = 'https://a.example/\\u001b]0;x\\u0007red'"}]
R
run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" -w 'a.example/' \
	-w '(N)o' -s 'n\n' -- certbot register -m me@a.example \
	--server "$ACME_SERVER" --config-dir tc --work-dir tw --logs-dir tl
like "$out" 'a\.example/\\x1b\]0;x\\x07red' 'terms with escapes are asked about'
unlike "$out" "$(printf '\033\135')|$(printf '\007')" 'without them'
is "$(leftovers)" '' 'no process is left'
done_testing
