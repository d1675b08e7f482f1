#!/bin/sh
# Orders: made, kept, read, listed, refused.
. "$(dirname "$0")/../lib.sh"

ca_start block=blocked.example
acme-account register --no-contact --agree-tos --account-dir acc >account ||
	bail 'no account'

run acme-order new -d a.example,b.example -d '*.c.example' <account
is "$status" 0 'an order'
json out '.acme == 1 and .order.status == "pending" and
	(.order.url | startswith("https://")) and .order.read and
	(.authorizations | length == 3) and
	.request.names == ["a.example", "b.example", "*.c.example"] and
	.account.url and .directory.newOrder' 'the document'
json out '[.authorizations[] | .identifier.value] | sort ==
	["a.example", "b.example", "c.example"]' 'its authorizations'
json out '.authorizations | all(.url and .read and .status == "pending")' \
	'each with url and read'
cp out order

run acme-order new <order
is "$status" 0 'the same document again'
is "$(jq -r .order.url out)" "$(jq -r .order.url order)" 'keeps its order'
run acme-order new --replace <order
isnt "$(jq -r .order.url out)" "$(jq -r .order.url order)" 'unless replaced'
run acme-order new -d other.example <order
is "$status" 65 'other names do not fit the order'
like "$err" 'replace' 'says what to do'

jq -c '.request = {names: ["Ünï.Example.", "x.example", "X.example"]}' \
	account >named
run acme-order new <named
json out '.request.names == ["xn--n-nga1b.example", "x.example"]' \
	'names of the document: lower case, converted, each once'

for name in 'a..b.example' 'a b.example' 'w.*.example' \
	10.0.0.256 'https://a.example' \
	"$(printf '%064d' 0).example" ''; do
	run acme-order new -d "$name" <account
	like "$status" '^6[45]$' "refused: '$name'"
	json out '.error and (.order | not)' 'without an order'
done
# What else a private CA may have is the CA's to say.
run acme-order new -d intranet <account
json out '.order.identifiers[0].value == "intranet"' 'one label'
run acme-order new -d my_host.example <account
is "$status" 77 'one that this CA refuses'
json out '.error.type | startswith("urn:ietf:params:acme:error:")' 'in its words'
run acme-order new <account
is "$status" 65 'no names at all'
# shellcheck disable=SC2046 # words
run acme-order new $(seq -f '-d n%g.example' 101) <account
is "$status" 65 'more names than a certificate has'
run acme-order new -d blocked.example <account
is "$status" 77 'refused by the CA'
json out '.error.type == "urn:ietf:params:acme:error:rejectedIdentifier"' \
	'its own problem'

run acme-order new --account-dir acc -d d.example <<'D'
{"mark":1}
D
is "$status" 0 'the account is taken from --account-dir'
json out '.mark == 1 and .account.id' 'and written down'
run acme-order new --account-dir none -d d.example <<'D'
{}
D
is "$status" 78 'no account anywhere'
run acme-order new -d d.example </dev/null
is "$status" 65 'no document'

{
	jq -c '.request.names = ["e.example"]' account
	echo 'no document'
	jq -c '.request.names = ["f..example"]' account
	jq -c '.request.names = ["g.example"]' account
} >lines
run acme-order new <lines
is "$status" 65 'a batch with bad lines'
is "$(jq -s 'map(if .error then "error" else .order.status end) | sort' \
	-c out)" '["error","error","pending","pending"]' 'the others are ordered'
jq -c '.plan.action = "keep" | .request.names = ["h.example"]' account >keep
run acme-order new <keep
same out keep 'a document to keep passes untouched'

openssl req -new -newkey rsa:2048 -nodes -keyout k.pem -subj / \
	-addext 'subjectAltName=DNS:r.example,DNS:s.example' -out r.csr 2>openssl.log
run acme-order new --csr r.csr <account
is "$status" 0 'from a certificate request'
json out ".request.csr == \"$T/r.csr\" and
	.request.names == [\"r.example\", \"s.example\"]" 'with its names'
run acme-order new --csr r.csr -d t.example <account
is "$status" 64 'a name that is not in the request'
run acme-order new --csr missing.csr <account
is "$status" 66 'no such request'
run acme-order new --csr k.pem <account
is "$status" 65 'no request at all'

run acme-order show --account-dir acc "$(jq -r .order.url order)"
is "$status" 0 'shows an order'
json out '.order.status == "pending" and (.authorizations | length == 3)' \
	'as it is'
run acme-order show - <order
json out '.order.status == "pending" and .request.names' 'or a document'"'s"
run acme-order show --account-dir acc "${ACME_SERVER%/dir}/my-order/none"
isnt "$status" 0 'one that is not there'
run acme-order list --account-dir acc
is "$status" 0 'lists'
ok 'every order' test "$(jq -s length out)" -ge 6

# An order that is over is ordered again only when told so.
jq -c '.order.status = "invalid"' order >over
run acme-order new <over
is "$status" 77 'an invalid order is an error'
run acme-order new --again <over
is "$status" 0 'and replaced with --again'
isnt "$(jq -r .order.url out)" "$(jq -r .order.url order)" 'by a new one'
jq -c '.error = {type: "urn:acme-tools:error:validationFailed",
	failed: ["b.example"]} | .request.allowSubset = true |
	.order.status = "invalid"' order >subset
run acme-order new --again <subset
is "$status" 0 'a subset'
json out '.request.names == ["a.example", "*.c.example"] and
	(.order.identifiers | length == 2) and (.error | not) and
	(.earlierErrors | length == 1)' 'without the name that failed'
run acme-order new <subset
is "$status" 68 'an error travels on'
same out subset 'untouched'

# Pebble calls an order deactivated whose authorizations were, which RFC 8555 does
# not: it is shown, and of no use.
run acme-order new -d gone.example <account
cp out gone
run acme-challenge deactivate <gone
is "$status" 0 'authorizations are withdrawn'
run acme-order show - <gone
is "$status" 0 'the order is shown'
json out '.order.status == "deactivated"' 'by the word of the server'
cp out gone
run acme-order show --account-dir acc "$(jq -r .order.url gone)"
is "$status $(jq -r .order.status out)" '0 deactivated' 'also by its URL'
run acme-order list --account-dir acc
is "$status" 0 'the list has it'
json "$(jq -s . out >all && echo all)" 'map(.order.status) | contains(["deactivated"])' 'too'
run acme-finalize --new-key ecdsa --key-out gone.key <gone
is "$status" 76 'it is not finalized'
is "$err" "acme-finalize: gone.example: the order $(jq -r .order.url gone) has the unknown status deactivated" 'in one sentence'
not_ok 'no key is left' test -e gone.key
run acme-order new <gone
is "$status" 77 'nor gone on with'
is "$err" "acme-order: gone.example: the order $(jq -r .order.url gone) cannot be used any more; --again or --replace orders anew: it is deactivated" \
	'in one sentence'
run acme-order new --again <gone
is "$status $(jq -r .order.status out)" '0 pending' '--again orders anew'
is "$(leftovers)" '' 'no process is left'
done_testing
