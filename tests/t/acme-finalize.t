#!/bin/sh
# Certificates: keys, requests, chains, outputs, and going on.
. "$(dirname "$0")/../lib.sh"

# An order that is ready, for these names.
ready()
{
	acme-order new -d "$1" <account | acme-challenge answer --preferred-challenges dns-01
}

pub()
{
	openssl x509 -in "$1" -noout -pubkey
}

ca_start PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_ALTERNATE_ROOTS=2
acme-account register --no-contact --agree-tos --account-dir acc >account ||
	bail 'no account'
for n in 0 1 2; do
	ca_root root$n.pem $n
done

ready a.example,b.example >ready || bail 'no order is ready'
umask 077
run acme-finalize --new-key ecdsa --key-out privkey.pem --cert-out cert.pem \
	--chain-out chain.pem --fullchain-out fullchain.pem <ready
umask 022
is "$status" 0 'a certificate'
ok 'it verifies' openssl verify -CAfile root0.pem -untrusted chain.pem cert.pem
is "$(openssl pkey -in privkey.pem -pubout)" "$(pub cert.pem)" \
	'the key belongs to it'
like "$(head -n 1 privkey.pem)" 'BEGIN PRIVATE KEY' 'as PKCS#8'
mode privkey.pem 600 'for its owner'
mode fullchain.pem 600 'certificates by the umask'
cat cert.pem chain.pem >both.pem
same both.pem fullchain.pem 'the full chain is both'
json out ".key == {path: \"$T/privkey.pem\", type: \"ecdsa\",
	curve: \"secp256r1\"}" 'the key in the document'
json out '.certificate.names | sort == ["a.example", "b.example"]' 'its names'
json out '.certificate.url and .certificate.serial and
	.certificate.notBefore < .certificate.notAfter and
	.certificate.issuer and .order.status == "valid" and
	.renewalparams.key_type == "ecdsa" and
	(.renewalparams | has("elliptic_curve") | not)' 'and the rest'
is "$(jq -r .certificate.fullchain out)" "$(cat fullchain.pem)" 'the chain'
unlike "$out" 'PRIVATE KEY' 'but no key'
is "$(find . -maxdepth 1 -name '.*order*')" '' 'no waiting key is left'
cp out ended

cp privkey.pem first.pem
run acme-finalize --new-key ecdsa --key-out privkey.pem <ready
is "$status" 0 'the first document again'
is "$(jq -r .certificate.serial out)" "$(jq -r .certificate.serial ended)" \
	'gives the same certificate'
same privkey.pem first.pem 'and keeps the key'
run acme-finalize --new-key ecdsa --key-out privkey.pem <ended
is "$(jq -r .certificate.serial out)" "$(jq -r .certificate.serial ended)" \
	'so does the last'
run acme-finalize --new-key ecdsa --key-out elsewhere.pem <ended
is "$status" 0 'elsewhere it is the key of the document'
same privkey.pem elsewhere.pem 'which is copied'
run acme-finalize --new-key ecdsa --key-out nowhere.pem <ready
is "$status" 66 'a document that does not say where the key is'
is "$(find . -name '*nowhere*')" '' 'leaves no other'

ready c.example >ready2
run acme-finalize --new-key rsa --key-out privkey.pem <ready2
is "$status" 73 "another order's key is not replaced"
same privkey.pem first.pem 'really not'
run acme-finalize --new-key rsa --key-out missing/privkey.pem <ready2
is "$status" 66 'a missing directory'
run acme-finalize --new-key rsa --rsa-key-size 3072 --key-out privkey.pem \
	--replace-key --fullchain-out fullchain.pem <ready2
is "$status" 0 'unless told so'
is "$(openssl pkey -in privkey.pem -pubout)" "$(pub fullchain.pem)" \
	'and it belongs to the certificate'
json out '.key.type == "rsa" and .key.size == 3072 and
	.renewalparams.rsa_key_size == 3072' 'RSA'

{
	ready d.example
	ready '*.e.example'
} >two
run acme-finalize --new-key ecdsa --key-out one.pem <two
is "$status" 64 'two documents for one path'
is "$(jq -r 'select(.error).request.names[0]' out)" '*.e.example' 'the second fails'
run acme-finalize --new-key ecdsa --key-out '%n.key' --fullchain-out '%n.pem' \
	--elliptic-curve P-384 <two
