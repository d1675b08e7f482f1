#!/bin/sh
# certstore save: new lineages, versions, names, modes, saved twice.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/store.sh"

link()
{
	readlink "$T/le/live/$1"
}

# -- a new lineage ----------------------------------------------------------------

chain "$T/a1" a.example,www.a.example
store save <"$T/a1/doc.json"
is "$status" 0 'a new lineage is saved'
json "$T/out" '.lineage.name == "a.example" and .lineage.version == 1' \
	'the document names it'
json "$T/out" '.lineage | .fullchain == .path + "/fullchain.pem" and
	.privkey == .path + "/privkey.pem" and (.conf | endswith("a.example.conf"))' \
	'and its files'
json "$T/out" '.renewalparams.authenticator == "webroot" and .acme == 1' \
	'and keeps all that it had'
same "$T/le/live/a.example/cert.pem" "$T/a1/cert.pem" 'the certificate'
same "$T/le/live/a.example/chain.pem" "$T/a1/chain.pem" 'the chain'
same "$T/le/live/a.example/fullchain.pem" "$T/a1/fullchain.pem" 'both'
like "$(head -n 1 "$T/le/live/a.example/privkey.pem")" '^-----BEGIN PRIVATE' \
	'the key is PKCS#8'
is "$(openssl pkey -pubout -in "$T/le/live/a.example/privkey.pem")" \
	"$(openssl pkey -pubout -in "$T/a1/privkey.pem")" 'and the right one'
is "$(link a.example/privkey.pem)" ../../archive/a.example/privkey1.pem \
	'links are relative'
for m in archive:700 archive/a.example:755 live:700 live/a.example:755 \
	renewal:755 renewal/a.example.conf:644 live/README:644 \
	live/a.example/README:644 archive/a.example/privkey1.pem:600 \
	archive/a.example/cert1.pem:644 archive/a.example/fullchain1.pem:644; do
	mode "$T/le/${m%:*}" "${m#*:}" "mode of ${m%:*}"
done
cat >"$T/want.conf" <<END
# renew_before_expiry = 30 days
version = 1.22.0
archive_dir = $T/le/archive/a.example
cert = $T/le/live/a.example/cert.pem
privkey = $T/le/live/a.example/privkey.pem
chain = $T/le/live/a.example/chain.pem
fullchain = $T/le/live/a.example/fullchain.pem

# Options used in the renewal process
[renewalparams]
account = 397b900de3e5a2d2f6673eb10b43f0a6
key_type = ecdsa
server = https://ca.example/directory
authenticator = webroot
webroot_path = /srv/www,
[[webroot_map]]
a.example = /srv/www
www.a.example = /srv/www
END
same "$T/le/renewal/a.example.conf" "$T/want.conf" \
	'the renewal file is the one that certbot writes'
like "$(sed -n 3p "$T/le/live/README")" '^`\[cert name\]/privkey.pem`  : the' \
	'live/README'
like "$(sed -n 3p "$T/le/live/a.example/README")" '^`privkey.pem`  : the' \
	'and that of the lineage'
is "$(cd "$T/le" && find . -name '.*' ! -name .)" '' 'nothing else is left'
like "$err" "account of this certificate is not in '$T/le/accounts/ca.exam" \
	'an account elsewhere is reported'

# -- the same once more, and a next version -------------------------------------------

cp "$T/out" "$T/saved.json"
store save <"$T/saved.json"
is "$status" 0 'the same document again'
json "$T/out" '.lineage.name == "a.example" and .lineage.version == 1' \
	'is the same version'
is "$(find "$T/le/archive" -name 'cert*' | wc -l)" 1 'and saves nothing'

chmod 644 "$T/le/archive/a.example/privkey1.pem"
chain "$T/a2" www.a.example,a.example
store save <"$T/a2/doc.json"
is "$status" 0 'the same names in another order'
json "$T/out" '.lineage.name == "a.example" and .lineage.version == 2' \
	'make a next version'
is "$(for k in cert privkey chain fullchain; do
	link a.example/$k.pem
