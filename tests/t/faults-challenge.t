#!/bin/sh
# Challenges of a server that lies, is broken or is slow: one clear sentence,
# nothing put in place for it, nothing run, and what was put in place removed.
. "$(dirname "$0")/../lib.sh"
need curl jq

ca_start PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_VA_NOSLEEP=1 \
	PEBBLE_WFE_NONCEREJECT=0 PEBBLE_AUTHZREUSE=0
faultd_start
A="--account-dir $T/acc"
acme-account register --no-contact --agree-tos --account-dir acc >account ||
	bail 'no account'
mkdir www
echo "echo auth >>$T/hooks" >auth
echo "echo cleanup >>$T/hooks" >cleanup
esc=$(printf '\033')
dots=$(printf '\302\233') # CSI as UTF-8

# order NAME...: a document that names it, new: what it says is believed
order()
{
	faultd_rules '[]'
	# shellcheck disable=SC2086
	acme-order new "$@" $A <account >order.json || bail 'no order'
}

# What the document says is so old that it is read again.
stale()
{
	order "$@"
	jq -c '(.order.read, .authorizations[].read) = "2020-01-01T00:00:00Z"' \
		order.json >old.json && mv old.json order.json
}

webroot()
{
	# shellcheck disable=SC2086
	run acme-challenge webroot -w www $A "$@" <order.json
}

manual()
{
	rm -f hooks
	: >hooks
	# shellcheck disable=SC2086
	run acme-challenge manual --manual-auth-hook "sh $T/auth" \
		--manual-cleanup-hook "sh $T/cleanup" $A "$@" <order.json
}

# changed RESOURCE PYTHON: an answer with its JSON changed.
changed()
{
	faultd_rules "$(jq -n --arg r "$1" --arg j "$2" \
		'[{resource: $r, json: $j}]')"
}

# What each failure has in common: STATUS ERE DESCRIPTION
failed()
{
	is "$status" "$1" "$3"
	like "$err" "$2" "$3: says so"
	is "$(printf '%s\n' "$err" | wc -l)" 1 "$3: one sentence"
	unlike "$(jq -r '.error | select(.type | startswith("urn:acme-tools:")) |
		.detail' out)" "$esc|$dots" "$3: no control bytes in our own sentence"
	unlike "$err" "$esc|$dots|$(printf '\r')" "$3: no control bytes"
	json out '.error.type and .error.detail' \
		"$3: the document has the error"
	is "$(find www ! -name www)" '' "$3: nothing is in the web root"
}

# before STATUS ERE DESCRIPTION: failed before anything was put in place
before()
{
	webroot --timeout 10
	failed "$@"
	manual --timeout 10
	failed "$1" "$2" "$3, manual"
	is "$(cat hooks)" '' "$3: no hook has run"
}

# after STATUS ERE DESCRIPTION: failed after it was put in place
after()
{
	webroot --timeout 10
	failed "$@"
	is "$(faultd_get /log | jq -s '[.[] | select(.resource == "challenge")] |
		length > 0')" true "$3: it had been answered"
	order -d "$name"
	faultd_rules "$(cat rules)"
	manual --timeout 10
	failed "$1" "$2" "$3, manual"
	is "$(tr '\n' ' ' <hooks)" 'auth cleanup ' "$3: the cleanup hook has run"
}

# placed RULES STATUS ERE DESCRIPTION
placed()
{
	printf '%s' "$1" >rules
	shift
	name=$(printf %s "$3" | tr -cs 'a-z0-9' - | sed 's/^-*//; s/-*$//').example
	order -d "$name"
	faultd_rules "$(cat rules)"
	faultd_post /reset
	after "$@"
}

# -- the authorization, before anything is done for it -------------------------

stale -d a.example
webroot
is "$status" 0 'a document that is old is read again'
json out '.order.status == "ready"' 'and fulfilled'

token='is not of 1 to [0-9]+ characters of the base64url alphabet'
while read -r what python; do
	stale -d "$what.example"
	changed authz "[c.update(token=$python) for c in j['challenges']]"
	before 76 "$token" "token: $what"
done <<'E'
path '../../evil'
slash 'a/b'
shell '$(touch\x20evil)'
empty ''
space 'a b'
newline 'a\nb'
nul 'a\0b'
escape '\x1b[31mred'
long 'a' * 65536
padded 'YWJj='
E
order -d doc.example
for token in '../../evil' 'a/b' "\$(touch evil)" '' "a${esc}b"; do
	jq -c --arg t "$token" '.authorizations[].challenges[].token = $t' \
		order.json >bad.json
	mv order.json good.json
	mv bad.json order.json
	before 65 'token' "document with token $(printf %s "$token" | cat -v)"
	mv good.json order.json
done

