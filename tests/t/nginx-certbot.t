#!/bin/sh
# certbot --nginx on Debian's own files, on ports 80 and 443: a fresh machine
# gets HTTPS, renews, and gets everything back.
. "$(dirname "$0")/../lib.sh"
need nginx openssl jq curl pgrep
namespaces "$@"
. "$ROOT/tests/nginx.sh"

mkdir etc
cp -a /etc/nginx/. etc
ngx_system
cp -a etc before
ca_start http_port=80 tls_port=443
start nginx nginx -g 'daemon off;'
NGX_PID=$pid
wait_for ngx_workers "$NGX_PID" || bail "$(cat nginx.log)"

theirs="--config-dir $T/le --work-dir $T/work --logs-dir $T/logs -n"
cb()
{
	_verb=$1
	shift
	# shellcheck disable=SC2086 # several words
	run certbot "$_verb" $theirs --server "$ACME_SERVER" "$@"
}

get()
{
	_url=$1
	shift
	curl -s -o "$T/body" -w '%{http_code} %{redirect_url}' --noproxy '*' \
		--connect-to '::127.0.0.1:' "$@" "$_url"
}

served()
{
	openssl s_client -connect 127.0.0.1:443 -servername "$1" \
		</dev/null 2>/dev/null | openssl x509 -noout -serial 2>&1
}

serial()
{
	openssl x509 -in "le/live/a.example/cert.pem" -noout -serial
}

# -- the default command -------------------------------------------------------

cb run --nginx -d a.example -d www.a.example --agree-tos \
	-m me@example.com --no-eff-email
is "$status" 0 'certbot --nginx' || diag "$out
$err"
like "$out" 'Successfully deployed certificate for www.a.example to /etc/nginx/sites-enabled/default' \
	'says where'
like "$out" 'Congratulations! You have successfully enabled HTTPS on https://a.example and https://www.a.example' \
	'and what'
is "$(served a.example) $(served www.a.example)" "$(serial) $(serial)" \
	'both names have the certificate'
is "$(get http://www.a.example/x)" '301 https://www.a.example/x' \
	'HTTP goes to HTTPS'
is "$(get http://other.example/ | cut -c1-3)" 200 'other names are as before'
is "$(get https://a.example/ -k | cut -c1-3)" 200 'the site is there'
like "$(grep installer le/renewal/a.example.conf)" nginx \
	'the installer is remembered'
is "$(readlink /etc/nginx/sites-enabled/default)" \
	/etc/nginx/sites-available/default 'the link is a link'
is "$(find etc le -name '.certbot.lock' -o -name '*challenge*')" '' \
	'no lock and no challenge is left'

# -- renewal ----------------------------------------------------------------------

cp -a etc installed
old=$(serial)
cb renew --force-renewal --no-random-sleep-on-renew
is "$status" 0 'certbot renew' || diag "$out
$err"
isnt "$(serial)" "$old" 'there is another certificate'
is "$(served a.example)" "$(serial)" 'and it is served'
ok 'the configuration is the same' diff -r --no-dereference installed etc

cb run --nginx -d a.example -d www.a.example --reinstall
is "$status" 0 'once more' || diag "$out
$err"
ok 'changes nothing' diff -r --no-dereference installed etc

# -- one thing more ------------------------------------

cb enhance --nginx --cert-name a.example --hsts
is "$status" 0 'enhance --hsts' || diag "$out
$err"
get https://a.example/ -k -D head >/dev/null
like "$(cat head)" '^Strict-Transport-Security:' 'the header is there'

# -- and back ---------------------------------------------------------------------

cb rollback --nginx --checkpoints 99
is "$status" 0 'certbot --nginx rollback' || diag "$out
$err"
like "$err" '^Unable to rollback 99 checkpoints, only [0-9]+ exist$' \
	"in certbot's words"
ok 'every file is as Debian made it' diff -r --no-dereference before etc
is "$(get http://a.example/ | cut -c1-3)" 200 'the site is as before'
not_ok 'without TLS' port_listens 443

# -- a configuration that was broken before -----------------------------------------

echo 'server { listen 80; server_name broken.example; nonsense on; }' \
	>etc/conf.d/broken.conf
cp -a etc broken
cb run --nginx -d a.example
isnt "$status" 0 'a configuration that is broken'
like "$out$err" 'unknown directive "nonsense" in /etc/nginx/conf.d/broken.conf:1' \
	'is reported in nginx'"'"'s words'
ok 'and not touched' diff -r --no-dereference broken etc
done_testing
