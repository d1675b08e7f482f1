#!/bin/sh
# What each --apache-* option does to a real Apache, and what its absence leaves
# as it is: names of files, programs that are asked, places.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
apache_begin

# Programs of other names, which say what they were asked. Told to reload, ctl
# says what lies where challenges are included.
mkdir bin here
for pair in en:a2enmod dis:a2dismod ctl:apache2ctl httpd:apache2; do
	cat >"bin/${pair%:*}" <<EOP
#!/bin/sh
echo "\${0##*/} \$*" >>$T/asked
[ "\$1" != graceful ] || ls $T/here >>$T/asked
exec ${pair#*:} "\$@"
EOP
done
chmod 755 bin/*
live=/etc/letsencrypt/live/all
given="--cert-path $live/cert.pem --key-path $live/privkey.pem
	--fullchain-path $live/fullchain.pem --chain-path $live/chain.pem
	--work-dir $T/w --logs-dir $T/l"

# install OPTION...
install()
{
	: >asked
	# shellcheck disable=SC2086
	run certbot install --apache -n -d a.example $given "$@" </dev/null
}

apache_fresh
apache_start || bail 'Apache does not start'
install --apache-handle-modules False
is "$status" 1 'modules are nobody else'\''s business'
like "$err" 'ssl_module|module "[a-z_]*" active' 'says which is needed'
ok 'and nothing changes' same_tree "$T/pristine" "$T/etc"

install --redirect --apache-le-vhost-ext .tls.conf --apache-ctl "$T/bin/ctl" \
	--apache-enmod "$T/bin/en" --apache-dismod "$T/bin/dis" \
	--apache-handle-sites False
is "$status" 0 'other programs, another name'
ok 'the name of the copy' test -f \
	/etc/apache2/sites-available/000-default.tls.conf
ok 'a site is enabled all the same' test -L \
	/etc/apache2/sites-enabled/000-default.tls.conf
is "$(served a.example)" "$WANT_CERT" 'it is served'
like "$(cat asked)" '^ctl configtest' 'the program that controls'
like "$(cat asked)" '^en ssl' 'the one that enables modules'
: >asked
run certbot rollback --apache --checkpoints 100 -n --work-dir "$T/w" \
	--logs-dir "$T/l" --apache-ctl "$T/bin/ctl" </dev/null
like "$(cat asked)" '^dis -f ssl' 'the one that disables them'
ok 'rolled back' same_tree "$T/pristine" "$T/etc"

# A site with TLS only: what redirects to it is made, and logs.
mkdir /etc/apache2/mine
a2dissite -q 000-default
a2enmod -q ssl
cat >/etc/apache2/mine/a.conf <<EOC
<VirtualHost *:443>
    ServerName a.example
    SSLEngine on
    SSLCertificateFile $live/cert.pem
    SSLCertificateKeyFile $live/privkey.pem
</VirtualHost>
EOC
echo 'IncludeOptional mine/*.conf' >>/etc/apache2/apache2.conf
apache_stop
apache_start || bail 'Apache does not start again'
install --redirect --apache-vhost-root /etc/apache2/mine \
	--apache-logs-root "$T/here"
is "$status" 0 'a directory of sites, and one of logs'
like "$(cat /etc/apache2/mine/le-redirect-a.example.conf)" \
	"ErrorLog $T/here/redirect.error.log" 'both are used'

# Another root, whose files challenges are included from.
apache_fresh
rm -f here/*
: >asked
run certbot certonly --apache -n -d a.example --agree-tos --explain \
	--register-unsafely-without-email --server https://ca.invalid/d \
	--apache-challenge-location "$T/here" --apache-ctl "$T/bin/ctl" \
	--work-dir "$T/w" --logs-dir "$T/l" </dev/null
like "$out" "--apache-challenge-location=$T/here" 'reaches its stage'
{
	printf '{"server_root":"/etc/apache2","ctl":"%s","enmod":"a2enmod","dismod":"a2dismod","handle_modules":"True","challenge_location":"%s"}\n' \
		"$T/bin/ctl" "$T/here"
	echo '{"op":"prepare"}'
	echo '{"op":"perform","challenges":[{"type":"http-01","identifier":{"type":"dns","value":"a.example"},"token":"tok","keyAuthorization":"tok.key","validation":"tok.key"}]}'
	echo '{"op":"wait"}'
} | apache_talk >said 2>&1
is "$(grep '^le_http' asked | sort -u | paste -sd' ')" \
	'le_http_01_challenge_post.conf le_http_01_challenge_pre.conf' \
	'challenges are included from there' || diag "$(cat said)"
is "$(ls here)" '' 'and gone afterwards'
ok 'as is the rest' same_tree "$T/pristine" "$T/etc"
apache_stop

# -- names to choose from ------------------------------------------------------------

apache_fresh
a2dissite -q 000-default
cat >/etc/apache2/sites-enabled/a.conf <<'EOC'
<Macro Site $name>
<VirtualHost *:80>
    ServerName $name
</VirtualHost>
</Macro>
<VirtualHost *:80>
    ServerName http://A.example:80
    ServerAlias www.a.example *.w.example bad_name.example 10.0.0.1 x
</VirtualHost>
Use Site m.example
EOC
a2enmod -q macro
# shellcheck disable=SC2086
run certbot install --apache -n $given </dev/null
like "$err" '^a.example. www.a.example. m.example.$' \
	'names that can have a certificate'
is "$(sed -n '/mod_macro seems/,/not yet/p' out err)" \
	'Apache mod_macro seems to be in use in file(s):
/etc/apache2/sites-enabled/a.conf

Unfortunately mod_macro is not yet supported' 'macros are told with their files'

# -- the file of TLS settings ------------------------------------------------------

options=/etc/letsencrypt/options-ssl-apache.conf
digest=/etc/letsencrypt/.updated-options-ssl-apache-conf-digest.txt
share=$ACME_BUILD/share/acme-tools

# prepared [PROGRAM]: said is what the plugin says
prepared()
{
	printf '{"server_root":"/etc/apache2","ctl":"%s","handle_modules":"True"}\n{"op":"prepare"}\n' \
		"${1-apache2ctl}" | apache_talk >said 2>&1
}

digest_of()
{
	sha256sum "$1" | cut -c1-64
}

apache_fresh
for file in "$share"/options-ssl-apache*.conf; do
	ok "${file##*/} is one of the versions that are known" \
		grep -q "$(digest_of "$file")" \
		"$ACME_BUILD/libexec/acme-tools/apache"
done
for file in /usr/lib/python3/dist-packages/certbot_apache/_internal/tls_configs/*.conf; do
	cp "$file" "$options"
	rm -f "$digest"
	prepared
	same "$options" "$share/options-ssl-apache.conf" \
		"certbot's ${file##*/} is brought up to date"
done
is "$(cat "$digest")" "$(digest_of "$options")" 'with its digest'
echo '# mine' >>"$options"
cp "$options" changed
prepared
unlike "$(cat said)" 'manually modified' 'a change is no news'
echo 0 >"$digest"
prepared
like "$(cat said)" "options-ssl-apache.conf has been manually modified; updated file saved to .*/options-ssl-apache.conf" \
	'but there is a new version: that is told'
prepared
unlike "$(cat said)" 'manually modified' 'once'
same "$options" changed 'and what was changed stays'
cat >bin/older <<'EOP'
#!/bin/sh
[ "$1" != -v ] || exec echo 'Server version: Apache/2.4.10 (Debian)'
exec apache2ctl "$@"
EOP
chmod 755 bin/older
rm "$options"
prepared "$T/bin/older"
same "$options" "$share/options-ssl-apache-old.conf" \
	'an older server gets what it knows'
done_testing
