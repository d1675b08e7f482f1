#!/bin/sh
# Every command line of the manual's user guide runs and does what the guide says
# (tests/data/guide.tsv), in namespaces where the names of the CA and of everybody
# else are here. Paths below /path/to and /var/www are the test's own.
. "$(dirname "$0")/../lib.sh"
namespaces
need openssl jq
tab=$(printf '\t')
for dir in /etc/letsencrypt /var/lib/letsencrypt /var/log/letsencrypt; do
	mkdir -p "$dir" && mount -t tmpfs tmpfs "$dir" || bail "cannot mount over $dir"
done
echo '127.0.0.1 acme-v02.api.letsencrypt.org acme-staging-v02.api.letsencrypt.org' >>/etc/hosts
ca_start http_port=80 tls_names=acme-v02.api.letsencrypt.org,acme-staging-v02.api.letsencrypt.org

# Let's Encrypt's directory has another path than this CA's.
cat >front.py <<'END'
import http.client, http.server, ssl, sys
port = int(sys.argv[1])
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def forward(self):
        body = self.rfile.read(int(self.headers.get('content-length', 0)))
        trust = ssl.create_default_context(cafile='ca/tls/root.pem')
        up = http.client.HTTPSConnection('localhost', port, context=trust)
        path = '/dir' if self.path == '/directory' else self.path
        up.request(self.command, path, body or None, dict(self.headers))
        answer = up.getresponse()
        text = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ('content-length', 'date', 'server', 'transfer-encoding'):
                self.send_header(name, value)
        self.send_header('content-length', str(len(text)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(text)
    do_GET = do_HEAD = do_POST = forward
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', 443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('ca/tls/cert.pem', 'ca/tls/key.pem')
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
END
port=${ACME_SERVER##*:}
start front /usr/bin/python3 front.py "${port%%/*}"
wait_for port_listens 443 || bail 'the front does not start'

# Commands that the guide takes for granted.
mkdir fake path www server
cat >fake/sudo <<'END'
#!/bin/sh
exec "$@"
END
cat >fake/service <<END
#!/bin/sh
echo "\$*" >>"$T/services"
END
chmod +x fake/*
PATH=$T/fake:$PATH

# What settings are made of.
cli=/etc/letsencrypt/cli.ini
plugin()
{
	echo "authenticator = $1" >>$cli
}

# had: a certificate of example.com and www.example.com.
had()
{
	plugin standalone
	cp -a base/. /etc/letsencrypt/
}

# fresh: one that is not revoked yet.
fresh()
{
	had
	certbot certonly -n --force-renewal --key-type rsa -d example.com \
		-d www.example.com </dev/null >fresh.out 2>&1
}

# had_webroot: it was obtained with a web root.
had_webroot()
{
	mkdir -p path/to/new
	mv www path/to/new/location && ln -s path/to/new/location www
	cp -a base/. /etc/letsencrypt/
	sed -i "s|^authenticator = .*|&\nwebroot_path = $T/gone,|
		s|^authenticator = .*|authenticator = webroot|" \
		/etc/letsencrypt/renewal/example.com.conf
}

# due: as if it ended soon.
due()
{
	echo 'renew_before_expiry = 200 days' |
		cat - /etc/letsencrypt/renewal/example.com.conf >conf &&
		cp conf /etc/letsencrypt/renewal/example.com.conf
}

# web: a server of all names on port 80; each web root is the same place.
web()
{
	start web /usr/bin/python3 -m http.server -b 127.0.0.1 -d "$T/www" 80
	web=$pid
	wait_for port_listens 80
}

# script_at NAME TEXT: below /path/to.
script_at()
{
	mkdir -p "path/to/$(dirname "$1")"
	printf '#!/bin/bash\n%s\n' "$2" >"path/to/$1"
	chmod +x "path/to/$1"
}

manual_http()
{
	mkdir -p www/.well-known/acme-challenge
	script_at http/authenticator.sh \
		"echo \$CERTBOT_VALIDATION >$T/www/.well-known/acme-challenge/\$CERTBOT_TOKEN"
	script_at http/cleanup.sh \
		"rm -f $T/www/.well-known/acme-challenge/\$CERTBOT_TOKEN"
}

manual_dns()
{
	script_at dns/authenticator.sh "printf '{\"host\": \"_acme-challenge.%s.\", \"value\": \"%s\"}' \
		\"\$CERTBOT_DOMAIN\" \"\$CERTBOT_VALIDATION\" | curl -sSd @- $CA_CHALLTESTSRV/set-txt"
	script_at dns/cleanup.sh "touch $T/dns-cleaned; printf '{\"host\": \"_acme-challenge.%s.\"}' \
		\"\$CERTBOT_DOMAIN\" | curl -sSd @- $CA_CHALLTESTSRV/clear-txt"
}

# answers WORD...: what is typed.
answers()
{
	printf '%s\n' "$@" >typed
	echo 'force-interactive = true' >>$cli
}

# What may be true afterwards.
lineage()
{
	openssl x509 -noout -in "/etc/letsencrypt/live/$1/cert.pem"
}
names()
{
	[ "$(openssl x509 -noout -ext subjectAltName -in /etc/letsencrypt/live/*/cert.pem |
		grep -o 'DNS:[^,]*' | sed 's/DNS://' | sort | tr '\n' ' ')" = "$* " ]
}
version()
{
	readlink "/etc/letsencrypt/live/$1/cert.pem" | grep -q "/cert$2\\.pem"
}
key()
{
	openssl pkey -noout -text -in "/etc/letsencrypt/live/$1/privkey.pem" |
		case $2 in EC) grep -q NIST ;; *) grep -q "($2 bit" ;; esac
}
said()
{
	grep -qE -e "$1" out
}
ran()
{
	grep -qx "$1" services
}
gone()
{
	! test -e "/etc/letsencrypt/live/$1" && ! test -e "/etc/letsencrypt/renewal/$1.conf"
}
cleaned()
{
	[ -z "$(ls www/.well-known/acme-challenge)" ]
}

