#!/bin/sh
# The pipeline of the README typed into sh, under acme-net, and with a plan, as
# it stands in cron; and what renews a lineage that it made.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/pipeline.sh"
need jq openssl curl /usr/bin/certbot
ca_start
faultd_start --http2
web_start
ca_root root.pem
CA=$ACME_SERVER
export CA

# readme NAME: its block that has NAME in it, for this machine
readme()
{
	awk -v want="$1" '/^```/ { if (inside && index(text, want)) {
		printf "%s", text; exit } inside = !inside; text = ""; next }
		inside { text = text $0 "\n" }' "$ROOT/README.md" |
		sed "s|/var/www/html|$T/www|; s|--config-dir|--work-dir $T/work &|"
}

# -- typed into sh, as the README has it; each stage with a network of its own
unset ACME_SERVER
readme 'acme-account register' >line
is "$(grep -c '|$' line)" 4 'the README has a pipeline of five stages'
run sh line
is "$status" 0 'typed into sh'
cp out last.json
is "$err" "" "nothing to say on standard error"
ok 'a document comes out' last_good last.json
is "$(documents last.json)" 1 'one'
is "$(names fullchain.pem)" 'example.com www.example.com' 'its names'
ok 'privkey.pem is its key' pair fullchain.pem privkey.pem
mode privkey.pem 600 'which nobody else reads'
L=letsencrypt/live/example.com
is "$(readlink $L/privkey.pem)" ../../archive/example.com/privkey1.pem \
	'a lineage as certbot has them'
same "$L/privkey.pem" privkey.pem 'with the key'
same "$L/fullchain.pem" fullchain.pem 'and the chain'
ok 'openssl verifies it' openssl verify -CAfile root.pem \
	-untrusted $L/chain.pem $L/cert.pem
json last.json "
	.lineage.name == \"example.com\" and .lineage.version == 1 and
	.lineage.path == \"$T/$L\" and
	.key.path == \"$T/privkey.pem\" and
	.order.status == \"valid\" and (.authorizations | length) == 2 and
	.renewalparams.authenticator == \"webroot\"" \
	'what each stage has added is in the document'
is "$(find www -type f)" '' 'no challenge file is left'
is "$(leftovers)" '' 'no process is left'
is "$(orders)" 1 'one order'

# -- again: the account is there; every stage but the order finds its work done
run sh line
is "$status" 73 'again: the key of the first order is not replaced'
like "$err" 'privkey.pem.*--replace-key' 'and the sentence says how it would be'
json out '.error.stage == "acme-finalize"' 'the last stage tells the truth'
is "$(counter .resources.newAccount)" 1 'one account'
is "$(counter .resources.finalize)" 1 'the order is not wasted'

# -- under acme-net
sed 's/--key-out/--replace-key &/' line >issue.sh
faultd_post /reset
run acme-net -- sh issue.sh
is "$status" 0 'under acme-net: a second version'
json out '.lineage.version == 2' 'under acme-net: the same lineage'
is "$(counter .tls)" 1 'under acme-net: one connection for all stages'
ok 'under acme-net: the key is the new one' pair $L/cert.pem privkey.pem
cmp -s letsencrypt/archive/example.com/privkey1.pem privkey.pem &&
	fail 'and another one' || pass 'and another one'
is "$(leftovers)" '' 'under acme-net: no process is left'
run acme-net -- sh -c 'echo x; exit 7'
is "$status:$out" 7:x 'and the exit status is that of the command'

# -- in cron: certstore plan before the order
cat >cron.sh <<EOS
acme-account register --agree-tos -m me@example.com \
	--account-dir letsencrypt/accounts |
certstore plan --config-dir letsencrypt --work-dir work -d cron.example -d www.cron.example - |
acme-order new |
acme-challenge webroot -w www |
acme-finalize --new-key rsa --key-out cron.pem |
certstore save --config-dir letsencrypt --work-dir work
EOS
ACME_SERVER=$CA
export ACME_SERVER
run acme-net -- sh cron.sh
is "$status" 0 'with a plan: the first time'
json out '.plan.action == "new" and .lineage.name == "cron.example" and
	.lineage.version == 1' 'a new lineage'
like "$(names letsencrypt/live/cron.example/cert.pem)" \
	'^cron.example www.cron.example$' 'the names of the plan are ordered'
faultd_post /reset
find letsencrypt cron.pem -newer out >before
touch stamp
run acme-net -- sh cron.sh
is "$status" 0 'with a plan: the second time'
json out '.plan.action == "keep" and .lineage.name == "cron.example" and
	.order == null and .certificate.fullchain == null' 'says keep'
is "$(counter '[.resources | to_entries[] | select(.key != "directory").value] | add')" \
	0 'nothing is asked of the CA but its directory'
is "$(find letsencrypt cron.pem -newer stamp -type f ! -name '.*')" '' 'no file is written'
sed 's/certstore plan/& --force-renewal/; s/--new-key/--replace-key &/' cron.sh >forced.sh
run acme-net -- sh forced.sh
is "$status" 0 'with a plan that renews'
json out '.plan.action == "renew" and .lineage.version == 2' 'version 2'

# -- renewed by certbot, ours and Debian's, without an option but directories
for who in ours theirs; do
	was=$(readlink -f letsencrypt/live/example.com/cert.pem)
	if [ $who = ours ]; then
		run ours renew --force-renewal --no-random-sleep-on-renew
	else
		run theirs renew --force-renewal --no-random-sleep-on-renew
	fi
	is "$status" 0 "$who: certbot renew"
	like "$out" 'all renewals succeeded' "$who: says so"
	for n in example.com cron.example; do
		L=letsencrypt/live/$n
		is "$(names $L/cert.pem)" "$n www.$n" "$who: $n: the names"
		ok "$who: $n: the key belongs to it" pair $L/cert.pem $L/privkey.pem
		ok "$who: $n: verified" openssl verify -CAfile root.pem \
			-untrusted $L/chain.pem $L/cert.pem
	done
	isnt "$(readlink -f letsencrypt/live/example.com/cert.pem)" "$was" \
		"$who: another version"
	like "$(openssl pkey -in letsencrypt/live/example.com/privkey.pem \
		-noout -text 2>/dev/null | head -n 1)" '256 bit' "$who: EC as before"
	like "$(openssl pkey -in letsencrypt/live/cron.example/privkey.pem \
		-noout -text 2>/dev/null | head -n 1)" '2048 bit' "$who: RSA as before"
	is "$(counter .resources.newAccount)" 0 "$who: with the account that is there"
done
is "$(leftovers)" '' 'no process is left at the end'
done_testing
