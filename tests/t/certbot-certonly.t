#!/bin/sh
# certbot certonly, certificates, renew, revoke, delete over the stages, against
# a real CA: files, texts, streams and exit statuses (spec 1, 7).
. "$(dirname "$0")/../lib.sh"
need openssl jq
ca_start

certbot_run()
{
	run certbot "$@" --server "$ACME_SERVER" --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l" --http-01-port "$HTTP01_PORT" \
		--no-random-sleep-on-renew </dev/null
}
agree='--agree-tos --register-unsafely-without-email -n'

# shellcheck disable=SC2086
certbot_run certonly --standalone -d a.example -d www.a.example $agree
is "$status" 0 'certonly obtains a certificate'
like "$out" '^Account registered.$' 'it says that an account was made'
like "$out" '^Requesting a certificate for a.example and www.a.example$' 'and what is requested'
like "$out" '^Certificate is saved at: .*/c/live/a.example/fullchain.pem$' 'the certificate is named'
like "$out" '^Key is saved at:         .*/c/live/a.example/privkey.pem$' 'the key is named'
like "$out" '^This certificate expires on 20[0-9-]*\.$' 'the end is named'
like "$out" '^NEXT STEPS:$|^Certbot has set up a scheduled task' 'and how it renews'
like "$out" 'If you like Certbot' 'the donation notice comes'
is "$err" "Saving debug log to $T/l/letsencrypt.log" 'standard error has the log line only'
is "$(readlink c/live/a.example/cert.pem)" ../../archive/a.example/cert1.pem 'links are relative'
mode c/archive/a.example/privkey1.pem 600 'the key is private'
mode c/accounts 700 'accounts are private'
mode l 700 'logs are private'
like "$(openssl x509 -in c/live/a.example/cert.pem -noout -ext subjectAltName)" 'DNS:a.example, DNS:www.a.example' 'both names are in the certificate'
is "$(openssl x509 -in c/live/a.example/cert.pem -noout -pubkey)" \
	"$(openssl pkey -in c/live/a.example/privkey.pem -pubout 2>/dev/null)" 'the key belongs to it'
ca_root root.pem
ok 'openssl verifies the chain' openssl verify -CAfile root.pem -untrusted c/live/a.example/chain.pem c/live/a.example/cert.pem
like "$(cat c/renewal/a.example.conf)" '^authenticator = standalone$' 'the renewal file has the authenticator'
like "$(cat c/renewal/a.example.conf)" "^http01_port = $HTTP01_PORT\$" 'and the port'
like "$(cat c/renewal/a.example.conf)" "^server = $ACME_SERVER\$" 'and the server'
like "$(cat c/renewal/a.example.conf)" '^account = [0-9a-f]{32}$' 'and the account'
is "$(find w -name '*.pem' | wc -l)" 0 'nothing is left in the work directory'
is "$(ls c/renewal-hooks)" "deploy
post
pre" 'hook directories are made'
is "$(find c w l -name .certbot.lock)" '' 'no lock file is left'
not_ok 'no key material in the log' grep -q 'PRIVATE KEY' l/letsencrypt.log

# certbot refuses such a name; acme-order and this driver convert it.
certbot_run certonly --standalone -d bücher.example -n --dry-run
is "$status" 0 'an internationalised name'
like "$out" 'for xn--bcher-kva.example$' 'is converted'
# A private CA has names that a public one has not.
certbot_run certonly --standalone -d intranet -n --dry-run
is "$status" 0 'a name of one label'
certbot_run certonly --standalone -d my_host.example -d=-x.example -n
is "$status" 1 'one that this CA refuses'
like "$err" '^An unexpected error occurred:$' 'is refused by the CA'
unlike "$err" 'can be no DNS name' 'not by us'

certbot_run certonly --standalone -d a.example -d www.a.example -n
is "$status" 0 'the same names again'
like "$out" 'Certificate not yet due for renewal; no action taken.' 'are kept'
is "$(ls c/archive/a.example | wc -l)" 4 'and nothing new was made'

certbot_run certonly --standalone -d a.example -d www.a.example -d b.example -n
is "$status" 1 'more names without --expand are refused with -n'
like "$err" 'You can set this with the --expand flag' 'with the option that answers'

certbot_run certonly --standalone -d a.example -d www.a.example -d b.example -n --expand
is "$status" 0 'with --expand the certificate grows'
is "$(readlink c/live/a.example/cert.pem)" ../../archive/a.example/cert2.pem 'as version 2'

certbot_run certificates
is "$status" 0 'certificates'
like "$out" '^  Certificate Name: a.example$' 'names the lineage'
like "$out" '^    Domains: a.example www.a.example b.example$' 'its names'
like "$out" '^    Key Type: RSA$' 'its key'
like "$out" '^    Expiry Date: .*\+00:00 \(VALID: [0-9]+ days\)$' 'its end'

certbot_run renew
is "$status" 0 'renew with nothing due'
like "$out" '^No renewals were attempted.$' 'does nothing'
like "$out" 'a.example/fullchain.pem expires on .* \(skipped\)' 'and says so'

certbot_run renew --force-renewal --deploy-hook "echo \$RENEWED_LINEAGE: \$RENEWED_DOMAINS"
is "$status" 0 'a forced renewal'
like "$out" '^Congratulations, all renewals succeeded: $' 'succeeds'
like "$out" "^ $T/c/live/a.example: a.example www.a.example b.example\$" 'the deploy hook gets its variables'
is "$(readlink c/live/a.example/cert.pem)" ../../archive/a.example/cert3.pem 'as version 3'
like "$(cat c/renewal/a.example.conf)" '^renew_hook = ' 'the hook is saved'

certbot_run certonly --standalone --key-type ecdsa -d ec.example -n
is "$status" 0 'an EC certificate'
like "$(openssl x509 -in c/live/ec.example/cert.pem -noout -text)" 'prime256v1' 'is of P-256'

certbot_run revoke --cert-name ec.example -n --reason superseded
is "$status" 0 'revoke'
like "$out" '^Congratulations! You have successfully revoked the certificate that was located at .*/live/ec.example/cert.pem.$' 'says what it did'
like "$out" '^Deleted all files relating to certificate ec.example.$' 'and deletes'
not_ok 'the lineage is gone' test -e c/live/ec.example

certbot_run delete --cert-name a.example -n
is "$status" 0 'delete'
not_ok 'the lineage is gone' test -e c/archive/a.example
certbot_run certificates
like "$out" 'No certificates found.' 'none are left'

certbot_run register -n --agree-tos -m me@example.com
is "$status" 1 'a second account is refused'
is "$(printf '%s\n' "$err" | tail -n 1)" 'There is an existing account; registration of a duplicate account with this command is currently unsupported.' "with certbot's words"

certbot_run certonly -n -d bad..example --standalone
is "$status" 1 'a bad name'
like "$err" 'Requested domain bad..example is not a FQDN because it contains an empty label.' 'is refused'
certbot_run certonly --bogus
is "$status" 2 'an unknown option is a usage error'
like "$err" 'certbot: error: unrecognized arguments: --bogus' "in argparse's words"
is "$(leftovers)" '' 'no process is left'
done_testing
