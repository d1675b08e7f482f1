#!/bin/sh
# certbot-plugin-check on the nginx and the Apache plugin, as installers, beside
# servers that run: what they deploy is served, and what undoes it does so.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
apache_begin "$@"
need nginx pgrep
mount -t tmpfs -o mode=755 log /var/log/nginx || bail 'cannot mount'

# checked NAME TREE CONFIG: all cases; TREE is as it was.
checked()
{
	cp -a "$2" "$T/kept"
	run certbot-plugin-check "$1" --config "$3" --domain a.example \
		--cert "$T/live/all/cert.pem" --key "$T/live/all/privkey.pem" \
		--deployed "openssl s_client -connect 127.0.0.1:443 -servername a.example </dev/null |
			openssl x509 -noout -fingerprint | grep -qxF '$WANT_CERT'" \
		--restored "diff -r -x .certbot.lock --no-dereference '$T/kept' '$2'"
	is "$status" 0 "$1 keeps the promises of installers" || diag "$out"
	for _case in 'names and enhancements are arrays' 'restart, save with a title' \
		'rollback undoes it' 'recover undoes' 'end of input undoes' \
		'enhance with a redirect, recover' 'INT, TERM and HUP .* undoes' \
		'another recovers after it' 'and everything is as before'; do
		like "$out" "^ok [0-9]+ - .*${_case}[^#]*$" "$1: $_case"
	done
	rm -rf "$T/kept"
}
nginx_up()
{
	pgrep -P "$pid" -f 'nginx: worker process$' >/dev/null
}

mkdir ngx
cat >ngx/nginx.conf <<EOF
events {}
http {
	access_log off;
	server { listen 80; server_name a.example; return 204; }
}
EOF
start nginx nginx -c "$T/ngx/nginx.conf" -g 'daemon off;'
wait_for nginx_up || bail "$(cat nginx.log)"
checked nginx "$T/ngx" "{\"server_root\":\"$T/ngx\"}"
stop "$pid"

apache_fresh
printf '<VirtualHost *:80>\n\tServerName a.example\n</VirtualHost>\n' \
	>etc/sites-available/a.conf
ln -s ../sites-available/a.conf etc/sites-enabled/
apache_start || bail 'Apache does not start'
checked apache "$T/etc" '{}'
apache_stop
is "$(leftovers)" '' 'no process is left'
done_testing
