#!/bin/sh
# Lost answers, broken servers, slow clients: what acme-net makes of them.
. "$(dirname "$0")/../lib.sh"
need openssl jq /usr/bin/python3
# Programs look for acme-net beside themselves.
mkdir own
cp "$ACME_BUILD/tests/helpers/net-tool" own/
ln -s "$ACME_BUILD/bin/acme-net" own/acme-net
tool=$T/own/net-tool

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
	-keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost 2>/dev/null ||
	bail 'openssl cannot make a certificate'
CA='"ca":"'$T/cert.pem'"'

server()
{
	_server=$1
	shift
	port=$(free_port) || bail 'no free port'
	start "$_server" /usr/bin/python3 "$ROOT/tests/helpers/dropd.py" \
		--port "$port" --log "$T/$_server.events" --cert cert.pem \
		--key key.pem "$@"
	wait_for grep -qs listening "$T/$_server.events" ||
		bail "$(cat "$T/$_server.log")"
	url=https://localhost:$port
}
not()
{
	! "$@"
}
not_there()
{
	[ ! -e "$1" ]
}
ask()
{
	run timeout 60 "$tool" <<EOS
$(printf '%s\n' "$@")
EOS
}
answers()
{
	jq -c "$1" "$T/out" | tr '\n' ' '
}
bodies()
{
	grep -cE " $2 $3 " "$T/$1.events"
}

for s in h2 http/1.1; do
	name=$(echo "$s" | tr -d /.)
	server "$name" --alpn "$s"
	# The kept connection is dropped while the second request is on it.
	ask "{\"url\":\"$url/drop2\",\"method\":\"POST\",\"body\":\"first\",$CA}" \
		"{\"url\":\"$url/drop2\",\"method\":\"POST\",\"body\":\"second\",$CA}" \
		"{\"url\":\"$url/ok\",$CA}"
	is "$(answers '[.fault // .status,.exit]')" \
		'[200,null] ["lost",75] [200,null] ' "$s: an answer lost after sending"
	is "$(jq -r '.reason // empty' out)" \
		"the connection to localhost:$port ended after the request was sent" \
		"$s: in a plain sentence"
	is "$(bodies "$name" POST /drop2)" 2 "$s: the POST is not sent again"
	ask "{\"url\":\"$url/close\",\"method\":\"POST\",\"body\":\"x\",$CA}"
	is "$(answers '[.fault,.exit]')" '["lost",75] ' "$s: lost on a new connection"
	is "$(bodies "$name" POST /close)" 1 "$s: nor that one"

	ask "{\"url\":\"$url/bytes/1048576\",$CA}" \
		"{\"url\":\"$url/bytes/1048577\",$CA}" \
		"{\"url\":\"$url/bytes/11\",\"limit\":10,$CA}" \
		"{\"url\":\"$url/endless\",$CA}" \
		"{\"url\":\"$url/ok\",$CA}"
	is "$(answers '[.fault // .length,.exit]')" \
		'[1048576,null] ["broken",76] ["broken",76] ["broken",76] [2,null] ' \
		"$s: answers over the limit"
	# The first tells whether one connection is for all of them: until it is
	# answered, libcurl 8.14 has others wait.
	ask "{\"url\":\"$url/ok\",$CA}" \
		"[{\"url\":\"$url/slow\",\"timeout\":2,$CA},{\"url\":\"$url/hang\",\"timeout\":1,$CA}]"
	is "$(answers '[.fault,.exit,.error]')" \
		'[null,null,null] ["broken",76,"urn:acme-tools:error:protocol"] ["lost",75,"urn:acme-tools:error:timeout"] ' \
		"$s: one byte a second, and none"
	ask "{\"url\":\"$url/trunc\",$CA}"
	is "$(answers .fault)" '"lost" ' "$s: less than announced"
	ask "{\"url\":\"$url/headers/600\",$CA}" "{\"url\":\"$url/headers/3000\",$CA}" \
		"{\"url\":\"$url/ok\",$CA}"
	is "$(answers '.fault // .status')" '"broken" "broken" 200 ' \
		"$s: too many headers"
	ask "{\"url\":\"$url/control\",$CA}"
	is "$(answers .fault)" '"broken" ' "$s: control bytes in a header"
	unlike "$out" "$(printf '\033')" "$s: are not passed on"
done
ask "{\"url\":\"$url/garbage\",$CA}"
is "$(answers '[.fault,.exit]')" '["broken",76] ' 'what is no HTTP'

# A server that says that it has not looked at a request: libcurl would send
# that again on another connection, even the first one of a connection.
server refusing --alpn h2
for how in refuse goaway; do
	ask "{\"url\":\"$url/$how\",\"method\":\"POST\",\"body\":\"first\",$CA}" \
		"{\"url\":\"$url/ok\",$CA}" \
		"{\"url\":\"$url/$how\",\"method\":\"POST\",\"body\":\"later\",$CA}" \
		"{\"url\":\"$url/ok\",$CA}"
	is "$(answers '[.fault // .status,.exit]')" \
		'["lost",75] [200,null] ["lost",75] [200,null] ' \
		"h2, $how: the answer is lost, whatever the server says"
	is "$(bodies refusing POST "/$how")" 2 \
		"h2, $how: neither POST is sent again"
