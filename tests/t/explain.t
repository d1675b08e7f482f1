#!/bin/sh
# certbot certonly --explain prints a pipeline; sh runs it, and the lineage that
# it makes is the one that certbot makes of the same options.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/sites.sh"
need openssl jq
ca_start

# Both work at the same place, one after the other, with the same account, so
# that even the paths in their files are the same.
common()
{
	run certbot "$@" -n --agree-tos --register-unsafely-without-email \
		--server "$ACME_SERVER" --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l" \
		--http-01-port "$HTTP01_PORT" </dev/null
}
common register
is "$status" 0 'an account'
mkdir www
web_start www
web=$pid

cp -a c base
rm -rf w l

# settings FILE: a renewal file's lines in order, without the version.
settings()
{
	sed '/^version =/d; /^# renew_before/d; s/[ \t]*$//; /^$/d' "$1" | sort
}

# certificate DIR NAME: what there is to say of the newest version.
certificate()
{
	openssl x509 -in "$1/live/$2/cert.pem" -noout -ext \
		subjectAltName,tlsfeature 2>/dev/null
	openssl pkey -in "$1/live/$2/privkey.pem" -noout -text |
		grep -E 'bit|OID'
	readlink "$1/live/$2/"*
	(cd "$1" && find . ! -path './accounts*' | sort |
	xargs stat -c '%A %n')
}

# both NAME OPTION...: one lineage by sh, one by certbot.
both()
{
	_name=$1
	shift
	rm -rf w l
	common certonly "$@" --explain
	is "$status" 0 "$*: explained"
	cp out "explained.$_name"
	is "$err" '' 'and nothing else is said'
	ok 'nothing is done' diff -r c base
	not_ok 'nor written' test -e w -o -e l
	run sh "explained.$_name" </dev/null
	is "$status" 0 'sh runs it' || diag "$(cat "explained.$_name")"
	is "$(ls tmp)" '' 'and leaves nothing behind'
	mv c "c.sh.$_name" && cp -a base c && rm -rf w l
	common certonly "$@"
	is "$status" 0 'certbot runs'
	mv c "c.certbot.$_name" && cp -a base c && rm -rf w l
	for _by in sh certbot; do
		settings "c.$_by.$_name/renewal/$_name.conf" >"conf.$_by" 2>&1
		certificate "c.$_by.$_name" "$_name" >"cert.$_by" 2>&1
	done
	same conf.sh conf.certbot 'the same renewal file'
	same cert.sh cert.certbot 'the same names, key, links and modes'
}

both web.example --webroot -w "$T/www" -d web.example,www.web.example \
	--key-type ecdsa
like "$(grep '^acme-challenge' explained.web.example)" '--patience 1800 ' \
	'a CA may ask for half an hour'
like "$(grep '^acme-finalize' explained.web.example)" '--timeout 90 ' \
	'and has 90 seconds for the certificate'
both maps.example --webroot --webroot-map "{\"maps.example\":\"$T/www\"}" \
	-d maps.example --key-type ecdsa --elliptic-curve secp384r1 \
	--reuse-key --deploy-hook 'echo "it'\''s \(new\)" >&2' --no-autorenew
stop "$web"
both a.example --standalone -d a.example
both alone.example --standalone -d a.example -d b.example \
	--cert-name alone.example --rsa-key-size 3072 --must-staple \
	--preferred-chain 'Pebble Root' --user-agent 'a "b" $c/1' \
	--preferred-challenges http --allow-subset-of-names
both hand.example -a manual -d '*.hand.example' --cert-name hand.example \
	--preferred-challenges dns --manual-auth-hook \
	"curl -sSd '{\"host\":\"_acme-challenge.'\$CERTBOT_DOMAIN'.\",\"value\":\"'\$CERTBOT_VALIDATION'\"}' $CA_CHALLTESTSRV/set-txt >&2" \
	--manual-cleanup-hook true

# A request of the user's own makes no lineage.
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout csr.key -subj /CN=csr.example \
	-addext subjectAltName=DNS:csr.example -out csr.pem 2>csr.log
mkdir by.sh by.certbot
(cd by.sh && common certonly --standalone --csr ../csr.pem --explain)
cp out explained.csr
(cd by.sh && run sh "$T/explained.csr" </dev/null)
(cd by.certbot && common certonly --standalone --csr ../csr.pem)
is "$(ls by.sh)" "$(ls by.certbot)" 'a request: the same files' ||
	diag "$(cat explained.csr out err)"
isnt "$(ls by.sh)" '' 'some'
is "$(stat -c '%A %n' by.sh/* | sed s/sh/BY/)" \
	"$(stat -c '%A %n' by.certbot/* | sed s/certbot/BY/)" 'the same modes'
is "$(grep -c BEGIN by.sh/*.pem | sed s/sh/BY/)" \
	"$(grep -c BEGIN by.certbot/*.pem | sed s/certbot/BY/)" \
	'as many certificates in each'

common certonly --standalone --dry-run -d a.example --explain
is "$status" 0 'a trial, explained'
sed 's/; rm -r /; cp "$dir\/withdrawn" .; rm -r /' out >explained.dry
run sh explained.dry </dev/null
is "$status" 0 'sh runs it'
json out '.certificate' 'to the certificate'
json withdrawn '.deactivated == {"done": 1, "failed": 0}' 'then its authorization is withdrawn'
ok 'and nothing is saved' diff -r c base

