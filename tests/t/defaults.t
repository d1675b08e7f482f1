#!/bin/sh
# certbot without any option of place: the CA's real address, port 80,
# /etc/letsencrypt, /var/lib/letsencrypt, /var/log/letsencrypt and the system's
# trust; in namespaces of the test's own.
. "$(dirname "$0")/../lib.sh"
namespaces
need openssl ip

# Private trees where the program will look.
for dir in /etc/letsencrypt /var/lib/letsencrypt /var/log/letsencrypt; do
	mkdir -p "$dir" || bail "cannot make $dir"
	mount -t tmpfs tmpfs "$dir" || bail "cannot mount over $dir"
done
echo '127.0.0.1 acme-v02.api.letsencrypt.org acme-staging-v02.api.letsencrypt.org' >>/etc/hosts
ca_start port=443 http_port=80 tls_names=acme-v02.api.letsencrypt.org,acme-staging-v02.api.letsencrypt.org
# Trust as a system has it: a hashed directory.
mkdir certs
cp ca/tls/root.pem certs/root.pem
openssl rehash certs 2>/dev/null
mount --bind certs /etc/ssl/certs || bail 'cannot mount over /etc/ssl/certs'
unset REQUESTS_CA_BUNDLE SSL_CERT_FILE CURL_CA_BUNDLE ACME_SERVER

run certbot certonly --standalone -n --agree-tos -m me@example.com -d default.example \
	--server https://acme-v02.api.letsencrypt.org/dir </dev/null
is "$status" 0 'certonly with nothing but a name'
ok 'the lineage is in /etc/letsencrypt' test -L /etc/letsencrypt/live/default.example/cert.pem
ok 'the account too' test -d /etc/letsencrypt/accounts/acme-v02.api.letsencrypt.org/dir
ok 'the log in /var/log/letsencrypt' test -s /var/log/letsencrypt/letsencrypt.log
unlike "$(cat /etc/letsencrypt/renewal/default.example.conf)" 'http01_port|config_dir' 'no option that was not given is saved'
run certbot renew --force-renewal --no-random-sleep-on-renew </dev/null
is "$status" 0 'and it is renewed without any option'
is "$(readlink /etc/letsencrypt/live/default.example/cert.pem)" ../../archive/default.example/cert2.pem 'as version 2'
is "$(leftovers)" '' 'no process is left'
done_testing
