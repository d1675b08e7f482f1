#!/bin/sh
# certstore match and plan against lineages on disk.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/store.sh"

add()
{
	_name=$1
	shift
	chain "$T/$_name" "$@"
	store save --cert-name "$_name" <"$T/$_name/doc.json"
	is "$status" 0 "$_name is there"
}

# -- nothing there ----------------------------------------------------------------------

store plan -d '*.A.Example,b.example.' -d b.example
is "$status" 0 'the first time'
json "$T/out" '.plan == {action: "new", lineage: "a.example",
	why: "there is no such certificate yet"}' 'is new'
json "$T/out" '.request.names == ["*.a.example", "b.example"]' \
	'the names are normalised'
json "$T/out" '.request.key.type == "rsa" and .match == {rule: "none"}' \
	'the key is of the usual type'
store plan
is "$status" 64 'without names'
store plan --cert-name none
is "$status" 78 'a name that is not there'
like "$err" 'No certificate with name none found' 'is said as certbot does'
store plan --cert-name ../x -d a.example
is "$status" 65 'a name that leads out of the directory'
like "$err" 'cannot be used as a lineage name' 'is refused before anything is ordered'
store plan -d 'a b'
is "$status" 65 'no name at all'

# -- which lineage -------------------------------------------------------------------------

add one a.example,b.example
add two a.example,b.example
add small a.example
add other c.example,d.example
add due e.example from=-80 to=10
add elliptic f.example
add rsa g.example key=rsa
echo rubbish >"$T/le/renewal/broken.conf"
echo >"$T/le/renewal/.hidden.conf"

while read -r want args; do
	# shellcheck disable=SC2086 # several arguments
	store match $args
	is "$(jq -r '"\(.match.rule):\(.match.lineage)"' "$T/out")" "$want" \
		"match $args"
done <<-END
	identical:two -d b.example,a.example
	identical:small -d a.example
	subset:one -d a.example,b.example,c.example
	subset:small -d a.example,x.example
	none:null -d b.example
	none:null -d c.example
	none:null --duplicate -d a.example
	identical:one --cert-name one
	identical:one --cert-name one -d b.example,a.example --duplicate
	name:one --cert-name one -d a.example
	none:null --cert-name three -d a.example
	none:null --cert-name broken -d a.example
END
store match -d a.example
json "$T/out" '.lineage.conf == "'"$T"'/le/renewal/small.conf" and
	.lineage.names == ["a.example"] and .lineage.keyType == "ecdsa" and
	.lineage.server == "https://ca.example/directory" and
	(.lineage.cert | endswith("live/small/cert.pem"))' 'it is described'

# -- what is to be done -----------------------------------------------------------------------

while IFS='|' read -r want args; do
	# shellcheck disable=SC2086 # several arguments
	store plan $args
	is "$(jq -r 'if .error then .error.type | sub(".*:"; "")
		else "\(.plan.action) \(.plan.lineage)" end' "$T/out")" \
		"$want" "plan $args"
done <<-END
	keep two|-d a.example,b.example
	keep two|-d a.example,b.example --keep-until-expiring --ask --key-type ecdsa
	sameNames|-d a.example,b.example --ask --key-type ecdsa
	renew two|-d a.example,b.example --force-renewal
	renew two|-d a.example,b.example --dry-run
	renew due|-d e.example
	renew due|-d e.example --keep
	new a.example|-d a.example --duplicate
	expand|-d a.example,b.example,x.example
	renew one|-d a.example,b.example,x.example --expand
	renew one|--cert-name one -d a.example
	changedNames|--cert-name one -d a.example --ask --key-type ecdsa
	renew one|--cert-name one -d a.example --ask --renew-with-new-domains --key-type ecdsa
	new three|--cert-name three -d a.example
	keep one|--cert-name one
	keyType|-d g.example --key-type ecdsa
	keyType|-d f.example --ask --keep
	keep elliptic|-d f.example --ask --keep --keep-key-type
	renew elliptic|-d f.example --ask --change-key-type
	renew rsa|--cert-name rsa --key-type ecdsa
	usage|-d g.example --key-type dsa
	testCertificate|-d e.example --server https://staging.example/
	renew due|-d e.example --server https://staging.example/ --break-my-certs
	renew due|-d e.example --server https://staging.example/ --dry-run