# renew: one script for all lineages, each with what was saved for it.
common certonly --standalone -d due.example -d www.due.example \
	--deploy-hook 'echo deployed'
common certonly --standalone -d fine.example --key-type ecdsa
common certonly --standalone -d less.example,more.example --reuse-key \
	--allow-subset-of-names
for name in due.example less.example; do
	sed -i '1s/^/renew_before_expiry = 20 years\n/' "c/renewal/$name.conf"
done
curl -sSd '{"host":"more.example"}' "$CA_CHALLTESTSRV/set-servfail"
cp -a c lineages
common renew --explain
is "$status" 0 'renew, explained'
cp out explained.renew
run sh explained.renew </dev/null
is "$status" 0 'sh runs it' || diag "$(cat explained.renew)"
mv c c.sh && cp -a lineages c
common renew --no-random-sleep-on-renew
is "$status" 0 'certbot renews'
for name in due.example fine.example less.example; do
	for by in c.sh c; do
		settings "$by/renewal/$name.conf" >"conf.$by"
		certificate "$by" "$name" >"cert.$by" 2>&1
	done
	same conf.c.sh conf.c "$name: the same renewal file"
	same cert.c.sh cert.c 'the same names, key, links and modes'
done
like "$(readlink c.sh/live/due.example/cert.pem)" 'cert2' 'one was renewed'
like "$(readlink c.sh/live/fine.example/cert.pem)" 'cert1' 'one is not due'
is "$(openssl pkey -in c.sh/live/less.example/privkey.pem -pubout)" \
	"$(openssl pkey -in lineages/live/less.example/privkey.pem -pubout)" \
	'one has its key still'
rm -r c && cp -a lineages c
echo x >c/renewal/broken.conf
common renew --explain --dry-run --force-renewal
cp out explained.renew
run sh explained.renew </dev/null
isnt "$status" 0 'a broken lineage is an error'
is "$(printf '%s\n' "$out" | jq -r '.lineage.name // empty' | paste -sd ' ' -)" \
	'due.example fine.example less.example' 'the others have their trial'
common renew --explain --cert-name fine.example
unlike "$out" 'due.example' '--cert-name chooses'
rm -r c && cp -a base c && rm -rf w l

# reconfigure: tried, then saved.
common certonly --standalone -d other.example
cp -a c lineages.one
common reconfigure --cert-name other.example --deploy-hook 'echo "it'\''s new"' --key-type ecdsa --explain
is "$status" 0 'reconfigure, explained'
cp out explained.reconfigure
ok 'nothing is done' diff -r c lineages.one
run sh explained.reconfigure </dev/null
is "$status" 0 'sh runs it' || diag "$(cat explained.reconfigure err)"
json out '.reconfigured and .lineage.name == "other.example"' 'and prints what was saved'
is "$(ls c/archive/other.example | wc -l)" 4 'nothing new is issued'
mv c c.tried && cp -a lineages.one c
common reconfigure --cert-name other.example --deploy-hook 'echo "it'\''s new"' --key-type ecdsa
is "$status" 0 'certbot does'
settings c.tried/renewal/other.example.conf >conf.sh
settings c/renewal/other.example.conf >conf.certbot
same conf.sh conf.certbot 'the same renewal file'
like "$(cat conf.sh)" 'renew_hook = ' 'with what is new'
common reconfigure --cert-name other.example --dry-run --explain
unlike "$out" 'certstore reconfigure' '--dry-run only tries'
common reconfigure --cert-name nosuch.example --explain
is "$status" 1 'a lineage that is not there'
common reconfigure --explain
like "$err" 'say which certificate' 'nor is one asked for'
rm -r c c.tried && cp -a base c && rm -rf w l

# run: the last stage installs.
sites_new site.example
common run --configurator sites --sites-root "$T/s" -d site.example --explain
is "$status" 0 'run, explained'
cp out explained.run
ok 'nothing is done' diff -r c base
sites_original 'nothing is installed'
common run --authenticator standalone --installer sites --sites-root "$T/s" \
	-d site.example --explain
cp out explained.run
run sh explained.run </dev/null
is "$status" 0 'sh runs it' || diag "$(cat explained.run)"
like "$(site site.example)" "^cert $T/c/live/site.example/fullchain.pem" 'it is installed'
is "$(sed -n 's/^installer = //p' c/renewal/site.example.conf)" sites 'and saved'
rm -r c && cp -a base c && rm -rf w l
common run --standalone -d site.example --explain
is "$status" 1 'without an installer there is nothing to explain'

# What goes wrong in the pipeline is seen.
common certonly --webroot -w "$T/www" -d nobody.example --explain
cp out explained.bad
run sh explained.bad </dev/null
isnt "$status" 0 'a failed pipeline has its exit status'

# Where the text would not be true there is none.
for options in 'certonly -d a.example' 'certonly --standalone' \
	'certificates' 'revoke --cert-name a.example' 'delete' 'register' \
	'certonly -a nosuch -d a.example'; do
	# shellcheck disable=SC2086 # words
	common $options --explain
	is "$status" 1 "$options --explain is refused"
	is "$out" '' 'and prints nothing'
	ok 'and does nothing' diff -r c base
done
common certonly --standalone -d a.example --eab-kid k --eab-hmac-key c2VjcmV0 \
	--explain
is "$status" 0 'an external account, explained'
unlike "$out$err" c2VjcmV0 'without its secret'
like "$out" 'EAB_HMAC_KEY_FILE' 'which comes from a file'
done_testing