stale -d evil.example
changed authz "j['identifier']['value'] = 'bank.example'"
before 76 'bank.example' 'an authorization of another name'
stale -d one.example -d two.example
changed authz "j['identifier']['value'] = 'two.example'"
before 76 'suddenly for two.example' 'an authorization of another name of ours'
stale -d noname.example
jq -c '.authorizations = []' order.json >o && mv o order.json
changed authz "j['identifier']['value'] = 'bank.example'"
before 76 'bank.example' \
	'an authorization that is new, for a name nobody asked for'
stale -d kind.example
changed authz "j['challenges'] = 'x'"
before 76 'no list of challenges' 'challenges that are no list'
stale -d array.example
changed authz 'j = [1]'
before 76 'is no JSON object' 'an authorization that is a list'
stale -d status.example
changed authz "j['status'] = '\\x1b[2Jodd'"
before 76 'unknown status' 'an unknown status'
stale -d plain.example
changed authz "[c.update(url='http://a.example/') for c in j['challenges']]"
before 76 'https' 'a challenge over plain http'
stale -d file.example
changed authz "[c.update(url='file:///etc/passwd') for c in j['challenges']]"
before 76 'https' 'a challenge that is a file'
stale -d deep.example
changed authz "d = j
for i in range(100): d['x'] = {}; d = d['x']"
before 76 'deep' 'JSON too deep'
stale -d twice.example
faultd_rules '[{"resource":"authz",
	"replace":["\"status\"","\"status\":\"valid\",\"status\""]}]'
before 76 'twice|duplicate' 'a member twice'
stale -d page.example
faultd_rules '[{"resource":"authz","forward":true,"status":200,
	"body":"<html>\u001b[31m</html>"}]'
before 76 'cannot be used' 'a page'
stale -d large.example
changed authz "j['x'] = 'x' * (1 << 20)"
before 76 'too large' 'over 1 MiB'
stale -d endless.example
faultd_rules '[{"resource":"authz","endless":true}]'
before 76 'too large' 'an endless body'
stale -d slow.example
faultd_rules '[{"resource":"authz","slow":1}]'
webroot --timeout 2
failed 76 'a few bytes at a time and does not end it' 'one byte a second'
stale -d redirect.example
faultd_rules '[{"resource":"authz","redirect":"{BASE}/dir"}]'
before 76 'not followed' 'a redirect of a signed request'
stale -d order.example
changed order "j['identifiers'][0]['value'] = 'bank.example'"
before 76 'other names: bank.example' 'an order of another name'
stale -d lists.example
changed order "j['authorizations'] = ['http://a.example/']"
before 76 'https' 'an authorization over plain http'

# -- what is let be --------------------------------------------------------------

stale -d skip.example
changed authz "for c in j['challenges']:
    if c['type'] != 'http-01': c.pop('token')
j['challenges'][0:0] = [{'type': 'odd-01', 'status': 'pending',
    'url': base + '/chalZ/odd', 'token': '../../odd'},
    {'type': 'http-01', 'status': 'pending', 'url': base + '/chalZ/none'}]
j['x'] = 'y'"
webroot
is "$status" 0 'unknown and tokenless challenges are skipped'
json out '.order.status == "ready"' 'the one that is known is answered'
# One that was answered, but whose end nobody has seen.
order -d answered.example
acme-challenge answer --preferred-challenges http-01 $A <order.json >/dev/null ||
	bail 'no answer'
jq -c '(.authorizations[].challenges[].status) = "processing"' order.json >o &&
	mv o order.json
faultd_post /reset
webroot
is "$status" 0 'a challenge that was answered before'
is "$(counter .resources.challenge)" 0 'is not answered again'
stale -d none.example
changed authz "j['challenges'] = [{'type': 'odd-01', 'status': 'pending',
	'url': base + '/chalZ/odd', 'token': 'abc'}]"
webroot --all
is "$status" 78 'only unknown ones'
like "$err" 'does not support any combination' 'in the words of certbot'
is "$(ls -A www)" '' 'and nothing is written'

# -- after it was put in place -----------------------------------------------------

placed '[{"resource":"challenge","redirect":"{BASE}/dir"}]' 76 'not followed' \
	'a redirect of an answer'
placed '[{"resource":"order","redirect":"{BASE}/dir"}]' 76 'not followed' \
	'a redirect while polling'
placed '[{"resource":"order","forward":true,"status":200,"body":"<html>"}]' 76 \
	'cannot be used' 'a page while polling'
placed '[{"resource":"order","json":"j[\"x\"] = \"x\" * (1 << 20)"}]' 76 \
	'too large' 'over 1 MiB while polling'
placed '[{"resource":"order","endless":true}]' 76 'too large' \
	'an endless body while polling'
placed '[{"resource":"order",
	"replace":["\"status\"","\"status\":\"ready\",\"status\""]}]' 76 \
	'twice|duplicate' 'a member twice while polling'
placed '[{"resource":"order","json":"j[\"status\"] = \"odd\""}]' 76 \
	'unknown status' 'an unknown status while polling'
placed '[{"resource":"order",
	"json":"j[\"identifiers\"][0][\"value\"] = \"bank.example\""}]' 76 \
	'other names: bank.example' 'another name while polling'
