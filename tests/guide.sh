# shellcheck shell=sh disable=SC2034 # variables are the test's
# Sourced by tests/t/certbot-guide.t: what the rows of tests/data/guide.tsv are
# made of.
#
#	guide_begin		after lib.sh: namespaces, directories, the CA, the base
#	guide_fresh		as before the first row
#	guide_run LINE		the command line, on a terminal if it asks
#	guide_end		servers of the row are stopped
#
# /etc, /var/www, /run and what servers keep are the test's own, file systems in
# memory mounted over the machine's; /path is below $T, where nothing is mounted.

cli=/etc/letsencrypt/cli.ini

guide_mount()
{
	mkdir -p "$1" && mount -t tmpfs -o mode=755 tmpfs "$1" ||
		bail "cannot mount over $1"
}

# guide_mount_copy DIR: what is there, to be changed at will.
guide_mount_copy()
{
	rm -rf copy
	cp -a "$1/." copy && guide_mount "$1" && cp -a copy/. "$1" ||
		bail "cannot copy $1"
	rm -rf copy
}

# guide_commands: what the guide takes for granted.
guide_commands()
{
	mkdir fake
	printf '#!/bin/sh\nexec "$@"\n' >fake/sudo
	printf '#!/bin/sh\necho "$*" >>%s\n' "$T/services" >fake/service
	printf '#!/bin/sh\n' >fake/sleep
	printf '#!/bin/sh\nexec /usr/bin/python3 "$@"\n' >fake/python
	chmod +x fake/*
}

guide_begin()
{
	guide_mount_copy /etc
	guide_mount_copy /var/lib/apache2
	for _dir in /etc/letsencrypt /var/lib/letsencrypt /var/log/letsencrypt \
		/run /var/www /var/log/nginx /var/log/apache2; do
		guide_mount "$_dir"
	done
	mkdir /run/lock
	cp -a /etc/nginx nginx.orig
	cp -a /etc/apache2 apache2.orig
	printf '192.0.2.1 %s\n' acme-v02.api.letsencrypt.org \
		acme-staging-v02.api.letsencrypt.org api.cloudflare.com >>/etc/hosts
	ca_start http_port=80 \
		tls_names=acme-v02.api.letsencrypt.org,acme-staging-v02.api.letsencrypt.org,api.cloudflare.com
	_port=${ACME_SERVER##*:}
	start front "$ROOT/tests/helpers/guide-front.py" "${_port%%/*}" \
		"$CA_CHALLTESTSRV"
	wait_for test -e front-is-up || bail "$(cat front.log)"
	unset ACME_SERVER
	guide_commands
	mkdir path
	guide_fresh
	run certbot certonly -n --standalone -d example.com -d www.example.com \
		</dev/null
	[ "$status" = 0 ] || bail "$err"
	rm $cli
	cp -a /etc/letsencrypt base
}

guide_fresh()
{
	for _dir in /etc/letsencrypt /var/lib/letsencrypt /var/www; do
		[ "$(stat -f -c %T "$_dir")" = tmpfs ] ||
			bail "$_dir is the machine's"
	done
	find /etc/letsencrypt /var/lib/letsencrypt /var/www path -mindepth 1 -delete
	rm -rf services deployed cloudflare cli.ini
	mkdir /var/www/all
	for _name in html htdocs example other; do
		ln -s all "/var/www/$_name"
	done
	: >services
	: >steps
	: >/etc/crontab
	servers=
	want_status=0
	printf '%s = true\n' agree-tos no-eff-email no-random-sleep-on-renew >$cli
	echo 'email = me@example.com' >>$cli
}

guide_run()
{
	printf '%s\n' "$1" | sed "s,/path/to,$T/path/to,g" >command
	set -- env "PATH=$T/fake:$PATH" bash command
	[ -s steps ] || {
		run "$@" </dev/null
		return
	}
	set -- -- "$@"
	# The last step first, so that each goes before those after it.
	tac steps >backwards
	while IFS= read -r _word; do
		set -- "$_word" "$@"
	done <backwards
	run "$ROOT/tests/helpers/on-terminal.py" "$@"
}

guide_end()
{
	for _pid in $servers; do
		stop "$_pid"
	done
}

# -- settings ---------------------------------------------------------------------

# asked QUESTION ANSWER: what is typed. Questions are those of the terminal, as
# they are wrapped there.
asked()
{
	printf '%s\n' -w "$1" -s "$2\\n" >>steps
}

# picks QUESTION ENTRY: of a menu.
picks()
{
	printf '%s\n' -w "$1" -p "$2" >>steps
}

# refused: certbot does not do it.
refused()
{
	want_status=1
}

# by_hand: what manual wants is done, by somebody who reads what it says.
by_hand()
{
	cat >by-hand <<-'EOS'
	cat >shown
	dir=/var/www/html/.well-known/acme-challenge
	url=$(grep -o 'http://.*/.well-known/acme-challenge/[^ ]*' shown | tail -n 1)
	mkdir -p "$dir"
	sed -n '/just this data/,/make it available/p' shown |
		grep -o "^${url##*/}.*" >"$dir/${url##*/}"
	EOS
	printf '%s\n' -w 'Press Enter to Continue' -x by-hand -s '\n' >>steps
}

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

