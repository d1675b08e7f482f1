#!/bin/sh
# acme-renewal: what the CA says of certificates by OCSP, its openings and
# faults; and certbot, which renews a revoked one at once and lists it as such,
# as Debian's certbot does with the same files.
. "$(dirname "$0")/../lib.sh"
need openssl jq curl
. "$ROOT/tests/both.sh"
ca=$T/chain-ca

# chain DIRECTORY NAME SETTING...
chain()
{
	"$ROOT/tests/helpers/make-chain" "$1" "$2" "ca=$ca" ${3-} ||
		bail "no certificate for $2"
}

# lineage DIRECTORY: a document with its files.
lineage()
{
	jq -cn --arg d "$T/$1" '{acme: 1, mine: 1, lineage: {name: "x",
		cert: ($d + "/cert.pem"), chain: ($d + "/chain.pem")}}'
}

# responder NAME PORT INDEX SIGNER
responder()
{
	start "$1" openssl ocsp -port "$2" -index "$3" -CA "$ca/sub.pem" \
		-rsigner "$4.pem" -rkey "$4.key" -nmin 60
	wait_for port_listens "$2" || bail "no responder $1"
}

revoke()
{
	openssl ca -batch -config "$ca/ca.cnf" -cert "$ca/sub.pem" \
		-keyfile "$ca/sub.key" -revoke "$1/cert.pem" 2>revoke.log ||
		bail "$(cat revoke.log)"
}

# renewal DESCRIPTION JQ
renewal()
{
	json out "(.acme == 1 and .mine == 1) and (.renewal | $2)" "$1"
}

port=$(free_port) unknown=$(free_port) wrong=$(free_port) down=$(free_port)
hang=$(free_port) moved=$(free_port)
busy1=$(free_port) busy2=$(free_port) busy3=$(free_port)
chain good good.example "ocsp=http://127.0.0.1:$port/"
chain revoked revoked.example "ocsp=http://127.0.0.1:$port"
chain unknown unknown.example "ocsp=http://127.0.0.1:$unknown/"
chain wrong wrong.example "ocsp=http://127.0.0.1:$wrong/"
chain down down.example "ocsp=http://127.0.0.1:$down/"
chain hang hang.example "ocsp=http://127.0.0.1:$hang/"
chain hang2 hang.example "ocsp=http://127.0.0.1:$hang/2"
for i in 1 2 3; do
	eval "p=\$busy$i"
	chain busy$i busy.example "ocsp=http://127.0.0.1:$p/"
done
chain moved moved.example "ocsp=http://127.0.0.1:$moved/moved"
chain round round.example "ocsp=http://127.0.0.1:$moved/round"
chain none none.example
chain hostless hostless.example 'ocsp=http:///'
chain ldap ldap.example 'ocsp=ldap://127.0.0.1/x'
chain expired expired.example "ocsp=http://127.0.0.1:$port/ from=-90 to=-1"
revoke revoked
revoke expired
revoke moved
: >empty
responder good "$port" "$ca/index.txt" "$ca/sub"
responder unknown "$unknown" empty "$ca/sub"
responder wrong "$wrong" "$ca/index.txt" "$ca/root"
cat >hang.py <<'END'
# Listens, and never answers.
import signal, socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
signal.pause()
END
start hang python3 hang.py "$hang"
wait_for port_listens "$hang" || bail 'no silent responder'
cat >moved.py <<'END'
# The responder is elsewhere: /moved and /to lead there, /round to itself.
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(307 if self.path == "/moved" else 308)
        self.send_header("Location", {"/moved": "to", "/to": sys.argv[2],
                                      "/round": "round"}[self.path])
        self.send_header("Content-Length", "0")
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
END
start moved python3 moved.py "$moved" "http://127.0.0.1:$port/"
wait_for port_listens "$moved" || bail 'no server that sends on'
cat >busy.py <<'END'
# Three responders that answer 503, but only when all are asked at once.
import socket, sys
all = [socket.create_server(("127.0.0.1", int(p))) for p in sys.argv[1:]]
asking = []
for s in all:
    c = s.accept()[0]
    c.recv(65536)
    asking.append(c)
for c in asking:
    c.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n"
              b"Connection: close\r\n\r\n")
    c.close()
END

# -- the stage ------------------------------------------------------------------

# asked NAME OPTION...
asked()
{
	_dir=$1
	shift
	lineage "$_dir" >in.json
	run acme-renewal -v "$@" <in.json
	is "$status" 0 "$_dir: no error"
}

