#!/bin/sh
# The server that makes faults: each fault as curl sees it, what it counts,
# and an order of another client through it.
. "$(dirname "$0")/../lib.sh"
need curl lego timeout

# get URL [OPTION]...: curl's exit status in $status, the body in $out.
get()
{
	_url=$1
	shift
	run curl -sS -m 10 --http1.1 "$@" "$_url"
}

# faults HTTP: the ones that look alike over both versions.
faults()
{
	v=$1
	faultd_rules '[{"path": "^/drop", "drop": "before"},
	{"path": "^/after$", "drop": "after", "forward": true},
	{"path": "^/own$", "status": 503, "body": {"detail": "no"},
	 "headers": {"Retry-After": "7"}},
	{"path": "^/redirect$", "redirect": "{BASE}/own"},
	{"path": "^/short$", "body": "0123456789", "truncate": 4},
	{"path": "^/endless$", "endless": true},
	{"path": "^/slow$", "body": "abc", "slow": 0.1},
	{"path": "^/hang$", "hang": true},
	{"path": "^/twice$", "nth": [1, 2], "status": 500},
	{"path": "^/twice$", "body": "third"},
	{"path": "^/held$", "hold": "gate", "body": "let go"},
	{"resource": "directory",
	 "json": "j[\"meta\"][\"website\"] = base; h[\"x-new\"] = \"1\"",
	 "add_headers": [["Link", "<a>"], ["Link", "<b>"]]}]'
	faultd_post /reset

	# How curl calls that: an empty answer or a part of one; 8.14, of HTTP/2, an
	# error in its framing.
	dropped='^(52|18)$'
	[ "$v" != --http2 ] || dropped='^(52|18|16)$'
	get "$base/drop" "$v"
	like "$status" "$dropped" "$v: dropped"
	is "$(counter .forwarded)" 0 "$v: and not sent on"
	get "$base/after" "$v"
	like "$status" "$dropped" "$v: dropped after"
	is "$(counter .forwarded)" 1 "$v: and sent on"
	get "$base/own" "$v" -D head
	is "$out" '{"detail": "no"}' "$v: own body"
	like "$(cat head)" '^HTTP/[12.]+ 503' "$v: own status"
	like "$(cat head)" '[Rr]etry-[Aa]fter: 7' "$v: own header"
	like "$(cat head)" 'application/problem.json' "$v: own type"
	get "$base/redirect" "$v" -w '%{redirect_url}'
	is "$out" "$base/own" "$v: redirect to its own place"
	get "$base/short" "$v"
	like "$status" '^(18|92)$' "$v: truncated"
	is "$out" 0123 "$v: where asked"
	run sh -c 'curl -s "$@" | head -c 3000000 | wc -c' - "$v" "$base/endless"
	is "$out" 3000000 "$v: endless"
	get "$base/slow" "$v" -w ' %{time_total}'
	like "$out" '^abc (0\.[2-9]|[1-9])' "$v: slow"
	get "$base/hang" "$v" -m 0.3
	is "$status" 28 "$v: hang"
	get "$base/twice" "$v" -w ' %{http_code}'
	get "$base/twice" "$v" -w ' %{http_code}'
	is "$out" ' 500' "$v: the first two times"
	get "$base/twice" "$v"
	is "$out" third "$v: the third time"
	get "$ACME_SERVER" "$v" -D head
	is "$(printf %s "$out" | jq -r .meta.website)" "$base" "$v: JSON changed"
	like "$out" "\"newOrder\": \"$base/" "$v: URLs lead here"
	is "$(grep -ci '^link: <[ab]>' head)" 2 "$v: two headers of one name"
	like "$(cat head)" 'x-new: 1' "$v: header by the program"

	start held curl -sS "$v" -m 20 "$base/held"
	held=$pid
	ok "$v: waits for a request" faultd_get "/wait?path=held&timeout=10"
	ok "$v: holds it" wait_for sh -c "curl -s $FAULTD/held | grep -q gate"
	ok "$v: not answered" alive "$held"
	faultd_post '/release?gate'
	ok "$v: lets go" wait_for grep -q 'let go' held.log
	wait "$held"
}