is "$(jq -r 'select(.error).request.names[0]' out)" d.example \
	'the first had its key elsewhere'
ok '%n is the name' test -s e.example.key -a -s e.example.pem
json out '.renewalparams | not or .elliptic_curve == "secp384r1"' 'P-384'

openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out own.pem \
	2>/dev/null
ready f.example >ready
cp own.pem own.bak
run acme-finalize --key own.pem --fullchain-out own-chain.pem <ready
is "$status" 0 'a given key'
is "$(openssl pkey -in own.pem -pubout)" "$(pub own-chain.pem)" 'is used'
same own.pem own.bak 'and let be'
json out ".key.path == \"$T/own.pem\"" 'and named'

openssl req -new -key own.pem -subj / -out own.csr \
	-addext 'subjectAltName=DNS:g.example'
acme-order new --csr own.csr <account | acme-challenge answer --preferred-challenges dns-01 >ready
run acme-finalize --fullchain-out csr.pem <ready
is "$status" 0 'the request of the document'
is "$(openssl pkey -in own.pem -pubout)" "$(pub csr.pem)" 'is used'
json out '.key | not' 'without a key'
ready h.example >ready
run acme-finalize --csr own.csr <ready
is "$status" 65 'a request for other names'
openssl req -in own.csr -outform DER -out own.der
ready g.example >ready
run acme-finalize --csr own.der --cert-out der.pem <ready
is "$status" 0 'a request in DER'

name()
{
	openssl x509 -in "$1" -noout -subject -nameopt multiline |
		sed -n 's/.*commonName *= //p'
}
ready i.example >ready
run acme-finalize --new-key ecdsa --key-out i.key --fullchain-out i.pem \
	--preferred-chain "$(name root2.pem)" <ready
is "$status" 0 'a preferred chain'
ok 'is the one' openssl verify -CAfile root2.pem -untrusted i.pem i.pem
json out '.renewalparams.preferred_chain' 'is noted'
ready j.example >ready
run acme-finalize --new-key ecdsa --key-out j.key --fullchain-out j.pem \
	--preferred-chain 'No Such Root' <ready
is "$status" 0 'one that is not offered'
like "$err" 'no chain from the CA matched' 'is warned about'

# While the stages before it are still at work, a key is made.
ready k.example >ready
mkfifo late
echo 'exec acme-finalize --new-key ecdsa --key-out late.key -v -v <late' >late.sh
start late sh late.sh
exec 8>late
ok 'the key is made before the document comes' \
	wait_for grep -q 'Generating ECDSA key' late.log
cat ready >&8
exec 8>&-
wait "$pid"
is $? 0 'and the document is finalized with it'
is "$(grep -c 'Generating ECDSA key' late.log)" 1 'and no other'

acme-order new -d k.example <account >pending
run acme-finalize --new-key ecdsa --key-out k.key <pending
is "$status" 68 'names that are not validated'
ok 'make no key' test ! -e k.key
run acme-finalize --new-key ecdsa --key-out k.key <account
is "$status" 65 'no order'
run acme-finalize <pending
is "$status" 68 'still not validated'
ready l.example >ready
run acme-finalize <ready
is "$status" 64 'no key'
run acme-finalize --new-key ecdsa <ready
is "$status" 64 'no place for the key'
run acme-finalize --new-key dsa --key-out l.key <ready
is "$status" 64 'an unknown type'
run acme-finalize --key own.pem --csr own.csr <ready
is "$status" 64 'two sources'
echo >empty.pem
run acme-finalize --key empty.pem <ready
is "$status" 65 'no key in the file'
run acme-finalize --new-key ecdsa --must-staple --key-out l.key \
	--fullchain-out l.pem <ready
is "$status" 0 'must staple'
json out '.renewalparams.must_staple == true' 'is noted'

# Carried to another place: the account by its thumbprint.
ready m.example | jq -c '.account.key = "/nowhere/private_key.json"' >ready
run acme-finalize --new-key ecdsa --key-out m.key <ready
is "$status" 66 'an account key that is not there'
run acme-finalize --new-key ecdsa --key-out m.key --account-dir acc <ready
is "$status" 0 'is found in --account-dir'
jq -c '.plan.action = "keep"' ready >keep
run acme-finalize --new-key ecdsa --key-out n.key <keep
same out keep 'a document to keep passes untouched'
is "$(leftovers)" '' 'no process is left'
done_testing