placed '[{"resource":"order","json":"j[\"finalize\"] = \"http://a.example\""}]' \
	76 https 'plain http while polling'

# Problems of the server's own writing.
evil='no\u001b[31m\u001b]0;title\u0007\r\u009b2J\u202e way'
placed '[{"resource":"challenge","status":403,"fresh_nonce":true,
  "headers":{"Content-Type":"application/problem+json"},
  "body":{"type":"urn:ietf:params:acme:error:unauthorized",
  "detail":"'"$evil"'"}}]' 77 'no\\x1b.*\\x9b2J.* way' 'a problem with escapes'
placed '[{"resource":"challenge","status":403,"fresh_nonce":true,
  "headers":{"Content-Type":"application/problem+json"},
  "body":{"type":"\u001b[1mtype","title":"\u001b[1m","detail":7}}]' \
	77 '\\x1b' 'a problem of the wrong kind'
order -d invalid.example
faultd_rules "$(jq -n --arg e "$(printf %b 'no\0033[31m\007\r\0302\0233way')" '
	[{resource: "order", json: "j[\"status\"] = \"invalid\""},
	 {resource: "authz", json: ("j[\"status\"] = \"invalid\"
for c in j[\"challenges\"]:
    c[\"status\"] = \"invalid\"
    c[\"error\"] = {\"type\": \"\\x1b[1mx\", \"detail\": json.loads(" +
	($e | tojson | tojson) + ")}")}]')"
webroot
failed 68 'invalid.example' 'a failed validation with escapes'

# -- patience ---------------------------------------------------------------------

order -d wait.example
faultd_rules '[{"resource":"order","nth":1,"json":"j[\"status\"] = \"pending\"",
	"add_headers":{"Retry-After":"2"}}]'
faultd_post /reset
webroot
is "$status" 0 'Retry-After while polling'
is "$(faultd_get /log | jq -s '[.[] | select(.resource == "order").time] |
	.[1] - .[0] >= 1.9')" true 'is obeyed'
order -d date.example
faultd_rules "$(jq -n --arg d "$(date -u -d '+3 seconds' \
	'+%a, %d %b %Y %H:%M:%S GMT')" '[{resource: "order", nth: 1,
	json: "j[\"status\"] = \"pending\"", add_headers: {"Retry-After": $d}}]')"
faultd_post /reset
webroot
is "$status" 0 'as a date'
is "$(faultd_get /log | jq -s '[.[] | select(.resource == "order").time] |
	.[1] - .[0] >= 1')" true 'is obeyed'
order -d busy.example
faultd_rules '[{"resource":"order","nth":1,"status":503,"fresh_nonce":true,
	"headers":{"Retry-After":"1"}}]'
webroot
is "$status" 0 'a busy server is waited for'

# later DESCRIPTION: ends at once, with the time
later()
{
	failed 75 "before .*[0-9][0-9]:[0-9][0-9]:[0-9][0-9] UTC" "$1"
	json out '.error.retryAfter > 500' "$1: retryAfter"
	ok "$1: at once" test $(($(date +%s) - began)) -lt 9
}

date=$(date -u -d '+600 seconds' '+%a, %d %b %Y %H:%M:%S GMT')
for after in 600 "$date"; do
	for res in authz order challenge; do
		[ $res != challenge ] || order -d "l$res.example"
		[ $res = challenge ] || stale -d "l$res.example"
		faultd_rules "$(jq -n --arg a "$after" --arg r $res '[{resource: $r,
			status: 429, fresh_nonce: true, headers: {"Retry-After": $a,
			"Content-Type": "application/problem+json"}, body: {
			type: "urn:ietf:params:acme:error:rateLimited",
			detail: "too many"}}]')"
		began=$(date +%s)
		webroot --timeout 9
		later "$res: 429, Retry-After: $after"
	done
	order -d pending.example
	faultd_rules "$(jq -n --arg a "$after" '[{resource: "order",
		json: "j[\"status\"] = \"pending\"",
		add_headers: {"Retry-After": $a}}]')"
	began=$(date +%s)
	webroot --timeout 9
	later "pending, Retry-After: $after"
done
order -d patience.example
faultd_rules '[{"resource":"order","nth":1,"json":"j[\"status\"] = \"pending\"",
	"add_headers":{"Retry-After":"3"}}]'
faultd_post /reset
webroot --timeout 2 --patience 60
is "$status" 0 'with --patience a server gets the time that it asks for'
order -d never.example
changed order "j['status'] = 'pending'"
webroot --timeout 2
failed 75 'All authorizations were not finalized' 'pending for the time given'
order -d ended.example
changed order "j['status'] = 'pending'; j['expires'] = '2020-01-01T00:00:00Z'"
webroot --timeout 2
failed 76 'pending though it expired at 2020-01-01T00:00:00Z' 'pending for ever'
is "$(leftovers)" '' 'no process is left'
done_testing
