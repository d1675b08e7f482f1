#!/bin/sh
# Keys, JWK, JWS, requests, certificates and OCSP beside OpenSSL's own command
# and certbot's libraries (python3-cryptography, python3-josepy).
. "$(dirname "$0")/../lib.sh"

need openssl python3 strace
tool=$ACME_BUILD/tests/helpers/crypto-tool
python=/usr/bin/python3
"$python" -c 'import cryptography, josepy' 2>/dev/null ||
	bail 'python3-cryptography and python3-josepy are not installed'

# -- keys ---------------------------------------------------------------------

openssl genrsa -out rsa.pem 2048 2>/dev/null
openssl rsa -in rsa.pem -traditional -out rsa-old.pem 2>/dev/null
for curve in prime256v1 secp384r1 secp521r1; do
	openssl ecparam -name $curve -genkey -out $curve.pem
	openssl pkcs8 -topk8 -nocrypt -in $curve.pem -out $curve-p8.pem
done
openssl genpkey -algorithm ed25519 -out ed.pem

for key in rsa rsa-old prime256v1 prime256v1-p8 secp384r1 secp521r1 \
	secp521r1-p8 ed; do
	openssl pkcs8 -topk8 -nocrypt -in $key.pem -out want.pem
	ok "$key: PKCS#8 is written" sh -c "'$tool' pem $key.pem >got.pem"
	same got.pem want.pem "$key: as openssl writes it"
	"$tool" jwk $key.pem >$key.json
	ok "$key: read from its JWK" sh -c "'$tool' pem $key.json >got.pem"
	same got.pem want.pem "$key: and it is the same"
	openssl pkey -in $key.pem -pubout -out pub.pem
	is "$("$tool" account-id $key.pem)" "$(md5sum <pub.pem | cut -d' ' -f1)" \
		"$key: account id"
	if [ $key = ed ]; then
		continue
	fi
	is "$("$tool" thumbprint $key.json)" "$("$python" - $key.pem <<'EOP'
import sys, josepy
key = josepy.JWK.load(open(sys.argv[1], 'rb').read())
print(josepy.b64encode(key.thumbprint()).decode())
EOP
)" "$key: thumbprint, by josepy"
done

"$python" - <<'EOP'
import josepy, json
from cryptography.hazmat.primitives.serialization import load_pem_private_key
pem = open('rsa.pem', 'rb').read()
jwk = josepy.JWKRSA(key=josepy.ComparableRSAKey(load_pem_private_key(pem, None)))
open('certbot.json', 'w').write(jwk.json_dumps())
full = json.loads(jwk.json_dumps())
json.dump({k: full[k] for k in ('kty', 'n', 'e', 'd')}, open('short.json', 'w'),
    indent=4)
EOP
printf '%s' "$("$tool" jwk rsa.pem)" >mine.json
same mine.json certbot.json 'the JWK is byte for byte what certbot writes'
"$tool" pem short.json >got.pem
openssl pkcs8 -topk8 -nocrypt -in rsa.pem -out want.pem
same got.pem want.pem 'a key of n, e and d alone is completed'

for spec in 'rsa 2048' 'rsa 3072' 'ecdsa secp256r1' 'ecdsa secp384r1' \
	'ecdsa secp521r1'; do
	# shellcheck disable=SC2086
	"$tool" new $spec >new.pem
	ok "new $spec is a good key" openssl pkey -in new.pem -noout -check
	like "$(head -n 1 new.pem)" '^-----BEGIN PRIVATE KEY-----$' \
		"new $spec is PKCS#8"
done

openssl rsa -in rsa.pem -aes128 -passout pass:x -out secret.pem 2>/dev/null
run "$tool" pem secret.pem </dev/null
is "$status" 65 'an encrypted key is refused'
like "$err" 'secret.pem.*encrypted' 'and the sentence says so'
run "$tool" pem missing.pem
is "$status" 66 'a missing key'
openssl pkey -in rsa.pem -pubout -out pub.pem
run "$tool" pem pub.pem
is "$status" 65 'a public key is no private key'

# -- JWS ----------------------------------------------------------------------

