#!/bin/sh
# A certificate through Apache: http-01 inside the server, installed, hardened,
# rolled back. Apache runs from a private directory, on ports of its own.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/killed.sh"
need apache2 apache2ctl a2enmod openssl jq curl

https=$(free_port)
ocsp=$(free_port)
ca_start config=".pebble.ocspResponderURL = \"http://127.0.0.1:$ocsp/\""
chmod 755 "$T"
export APACHE_CONFDIR="$T/etc" APACHE_STATE_DIRECTORY="$T/state"
cp -a /etc/apache2 "$T/etc"
mkdir "$T/run" "$T/log" "$T/state" "$T/www"
cat >>"$T/etc/envvars" <<EOP
export APACHE_RUN_DIR=$T/run APACHE_LOCK_DIR=$T/run APACHE_LOG_DIR=$T/log
export APACHE_PID_FILE=$T/run/apache2.pid
EOP
echo "Listen 127.0.0.1:$HTTP01_PORT" >"$T/etc/ports.conf"
rm "$T/etc/sites-enabled/"*
cat >"$T/etc/sites-available/a.conf" <<EOP
<VirtualHost *:$HTTP01_PORT>
	ServerName a.example
	ServerAlias www.a.example
	DocumentRoot $T/www
	# everything is somewhere else, or forbidden
	RedirectMatch 302 ^/(?!index) http://elsewhere.invalid/
	<Location />
		Require all denied
	</Location>
	<Location /index>
		Require all granted
	</Location>
	RewriteEngine off
</VirtualHost>
<VirtualHost *:$HTTP01_PORT>
	ServerName b.example
	DocumentRoot $T/www
	<Directory $T/www>
		Require all granted
	</Directory>
</VirtualHost>
EOP
echo hello >"$T/www/index.html"
ln -s ../sites-available/a.conf "$T/etc/sites-enabled/"
ln -s ../mods-available/rewrite.load "$T/etc/mods-enabled/"
cp -a "$T/etc" "$T/before"
apache2ctl start >"$T/start.log" 2>&1
wait_for port_listens "$HTTP01_PORT" || bail "$(cat start.log log/error.log)"
wait_for test -s "$T/run/apache2.pid" || bail 'no PidFile'
apache=$(cat "$T/run/apache2.pid")
tap_pids="$tap_pids $apache"

dirs="--config-dir $T/c --work-dir $T/w --logs-dir $T/l"
plugin="--apache-server-root $T/etc --apache-challenge-location $T/etc
	--apache-logs-root $T/log --http-01-port $HTTP01_PORT
	--https-port $https"
mkdir "$T/c" "$T/w" "$T/l"

install()
{
	# shellcheck disable=SC2086 # several words
	run acme-install apache "$@" $dirs $plugin
}

# unchanged DESCRIPTION: files, links, modes are as they were
unchanged()
{
	ok "$1" diff -r --no-dereference "$T/before" "$T/etc"
}

get()
{
	_url=$1
	shift
	curl -s -o "$T/body" -w '%{http_code} %{redirect_url}' --noproxy '*' \
		--resolve "*:$HTTP01_PORT:127.0.0.1" \
		--resolve "*:$https:127.0.0.1" "$@" "$_url"
}

served()
{
	openssl s_client -connect "127.0.0.1:$https" -servername "$1" \
		</dev/null 2>/dev/null | openssl x509 -noout -serial 2>&1
}

# -- the order ------------------------------------------------------------------

acme-account register --agree-tos --no-contact --account-dir "$T/c/accounts" >account.json ||
	bail 'no account'
# shellcheck disable=SC2086
acme-order new -d a.example -d www.a.example -d b.example <account.json |
	acme-challenge apache $dirs $plugin >challenged.json 2>challenge.err
is "$?" 0 'the challenges are fulfilled' || diag "$(cat challenge.err)"
json challenged.json '.error == null and
	([.authorizations[].status] | all(. == "valid"))' 'all are valid'
unchanged 'nothing is left of it'
is "$(ls "$T/w")" backups 'nor in the work directory' ||
	diag "$(ls -R "$T/w")"
is "$(get "http://b.example:$HTTP01_PORT/" | cut -c1-3)" 200 \
	'the site is as before'

# -- the plugin is killed ----------------------------------------------------------

killed_begin apache '*graceful*' apache2ctl
killed 1 0 77 'when it has performed'
killed 2 0 77 'when the challenge is live'
killed 0 1 77 'when the challenge is written'
killed 0 2 0 'when the files are as before, and the server has not read them'
acme-finalize --new-key ecdsa --key-out k.pem <challenged.json |
	certstore save --config-dir "$T/c" >saved.json || bail 'no certificate'
serial=$(openssl x509 -in c/live/a.example/cert.pem -noout -serial)

# The CA's OCSP responder.
for what in intermediates intermediate-keys; do
	curl -sS --cacert ca/tls/root.pem -o "$what.pem" "$CA_MANAGEMENT/$what/0" ||
		bail 'no intermediate'
