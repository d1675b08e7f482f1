#!/bin/sh
# certbot --apache with the package's own configuration, on ports 80 and 443:
# obtained, installed, redirected, renewed, hardened step by step, rolled back.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
apache_begin
need jq

ca_start http_port=80 tls_port=443
apache_fresh
rm -rf "$T/le/live"
cp -a "$T/etc" "$T/before"
apache_start || bail 'Apache does not start'
apache=$(cat /run/apache2/apache2.pid)
printf 'server = %s\nwork-dir = %s\nlogs-dir = %s\n' "$ACME_SERVER" "$T/w" \
	"$T/l" >/etc/letsencrypt/cli.ini
live=/etc/letsencrypt/live/a.example

serial()
{
	openssl x509 -in "$live/cert.pem" -noout -fingerprint
}

# hosted SUBCOMMAND: acme-install with the lineage.
hosted()
{
	jq -cn --arg path $live '{acme: 1, request: {names: ["a.example"]},
		lineage: {name: "a.example", path: $path, version: 1}}' >"$T/doc"
	run acme-install apache "$@" --work-dir "$T/w" --logs-dir "$T/l" \
		<"$T/doc"
}

run certbot --apache -d a.example -n --agree-tos \
	--register-unsafely-without-email --redirect </dev/null
is "$status" 0 'certbot --apache -d NAME'
like "$out" 'Successfully deployed certificate for a.example to /etc/apache2/sites-available/000-default-le-ssl.conf' \
	'says what it has done'
is "$(served a.example)" "$(serial)" 'the certificate is served'
is "$(status_of http://a.example/ --resolve a.example:80:127.0.0.1)" 301 \
	'HTTP goes to HTTPS'
is "$(status_of http://other.example/ --resolve other.example:80:127.0.0.1)" \
	200 'other names do not'
like "$(cat /etc/letsencrypt/renewal/a.example.conf)" \
	'^authenticator = apache$' 'renewed by apache'
like "$(cat /etc/letsencrypt/renewal/a.example.conf)" '^installer = apache$' \
	'installed by apache'
ok 'the same server' alive "$apache"

cp -a "$T/etc" "$T/once"
first=$(serial)
run certbot renew --force-renewal --no-random-sleep-on-renew </dev/null
is "$status" 0 'certbot renew'
isnt "$(serial)" "$first" 'a new certificate'
is "$(served a.example)" "$(serial)" 'is served'
ok 'no file has changed' same_tree "$T/once" "$T/etc"

run certbot install --apache --cert-name a.example -n --redirect </dev/null
is "$status" 0 'installed once more'
ok 'nothing changes' same_tree "$T/once" "$T/etc"

run certbot renew --dry-run --no-random-sleep-on-renew </dev/null
is "$status" 0 'a dry run'
ok 'changes nothing' same_tree "$T/once" "$T/etc"

# -- AutoHSTS: from run to run ------------------------------------------------------

age()
{
	curl -sk -o /dev/null -D - --noproxy '*' "https://${1-a}.example/" \
		--resolve "${1-a}.example:443:127.0.0.1" |
		sed -n 's/^Strict-Transport-Security: \([^\r]*\)\r*/\1/p'
}

# older: two days pass.
older()
{
	jq '.apache.autohsts[].timestamp -= 172801' "$store" >"$T/store" &&
		cat "$T/store" >"$store"
}

store=/etc/letsencrypt/.pluginstorage.json
run certbot enhance --apache --auto-hsts --cert-name a.example -n </dev/null
is "$status" 0 'AutoHSTS'
is "$(age)" max-age=60 'begins with a minute'
mode "$store" 600 'its state is private'
json "$store" '.apache.autohsts | length == 1 and (.[].laststep == 0)' \
	"in certbot's form"
hosted generic-updates
is "$(age)" max-age=60 'not before two days have passed'
older
run certbot renew --no-random-sleep-on-renew </dev/null
is "$status $(age)" "0 max-age=300" 'then five minutes, by certbot renew'

# A certificate without a name of the virtual host: that becomes two.
sed -i 's/ServerName a.example/&\n\tServerAlias e.example/' \
	/etc/apache2/sites-available/000-default-le-ssl.conf
run certbot --apache -d a.example,e.example --expand -n --redirect </dev/null
is "$status $(age) $(age e)" '0 max-age=300 max-age=300' \
	'another name in the same virtual host'
run certbot --apache -d e.example --cert-name alone -n --redirect </dev/null
is "$status $(age) $(age e)" '0 max-age=300 max-age=300' \
	'and in one of its own'
isnt "$(served e.example)" "$(served a.example)" \
	'each has a certificate of its own'
older
run certbot renew --no-random-sleep-on-renew </dev/null
is "$status $(age) $(age e)" '0 max-age=900 max-age=900' \
	'each goes on, by certbot renew'
for want in 3600 21600 43200 86400; do
	older
	hosted generic-updates
	is "$status $(age)" "0 max-age=$want" "then $want seconds"
done
older
hosted generic-updates
is "$(age)" max-age=86400 'at the last step it waits'
hosted renew-deploy
is "$status $(age)" '0 max-age=31536000' 'for a renewal: then it is for a year'
is "$(age e)" max-age=86400 "but not for another certificate's host"
json "$store" '.apache.autohsts | length == 1' 'and done'
like "$(cat /etc/apache2/sites-available/000-default-le-ssl.conf)" \
	'# DO NOT REMOVE - Managed by Certbot, VirtualHost id: [0-9a-f]{32}$' \
	'the vhost has its id'

# -- back ---------------------------------------------------------------------------

run certbot rollback --apache --checkpoints 100 -n </dev/null
is "$status" 0 'rolled back'
like "$out$err" '^Unable to rollback 100 checkpoints, only [0-9]+ exist$' \
	'as far as it goes, in words of its own'
unlike "$out$err" 'service apache2 restart' 'no advice that is followed already'
ok 'byte for byte' same_tree "$T/before" "$T/etc"
is "$(status_of http://a.example/ --resolve a.example:80:127.0.0.1)" 200 \
	'the server serves as before'
ok 'the same server all the time' alive "$apache"

# -- a site of a macro ----------------------------------------------------------------

a2enmod -q macro >"$T/setup" 2>&1
{
	echo '<Macro Site $name>'
	printf '<VirtualHost *:80>\n\tServerName $name\n</VirtualHost>\n'
	printf '</Macro>\nUse Site m.example\nUse Site n.example\n'
} >/etc/apache2/conf-enabled/m.conf
cp -a "$T/etc" "$T/macro"
run certbot certonly --apache -d m.example,n.example -n </dev/null
is "$status" 0 'the challenge of a site that mod_macro makes' || diag "$err"
ok 'leaves nothing behind' same_tree "$T/macro" "$T/etc"
apache_stop
done_testing
