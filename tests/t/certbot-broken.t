#!/bin/sh
# Lineages of which pieces are broken: told one by one, the rest works, for renew
# and certificates, with Debian's certbot beside.
. "$(dirname "$0")/../lib.sh"
need openssl curl
. "$ROOT/tests/both.sh"
ca_start
mkdir www
web_start www
ours_new register
account=$(account_id)
"$ACME_BUILD/tests/helpers/lineages" "$T/c" 10 ecdsa 80 server="$ACME_SERVER" \
	account="$account" webroot_path="$T/www," || bail lineages

conf()
{
	echo "c/renewal/n0000$1.example.conf"
}
live()
{
	echo "c/live/n0000$1.example"
}
# 0 is good.
echo '[[nonsense' >>"$(conf 1)"
rm -r c/archive/n00002.example
ln -sf ../../archive/n00003.example/cert7.pem "$(live 3)/cert.pem"
ln -sf fullchain.pem "$(live 4)/fullchain.pem"
rm "$(live 5)/privkey.pem"
cp c/archive/n00005.example/privkey1.pem "$(live 5)/privkey.pem"
rm -r c/archive/n00006.example
ln -s n00006.example c/archive/n00006.example
rm "$(conf 7)"
rm -r "$(live 9)"

both_say '' 'renew, nothing is due' renew --no-random-sleep-on-renew
is "$status" 1 'status 1'
for i in 1 2 3 4 5 6 9; do
	like "$out" "^  .*/$(conf $i) \(parsefail\)\$" "$i is listed"
done
like "$err" "^expected .*/$(live 5)/privkey.pem to be a symlink\$|The error was: expected .*/$(live 5)/privkey.pem to be a symlink\$" 'a link turned into a file is named'
like "$err" "target .*/$(live 4)/fullchain.pem of symlink .* does not exist" 'a link in a circle, too'
like "$out" "^  .*/$(live 0)/fullchain.pem expires on .* \(skipped\)\$" 'the good one is skipped'
unlike "$out$err" n00007 'a lineage without a configuration is none'
like "$err" '^0 renew failure\(s\), [0-9]+ parse failure\(s\)$' 'they are counted'
both_say '' 'certificates' certificates
is "$status" 0 'status 0'
is "$(grep -c 'Certificate Name: ' out)" 2 'the good ones are listed'

# A certificate that is none: in words of our own.
echo rubbish >c/archive/n00008.example/cert1.pem
ours renew --no-random-sleep-on-renew
like "$err" "^Renewal configuration file .*/$(conf 8) \\(cert: n00008.example\\) produced an unexpected error: .*/n00008.example/cert1.pem: there is no certificate. Skipping.\$" 'a certificate that is none'
like "$out" "^  .*/$(conf 8) \\(parsefail\\)\$" 'is listed'
ours certificates
like "$err" "^Renewal configuration file .*/$(conf 8) produced an unexpected error: .*/n00008.example/cert1.pem: there is no certificate. Skipping.\$" 'by certificates, too'

# What can be renewed is.
sed -i '1i renew_before_expiry = 100 days' "$(conf 0)"
ours renew --no-random-sleep-on-renew --deploy-hook 'echo deployed $RENEWED_DOMAINS'
is "$status" 1 'renew, the good one is due'
is "$(version_of n00000.example)" 2 'it is renewed'
like "$out" '^ deployed n00000.example www.n00000.example$' 'with its hooks'
like "$out" "^  .*/$(live 0)/fullchain.pem \(success\)\$" 'and told'
like "$err" '^0 renew failure\(s\), [0-9]+ parse failure\(s\)$' 'the others are counted'

# A key that cannot be read: listed as broken, renewed all the same.
rm -r c/renewal/n0000[1-9]* w l
chown -R 65534:65534 c www
mkdir own
chown 65534:65534 own
chmod 0 c/archive/n00000.example/privkey2.pem
run as_user certbot certificates --config-dir c --work-dir own/w --logs-dir own/l
is "$status" 0 'a key that cannot be read'
like "$out" "^  .*/$(conf 0)\$" 'is listed as broken'
like "$err" "^Renewal configuration file .*/$(conf 0) produced an unexpected error: .*privkey2?.pem.*Permission denied.* Skipping.\$" 'and named'
run as_user certbot renew --no-random-sleep-on-renew --config-dir c --work-dir own/w --logs-dir own/l
is "$status" 0 'its lineage is renewed'
is "$(version_of n00000.example)" 3 'with a new key'
run as_user certbot renew --no-random-sleep-on-renew --config-dir c --work-dir own/w --logs-dir own/l
is "$(version_of n00000.example)" 4 'which is readable'
chmod 0 c/archive/n00000.example/privkey4.pem
sed -i 's/^authenticator.*/&\nreuse_key = True/' "$(conf 0)"
run as_user certbot renew --no-random-sleep-on-renew --config-dir c --work-dir own/w --logs-dir own/l
is "$status" 1 'a key to be used again that cannot be read'
like "$err" '^Failed to renew certificate n00000.example with error: .*Permission denied' 'is an error'
is "$(leftovers)" '' 'no process is left'
done_testing