done | tr '\n' ' ')" "../../archive/a.example/cert2.pem \
../../archive/a.example/privkey2.pem ../../archive/a.example/chain2.pem \
../../archive/a.example/fullchain2.pem " 'all links move'
mode "$T/le/archive/a.example/privkey2.pem" 644 'modes of the key are kept'
is "$(ls -A "$T/le/live/a.example" | tr '\n' ' ')" \
	'README cert.pem chain.pem fullchain.pem privkey.pem ' \
	'no previous links are left'
chmod 640 "$T/le/archive/a.example/privkey2.pem"
chgrp 7 "$T/le/archive/a.example/privkey2.pem" 2>/dev/null ||
	note 'cannot change groups'
group=$(stat -c %g "$T/le/archive/a.example/privkey2.pem")

store save <"$T/a1/doc.json"
is "$status" 0 'the first document after the second'
json "$T/out" '.lineage.version == 2' 'does not come back'

# -- renewal files are kept ------------------------------------------------------------

cat >"$T/le/renewal/a.example.conf" <<END
# mine
renew_before_expiry = 10 days
version = 9.9.9
mine = "a, b"
cert = $T/le/live/a.example/cert.pem
privkey = $T/le/live/a.example/privkey.pem
chain = $T/le/live/a.example/chain.pem
fullchain = $T/le/live/a.example/fullchain.pem
[renewalparams]
# above
server = https://old.example/
pre_hook = true
[other]
x = 1
END
chmod 600 "$T/le/renewal/a.example.conf"
chain "$T/a3" a.example,www.a.example key=rsa
jq -c '.acmeTools = {challenges: [{for: ["*.a.example"], plugin: "dns-x",
	options: {dns_x_credentials: "/etc/x.ini", m: {k: "v"}}}]} |
	.renewalparams += {must_staple: true, pref_challs: ["http-01"],
	renew_hook: "echo \"hi, #1\""} | del(.renewalparams.webroot_map)' \
	"$T/a3/doc.json" >"$T/a3.json"
store save --cert-name '%n' <"$T/a3.json"
is "$status" 0 'over a renewal file of the user'
cat >"$T/want.conf" <<END
# mine
renew_before_expiry = 10 days
version = 1.22.0
mine = "a, b"
cert = $T/le/live/a.example/cert.pem
privkey = $T/le/live/a.example/privkey.pem
chain = $T/le/live/a.example/chain.pem
fullchain = $T/le/live/a.example/fullchain.pem
archive_dir = $T/le/archive/a.example
[renewalparams]
# above
server = https://ca.example/directory
account = 397b900de3e5a2d2f6673eb10b43f0a6
must_staple = True
pref_challs = http-01,
renew_hook = 'echo "hi, #1"'
authenticator = webroot
webroot_path = /srv/www,
key_type = rsa
[other]
x = 1
[acme_tools]
[[challenge_1]]
for = *.a.example,
plugin = dns-x
[[[options]]]
dns_x_credentials = /etc/x.ini
[[[[m]]]]
k = v
END
same "$T/le/renewal/a.example.conf" "$T/want.conf" \
	'what is not ours stays, options that are not saved go'
mode "$T/le/renewal/a.example.conf" 600 'its mode stays'
mode "$T/le/archive/a.example/privkey3.pem" 640 'the key stays for its group'
is "$(stat -c %g "$T/le/archive/a.example/privkey3.pem")" "$group" \
	'which is the same'
store show a.example
json "$T/out" '.acmeTools.challenges == [{for: ["*.a.example"],
	plugin: "dns-x", options: {dns_x_credentials: "/etc/x.ini",
	m: {k: "v"}}}]' 'show gives the challenges back'
json "$T/out" '.renewalparams.pref_challs == ["http-01"] and
	.renewalparams.renew_hook == "echo \"hi, #1\"" and
	.request.names == ["a.example", "www.a.example"] and
	.request.key.type == "rsa" and .request.mustStaple' 'and the options'

# -- names -----------------------------------------------------------------------------

chain "$T/b1" a.example
store save <"$T/b1/doc.json"
json "$T/out" '.lineage.name == "a.example-0001"' \
	'other names with the same first one are numbered'
store save <"$T/b1/doc.json"
json "$T/out" '.lineage.name == "a.example-0001" and .lineage.version == 1' \
	'once'
