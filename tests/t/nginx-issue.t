#!/bin/sh
# A certificate through nginx: http-01 answered by the running server whatever
# its configuration does with requests, the certificate installed, hardened and
# rolled back. nginx runs from a private directory, on ports of its own.
. "$(dirname "$0")/../lib.sh"
need nginx openssl jq curl pgrep
. "$ROOT/tests/nginx.sh"
. "$ROOT/tests/killed.sh"

https=$(free_port)
ocsp=$(free_port)
ca_start config=".pebble.ocspResponderURL = \"http://127.0.0.1:$ocsp/\""
NGX_HTTP=$HTTP01_PORT
NGX_HTTPS=$https
mkdir "$NGX_ROOT" "$NGX_ROOT/sites" www
cat >"$NGX_ROOT/nginx.conf" <<EOP
pid $NGX_ROOT/nginx.pid;
error_log $NGX_ROOT/error.log;
worker_processes 2;
events {}
http {
	access_log off;
	resolver 127.0.0.1:1;
	include sites/*;
}
EOP
cat >"$NGX_ROOT/sites/0-default" <<EOP
server {
	listen $HTTP01_PORT default_server;
	return 444;
}
EOP
cat >"$NGX_ROOT/sites/a" <<EOP
server {
	listen $HTTP01_PORT;
	server_name a.example;
	# what is hidden is forbidden
	location ~ /\\. { deny all; }
	location / { return 200 "a\\n"; }
}
server {
	listen $HTTP01_PORT;
	server_name b.example *.wild.example;
	return 301 https://elsewhere.invalid\$request_uri;
}
EOP
chmod 640 "$NGX_ROOT/sites/a"
cp -a "$NGX_ROOT" before
ngx_start
dirs="--config-dir $T/le --work-dir $T/w --logs-dir $T/logs"
plugin="--nginx-server-root $NGX_ROOT --http-01-port $HTTP01_PORT
	--https-port $https"

install()
{
	# shellcheck disable=SC2086 # several words
	run acme-install nginx "$@" $dirs $plugin
}

unchanged()
{
	ngx_tree before >want
	ngx_tree "$NGX_ROOT" >got
	same want got "$1"
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
	openssl s_client -connect "127.0.0.1:$https" -servername "$1" \
		</dev/null 2>/dev/null | openssl x509 -noout -serial 2>&1
}

# -- the order -----------------------------------------------------------------

acme-account register --agree-tos --no-contact --account-dir le/accounts \
	>account.json || bail 'no account'
# shellcheck disable=SC2086
acme-order new -d a.example -d b.example -d x.wild.example -d none.example \
	<account.json |
	acme-challenge nginx $dirs $plugin >challenged.json 2>challenge.err
is "$?" 0 'the challenges are fulfilled' || diag "$(cat challenge.err)"
json challenged.json '.error == null and
	([.authorizations[].status] | all(. == "valid"))' \
	'for every name: forbidden paths, redirects, wildcards, closed defaults'
unchanged 'nothing is left of it'
is "$(ls w)" backups 'nor in the work directory'
is "$(ls "$NGX_ROOT/.certbot.lock" 2>&1 | grep -c 'No such')" 1 \
	'the server root is not locked any more'
is "$(get "http://a.example:$HTTP01_PORT/")" '200 ' 'the site is as before'

# -- the plugin is killed --------------------------------------------------------

killed_begin nginx '*' nginx
killed 1 0 77 'when it has performed' wild.example
killed 2 0 77 'when the challenge is live' wild.example
killed 0 3 77 'when the challenge is written' wild.example
killed 0 5 0 'when the files are as before, and the server has not read them' wild.example

# -- installed -----------------------------------------------------------------

# shellcheck disable=SC2086
acme-order new -d a.example -d b.example <account.json |
	acme-challenge nginx $dirs $plugin |
	acme-finalize --new-key ecdsa --key-out k.pem |
	certstore save --config-dir le >saved.json || bail 'no certificate'
serial=$(openssl x509 -in le/live/a.example/cert.pem -noout -serial)

# The CA's OCSP responder.
for what in intermediates intermediate-keys; do
	curl -sS --cacert ca/tls/root.pem -o "$what.pem" \
		"$CA_MANAGEMENT/$what/0" || bail 'no intermediate'
done
printf 'V\t%s\t\t%s\tunknown\t/CN=a\n' "$(date -u -d '+1 day' +%y%m%d%H%M%SZ)" \
	"${serial#serial=}" >index
start ocsp openssl ocsp -port "$ocsp" -index index -CA intermediates.pem \
	-rsigner intermediates.pem -rkey intermediate-keys.pem -ndays 1
wait_for port_listens "$ocsp" || bail "$(cat ocsp.log)"

workers()
{
	pgrep -P "$NGX_PID" -f 'nginx: worker process$' | sort | tr '\n' ' '
}
old=$(workers)
install deploy --redirect --hsts --uir --staple-ocsp <saved.json
is "$status" 0 'the certificate is installed' || diag "$err"
json out '.error == null' 'the document says so'
isnt "$(workers)" "$old" 'new workers serve as soon as it is done'
is "$(served a.example) $(served b.example)" "$serial $serial" \
	'both names have it'
is "$(get "http://a.example:$HTTP01_PORT/x?y=1")" \
	'301 https://a.example/x?y=1' 'HTTP goes to HTTPS'
is "$(get "https://a.example:$https/" -k -D head)" '200 ' 'the site is there'
is "$(cat body)" a 'the same'
like "$(cat head)" '^Strict-Transport-Security: max-age=31536000' 'with HSTS'
like "$(cat head)" '^Content-Security-Policy: upgrade-insecure-requests' \
	'and the policy'
get "http://a.example:$HTTP01_PORT/" -D head >/dev/null
unlike "$(cat head)" 'Strict-Transport' 'plaintext answers have none'
stapled()
{
	openssl s_client -connect "127.0.0.1:$https" -servername a.example \
		-status </dev/null 2>&1 | grep -q 'OCSP Response Status: successful'
}
ok 'with a stapled OCSP response' wait_for stapled
mode "$NGX_ROOT/sites/a" 640 'the mode is kept'
ngx_tree "$NGX_ROOT" >once
# untouched: which files there are, when they were written
untouched()
{
	find "$NGX_ROOT" le -type f -printf '%p %i %T@\n' | sort
}
untouched >written.once
checkpoints=$(ls w/backups)
old=$(workers)
install deploy --redirect --hsts --uir --staple-ocsp <saved.json
is "$status" 0 'a second time'
ngx_tree "$NGX_ROOT" >twice
same once twice 'nothing changes'
untouched >written.twice
same written.once written.twice 'and no file is written anew'
is "$(ls w/backups)" "$checkpoints" 'there is no checkpoint more'

# -- another certificate, now by way of the redirect -----------------------------

# shellcheck disable=SC2086
acme-order new -d a.example -d b.example <account.json |
	acme-challenge nginx $dirs $plugin >challenged.json 2>challenge.err
is "$?" 0 'challenges of names that are redirected' || diag "$(cat challenge.err)"
ngx_tree "$NGX_ROOT" >again
same once again 'nothing is left of them'

# -- and back -------------------------------------------------------------------

# shellcheck disable=SC2086
run acme-install nginx rollback --checkpoints 9 $dirs $plugin
is "$status" 0 'rolled back' || diag "$err"
unchanged 'every file is as it was, byte for byte'
is "$(get "http://a.example:$HTTP01_PORT/")" '200 ' 'the server serves as before'
not_ok 'without TLS' port_listens "$https"

# -- what is not answered is not asked for ----------------------------------------

# What answers is changed on its way out.
sed -i "s/listen $HTTP01_PORT/sub_filter_types *; sub_filter_once off; sub_filter . -; &/" \
	"$NGX_ROOT"/sites/*
cp -a "$NGX_ROOT/." before
# shellcheck disable=SC2086
acme-order new -d changed.example <account.json |
	acme-challenge nginx $dirs $plugin >failed.json 2>challenge.err
is "$?" 77 'a configuration that does not answer is an error'
like "$(cat challenge.err)" \
	"http://changed.example:$HTTP01_PORT/.well-known/acme-challenge/[^ ]+ is not answered by the server on this machine as the challenge needs it: \*:$HTTP01_PORT .*The Certificate Authority was not asked" \
	'that says where and what'
json failed.json '[.authorizations[] | .status,
	.challenges[].status] | all(. == "pending")' 'the CA was not asked'
unchanged 'and nothing is left of it'
# shellcheck disable=SC2086
acme-order new -d changed.example --allow-subset <account.json |
	acme-challenge nginx $dirs $plugin >failed.json 2>challenge.err
is "$?" 68 'where some names may fail the CA decides'
like "$(cat challenge.err)" 'is not answered by the server on this machine' \
	'and it is a warning'
done_testing