# fresh NAME...: one that was issued just now.
fresh()
{
	[ $# -gt 0 ] || set -- example.com www.example.com
	cp -a base/accounts /etc/letsencrypt/
	certbot certonly -n --standalone --key-type rsa \
		-d "$(echo "$*" | tr ' ' ,)" </dev/null >fresh.out 2>&1
}

# had_webroot: it was obtained with a web root.
had_webroot()
{
	mkdir -p path/to/new
	ln -s /var/www/all path/to/new/location
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

# web: a server of all names on port 80.
web()
{
	start web /usr/bin/python3 -m http.server -b 127.0.0.1 -d /var/www/all 80
	servers=$pid
	wait_for port_listens 80
}

nginx_is_up()
{
	pgrep -P "$servers" -f 'nginx: worker process$' >/dev/null
}

# nginx_with NAME...: Debian's nginx with a site of these names.
nginx_with()
{
	find /etc/nginx -mindepth 1 -delete
	cp -a nginx.orig/. /etc/nginx
	printf 'server {\n\tlisten 80;\n\tlisten [::]:80;\n\troot /var/www/html;\n\tserver_name %s;\n}\n' \
		"$*" >"/etc/nginx/sites-available/$1"
	ln -s "../sites-available/$1" /etc/nginx/sites-enabled/
	start nginx nginx -g 'daemon off;'
	servers=$pid
	wait_for nginx_is_up
}

# apache_with NAME...: Debian's apache2 with a site of these names.
apache_with()
{
	find /etc/apache2 -mindepth 1 -delete
	cp -a apache2.orig/. /etc/apache2
	printf '<VirtualHost *:80>\n\tServerName %s\n\tServerAlias %s\n\tDocumentRoot /var/www/html\n</VirtualHost>\n' \
		"$1" "$*" >"/etc/apache2/sites-available/$1.conf"
	ln -s "../sites-available/$1.conf" /etc/apache2/sites-enabled/
	rm -f /run/apache2/apache2.pid
	apache2ctl start >apache.log 2>&1 &&
		wait_for test -s /run/apache2/apache2.pid &&
		servers=$(cat /run/apache2/apache2.pid) && wait_for port_listens 80
}

# installed: nginx has a certificate already.
installed()
{
	nginx_with example.com www.example.com
	certbot run --nginx -n -d example.com -d www.example.com </dev/null \
		>installed.out 2>&1
}

# script_at NAME: below /path/to; what stands there in the manual if that is at
# hand, else the text on standard input, which does the same.
script_at()
{
	mkdir -p "path/to/$(dirname "$1")"
	cat >"path/to/$1"
	[ -z "$manual" ] || awk -v name="/path/to/$1" '$0 == name { here = 1; next }
		here && /^#!/ { on = 1 } on && /^$/ { exit } on' "$manual" >printed
	[ -z "$manual" ] || ! [ -s printed ] ||
		sed "s,/tmp/,$T/tmp/,g" printed >"path/to/$1"
	chmod +x "path/to/$1"
}

deploy_script()
{
	printf '#!/bin/sh\ntouch "%s"\n' "$T/deployed" |
		script_at deploy-hook-script
}

manual_http()
{
	mkdir -p /var/www/htdocs/.well-known/acme-challenge
	script_at http/authenticator.sh <<-'EOS'
	#!/bin/bash
	printf '%s\n' "$CERTBOT_VALIDATION" >"/var/www/htdocs/.well-known/acme-challenge/$CERTBOT_TOKEN"
	EOS
	script_at http/cleanup.sh <<-'EOS'
	#!/bin/bash
	rm "/var/www/htdocs/.well-known/acme-challenge/$CERTBOT_TOKEN"
	EOS
}

manual_dns()
{
	script_at dns/authenticator.sh <<-'EOS'
	#!/bin/bash
	api=https://api.cloudflare.com/client/v4/zones
	ask() { curl -sS -H 'X-Auth-Email: me@example.com' -H 'X-Auth-Key: key' "$@"; }
	zone=$(ask "$api?name=example.com" | jq -r '.result[0].id')
	jq -n '{type: "TXT", name: "_acme-challenge.\(env.CERTBOT_DOMAIN)", content: env.CERTBOT_VALIDATION}' |
		ask --data @- "$api/$zone/dns_records" | jq -r "\"$zone/dns_records/\" + .result.id"
	EOS
	script_at dns/cleanup.sh <<-'EOS'
	#!/bin/bash
	curl -sS -X DELETE -H 'X-Auth-Email: me@example.com' -H 'X-Auth-Key: key' \
		"https://api.cloudflare.com/client/v4/zones/$CERTBOT_AUTH_OUTPUT"
	EOS
}

# -- what may be true afterwards ----------------------------------------------------

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
	grep -qE -e "$1" out err
}

# with_hooks COMMAND...: where the services are.
with_hooks()
{
	env "PATH=$T/fake:$PATH" "$@"
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
	[ -z "$(ls /var/www/htdocs/.well-known/acme-challenge)" ]
}

dns_cleaned()
{
	grep -q '^POST .*/dns_records' cloudflare && grep -q '^DELETE ' cloudflare
}

# https NAME...: each is served with the only certificate that there is.
https()
{
	_want=$(openssl x509 -noout -serial -in /etc/letsencrypt/live/*/cert.pem)
	for _name; do
		[ "$(openssl s_client -connect 127.0.0.1:443 -servername "$_name" \
			</dev/null 2>/dev/null | openssl x509 -noout -serial)" = \
			"$_want" ] || return 1
	done
}

# redirected NAME...: HTTP goes to HTTPS.
redirected()
{
	for _name; do
		[ "$(curl -s -o body -w '%{http_code} %{redirect_url}' --noproxy '*' \
			--connect-to '::127.0.0.1:' "http://$_name/")" = \
			"301 https://$_name/" ] || return 1
	done
}

# saved_as ROLE PLUGIN: in the renewal file.
saved_as()
{
	grep -qx "$1 = $2" /etc/letsencrypt/renewal/*.conf
}