cat >verify.py <<'EOP'
import json, sys, josepy
from acme.jws import JWS
jws = JWS.json_loads(sys.stdin.read())
key = josepy.JWK.load(open(sys.argv[1], 'rb').read())
head = jws.signature.combined
assert jws.verify(key.public_key()), 'signature'
print(head.alg.name, head.url, josepy.b64encode(head.nonce).decode(),
    head.kid or '-', 'jwk' if head.jwk else '-', jws.payload.decode())
EOP
url=https://ca.example/acme/new-order
for key in rsa:RS256 prime256v1:ES256 secp384r1:ES384 secp521r1:ES512; do
	file=${key%:*}.pem alg=${key#*:}
	is "$("$tool" sign "$file" $url bm9uY2U https://ca.example/acct/1 \
		'{"a":1}' | "$python" verify.py "$file" 2>&1 | tail -n 1)" \
		"$alg $url bm9uY2U https://ca.example/acct/1 - {\"a\":1}" \
		"$alg with kid, by certbot's own library"
	is "$("$tool" sign "$file" $url bm9uY2U - '' |
		"$python" verify.py "$file" 2>&1 | tail -n 1)" \
		"$alg $url bm9uY2U - jwk " "$alg with jwk and no payload"
done
printf 'c2Vj+cmV0/==\n' >mac
for alg in HS256 HS384 HS512; do
	"$tool" eab rsa.pem $alg kid-1 mac $url >eab
	ok "$alg: external account binding" "$python" - rsa.pem $alg <<'EOP'
import base64, hashlib, hmac, json, sys, josepy
b64 = lambda s: base64.urlsafe_b64decode(s + '=' * (-len(s) % 4))
eab = json.load(open('eab'))
name = sys.argv[2].replace('HS', 'sha')
want = hmac.new(base64.b64decode('c2Vj+cmV0/=='),
    (eab['protected'] + '.' + eab['payload']).encode(), name).digest()
assert b64(eab['signature']) == want
assert json.loads(b64(eab['protected'])) == {'alg': sys.argv[2],
    'kid': 'kid-1', 'url': 'https://ca.example/acme/new-order'}
key = josepy.JWK.load(open(sys.argv[1], 'rb').read())
assert josepy.JWK.from_json(json.loads(b64(eab['payload']))) == key.public_key()
EOP
done
run "$tool" eab rsa.pem HS1 kid-1 mac $url
is "$status" 64 'no other algorithm'

# -- requests -------------------------------------------------------------------

for key in rsa prime256v1 secp521r1; do
	"$tool" csr $key.pem -s b.example '*.a.example' 192.0.2.1 >csr.der
	openssl req -inform DER -in csr.der -noout -verify -text \
		>csr.txt 2>&1
	ok "$key: the request verifies" grep -q 'self-signature verify OK' csr.txt
	ok "$key: version" grep -q 'Version: 1 (0x0)' csr.txt
	ok "$key: empty subject" grep -qE 'Subject: *$' csr.txt
	ok "$key: names in order" grep -q \
		'DNS:b.example, DNS:\*.a.example, IP Address:192.0.2.1' csr.txt
	ok "$key: must staple" grep -q status_request csr.txt
	ok "$key: SHA-256" grep -qiE 'Signature Algorithm: .*sha-?256' csr.txt
	run "$tool" csr-names csr.der
	is "$out" '["b.example","*.a.example","192.0.2.1"]' \
		"$key: the names are read again"
done
openssl req -new -key rsa.pem -subj '/O=x/CN=b.example' -out user.pem \
	-addext 'subjectAltName=DNS:a.example,DNS:b.example'
run "$tool" csr-names user.pem
is "$out" '["b.example","a.example"]' "a user's request: the CN comes first"
openssl req -in user.pem -outform DER -out user.der
run "$tool" csr-names user.der
is "$out" '["b.example","a.example"]' 'the same in DER'
run "$tool" csr-names rsa.pem
is "$status" 65 'a key is no request'

# -- certificates ---------------------------------------------------------------

cat >ca.cnf <<EOC
[ca]
default_ca = it
[it]
database = $T/index
new_certs_dir = $T
serial = $T/serial
default_md = sha256
default_days = 30
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = optional
[leaf]
authorityKeyIdentifier = keyid
authorityInfoAccess = OCSP;URI:http://ocsp.example/
[responder]
extendedKeyUsage = OCSPSigning
EOC
: >index
echo 0ABC >serial
openssl req -x509 -new -key prime256v1.pem -subj '/CN=Test Root' -days 60 \
	-out ca.pem 2>/dev/null
