# shellcheck shell=sh
# What the tests of whole pipelines share; sourced after tests/lib.sh.
#
#	web_start	serves $T/www where the CA looks for http-01; sets $web
#	orders		prints how many orders the CA has made so far
#	pair CERT KEY	true if the public keys are the same
#	names CERT	prints its DNS names, sorted, on one line
#	last_good FILE	true if it has a document, and none with an error
#	documents FILE	prints how many documents
#	ours, theirs	certbot of this tree and Debian's, with the test's
#			directories: ours renew --force-renewal

web_start()
{
	mkdir -p "$T/www"
	cat >"$T/web.py" <<'EOP'
import functools, http.server, sys
http.server.ThreadingHTTPServer.request_queue_size = 512
http.server.ThreadingHTTPServer(
    ("127.0.0.1", int(sys.argv[1])), functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=sys.argv[2])
).serve_forever()
EOP
	start web /usr/bin/python3 "$T/web.py" "$HTTP01_PORT" "$T/www"
	web=$pid
	wait_for port_listens "$HTTP01_PORT" || bail 'no web server'
}

orders()
{
	grep -c 'Added order ' "$T/ca/pebble.log"
}

pair()
{
	[ -s "$1" ] && [ "$(openssl x509 -in "$1" -noout -pubkey)" = \
		"$(openssl pkey -in "$2" -pubout 2>/dev/null)" ]
}

names()
{
	openssl x509 -in "$1" -noout -ext subjectAltName | grep -o 'DNS:[^,]*' |
		sed 's/DNS://' | sort | tr '\n' ' ' | sed 's/ $//'
}

last_good()
{
	jq -es 'length > 0 and all(.error == null)' "$1" >/dev/null
}

documents()
{
	grep -c . "$1"
}

ours()
{
	certbot "$@" --config-dir "$T/letsencrypt" --work-dir "$T/work" \
		--logs-dir "$T/logs"
}

theirs()
{
	/usr/bin/certbot "$@" --config-dir "$T/letsencrypt" \
		--work-dir "$T/work" --logs-dir "$T/logs"
}

# held NAME: whether faultd holds a request by that name
held()
{
	faultd_get /held | grep -qx "$1"
}
