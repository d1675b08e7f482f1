#!/bin/sh
# Revocation by the account and by the certificate's key.
. "$(dirname "$0")/../lib.sh"

issue()
{
	acme-order new -d "$1" <account | acme-challenge answer --preferred-challenges dns-01 |
		acme-finalize --new-key "$2" --key-out "$1.key" \
			--fullchain-out "$1.pem" >"$1.json" || bail "no $1"
}

state()
{
	_serial=$(openssl x509 -in "$1" -noout -serial |
		sed 's/.*=//' | tr '[:upper:]' '[:lower:]')
	curl -sS --cacert ca/tls/root.pem \
		"$CA_MANAGEMENT/cert-status-by-serial/$_serial"
}

ca_start PEBBLE_VA_ALWAYS_VALID=1
acme-account register --no-contact --agree-tos --account-dir acc >account ||
	bail 'no account'
issue a.example ecdsa
issue b.example rsa
issue c.example ecdsa
issue d.example ecdsa

run acme-revoke --account-dir acc --cert a.example.pem
is "$status" 0 'by the account'
json out '.revocation.reason == "unspecified" and .revocation.time' 'says so'
like "$(state a.example.pem)" '"Status": *"Revoked"' 'the CA knows'
run acme-revoke --account-dir acc --cert a.example.pem
is "$status" 77 'twice'
like "$out" 'error:alreadyRevoked' 'is an error'

run acme-revoke --cert b.example.pem --key b.example.key --reason KeyCompromise
is "$status" 0 "by the certificate's RSA key, without an account"
like "$(state b.example.pem)" '"Status": *"Revoked"' 'the CA knows'
run acme-revoke --cert c.example.pem --key d.example.key
is "$status" 65 "another certificate's key"
like "$(state c.example.pem)" '"Status": *"Valid"' 'nothing happened'
openssl x509 -in c.example.pem -outform DER -out c.der
run acme-revoke --cert c.der --key c.example.key --reason superseded
is "$status" 0 'DER, by an EC key'
like "$(state c.example.pem)" '"Status": *"Revoked"' 'the CA knows'

run acme-revoke - <d.example.json
is "$status" 0 "a document's certificate"
json out '.revocation and .certificate' 'which keeps the rest'
like "$(state d.example.pem)" '"Status": *"Revoked"' 'the CA knows'

run acme-revoke --cert a.example.pem --reason because --account-dir acc
is "$status" 64 'no such reason'
run acme-revoke --account-dir acc
is "$status" 64 'no certificate'
run acme-revoke --account-dir acc --cert missing.pem
is "$status" 66 'a missing file'
run acme-revoke --account-dir acc --cert a.example.key
is "$status" 65 'a file that is no certificate'
run acme-revoke - <account
is "$status" 65 'a document without one'
is "$(leftovers)" '' 'no process is left'
done_testing
