#!/bin/sh
# Ubuntu's nginx: 24.04 has Debian 12's files (by digest: see the README beside
# the layouts of Apache); 22.04's and 20.04's nginx.conf differ in few lines.
# certbot --nginx on them: installed, redirected, renewed, rolled back.
. "$(dirname "$0")/../lib.sh"
need nginx openssl jq curl pgrep
namespaces "$@"
. "$ROOT/tests/nginx.sh"

mkdir etc
cp -a /etc/nginx/. etc
cp etc/nginx.conf debian.conf
ngx_system
ca_start http_port=80 tls_port=443

cb()
{
	run certbot "$@" --config-dir "$T/le" --work-dir "$T/work" \
		--logs-dir "$T/logs" -n --server "$ACME_SERVER" </dev/null
}

served()
{
	openssl s_client -connect 127.0.0.1:443 -servername "$1" \
		</dev/null 2>/dev/null | openssl x509 -noout -serial 2>&1
}

serial()
{
	openssl x509 -in le/live/a.example/cert.pem -noout -serial
}

# 22.04: errors are logged within http.
sed -i -e '/^error_log/d' \
	-e 's|^\taccess_log .*|&\n\terror_log /var/log/nginx/error.log;|' \
	etc/nginx.conf
for release in 22.04 20.04; do
	# 20.04: besides, what later is nginx's default.
	[ "$release" = 22.04 ] || sed -i \
		's/^\ttcp_nopush on;/&\n\ttcp_nodelay on;\n\tkeepalive_timeout 65;/' \
		etc/nginx.conf
	case $release in
	22.04) lines=2 ;;
	*) lines=4 ;;
	esac
	is "$(diff debian.conf etc/nginx.conf | grep -c '^[<>]')" $lines \
		"$release: its nginx.conf"
	rm -rf before once le work
	mkdir le work
	cp -a etc before
	start nginx nginx -g 'daemon off;'
	NGX_PID=$pid
	wait_for ngx_workers "$NGX_PID" || bail "$(cat nginx.log)"
	cb run --nginx -d a.example,www.a.example --agree-tos --redirect \
		--register-unsafely-without-email
	is "$status" 0 "$release: certbot --nginx" || diag "$out$err"
	is "$(served a.example) $(served www.a.example)" \
		"$(serial) $(serial)" "$release: both names have the certificate"
	is "$(curl -s -o body -w '%{http_code}' --noproxy '*' \
		--resolve a.example:80:127.0.0.1 http://a.example/)" 301 \
		"$release: HTTP goes to HTTPS"
	cp -a etc once
	first=$(serial)
	cb renew --force-renewal --no-random-sleep-on-renew
	isnt "$(serial)" "$first" "$release: renewed"
	is "$(served a.example)" "$(serial)" "$release: and served"
	ok "$release: no file has changed" diff -r --no-dereference once etc
	cb rollback --nginx --checkpoints 100
	is "$status" 0 "$release: rolled back" || diag "$out$err"
	ok "$release: byte for byte" diff -r --no-dereference before etc
	is "$(curl -s -o body -w '%{http_code}' --noproxy '*' \
		--resolve a.example:80:127.0.0.1 http://a.example/)" 200 \
		"$release: serves as before"
	stop "$NGX_PID"
done
done_testing