done
printf 'V\t%s\t\t%s\tunknown\t/CN=a\n' "$(date -u -d '+1 day' +%y%m%d%H%M%SZ)" \
	"${serial#serial=}" >index
start ocsp openssl ocsp -port "$ocsp" -index index -CA intermediates.pem \
	-rsigner intermediates.pem -rkey intermediate-keys.pem -ndays 1
wait_for port_listens "$ocsp" || bail "$(cat ocsp.log)"

# -- installed -------------------------------------------------------------------

install deploy --redirect --hsts --uir --staple-ocsp <saved.json
is "$status" 0 'the certificate is installed'
json out '.error == null' 'the document says so'
for name in a.example www.a.example b.example; do
	is "$(served $name)" "$serial" "$name: the certificate"
done
is "$(get "http://b.example:$HTTP01_PORT/x?y=1")" \
	"301 https://b.example/x?y=1" 'HTTP goes to HTTPS'
is "$(get "https://b.example:$https/" -k -D head)" '200 ' 'the site is there'
like "$(cat head)" '^Strict-Transport-Security: max-age=31536000' 'with HSTS'
like "$(cat head)" '^Content-Security-Policy: upgrade-insecure-requests' \
	'and the policy'
is "$(get "https://a.example:$https/x" -k | cut -c1-3)" 302 \
	"a.example keeps its own rules"
stapled()
{
	openssl s_client -connect "127.0.0.1:$https" -servername a.example \
		-status </dev/null 2>&1 | grep -q 'OCSP Response Status: successful'
}
ok 'with a stapled OCSP response' wait_for stapled
cp -a etc once
install deploy --redirect --hsts --uir --staple-ocsp <saved.json
is "$status" 0 'a second time'
ok 'nothing changes' diff -r --no-dereference once etc
is "$(find w/backups -name FILEPATHS | wc -l)" 5 'nor is there a checkpoint'

# -- another certificate, through the redirection and TLS -------------------------

# shellcheck disable=SC2086
acme-order new -d a.example -d b.example <account.json |
	acme-challenge apache $dirs $plugin >challenged.json 2>challenge.err
is "$?" 0 'challenges of names that are redirected' ||
	diag "$(cat challenge.err)"
ok 'and all is as before' diff -r --no-dereference once etc

# -- back ---------------------------------------------------------------------------

install rollback --checkpoints 100
is "$status" 0 'rolled back'
unchanged 'byte for byte'
is "$(get "http://b.example:$HTTP01_PORT/")" '200 ' 'the server serves as before'
ok 'the same server' alive "$apache"

# -- what is not answered is not asked for -----------------------------------------

cat >etc/sites-available/c.conf <<EOP
<VirtualHost *:$HTTP01_PORT>
	ServerName c.example
	<If "true">
		Require all denied
	</If>
</VirtualHost>
EOP
ln -s ../sites-available/c.conf etc/sites-enabled/
cp -a etc refusing
# shellcheck disable=SC2086
acme-order new -d c.example <account.json |
	acme-challenge apache $dirs $plugin >failed.json 2>challenge.err
is "$?" 77 'a configuration that refuses every request'
like "$(cat challenge.err)" \
	"http://c.example:$HTTP01_PORT/.well-known/acme-challenge/[^ ]+ is not answered by the server .*: 127.0.0.1:$HTTP01_PORT answers 403.*The Certificate Authority was not asked" \
	'is reported'
json failed.json '[.authorizations[] | .status,
	.challenges[].status] | all(. == "pending")' 'the CA was not asked'
ok 'and nothing is left of it' diff -r --no-dereference refusing etc
rm etc/sites-enabled/c.conf etc/sites-available/c.conf

# -- a broken configuration is not ours to mend --------------------------------------

echo 'Nonsense on' >etc/conf-enabled/broken.conf
cp etc/sites-available/a.conf a.conf
install deploy --redirect <saved.json
isnt "$status" 0 'a broken configuration'
like "$err" "Nonsense" 'is shown in the words of the server'
same a.conf etc/sites-available/a.conf 'and not touched'
rm etc/conf-enabled/broken.conf

# -- a server that is not running -----------------------------------------------------

apache2ctl stop 2>/dev/null
wait_for not_alive "$apache"
# shellcheck disable=SC2086
acme-order new -d b.example <account.json |
	acme-challenge apache $dirs $plugin >challenged.json 2>challenge.err
isnt "$?" 0 'a server that does not run'
like "$(cat challenge.err challenged.json)" 'Apache is not running' 'says so'
unchanged 'nothing has changed'
install deploy --redirect <saved.json
isnt "$status" 0 'nor is a certificate installed there'
like "$err" 'Apache is not running' 'for the same reason'
unlike "$out$err" 'failed to restore' 'and all is as it was'
unchanged 'and all is put back'

done_testing