END
store plan -d e.example
json "$T/out" '.request.key.type == "ecdsa" and .plan.due == true' \
	'the key stays of its type'
like "$(jq -r .plan.why "$T/out")" '^due since 20' 'and it says why'
store plan --cert-name one
json "$T/out" '.request.names == ["a.example", "b.example"]' \
	'a name alone stands for its names'
store plan -d x.example,a.example,b.example
is "$status" 77 'a question is an error'
json "$T/out" '.error | .lineage == "one" and .option == "--expand" and
	.oldNames == ["a.example", "b.example"] and
	.newNames == ["x.example", "a.example", "b.example"] and
	.added == ["x.example"] and .removed == [] and
	(.conf | endswith("/one.conf"))' 'that says what the driver needs'
store plan -d g.example --key-type ecdsa
json "$T/out" '.error | .keyTypeOld == "rsa" and .keyTypeNew == "ecdsa" and
	.detail == "Are you trying to change the key type of the certificate named rsa from RSA to ECDSA? Please provide both --cert-name and --key-type on the command line to confirm the change you are trying to make."' \
	'in the words of certbot'

# -- in a pipeline ---------------------------------------------------------------------------

store match -d a.example
jq -c '.renewal = {revoked: true}' "$T/out" >"$T/revoked.json"
store plan - <"$T/revoked.json"
json "$T/out" '.plan.action == "renew" and .plan.lineage == "small"' \
	'what is revoked is due'
certstore match --config-dir "$T/le" -d c.example,d.example >"$T/m.json"
store plan - <"$T/m.json"
json "$T/out" '.plan.action == "keep" and .plan.lineage == "other" and
	.lineage.name == "other"' 'plan goes on with a match'
run certstore delete --config-dir "$T/le" other
store plan - <"$T/m.json"
json "$T/out" '.plan.action == "new"' 'and looks again when it is gone'

# -- the renewal file decides ------------------------------------------------------------------

sed -i 's/^version/renew_before_expiry = 100 days\nversion/' \
	"$T/le/renewal/small.conf"
store plan -d a.example
json "$T/out" '.plan.action == "renew"' 'renew_before_expiry'
sed -i 's/^\[renewalparams\]/&\nautorenew = Off/' "$T/le/renewal/small.conf"
store plan -d a.example
json "$T/out" '.plan.action == "keep"' 'autorenew = Off'

# -- a version that waits for its links -----------------------------------------------------------

chain "$T/small2" a.example
store save --cert-name small <"$T/small2/doc.json"
for k in cert privkey chain fullchain; do
	ln -sf "../../archive/small/${k}1.pem" "$T/le/live/small/$k.pem"
done
store plan -d a.example --force-renewal
json "$T/out" '.plan.action == "keep" and .plan.pending and
	.lineage.version == 2' 'is put in place, and that is all'
is "$(readlink "$T/le/live/small/cert.pem")" ../../archive/small/cert2.pem \
	'indeed'
like "$err" 'that was not linked to in /live/; fixing' 'and said'

# -- due: all lineages, without the lock ----------------------------------------------------------

# due WANT ARGUMENT...: action, due and name of each document.
due()
{
	_want=$1
	shift
	store due "$@"
	is "$(jq -r '[.plan.action, .plan.due, .lineage.name] | join(" ")' "$T/out" | tr '\n' ';')" \
		"$_want" "due $*"
}
due 'renew true due;' due
json "$T/out" '.certificate.keyType == "ecdsa" and .request.names == ["e.example"]' \
	'what is due comes as show gives it'
due 'keep false one;' one
json "$T/out" '.plan.why | test("^not due before 20")' 'with the reason'
due 'renew false one;' one --force-renewal
due 'renew false one;' one --dry-run
due 'renew true small;' small
for k in cert privkey chain fullchain; do
	ln -sf "../../archive/small/${k}1.pem" "$T/le/live/small/$k.pem"
done
due 'keep true small;' small --force-renewal
json "$T/out" '.plan.pending and .lineage.version == 1' 'a version that waits is left to plan'
store due
is "$status" 78 'all, one of them broken'
is "$(jq -r '.error.type // empty' "$T/out")" urn:acme-tools:error:brokenLineage 'is said'
is "$(jq -sr 'length' "$T/out")" "$(ls "$T"/le/renewal/*.conf | wc -l)" 'each has a document'
store due none
is "$status" 78 'a name that is not there'

done_testing
