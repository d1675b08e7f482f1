#!/bin/sh
# The newsletter (spec 9.9): nothing is sent before somebody has agreed, and then
# once, beside Debian's certbot. Its server is played in namespaces.
. "$(dirname "$0")/../lib.sh"
namespaces
need openssl jq strace
. "$ROOT/tests/both.sh"
echo '127.0.0.1 supporters.eff.org' >>/etc/hosts
ca_start PEBBLE_VA_ALWAYS_VALID=1 tls_names=supporters.eff.org
mkdir www
cat >eff.py <<'END'
import http.server, os, ssl
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['content-length'])).decode()
        with open('asked', 'a') as f:
            f.write('%s %s %s\n' % (self.path, self.headers['content-type'], body))
        code, _, text = open('answer').read().partition(' ')
        self.send_response(int(code))
        self.send_header('content-length', str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(('127.0.0.1', 443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('ca/tls/cert.pem', 'ca/tls/key.pem')
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
END
start eff /usr/bin/python3 eff.py
eff=$pid
wait_for port_listens 443 || bail 'the server does not start'

# both DESCRIPTION TURNS INPUT WORDS...: each registers (in directories of its own), then
# obtains TURNS times; the same is said and sent. Leaves ours's texts in said.ours, and
# what was sent in sent.ours.
both()
{
	_what=$1
	_turns=$2
	_input=$3
	shift 3
	for _who in theirs ours; do
		_program=certbot
		[ $_who = ours ] || { debian_next && _program=$DEBIAN; }
		rm -rf c w l
		: >asked
		for _turn in $(seq 0 $_turns); do
			if [ $_turn = 0 ]; then
				printf "$_input" | $_program register --agree-tos \
					--server "$ACME_SERVER" --config-dir c \
					--work-dir w --logs-dir l "$@" 2>&1
				cat c/accounts/*/*/*/meta.json 2>/dev/null |
					jq .register_to_eff
			else
				$_program certonly -n --webroot -w www \
					-d a.example --force-renewal --key-type ecdsa \
					--server "$ACME_SERVER" --config-dir c \
					--work-dir w --logs-dir l 2>&1 </dev/null
			fi
			echo "status $?"
		done | plainly >said.$_who
		cat c/accounts/*/*/*/meta.json | jq .register_to_eff >>said.$_who
		cp asked sent.$_who
	done
	same said.theirs said.ours "$_what: the same is said"
	same sent.theirs sent.ours 'and sent'
}

echo '200 {"status": true}' >answer
both 'nothing said' 1 '' -n -m me@a.example
is "$(cat sent.ours)" '' 'which is nothing'
both '--no-eff-email' 0 '' --force-interactive -m me@a.example --no-eff-email
both '--eff-email' 2 '' -n -m 'me+x@a.example' --eff-email
is "$(wc -l <sent.ours)" 1 'once'
like "$(cat said.ours)" '^"me\+x@a.example"$' 'noted until then'
is "$(tail -n 1 said.ours)" null 'and no longer'
both '--eff-email without an address' 0 '' -n --register-unsafely-without-email --eff-email
like "$(cat said.ours)" "didn't provide an e-mail address" 'says so'
both 'asked: yes' 0 'y\n' --force-interactive -m me@a.example
like "$(cat said.ours)" '^"me@a.example"$' 'is noted'
both 'asked: no' 0 'n\n' --force-interactive -m me@a.example
like "$(cat said.ours)" '^null$' 'is not'
echo '200 {"status": false}' >answer
both 'refused' 1 '' -n -m me@a.example --eff-email
like "$(cat said.ours)" 'appears to be invalid' 'says so'
echo '200 what' >answer
both 'no answer that can be read' 1 '' -n -m me@a.example --eff-email
echo '500 what' >answer
both 'an error' 1 '' -n -m me@a.example --eff-email

# A dry run sends nothing; a server that is away breaks nothing.
rm -rf c w l
: >asked
ours_new register -m me@a.example --eff-email
ours_new certonly --webroot -w www -d b.example --dry-run
is "$status" 0 'a dry run'
is "$(cat asked)" '' 'a dry run sends nothing'
stop "$eff"
run strace -f -qq -s 9999 -e trace=write,sendto,sendmsg,writev -o calls certbot certonly --webroot -w www -d b.example \
	-n --server "$ACME_SERVER" --config-dir c --work-dir w --logs-dir l
is "$status" 0 'a server that is away'
like "$out" 'unable to subscribe you' 'is told'
like "$(grep 'supporters\.eff\.org/subscribe' calls)" '\\"timeout\\":60[,}]' 'it waits for a minute at most'
is "$(leftovers)" '' 'no process is left'
done_testing
