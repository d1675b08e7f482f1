#!/bin/sh
# --allow-subset-of-names (spec 5.10) of certonly, run and renew: the CA refuses
# a name when it is to order, a name is not validated, the CA refuses a name
# when it is to issue. What names nobody is no reason to try again.
. "$(dirname "$0")/../lib.sh"
need openssl jq curl
ca_start
faultd_start
curl -fsS -d '{"host":"bad.example","addresses":["127.0.0.2"]}' "$CA_CHALLTESTSRV/add-a" >/dev/null

# cb SUBCOMMAND ARGUMENT...
cb()
{
	run certbot "$@" --server "$ACME_SERVER" --config-dir c --work-dir w --logs-dir l \
		--http-01-port "$HTTP01_PORT" --http-01-address 127.0.0.1 \
		--no-random-sleep-on-renew --agree-tos --register-unsafely-without-email -n </dev/null
}

# refuse NAME RESOURCE [MEMBERS]: its next request there is refused, for NAME.
refuse()
{
	faultd_rules "$(jq -nc --arg name "$1" --arg of "$2" '[{
		resource: $of, nth: 1, status: 403, fresh_nonce: true,
		headers: {"Content-Type": "application/problem+json"},
		body: ({type: "urn:ietf:params:acme:error:rejectedIdentifier", detail: "not that one"} +
			if $name == "" then {} else {subproblems: [{
				type: "urn:ietf:params:acme:error:rejectedIdentifier", detail: "no",
				identifier: {type: "dns", value: $name}}]} end)}]')"
	faultd_post /reset
}

# names LINEAGE: those of its certificate; its version.
names()
{
	echo "$(openssl x509 -in "c/live/$1/cert.pem" -noout -ext subjectAltName |
		sed -n 's/^ *DNS://p') $(readlink "c/live/$1/cert.pem" | tr -cd 0-9)"
}

# run, with an installer that does nothing.
for resource in newOrder finalize; do
	refuse no.example $resource
	cb run -a standalone -i null --cert-name "run-$resource" --allow-subset-of-names \
		-d no.example -d yes.example
	is "$status $(names "run-$resource")" '0 yes.example 1' "run: a name that $resource is refused for is dropped"
	like "$out" '^Unable to obtain a certificate with every requested domain. Retrying without: no.example$' 'it says so'
	like "$out" '^Deploying certificate$' 'and goes on to install'
done
faultd_rules '[]'
cb run -a standalone -i null --cert-name run-bad --allow-subset-of-names -d bad.example -d yes.example
is "$status $(names run-bad)" '0 yes.example 1' 'run: a name that is not validated is dropped'

# renew, by the option and by what was saved.
cb certonly --standalone --cert-name two -d yes.example -d no.example
cp -a c/renewal/two.conf two.conf
refuse no.example newOrder
cb renew --cert-name two --force-renewal
is "$status $(names two)" '1 yes.example, DNS:no.example 1' 'renew: without the option nothing is dropped'
for resource in newOrder finalize; do
	refuse no.example $resource
	cb renew --cert-name two --force-renewal --dry-run --allow-subset-of-names
	is "$status $(grep -c '^Unable to obtain a certificate with every .* Retrying without: no.example$' out)" '0 1' \
		"renew --dry-run: a name that $resource is refused for is dropped"
done
refuse no.example newOrder
cb renew --cert-name two --force-renewal --allow-subset-of-names
is "$status $(names two)" '0 yes.example 2' 'renew: a name that the CA refuses is dropped'
like "$out" '^Unable to obtain a certificate with every requested domain. Retrying without: no.example$' 'it says so'
ok 'the option is saved' grep -qx 'allow_subset_of_names = True' c/renewal/two.conf
cb certonly --standalone --cert-name three --allow-subset-of-names -d yes.example -d gone.example
is "$status $(names three)" '0 yes.example, DNS:gone.example 1' 'with nothing wrong nothing is dropped'
curl -fsS -d '{"host":"gone.example","addresses":["127.0.0.2"]}' "$CA_CHALLTESTSRV/add-a" >/dev/null
cb renew --cert-name three --force-renewal
is "$status $(names three)" '0 yes.example 2' 'renew: one that is not validated, as saved'
cb renew --cert-name three --force-renewal
is "$status $(names three)" '0 yes.example 3' 'and the next renewal is of what is left'

# Nobody is named, or everybody.
refuse '' newOrder
cb certonly --standalone --allow-subset-of-names -d new.example -d newer.example
is "$status $(grep -c Retrying out)" '1 0' 'no name is named: an error'
like "$err" '^not that one$' 'in the words of the server'
refuse '' finalize
cb renew --cert-name run-bad --allow-subset-of-names --force-renewal
is "$status $(names run-bad)" '1 yes.example 1' 'renew: the only name is refused'
like "$err" '^Failed to renew certificate run-bad with error: .*not that one$' 'the error'
refuse elsewhere.example newOrder
cb certonly --standalone --allow-subset-of-names -d new.example -d newer.example
is "$status $(grep -c Retrying out)" '1 0' 'a name that was not asked for: an error'

# It is nothing for a CSR.
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout csr.key \
	-subj / -addext subjectAltName=DNS:yes.example,DNS:no.example -out csr.pem 2>/dev/null
faultd_post /reset
cb certonly --standalone --allow-subset-of-names --csr csr.pem
is "$status $(counter .resources.newOrder)" '1 0' 'a CSR is refused with it, before any order'
like "$err" '^--allow-subset-of-names cannot be used with --csr$' 'in words of certbot'
is "$(leftovers)" '' 'no process is left'
done_testing