done

# -- never reached ---------------------------------------------------------------
free=$(free_port)
ask "{\"url\":\"https://localhost:$free/\"}" \
	"{\"url\":\"https://name.invalid/\"}" \
	"{\"url\":\"https://localhost:$free/\",\"method\":\"POST\",\"body\":\"x\"}"
is "$(answers '[.fault,.exit]')" \
	'["refused",69] ["unresolved",69] ["refused",69] ' 'no connection, no address'
like "$(jq -r .reason out | head -n 1)" "localhost:$free" 'the host is named'
# Accepts, but never speaks TLS.
start silent /usr/bin/python3 -c 'import socket, sys, time
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
open("silent", "w").close(); c = s.accept(); time.sleep(3600)' "$free"
wait_for test -e silent
ask "{\"url\":\"https://localhost:$free/\",\"method\":\"POST\",\"body\":\"x\",\"timeout\":1}"
is "$(answers '[.fault,.exit]')" '["refused",69] ' 'a handshake without end'

# -- the process itself ------------------------------------------------------------
# started: waits until net-tool's own acme-net has request number $1 there, and
# sets the processes' ids.
started()
{
	wait_for grep -q "gate $1" gate.events || bail 'no request arrives'
	acme=$(cat /proc/"$pid"/task/*/children)
	network=$(cat /proc/"${acme% }"/task/*/children)
	acme=${acme% } network=${network% }
}
server gate --release "$T/release"
echo "{\"url\":\"$url/gate\",$CA}" >gate.in
start crash sh -c "exec '$tool' <gate.in"
started 1
kill -SEGV "$network"
wait "$pid"
is $? 69 'a crash of the network process is an error of its client'
like "$(cat crash.log)" 'error:netProcess' 'netProcess'
wait_for not_there "$TMPDIR"/acme-net-*
is "$(ls "$TMPDIR")" '' 'its socket is removed'

start killed sh -c "exec '$tool' <gate.in"
started 2
kill -KILL "$pid"
wait "$pid"
ok 'killed with its client, it ends' wait_for not alive "$acme"
not_ok 'the network process, too' alive "$network"
is "$(ls "$TMPDIR")" '' 'and its socket is removed'

start group setsid sh -c "trap '' INT TERM HUP; exec '$tool' <gate.in"
started 3
kill -INT -"$pid"
kill -TERM -"$pid"
kill -HUP -"$pid"
: >release
wait "$pid"
is $? 0 'signals to the group do not end it'
like "$(cat group.log)" through 'its client gets the answer'
is "$(ls "$TMPDIR")" '' 'then it ends'

# -- a client that does not read ---------------------------------------------------
# Its answers are kept up to 64 MiB; then its requests wait, others' do not.
cat >slow.py <<'EOS'
import json, os, socket, sys
url, ca = sys.argv[1:]
s = socket.socket(socket.AF_UNIX)
s.connect(os.environ["ACME_NET"])
def send(i, path):
    s.sendall(json.dumps({"id": i, "method": "GET", "url": url + path,
                          "limit": 16 << 20, "ca": ca}).encode() + b"\n")
for i in range(1, 41):
    send(i, "/bytes/8000000")
open("sent", "w").close()
sys.stdin.readline()
f, got = s.makefile("rb"), 0
while got < 40:
    n = json.loads(f.readline())["length"]
    while n:
        n -= len(f.read(min(n, 1 << 20)))
    got += 1
print(got)
EOS
cat >slow.sh <<'EOS'
mkfifo go
/usr/bin/python3 slow.py "$1" "$2" <go >slow.out &
exec 3>go
while [ ! -e sent ]; do sleep 0.02; done
# Until nothing more of it is started while another client is served.
before=-1
while [ "$(grep -c 'GET /bytes/8000000' "$3")" != "$before" ] ||
	[ "$before" -lt 8 ]; do
	before=$(grep -c 'GET /bytes/8000000' "$3")
	printf '{"url":"%s/bytes/1000000","ca":"%s"}\n' "$1" "$2" | "$4" >other
	jq '.length == 1000000' other | grep -q true || exit 1
done
echo "$before"
echo >&3
wait
cat slow.out
EOS
server big --alpn http/1.1
run timeout 100 acme-net -- sh slow.sh "$url" "$T/cert.pem" "$T/big.events" "$tool"
is "$status" 0 'other clients are served beside one that does not read'
ok 'its requests wait meanwhile' test "$(head -n 1 out)" -le 20
is "$(tail -n 1 out)" 40 'which gets all its answers when it reads'
done_testing
