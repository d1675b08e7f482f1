#!/bin/sh
# Lineages that our driver and our shell pipeline have made are listed, renewed
# from their renewal files alone, revoked and deleted by Debian's certbot; it
# uses the account that we made.
. "$(dirname "$0")/../lib.sh"
need openssl jq curl
. "$ROOT/tests/both.sh"
ca_start

mkdir -p www
ours_new certonly --standalone -d rsa.example,www.rsa.example,mail.rsa.example
is "$status" 0 'ours: RSA, three names'
ours_new certonly --standalone --key-type ecdsa --elliptic-curve secp384r1 -d ec.example
is "$status" 0 'ours: EC'
ours_new certonly --manual --manual-auth-hook "$ROOT/tests/helpers/txt-set" \
	--manual-cleanup-hook "$ROOT/tests/helpers/txt-clear" --preferred-challenges dns \
	-d '*.wild.example' -d wild.example
is "$status" 0 'ours: a wildcard by hooks'

pipeline()
{
	acme-account register --server "$ACME_SERVER" --agree-tos \
		--account-dir c/accounts |
		acme-order new -d "$1" -d "www.$1" |
		acme-challenge standalone --http-01-port "$HTTP01_PORT" |
		acme-finalize --new-key "$2" --key-out "$1.key" |
		certstore save --config-dir c --work-dir w --cert-name "$1"
}
run pipeline shrsa.example rsa
is "$status" 0 'the shell pipeline: RSA'
run pipeline shec.example ecdsa
is "$status" 0 'the shell pipeline: EC'
is "$(find c/accounts -name regr.json | wc -l)" 1 'all have one account'

theirs certificates
is "$(grep -c 'Certificate Name:' "$T/out")" 5 "Debian's certbot lists all five"
unlike "$out" invalid 'and thinks none invalid'
certificates_agree 'and both list them in the same words'

theirs renew --no-random-sleep-on-renew
is "$status" 0 "Debian's renew: none is due"
is "$(grep -c '(skipped)' "$T/out")" 5 'five are skipped'

# Due by their renewal files, not by an option.
for name in rsa.example ec.example wild.example shrsa.example shec.example; do
	sed -i '1i renew_before_expiry = 20 years' "c/renewal/$name.conf"
done
theirs renew --no-random-sleep-on-renew
is "$status" 0 "Debian's renew, from the renewal files alone"
is "$(grep -c '(success)' "$T/out")" 5 'five are renewed'
for name in rsa.example ec.example wild.example shrsa.example shec.example; do
	is "$(version_of $name)" 2 "$name: version 2"
	lineage_is_whole $name "$name: whole"
done
like "$(openssl x509 -in c/live/ec.example/cert.pem -noout -text)" secp384r1 'the curve is kept'
like "$(openssl x509 -in c/live/shec.example/cert.pem -noout -text)" prime256v1 "and the pipeline's"
like "$(openssl x509 -in c/live/shrsa.example/cert.pem -noout -text)" 'Public-Key: \(2048 bit\)' 'and the RSA key'
like "$(openssl x509 -in c/live/wild.example/cert.pem -noout -ext subjectAltName)" 'DNS:\*\.wild.example' 'the wildcard is in it'
is "$(find c/accounts -name regr.json | wc -l)" 1 'with the account that is there'
certificates_agree 'both list the renewed ones in the same words'

# And ours goes on with what it has renewed.
ours renew --no-random-sleep-on-renew
is "$status" 0 'ours renews after it'
is "$(grep -c '(success)' "$T/out")" 5 'all five'
for name in rsa.example ec.example wild.example shrsa.example shec.example; do
	is "$(version_of $name)" 3 "$name: version 3"
	lineage_is_whole $name "$name: whole"
	like "$(cat c/renewal/$name.conf)" '^renew_before_expiry = 20 years$' "$name: the user's line is kept"
done
certificates_agree 'both list them in the same words'

for name in rsa.example ec.example shec.example; do
	theirs revoke --cert-name $name -n
	is "$status" 0 "Debian's certbot revokes $name"
	not_ok "and deletes it" test -e c/live/$name
done
theirs revoke --cert-path c/live/shrsa.example/cert.pem \
	--key-path c/live/shrsa.example/privkey.pem --server "$ACME_SERVER" \
	-n --no-delete-after-revoke
is "$status" 0 'it revokes by the key that we made'
theirs delete --cert-name shrsa.example -n
is "$status" 0 'and deletes'
theirs delete --cert-name wild.example -n
is "$status" 0 'and the wildcard'
is "$(find c/live c/archive c/renewal -name '*.example*')" '' 'nothing is left of them'
ours certificates
like "$out" '^No certificates found.$' 'as ours says, too'

theirs show_account --server "$ACME_SERVER"
is "$status" 0 'it shows our account'
like "$out" "Account URL: $(jq -r .uri c/accounts/*/*/*/regr.json)" 'by its URL'
theirs update_account -n --server "$ACME_SERVER" -m new@example.com --no-eff-email
is "$status" 0 'updates it'
theirs unregister -n --server "$ACME_SERVER"
is "$status" 0 'and deactivates it'
is "$(find c/accounts -name regr.json | wc -l)" 0 'it is gone'
is "$(leftovers)" '' 'no process is left'
done_testing