openssl ca -config ca.cnf -batch -notext -keyfile prime256v1.pem -cert ca.pem \
	-in user.pem -extensions leaf -out leaf.pem 2>/dev/null
cat leaf.pem ca.pem >full.pem
run "$tool" cert full.pem
printf '%s\n' "$out" >info
json info '.names == ["b.example", "a.example"]' 'names of a certificate'
json info '.serial == "abc"' 'its serial number'
json info '.issuer == "Test Root" and .keyType == "rsa" and .keySize == 2048' \
	'its issuer and key'
json info '.ocsp == "http://ocsp.example/"' 'its OCSP responder'
is "$(jq -r .renewalId info)" "$("$python" - <<'EOP'
import base64
from cryptography import x509
cert = x509.load_pem_x509_certificate(open('leaf.pem', 'rb').read())
aki = cert.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
b64 = lambda b: base64.urlsafe_b64encode(b).decode().rstrip('=')
n = cert.serial_number
print(b64(aki.value.key_identifier) + '.' +
    b64(n.to_bytes(n.bit_length() // 8 + 1, 'big')))
EOP
)" 'its name for renewal information'
is "$(jq -r .notAfter info)" "$(date -u +%Y-%m-%dT%H:%M:%SZ \
	-d "$(openssl x509 -in leaf.pem -noout -enddate | cut -d= -f2)")" \
	'its end'
ok 'a chain is split' "$tool" split full.pem cert chain
openssl x509 -in leaf.pem -out want
same cert want 'the certificate'
openssl x509 -in ca.pem -out want
same chain want 'the chain'
cat ca.pem leaf.pem >wrong.pem
run "$tool" split wrong.pem cert2 chain2
is "$status" 65 'the wrong order is refused'
not_ok 'and nothing is written' test -e cert2

# -- OCSP -------------------------------------------------------------------------

"$tool" ocsp-request leaf.pem ca.pem >request.der
openssl ocsp -issuer ca.pem -cert leaf.pem -no_nonce -reqout want.der \
	>/dev/null 2>&1
same request.der want.der "the request is openssl's"
answer()
{
	openssl ocsp -index index -CA ca.pem -rsigner "$1" -rkey "$2" \
		-reqin request.der -respout answer.der -ndays 1 \
		>/dev/null 2>&1
	run "$tool" ocsp-check leaf.pem ca.pem answer.der
}
answer ca.pem prime256v1.pem
is "$out$err" good 'an answer signed by the CA: good'
openssl req -new -key secp384r1.pem -subj /CN=responder -out r.csr
openssl ca -config ca.cnf -batch -notext -keyfile prime256v1.pem -cert ca.pem \
	-in r.csr -extensions responder -out r.pem 2>/dev/null
openssl ca -config ca.cnf -keyfile prime256v1.pem -cert ca.pem \
	-revoke leaf.pem -crl_reason keyCompromise 2>/dev/null
answer r.pem secp384r1.pem
is "$out$err" revoked 'an answer signed by a responder: revoked'
: >index
answer ca.pem prime256v1.pem
is "$out$err" unknown 'unknown'
openssl req -x509 -new -key secp521r1.pem -subj /CN=responder -days 9 \
	-addext extendedKeyUsage=OCSPSigning -out false.pem 2>/dev/null
answer false.pem secp521r1.pem
is "$status" 76 'a stranger is not believed'
like "$err" "not signed by the certificate's issuer" 'and why'

# -- OpenSSL's configuration is not read ---------------------------------------

printf 'openssl_conf = x\n[x]\nproviders = p\n[p]\nnothing = n\n[n]\nactivate = 1\nmodule = /nonexistent\n' >bad.cnf
OPENSSL_CONF=$T/bad.cnf
export OPENSSL_CONF
for command in 'thumbprint rsa.pem' 'thumbprint rsa.json' 'cert leaf.pem' \
	'csr-names user.pem' 'new ecdsa P-256'; do
	# shellcheck disable=SC2086
	ASAN_OPTIONS=detect_leaks=0 run strace -f -e trace=openat -o trace "$tool" $command
	is "$status" 0 "$command works with a broken openssl.cnf"
	not_ok "$command does not open it" grep -q bad.cnf trace
done
done_testing