unset ACME_SERVER
printf 'agree-tos = true\nemail = me@example.com\nno-eff-email = true\nno-random-sleep-on-renew = true\n' >$cli
run certbot certonly -n --standalone -d example.com -d www.example.com </dev/null
[ "$status" = 0 ] || bail "$err"
rm -rf /etc/letsencrypt/cli.ini
cp -a /etc/letsencrypt base

certbot --list-options >table
while IFS=$tab read -r section needs setting line check; do
	case $section in '#'*) continue ;; esac
	[ -z "${ONLY-}" ] || case $line in *"$ONLY"*) ;; *) continue ;; esac
	case $needs in
	verb:*) grep -q "^verb$tab${needs#verb:}$tab" table ;;
	plugin:*) grep -q "^group$tab${needs#plugin:}$tab" table ;;
	esac || {
		note "$line: there is no $needs"
		continue
	}
	find /etc/letsencrypt -mindepth 1 -delete
	rm -rf path www services dns-cleaned cli.ini
	mkdir path www
	: >services
	printf 'agree-tos = true\nemail = me@example.com\nno-eff-email = true\nno-random-sleep-on-renew = true\n' >$cli
	web=''
	: >typed
	eval "$setting" || diag "the setting of: $line"
	printf '%s\n' "$line" | sed "s,/path/to,$T/path/to,g; s,/var/www/[a-z]*,$T/www,g
		s,/etc/crontab,$T/crontab,g; s,/etc/{nginx,$T/server/{nginx,g" >command
	run bash command <typed
	[ -z "$web" ] || stop "$web"
	[ "$status" = 0 ] && eval "$check" && pass "$section: $line" && continue
	fail "$section: $line"
	diag "status $status; not true: $check"
	diag "$(cat out err | head -c 2500)"
done <"$ROOT/tests/data/guide.tsv"
is "$(leftovers)" '' 'no process is left'
done_testing