asked good
renewal 'not revoked' '.revoked == false and (has("why") | not)'
like "$(jq -r .renewal.checked out)" '^20..-..-..T..:..:..Z$' 'with the time'
is "$err" '' 'nothing is said'
asked revoked
renewal 'revoked' '.revoked and (.why | test("^revoked since 20..-"))'
asked unknown
renewal 'unknown to the responder: not revoked' '.revoked == false and (.why | test("does not know"))'
asked wrong
renewal 'wrong signer: not revoked' '.revoked == false'
like "$err" "Invalid OCSP response for $T/wrong/cert.pem: responder certificate is not signed by the certificate's issuer\\.\$" 'a warning says why'
run acme-renewal <in.json
like "$err" 'Invalid OCSP response' 'without -v, too'
asked down
renewal 'down: not revoked' '.revoked == false'
like "$err" "OCSP check failed for $T/down/cert.pem \\(are we offline\\?\\)" 'says so'
run acme-renewal <in.json
is "$err" '' 'without -v it does not'
asked hang --timeout 1
renewal 'no answer: not revoked' '.revoked == false'
like "$err" "OCSP check failed for $T/hang/cert.pem \\(are we offline\\?\\)" 'says so'
# What acme-net is asked for is seen where it would listen.
cat >net.py <<'END'
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind("net.sock")
s.listen()
for _ in sys.argv[1:]:
    c = s.accept()[0]
    print(json.dumps(json.loads(c.makefile("rb").readline())), flush=True)
    c.close()
END
start net python3 net.py 1 2 3
wait_for test -S net.sock || bail 'no socket'
for seconds in '' '--timeout 3' '--timeout 60'; do
	# shellcheck disable=SC2086
	ACME_NET=$T/net.sock acme-renewal $seconds <in.json >/dev/null 2>&1
done
wait "$pid"
is "$(jq -r .timeout net.log | tr '\n' ' ')" '10 3 10 ' \
	'a responder gets 10 seconds, or less'
asked moved
renewal 'sent on twice: revoked' '.revoked'
asked round
renewal 'sent in a circle: not revoked' '.revoked == false'
like "$err" "OCSP check failed for $T/round/cert.pem \\(HTTP status: 308\\)" 'says so'
is "$(grep -c 'POST /round' moved.log)" 6 'it is followed 5 times'
asked ldap
renewal 'another scheme: not revoked' '.revoked == false'
like "$err" "OCSP check failed for $T/ldap/cert.pem" 'says so'
asked hostless
like "$err" "Cannot process OCSP host from URL \\(http:///\\) in certificate at $T/hostless/cert.pem" 'a URL without a host'
# Nothing is asked: the network would be missed.
ACME_NET=$T/nowhere
export ACME_NET
asked none
renewal 'no responder named: not revoked' '.revoked == false and (.why | test("^Cannot extract OCSP URI from "))'
like "$err" "Cannot extract OCSP URI from $T/none/cert.pem\$" 'says so'
asked expired
renewal 'expired: not asked' '.revoked == false and (.why | test("expired"))'
is "$err" '' 'nothing is said'
asked revoked
renewal 'no network process: not known' '.revoked == false'
like "$err" 'OCSP check failed' 'says so'
unset ACME_NET
lineage good | sed 's|/good/chain|/missing/chain|' >in.json
run acme-renewal <in.json
is "$status" 0 'a missing file: no error'
renewal 'not revoked' '.revoked == false'
like "$err" "An error occurred determining the OCSP status of $T/good/cert.pem\\." 'a warning'

echo '{"acme":1,"x":[1]}' >in.json
run acme-renewal <in.json
same in.json out 'a document without a lineage passes'
lineage revoked | jq -c '.plan = {action: "keep"}' >in.json
run acme-renewal <in.json
same in.json out 'one that is kept passes'
echo '{"acme":1,"error":{"type":"urn:acme-tools:error:timeout","status":0}}' >in.json
run acme-renewal <in.json
is "$status" 75 'an error passes'
same in.json out 'untouched'
run acme-renewal x </dev/null
is "$status" 64 'an operand'
run acme-renewal </dev/null
is "$status" 65 'no document'

