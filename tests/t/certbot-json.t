#!/bin/sh
# certbot --json: what scripts get on standard output (certbot-certificates(5)).
. "$(dirname "$0")/../lib.sh"
need openssl jq
ca_start

ours()
{
	run certbot "$@" --config-dir "$T/c" --work-dir "$T/w" \
		--logs-dir "$T/l" </dev/null
	cat out >>printed
}

ours_new()
{
	ours "$@" --server "$ACME_SERVER" --http-01-port "$HTTP01_PORT" \
		--agree-tos --register-unsafely-without-email
}

# problem TYPE DESCRIPTION: the last command has failed, and its only line says
# why, as standard error does in words.
problem()
{
	is "$(wc -l <out)" 1 "$2: one line"
	json out ".error.type == \"$1\" and (.error.title | length > 0) and
		([\"plain\", \"unexpected\", \"cancel\", \"stage\"] -
			(.error | keys) | length == 4)" "$2: the problem"
	ok "$2: and standard error has its words" grep -qFx \
		"$(jq -r .error.detail out | tail -n 1)" err
}

# -- nothing there, and nothing understood ----------------------------------------
ours certificates --json
is "$status $out" '0 []' 'no certificates'
ours certonly --json --bogus
is "$status" 2 'a wrong option'
json out '.error.type == "urn:acme-tools:error:usage" and
	.error.detail == "unrecognized arguments: --bogus"' 'is told in JSON'
like "$err" '^certbot: error: unrecognized arguments: --bogus$' 'and in words'
ours certonly --jso
is "$status" 2 '--json cannot be abbreviated'
is "$out" '' 'so nothing is printed'
echo 'json = true' >json.ini
ours certonly --bogus -c json.ini
is "$status" 2 'a wrong option, and cli.ini wants JSON'
json out '.error.detail == "unrecognized arguments: --bogus"' 'it is told in JSON'
ours_new show_account --json
is "$status" 1 'no account'
problem urn:acme-tools:error:configuration 'no account'
ours certonly --json --server "$ACME_SERVER" --standalone -d a.example
is "$status" 1 'nobody can be asked'
problem urn:acme-tools:error:configuration 'a question'
ours certonly --json -n -d '*.b.example,..' --standalone
is "$status" 1 'a bad name'
json out '.error.detail | test("^Requested domain|empty label|DNS")' 'is told'

# -- one that works ------------------------------------------------------------------
ours_new certonly --json --standalone -d a.example -d www.a.example
is "$status" 0 'a certificate'
is "$(wc -l <out)" 1 'one line'
json out '.result == "success" and .name == "a.example" and .valid and
	.names == ["a.example", "www.a.example"] and .keyType == "rsa" and
	.keySize == 2048 and .version == 1 and (.daysLeft | type == "number")' \
	'tells of it'
ok 'the paths lead there' sh -c 'openssl x509 -in "$(jq -r .cert out)" -noout &&
	openssl pkey -in "$(jq -r .privkey out)" -noout'
ours certificates --json
is "$status" 0 'certificates'
is "$(wc -l <out)" 1 'one line'
json out 'length == 1 and (.[0] | .name == "a.example" and
	.names == ["a.example", "www.a.example"] and .valid and
	.reasons == [] and .revoked == false and .authenticator == "standalone"
	and .server == $ENV.ACME_SERVER and (.account | length == 32))' 'lists it'
is "$(jq -r '.[0].serial' out)" "$(openssl x509 -in c/live/a.example/cert.pem \
	-noout -serial | sed 's/serial=0*//' | tr A-F a-f)" 'the serial number'
is "$(jq -r '.[0].notAfter | fromdate' out)" "$(date -d "$(openssl x509 \
	-in c/live/a.example/cert.pem -noout -enddate |
	sed s/notAfter=//)" +%s)" 'the end'
is "$(jq -r '.[0] | .renewalFile, .directory, .fullchain' out)" \
	"$T/c/renewal/a.example.conf
$T/c/live/a.example
$T/c/live/a.example/fullchain.pem" 'where it is'
was=$(jq -r '.[0].daysLeft' out)
ours certificates
like "$out" "VALID: $was days" 'the days are those of the text'
ours_new certonly --json --standalone -d a.example -d www.a.example
is "$status" 0 'not due'
json out '.result == "skipped" and .name == "a.example"' 'is said'
ours_new certonly --json --dry-run --standalone -d n.example
is "$status" 0 'a trial'
json out '.result == "success" and (has("name") | not)' 'tells of no lineage'
ours_new certonly --json --standalone -d e.example --key-type ecdsa
json out '.keyType == "ecdsa" and .curve == "secp256r1"' 'an EC key'
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout csr.key -subj /CN=csr.example \
	-addext subjectAltName=DNS:csr.example -out csr.pem 2>csr.log
ours_new certonly --json --standalone --csr csr.pem
ok "a request of the user's own: the files" sh -c \
	'openssl x509 -in "$(jq -r .cert out)" -noout && test -s "$(jq -r .fullchain out)"'

# -- filters, broken lineages, states -------------------------------------------------
ours certificates --json --cert-name e.example
json out '[.[].name] == ["e.example"]' '--cert-name'
ours certificates --json -d a.example
json out '[.[].name] == ["a.example"]' '-d'
ours certificates --json -d none.example
is "$out" '[]' 'none'
rm c/archive/e.example/cert1.pem
printf 'x\n' >c/renewal/b.example.conf
ours certificates --json
is "$status" 0 'broken lineages: status 0'
json out 'length == 3 and .[0].valid and (.[1:] | all(.valid == false and
	(.error.detail | length > 0))) and
	([.[1:][].name] == ["b.example", "e.example"])' 'come last, with why'