ca_start
faultd_start
base=${ACME_SERVER%/*}
faults --http1.1
faultd_rules '[{"path": "^/raw$", "raw": "HTTP/9 what\r\n\r\n"},
{"path": "^/headers$", "endless": "headers"},
{"path": "^/close$", "body": "to the end", "no_length": true},
{"path": "^/second$", "connreq": 2, "drop": "before"},
{"path": "^/second$", "body": "first"},
{"path": "^/reset$", "drop": "before", "reset": true}]'
faultd_post /reset
get "$base/raw"
is "$status" 1 'raw text'
get "$base/headers"
like "$status" '^(27|56)$' 'endless header'
get "$base/close"
is "$status/$out" '0/to the end' 'no length'
get "$base/second" "$base/second" --no-progress-meter --retry 0
is "$out" firstfirst 'the second is repeated by curl'
is "$(counter .bodies)/$(counter .connections)" 6/5 'on a new connection'
get "$base/reset"
is "$status" 56 'reset'
faultd_rules '[{"on": "connect", "nth": 2, "drop": "before"}]'
get "$ACME_SERVER" -o /dev/null
is "$status" 0 'the first connection'
get "$ACME_SERVER" -o /dev/null
like "$status" '^(52|56)$' 'the second is closed'
run curl -sS -d x "$FAULTD/nothing"
is "$out" 'no such control' 'unknown control'
run curl -sS -d '[{"path": "("}]' "$FAULTD/rules"
like "$out" '^bad rules: ' 'bad rules'

# A whole order of another client, counted.
faultd_rules '[{"resource": "newOrder", "nth": 1, "forward": true,
 "status": 400, "body": {"type": "urn:ietf:params:acme:error:badNonce",
 "status": 400, "detail": "again"}}]'
faultd_post /reset
ok 'lego gets a certificate through it' lego --path lego -m a@example.com -a \
	-s "$ACME_SERVER" --http --http.port ":$HTTP01_PORT" -d a.example run
is "$(counter .resources.newOrder)" 2 'newOrder twice: badNonce was repeated'
is "$(counter .resources.finalize)/$(counter .resources.cert)" 1/1 \
	'one finalize, one certificate'
faultd_get /log >log
ok 'the log has the payload' jq -es 'any(.[]; .resource == "newOrder" and
	(.payload | fromjson | .identifiers[0].value) == "a.example")' log
stop "$FAULTD_PID"

ACME_SERVER=$CA_SERVER
faultd_start --http2 --max-streams 100
base=${ACME_SERVER%/*}
faults --http2
faultd_rules '[{"path": "^/refused$", "nth": 1, "refuse": 7},
{"path": "^/refused$", "body": "second"},
{"path": "^/away$", "nth": 1, "goaway": true}]'
faultd_post /reset
get "$base/refused" --http2
is "$out" second 'HTTP/2: a refused stream, which curl repeats'
get "$base/away" --http2 -w '%{http_code}'
is "$(counter .faults)" 3 'HTTP/2: goaway'
faultd_post /reset
run curl -sS --http2 -Z "$base/dir?[1-8]" -o /dev/null
is "$(counter .requests)/$(counter .tls)" 8/1 'HTTP/2: one connection'
is "$(counter '.versions["HTTP/2"]')" 8 'HTTP/2 is what was spoken'
ok 'HTTP/2: at the same time' test "$(counter .max_in_flight)" -gt 1
stop "$FAULTD_PID"

ACME_SERVER=$CA_SERVER
faultd_start --rtt 60
get "$ACME_SERVER" -o /dev/null -w '%{time_total}'
like "$out" '^(0\.(1[89]|[2-9])|[1-9])' 'a round trip for TCP, TLS and the request'
done_testing