start busy python3 busy.py "$busy1" "$busy2" "$busy3"
wait_for port_listens "$busy3" || bail 'no busy responders'
for name in busy1 good busy2 revoked busy3 good; do lineage $name; done >in.json
run acme-renewal -v <in.json
is "$(grep -c 'busy./cert.pem (HTTP status: 503)' err)" 3 'all are asked at once'
is "$(jq -c .renewal.revoked out | tr '\n' ' ')" 'false false false true false false ' 'and answered in order'

# A silent responder is waited for once, whatever many of its certificates.
for name in hang hang2 good hang; do lineage $name; done >in.json
run acme-renewal -v -v --timeout 1 <in.json
is "$(grep -c 'OCSP check failed for' err)" 3 'a silent responder: nothing is known'
is "$(grep -c 'has not answered before' err)" 2 'it is waited for once'
is "$(jq -c .renewal.revoked out | tr '\n' ' ')" 'false false false false ' 'all are answered'

# The newest version, and the one in use.
mkdir -p arch live
for kind in cert chain; do
	cp good/$kind.pem arch/${kind}1.pem
	cp revoked/$kind.pem arch/${kind}2.pem
	ln -s ../arch/${kind}1.pem live/$kind.pem
done
lineage live | jq -c --arg a "$T/arch" '.lineage += {archive: $a, latest: 2}' >in.json
run acme-renewal <in.json
renewal 'the version in use' '.revoked == false'
run acme-renewal --newest <in.json
renewal 'the newest' '.revoked'

# -- certbot ---------------------------------------------------------------------

ca_start
# put DIRECTORY NAME: its files are the lineage's.
put()
{
	for _kind in cert privkey chain fullchain; do
		cp "$1/$_kind.pem" "c/archive/$2/${_kind}1.pem"
	done
}
for name in good.example revoked.example wrong.example none.example; do
	ours_new certonly --standalone -d $name --http-01-address 127.0.0.1
	is "$status" 0 "a lineage $name"
	put ${name%.example} $name
done
both_say '' 'certificates: both say the same' certificates
like "$out" 'Expiry Date: .*\(INVALID: REVOKED\)$' 'one is revoked'
is "$(grep -c '(VALID: ' out)" 3 'three are not'
like "$err" "Invalid OCSP response for $T/c/live/wrong.example/cert.pem: " 'the warning names the link'
ours certificates --cert-name good.example
unlike "$err" wrong.example 'only what is listed is asked about'
rm -rf l
ours renew --no-random-sleep-on-renew --dry-run \
	--cert-name wrong.example --server "$ACME_SERVER" --agree-tos \
	--register-unsafely-without-email
is "$status" 0 'a dry run'
is "$(cat err l/letsencrypt.log | grep -c OCSP)" 0 'asks nothing'

rm -rf c.base && cp -a c c.base
# each PROGRAM: the same run of it, from the same start.
each()
{
	rm -rf c && cp -a c.base c
	"$@"
	plainly <out >"said.$1.out"
	plainly <err >"said.$1.err"
	is "$status" 0 "$1: done"
	is "$(for n in good revoked wrong none; do version_of $n.example; done | tr '\n' ' ')" \
		'1 2 1 1 ' "$1: only the revoked one is renewed"
	lineage_is_whole revoked.example "$1: whole"
}
each theirs renew --no-random-sleep-on-renew
each ours renew --no-random-sleep-on-renew
same said.theirs.out said.ours.out 'renew: both say the same'
same said.theirs.err said.ours.err 'on standard error, too'
like "$err" "Invalid OCSP response for $T/c/archive/wrong.example/cert1.pem: " 'the warning names the newest version'
each theirs_new certonly --standalone -d revoked.example
each ours_new certonly --standalone -d revoked.example
same said.theirs.out said.ours.out 'certonly: both say the same'
same said.theirs.err said.ours.err 'on standard error, too'
rm -rf c && cp -a c.base c
ours_new certonly --standalone -d good.example
is "$(version_of good.example)" 1 'one that is not revoked is kept'
rm -rf l
ours_new certonly --standalone -d wrong.example --force-renewal
is "$(version_of wrong.example)" 2 'a forced renewal'
is "$(cat err l/letsencrypt.log | grep -c OCSP)" 0 'asks nothing'
sed -i '/^\[renewalparams\]/a autorenew = False' c/renewal/revoked.example.conf
ours renew --no-random-sleep-on-renew
is "$(version_of revoked.example)" 1 'autorenew = False: not even a revoked one'
is "$(leftovers)" '' 'no process is left'
done_testing
