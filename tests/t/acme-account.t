#!/bin/sh
# Accounts: registered, kept, changed and ended, against a CA.
. "$(dirname "$0")/../lib.sh"

accounts()
{
	find "$1" -name private_key.json 2>/dev/null | wc -l
}

register()
{
	run acme-account register --account-dir "$@"
}

ca_start

register acc --agree-tos
is "$status" 77 'without an address'
json out '.error.option == "-m" and (.error.type | endswith(":contact"))' \
	'names the option'
run acme-account register --agree-tos --no-contact
is "$status" 64 'without --account-dir'
register acc -m me@example.com
is "$status" 77 'without the terms'
json out '.error.type == "urn:acme-tools:error:termsOfService" and
	.error.option == "--agree-tos" and .error.stage == "acme-account" and
	(.error.url | length > 0)' 'the error says which terms'
is "$(accounts acc)" 0 'and no key is left'

register acc -m me@example.com,you@example.com --agree-tos
is "$status" 0 'registers'
json out '.acme == 1 and .server == env.ACME_SERVER and
	.directory.newOrder and .account.status == "valid" and
	.account.contact == ["mailto:me@example.com",
		"mailto:you@example.com"] and
	(.account.id | length == 32) and (.account.thumbprint | length == 43) and
	.account.new == true and
	(.account.url | startswith("https://")) and .account.read and
	.renewalparams == {account: .account.id, server: .server}' \
	'the document'
key=$(jq -r .account.key out)
id=$(jq -r .account.id out)
url=$(jq -r .account.url out)
is "$key" "$T/acc/${ACME_SERVER#https://}/$id/private_key.json" 'its place'
mode "$key" 400 'the key is private'
mode "$(dirname "$key")" 700 'and its directory'
json "$(dirname "$key")/regr.json" ".uri == \"$url\"" 'the URL is kept'
unlike "$out" '"d":' 'no private key in the document'

register acc
is "$status" 0 'the account that is there is used, without any option'
json out ".account.url == \"$url\" and .account.id == \"$id\" and
	(.account | has(\"new\") | not)" 'the same, and not new'
register acc --only-new
is "$status" 78 'unless only a new one will do'
printf '{"mark":1}\n{"mark":2}\n' >docs
run acme-account register --account-dir acc - <docs
is "$status" 0 'documents get the account'
is "$(jq -s -c '[.[] | .mark, .account.id]' out)" \
	"[1,\"$id\",2,\"$id\"]" 'each, with what they had'

run acme-account show --account-dir acc
json out ".account.url == \"$url\" and .account.status == \"valid\"" 'shows'
jq -c "del(.account.status)" out >known
run acme-account show - <known
is "$status" 0 'a document says where its account is'
json out ".account.url == \"$url\" and .account.status == \"valid\"" 'which is shown'
echo '{"acme":1}' >unknown
run acme-account show - <unknown
is "$status" 64 'one without an account does not'
like "$err" 'account-dir' 'and needs the directory'
run acme-account deactivate - <known
is "$status" 64 'what changes files needs the directory'
run acme-account update --account-dir acc -m new@example.com
json out '.account.contact == ["mailto:new@example.com"]' 'new address'
run acme-account update --account-dir acc --no-contact
json out '.account.contact == [] or .account.contact == null' 'no address'
run acme-account update --account-dir acc
is "$status" 64 'update of nothing'

run acme-account rollover --account-dir acc --key-type ecdsa
is "$status" 0 'another key'
new=$(jq -r .account.id out)
isnt "$new" "$id" 'has another id'
json out ".account.url == \"$url\"" 'of the same account'
is "$(accounts acc)" 1 'the old key is gone'
like "$err" "$new" 'says the new name'
run acme-account show --account-dir acc
json out ".account.url == \"$url\" and .account.id == \"$new\"" 'it works'

key=$(jq -r .account.key out)
run acme-account import --account-dir other "$key"
is "$status" 0 'imports a JWK'
json out ".account.url == \"$url\"" 'finds its account'
cp -r "other/${ACME_SERVER#https://}/$new" "$T/moved"
openssl genrsa -out strange.pem 2048 2>/dev/null
run acme-account import --account-dir third strange.pem
is "$status" 78 'a key that the server does not know'
is "$(accounts third)" 0 'is not kept'

register third --agree-tos --no-contact --key-type ecdsa \
	--elliptic-curve secp384r1
is "$status" 0 'an EC key'
cp -r third/*/*/* "acc/${ACME_SERVER#https://}/"
register acc
is "$status" 78 'two accounts'
json out '.error.accounts | length == 2' 'are both named'
json out '.error.option == "--account"' 'with the option'
run acme-account list --account-dir acc
is "$(jq -s length out)" 2 'and listed'
register acc --account "$new"
json out ".account.id == \"$new\"" 'one can be chosen'
register acc --account 00000000000000000000000000000000
is "$status" 78 'one that is not there'

run acme-account deactivate --account-dir acc --account "$new"
is "$status" 0 'deactivates'
json out '.account.status == "deactivated"' 'says so'
is "$(accounts acc)" 1 'removes its files'
run acme-account show --account-dir other
isnt "$status" 0 'the server refuses it'

run acme-account frobnicate --account-dir acc
is "$status" 64 'an unknown subcommand'
json out '.error.type | endswith(":usage")' 'is an error document'
run acme-account register --account-dir acc2 --server http://ca.example/dir \
	--no-contact
is "$status" 64 'plain http is refused'
run acme-account register --account-dir acc2 --no-contact --agree-tos \
	--server "https://localhost:$(free_port)/dir"
is "$status" 69 'no server there'
is "$(accounts acc2)" 0 'leaves nothing'

ca_stop
ca_start eab=1
register acc --agree-tos --no-contact
is "$status" 77 'an external account is needed'
json out '.error.type | endswith(":externalAccountRequired")' 'says so'
printf '%s\n' "$CA_EAB_HMAC" >hmac
register acc --agree-tos --no-contact --eab-kid "$CA_EAB_KID"
is "$status" 64 'half of it'
register acc --agree-tos --no-contact --eab-kid "$CA_EAB_KID" \
	--eab-hmac-key-file hmac
is "$status" 0 'with its key in a file'
unlike "$out$err" "$CA_EAB_HMAC" 'which is not shown'
run acme-account register --account-dir acc3 --agree-tos --no-contact -v -v \
	--eab-kid "$CA_EAB_KID" --eab-hmac-key-fd 7 7<hmac
is "$status" 0 'or at a descriptor'
unlike "$out$err" "$CA_EAB_HMAC" 'which is not shown either'
printf 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' >hmac
register acc4 --agree-tos --no-contact --eab-kid "$CA_EAB_KID" \
	--eab-hmac-key-file hmac
is "$status" 77 'a wrong key is refused'
is "$(accounts acc4)" 0 'and leaves nothing'
is "$(leftovers)" '' 'no process is left'
done_testing
