#!/bin/sh
# What certbot says and leaves when a name is not validated (spec 5.8), with a
# subset of names allowed (5.10), in a dry run, and for a user's CSR (5.11).
. "$(dirname "$0")/../lib.sh"
need openssl jq curl
ca_start
mkdir -p www
wellknown=www/.well-known/acme-challenge

certbot_run()
{
	run certbot "$@" --server "$ACME_SERVER" --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l" --http-01-port "$HTTP01_PORT" \
		--no-random-sleep-on-renew --agree-tos \
		--register-unsafely-without-email -n </dev/null
}

# A directory that no server serves: the CA cannot connect.
certbot_run certonly --webroot -w www -d fail.example
is "$status" 1 'a name that is not validated fails'
like "$out" '^Certbot failed to authenticate some domains \(authenticator: webroot\). The Certificate Authority reported these problems:$' 'the report'
like "$out" '^  Domain: fail.example$' 'names it'
like "$out" '^  Type:   connection$' 'the type'
like "$out" '^Hint: The Certificate Authority failed to download the temporary challenge files' 'and a hint'
like "$err" '^Some challenges have failed.$' 'the error'
like "$err" 'Ask for help or search for solutions at https://community.letsencrypt.org' 'the footer'
not_ok 'the challenge directory is gone' test -e "$wellknown"
not_ok 'nothing was saved' test -e c/live/fail.example

# good.example reaches the standalone server, bad.example leads elsewhere.
curl -fsS -d '{"host":"bad.example","addresses":["127.0.0.2"]}' "$CA_CHALLTESTSRV/add-a" >/dev/null
certbot_run certonly --standalone --http-01-address 127.0.0.1 -d good.example -d bad.example
is "$status" 1 'one name of two fails: no certificate'
certbot_run certonly --standalone --http-01-address 127.0.0.1 -d good.example -d bad.example --allow-subset-of-names
is "$status" 0 'a subset may do'
like "$out" '^Unable to obtain a certificate with every requested domain. Retrying without: bad.example$' 'it says so'
like "$(openssl x509 -in c/live/good.example/cert.pem -noout -ext subjectAltName)" 'DNS:good.example$' 'the good name is in it alone'

certbot_run certonly --standalone -d dry.example --dry-run
is "$status" 0 'a dry run'
like "$out" '^The dry run was successful.$' 'succeeds'
not_ok 'and saves nothing' test -e c/live/dry.example
is "$(find . -name 'certbot-dry-run-*')" '' 'not even a key'

openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout csr.key \
	-subj / -addext subjectAltName=DNS:csr.example -outform DER -out csr.der 2>/dev/null
certbot_run certonly --standalone --csr csr.der --cert-path o/cert.pem --chain-path o/chain.pem --fullchain-path o/full.pem
is "$status" 0 'a certificate for a CSR'
is "$(openssl x509 -in o/cert.pem -noout -pubkey)" "$(openssl pkey -in csr.key -pubout)" 'is for its key'
is "$(cat o/cert.pem o/chain.pem | sha256sum)" "$(sha256sum <o/full.pem)" 'the three files fit'
not_ok 'it makes no lineage' test -e c/live/csr.example
certbot_run certonly --standalone --csr csr.der --cert-path o/cert.pem
is "$status" 1 'an existing file is not overwritten'
like "$err" "File exists: '$T/o/cert.pem'" 'and named'
certbot_run certonly --standalone --csr none.pem
is "$status" 2 'a missing CSR is a usage error'

certbot_run certonly --standalone -d hook.example --pre-hook 'echo pre' --post-hook 'echo post >&2; exit 3'
is "$status" 0 'hooks do not decide'
like "$out" "^Hook 'pre-hook' ran with output:\$" 'their output is shown'
like "$err" "^Hook 'post-hook' reported error code 3\$" 'and their failure'
certbot_run certonly --standalone -d hook.example --pre-hook /no/such
is "$status" 1 'a hook that is not there is refused'
like "$err" 'Unable to find pre-hook command /no/such in the PATH.' 'before anything is done'

# The CA refuses names before anything is validated, and when it is to issue.
faultd_start
refusal='{"type":"urn:ietf:params:acme:error:compound","detail":"some names","subproblems":[{"type":"urn:ietf:params:acme:error:rejectedIdentifier","detail":"not this one","identifier":{"type":"dns","value":"no.example"}}]}'
for resource in newOrder finalize; do
	faultd_rules "$(jq -nc --arg body "$refusal" --arg of $resource '[{
		resource: $of, nth: 1, status: 403, fresh_nonce: true,
		headers: {"Content-Type": "application/problem+json"},
		body: $body}]')"
	faultd_post /reset
	certbot_run certonly --standalone --cert-name $resource.example \
		--allow-subset-of-names -d no.example -d yes.example
	is "$status" 0 "names that $resource is refused for are dropped"
	like "$out" '^Unable to obtain a certificate with every requested domain. Retrying without: no.example$' 'it says so'
	is "$(openssl x509 -in c/live/$resource.example/cert.pem -noout -ext subjectAltName | tail -n 1)" '    DNS:yes.example' 'the other is in it'
done
faultd_rules "$(jq -nc --arg body "$refusal" '[{resource: "newOrder", status: 403,
	fresh_nonce: true, body: $body,
	headers: {"Content-Type": "application/problem+json"}}]')"
certbot_run certonly --standalone --cert-name fresh.example -d no.example -d yes.example
is "$status" 1 'without the option it is an error'
like "$err" '^some names$' 'in the words of the server'
like "$err" '^Problem for no.example: urn:ietf:params:acme:error:rejectedIdentifier :: The server will not issue certificates for the identifier :: not this one$' 'for each name'
theirs()
{
	run /usr/bin/certbot "$@" --server "$ACME_SERVER" --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l" --no-random-sleep-on-renew -n </dev/null
}
theirs renew --cert-name good.example --force-renewal
cp err err.theirs
certbot_run renew --cert-name good.example --force-renewal
same err.theirs err "renew says what Debian's certbot says"
faultd_rules '[{"resource":"newOrder","status":429,"fresh_nonce":true,
	"headers":{"Content-Type":"application/problem+json","Retry-After":"3600"},
	"body":{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many"}}]'
certbot_run certonly --standalone -d later.example
like "$err" '^too many$' 'a limit'
like "$err" '^The server asks to come back in 3600 seconds.$' 'and when it ends'
faultd_rules '[{"resource":"directory","status":500,"body":"oops"}]'
certbot_run certonly --standalone -d later.example --issuance-timeout 1
is "$status" 1 'a server in trouble'
like "$err" '^the server answers https://.*/dir with status 500 and does not say why$' 'is no matter of the account'
is "$(leftovers)" '' 'no process is left'
done_testing
