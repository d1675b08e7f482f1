#!/bin/sh
# Certificates for IP addresses (RFC 8738; spec 9.6, 10.1): --ip-address.
. "$(dirname "$0")/../lib.sh"
need openssl jq
ca_start
cb()
{
	run certbot "$@" --config-dir "$T/c" --work-dir "$T/w" --logs-dir "$T/l" \
		--server "$ACME_SERVER" -n --http-01-port "$HTTP01_PORT" </dev/null
}
sans()
{
	openssl x509 -in "$1" -noout -ext subjectAltName | sed -n '2s/^ *//p'
}
cb register --agree-tos -m me@example.com --no-eff-email

# The three plugins that can.
cb certonly --standalone --ip-address 127.0.0.1
is "$status $(sans c/live/127.0.0.1/cert.pem)" '0 IP Address:127.0.0.1' 'standalone'
like "$out" '^Requesting a certificate for 127\.0\.0\.1$' 'is told'
like "$out" 'c/live/127\.0\.0\.1/fullchain\.pem$' 'the lineage is called after it'
cb certonly --standalone --ip-address 0:0:0:0:0:0:0:1 --http-01-address ::1
is "$status $(sans c/live/::1/cert.pem)" '0 IP Address:0:0:0:0:0:0:0:1' 'an address of version 6'
cb certonly --duplicate --standalone --ip-address ::1 --ip-address 127.0.0.1 -d b.example,a.example --ip-address 127.0.0.1
is "$status $(sans c/live/b.example/cert.pem)" \
	'0 DNS:b.example, DNS:a.example, IP Address:0:0:0:0:0:0:0:1, IP Address:127.0.0.1' \
	'names come first, an address once'
mkdir www
start web python3 -m http.server -d www --bind 127.0.0.1 "$HTTP01_PORT"
wait_for port_listens "$HTTP01_PORT" || bail 'no web server'
web=$pid
cb certonly --duplicate --webroot -w www --ip-address 127.0.0.1 -d c.example
is "$status" 0 'webroot'
is "$(sed -n '/webroot_map/,$p' c/renewal/c.example.conf)" "[[webroot_map]]
127.0.0.1 = $T/www
c.example = $T/www" 'the address has its web root'
cat >hook <<'END'
#!/bin/sh
mkdir -p "$T/www/.well-known/acme-challenge"
printf %s "$CERTBOT_VALIDATION" >"$T/www/.well-known/acme-challenge/$CERTBOT_TOKEN"
echo "$CERTBOT_DOMAIN" >>"$T/asked"
END
chmod +x hook
export T
cb certonly --manual --manual-auth-hook ./hook --ip-address 127.0.0.2 --cert-name manual
like "$status $(cat asked)" ' 127\.0\.0\.2$' 'manual: the hook is told the address'

# Which lineage, what is listed, renewals.
cb certonly --webroot -w www --ip-address 127.0.0.1
is "$status" 0 'the same request again'
like "$out" 'not yet due for renewal' 'is the same lineage'
cb certonly --webroot -w www --ip-address 127.0.0.1 -d d.example --expand
is "$status $(sans c/live/127.0.0.1/cert.pem)" '0 DNS:d.example, IP Address:127.0.0.1' 'it is expanded'
cb certificates --ip-address ::1
is "$(printf '%s\n' "$out" | sed -n 's/^  Certificate Name: //p' | sort | tr '\n' ' ')" '::1 b.example ' 'certificates --ip-address chooses'
like "$out" '^    Domains: ::1$' 'an address is listed among the names'
cb certonly --webroot -w www --ip-address 127.0.0.1 -d e.example --explain
like "$out" 'certstore match .*-d e\.example -d 127\.0\.0\.1' 'the script asks for it'
cb renew --no-random-sleep-on-renew --force-renewal --cert-name c.example
is "$status $(sans c/live/c.example/cert.pem)" '0 DNS:c.example, IP Address:127.0.0.1' 'renew'
ok 'is a second version' test -e c/archive/c.example/cert2.pem
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj / \
	-addext 'subjectAltName=DNS:f.example,IP:127.0.0.1' -out csr.pem 2>/dev/null
cb certonly --webroot -w www --csr csr.pem --cert-path one.pem --chain-path two.pem --fullchain-path three.pem
is "$status $(sans one.pem)" '0 DNS:f.example, IP Address:127.0.0.1' 'a request of one'\''s own'
stop "$web"

# What cannot be.
cb certonly --standalone --ip-address 127.0.0
is "$status" 1 'no address'
like "$err" "^argument --ip-address: '127\.0\.0' does not appear to be an IPv4 or IPv6 address$" 'is said'
cb certonly --standalone -d 127.0.0.1
like "$err" '^Requested name 127\.0\.0\.1 is an IP address\.' '-d takes none'
cb run -a standalone -i null --ip-address 127.0.0.1
is "$status" 1 'run'
like "$err" '^installation of IP address certificate not supported$' 'installs none'
cb renew --ip-address 127.0.0.1
like "$err" 'the renew verb is capable of' 'renew takes none'
cb certonly --manual --manual-auth-hook ./hook --preferred-challenges dns --ip-address 127.0.0.1 --cert-name x
is "$status" 1 'no record proves an address'
done_testing