ok 'and in words' test "$(grep -c 'produced an unexpected error' err)" = 2
sed -i 's|^server = .*|server = https://acme-staging.example/dir|' c/renewal/a.example.conf
ours certificates --json --cert-name a.example
json out '.[0] | .valid == false and .reasons == ["TEST_CERT"]' 'a test certificate'
sed -i "s|^server = .*|server = $ACME_SERVER|" c/renewal/a.example.conf

# -- renew: one line for each lineage ----------------------------------------------------
ours renew --json --no-random-sleep-on-renew --force-renewal
is "$status" 1 'renew: two cannot be used'
jq -sc . out >lines
json lines '[.[] | [.name, .result]] == [["b.example", "parsefail"],
	["e.example", "parsefail"], ["a.example", "success"], [null, null]] and
	(.[3].error.detail | length > 0)' 'a line for each, and why the command fails'
json lines '.[] | select(.result == "success") |
	(["name", "renewalFile", "directory", "cert", "privkey", "chain", "fullchain",
	"version", "names", "serial", "issuer", "keyType", "keySize", "notBefore",
	"notAfter", "daysLeft", "valid", "reasons", "revoked", "server", "account",
	"authenticator", "result"] - keys) == [] and .version == 2 and
	.names == ["a.example", "www.a.example"] and (has("error") | not)' \
	'with every member that its page has'
json lines '[.[] | select(.result == "parsefail")] | length == 2 and
	all(.error.type and (.error.detail | length > 0))' 'and why one cannot be used'
ours renew --json --no-random-sleep-on-renew
jq -sc . out >lines
json lines 'any(.result == "skipped" and .name == "a.example" and .version == 2)' 'not due'

# -- others ------------------------------------------------------------------------------
ours show_account --json --server "$ACME_SERVER"
is "$status" 0 'show_account'
json out '.server == $ENV.ACME_SERVER and .emails == [] and .status == "valid" and
	(.id | length == 32) and (.thumbprint | length == 43) and
	(.url | startswith("https://"))' 'as one object'
ours plugins --json
is "$status" 0 'plugins'
json out '(map(select(.name == "standalone"))[0] | .kinds == ["authenticator"] and
	.challenges == ["http-01"] and (.description | length > 0)) and
	(map(.name) == (map(.name) | sort))' 'as one array'
ours plugins --json --installers
json out 'all(.kinds | index("installer"))' 'the same choice'
ours_new delete --json --cert-name none
is "$status" 1 'delete'
json out '.error.type | startswith("urn:acme-tools:error:")' 'fails in JSON'
ours delete --json --cert-name a.example
is "$status $out" '0 ' 'and works without a word'

# -- what the server says ---------------------------------------------------------------------
ours_new certonly --json --webroot -w "$T/tmp" -d x.example -d y.example
is "$status" 1 'names that cannot be validated'
is "$(wc -l <out)" 1 'one line'
json out '.error.type == "urn:acme-tools:error:validationFailed" and
	([.error.subproblems[].identifier.value] | sort) ==
		["x.example", "y.example"] and
	(.error.subproblems | all(.detail | length > 0)) and
	(.error.hint | length > 0)' 'each one with what the server says, and the hint'
like "$err" '^Some challenges have failed.$' 'in words, too'
# -- the page ---------------------------------------------------------------------------------
grep '^[[{]' printed | jq -r 'def members: if type == "array" then .[] | members
	elif type == "object" then (del(.error) | keys[]) else empty end;
	members' | sort -u >members
ok 'there are many members' test "$(wc -l <members)" -gt 25
mandoc -Tascii -Owidth=900 "$ROOT/man/certbot-certificates.5" |
	sed 's/.\x08//g' | grep -oE '[A-Za-z_0-9]+' | sort -u >said
is "$(comm -13 said members)" '' 'certbot-certificates(5) has each'
is "$(leftovers)" '' 'no process is left'
done_testing