chain "$T/b2" '*.w.example,w.example'
jq -c '.plan = {action: "new", lineage: "w.example"}' "$T/b2/doc.json" \
	>"$T/b2.json"
store save <"$T/b2.json"
json "$T/out" '.lineage.name == "w.example"' 'a wildcard loses its star'
store save <"$T/b2.json"
json "$T/out" '.lineage.name == "w.example"' 'a planned one is found again'
chain "$T/b3" '*.w.example,w.example'
jq -c '.plan = {action: "new", lineage: "w.example"}' "$T/b3/doc.json" \
	>"$T/b3.json"
store save <"$T/b3.json"
json "$T/out" '.lineage.name == "w.example-0001"' \
	'a plan for a new one makes a new one'
chain "$T/b4" 'x.example'
jq -c '.plan = {action: "renew", lineage: "w.example"}' "$T/b4/doc.json" \
	>"$T/b4.json"
store save <"$T/b4.json"
json "$T/out" '.lineage.name == "w.example" and .lineage.version == 2 and
	.lineage.names == ["x.example"]' 'a plan to renew decides'
chain "$T/b5" y.example
store save --cert-name mine <"$T/b5/doc.json"
json "$T/out" '.lineage.name == "mine"' '--cert-name names'
chain "$T/b6" z.example
store save --cert-name mine <"$T/b6/doc.json"
json "$T/out" '.lineage.name == "mine" and .lineage.version == 2' \
	'and renews what is there'
jq -c '.plan = {action: "keep", lineage: "mine"}' "$T/b5/doc.json" >"$T/k.json"
store save <"$T/k.json"
same "$T/out" "$T/k.json" 'a document that says keep passes'

for bad in a/b .hidden ''; do
	store save --cert-name "$bad" <"$T/b5/doc.json"
	isnt "$status" 0 "'$bad' is refused as a name"
done

# -- directories in the way ---------------------------------------------------------------

mkdir -p "$T/le/archive/full.example/x" "$T/le/live/empty.example"
chain "$T/c1" full.example
store save <"$T/c1/doc.json"
is "$status" 73 'an archive directory in the way'
json "$T/out" '.error.detail | test("archive directory exists for full.exam")' \
	'is said'
is "$(ls -A "$T/le/renewal" | grep full)" '' 'and no renewal file stays'
ok 'nor is it touched' test -d "$T/le/archive/full.example/x"
chain "$T/c2" empty.example
store save <"$T/c2/doc.json"
is "$status" 0 'an empty directory is no obstacle'

# -- many versions --------------------------------------------------------------------------

for i in 1 2 3 4 5 6 7 8; do
	chain "$T/p$i" p.example
	store save --cert-name p.example <"$T/p$i/doc.json"
done
json "$T/out" '.lineage.version == 8' 'eight versions'
is "$(ls "$T/le/archive/p.example" | grep cert | sort | tr '\n' ' ')" \
	'cert3.pem cert4.pem cert5.pem cert6.pem cert7.pem cert8.pem ' \
	'five stay beside the newest'
is "$(ls "$T/le/archive/p.example" | wc -l)" 24 'of every kind'

# -- documents that cannot be saved -----------------------------------------------------------

echo '{"acme":1}' >"$T/bad1"
jq -c '.key.path = "/nowhere/k.pem"' "$T/a1/doc.json" >"$T/bad2"
jq -c --arg k "$T/a2/privkey.pem" '.key.path = $k' "$T/b5/doc.json" >"$T/bad3"
jq -c --rawfile c "$T/a1/cert.pem" '.certificate.fullchain = $c' \
	"$T/a1/doc.json" >"$T/bad4"
jq -c '.renewalparams.x = [[1]]' "$T/c1/doc.json" >"$T/bad5"
for i in 1:65 2:66 3:65 4:65 5:65; do
	store save --cert-name bad <"$T/bad${i%:*}"
	is "$status" "${i#*:}" "bad document ${i%:*}"
	json "$T/out" .error.detail 'says why'
done
not_ok 'and nothing is made' test -e "$T/le/renewal/bad.conf"
is "$(cd "$T/le" && find . -name '.?*')" '' 'nothing is left over'
store save --cert-name given --key "$T/b5/privkey.pem" <"$T/bad3"
is "$status" 0 '--key comes before the document'

done_testing
