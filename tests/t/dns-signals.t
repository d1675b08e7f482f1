#!/bin/sh
# A plugin that needs the network to clean up: a signal to the whole group, or a
# host that is killed, leaves it one, and nothing stays at the provider.
. "$(dirname "$0")/../lib.sh"
need jq python3 pgrep
ca_start
acme-account register --agree-tos --no-contact --account-dir acc >account ||
	bail 'no account'

cat >hook.py <<'EOS'
import http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        said = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with open("asked", "a") as f:
            f.write("%s %s %s\n" % (self.path, said["fqdn"], said["value"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *args):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
EOS
port=$(free_port)
start hook python3 hook.py "$port"
wait_for port_listens "$port" || bail 'no web service'
echo "dns_httpreq_endpoint = http://127.0.0.1:$port" >hook.ini
chmod 600 hook.ini

present()
{
	[ "$(grep -c '^/present' asked)" -eq 2 ]
}

group_gone()
{
	! pgrep -g "$host" >/dev/null
}

for sig in INT:130 TERM:143 HUP:129 KILL:137 plugin:77; do
	: >asked
	acme-order new -d a.example -d b.example <account >order.json ||
		bail 'no order'
	setsid env --default-signal=INT,QUIT,TERM,HUP acme-challenge dns-httpreq \
		--credentials hook.ini --propagation-seconds 600 \
		<order.json >out.json 2>err.txt &
	host=$!
	wait_for present || bail "nothing is asked for: $(cat err.txt)"
	case $sig in
	KILL:*) kill -KILL "$host" ;;
	plugin:*) kill -KILL "$(pgrep -P "$host" -x dns-httpreq)" ;;
	*) kill "-${sig%:*}" "-$host" ;;
	esac
	wait "$host" 2>.wait
	is $? "${sig#*:}" "${sig%:*}: dies of the signal"
	ok "${sig%:*}: all processes end" wait_for group_gone
	is "$(sed -n 's|^/cleanup ||p' asked | sort)" \
		"$(sed -n 's|^/present ||p' asked | sort)" \
		"${sig%:*}: what was put in place is removed"
	case $sig in
	KILL:*) continue ;;
	plugin:*) why=pluginFailed ;;
	*) why=interrupted ;;
	esac
	json out.json ".error.type == \"urn:acme-tools:error:$why\"" \
		"${sig%:*}: the document says $why"
done
is "$(leftovers)" '' 'no process is left'
done_testing
