#!/bin/sh
# One certificate, two authenticators in one pipeline (--for), saved, and
# renewed by certbot renew with both.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/pipeline.sh"
need jq openssl curl
ca_start
faultd_start --http2
web_start
CTL=$CA_CHALLTESTSRV
export CTL
cat >auth.sh <<'EOS'
echo "$CERTBOT_DOMAIN" >>auth.log
curl -sS -o /dev/null -d '{"host":"_acme-challenge.'"$CERTBOT_DOMAIN"'.",
	"value":"'"$CERTBOT_VALIDATION"'"}' "$CTL/set-txt"
EOS
cat >cleanup.sh <<'EOS'
echo "$CERTBOT_DOMAIN" >>cleanup.log
curl -sS -o /dev/null -d '{"host":"_acme-challenge.'"$CERTBOT_DOMAIN"'."}' \
	"$CTL/clear-txt"
EOS

cat >issue.sh <<'EOS'
acme-account register --agree-tos --no-contact \
	--account-dir letsencrypt/accounts |
acme-order new -d '*.example.com' -d www.other.org |
acme-challenge --for '*.example.com' manual --preferred-challenges dns \
	--manual-auth-hook 'sh auth.sh' --manual-cleanup-hook 'sh cleanup.sh' |
acme-challenge webroot -w www |
acme-finalize --new-key ecdsa --key-out privkey.pem |
certstore save --config-dir letsencrypt --work-dir work --cert-name both
EOS
run acme-net -- sh issue.sh
is "$status" 0 'two authenticators in one pipeline'
json out '.lineage.version == 1 and .order.status == "valid"' 'saved'
L=letsencrypt/live/both
is "$(names $L/cert.pem)" '*.example.com www.other.org' 'one certificate for both'
ok 'its key' pair $L/cert.pem $L/privkey.pem
is "$(cat auth.log) $(cat cleanup.log)" 'example.com example.com' \
	'the hook did one name, and cleaned up'
is "$(find www -type f)" '' 'no challenge file is left'
is "$(counter .resources.challenge)" 2 'each answered once'
is "$(counter .resources.newOrder)" 1 'one order'
conf=$(cat letsencrypt/renewal/both.conf)
like "$conf" '^authenticator = webroot$' 'the stage without --for is the authenticator'
like "$conf" '^\[acme_tools\]$' 'the other one has a section of ours'
like "$(sed -n '/acme_tools/,$p' letsencrypt/renewal/both.conf)" 'sh auth.sh' \
	'with its options'
unlike "$(sed '/acme_tools/,$d' letsencrypt/renewal/both.conf)" manual \
	'which are not among the first one'\''s'

cp letsencrypt/renewal/both.conf before.conf
for round in 2 3; do
	rm -f auth.log cleanup.log
	faultd_post /reset
	run ours renew --force-renewal --no-random-sleep-on-renew
	is "$status" 0 "renewed to version $round"
	is "$(readlink $L/cert.pem)" ../../archive/both/cert$round.pem \
		"version $round is live"
	is "$(names $L/cert.pem)" '*.example.com www.other.org' "$round: both names"
	ok "$round: its key" pair $L/cert.pem $L/privkey.pem
	is "$(cat auth.log) $(cat cleanup.log)" 'example.com example.com' \
		"$round: the hook did its name"
	is "$(counter .resources.challenge)" 2 "$round: each answered once"
	is "$(counter .resources.newOrder)" 1 "$round: one order"
	is "$(sed -n '/acme_tools/,$p' letsencrypt/renewal/both.conf)" \
		"$(sed -n '/acme_tools/,$p' before.conf)" "$round: our section stays"
done
is "$(find www -type f)" '' 'no challenge file is left at the end'
run theirs certificates
like "$out" 'Certificate Name: both' 'Debian'\''s certbot lists it'

# -- without the stage without --for: the last one is the authenticator
sed "s/^acme-challenge webroot/acme-challenge --for other.org --for '*.other.org' webroot/
	s/cert-name both/cert-name each/; s/privkey/each/" issue.sh >each.sh
run acme-net -- sh each.sh
is "$status" 0 'each with --for'
like "$(cat letsencrypt/renewal/each.conf)" '^authenticator = webroot$' \
	'the last one is the authenticator'
rm -f auth.log
run ours renew --cert-name each --force-renewal --no-random-sleep-on-renew
is "$status" 0 'each with --for: renewed'
is "$(cat auth.log)" example.com 'each with --for: by its own'

# -- a name that no stage takes
sed "s/^acme-challenge webroot/acme-challenge --for nobody.example webroot/
	s/privkey/none/" issue.sh >none.sh
run acme-net -- sh none.sh
is "$status" 68 'a name that no stage takes'
like "$err" 'www.other.org not validated' 'is named'

# -- the plugin hears of its own names only
mkdir plugins
printf '{"name": "asked", "version": 1, "summary": "Asked", "kinds": ["authenticator"],
	"challenges": ["http-01"]}' >plugins/asked.json
cat >plugins/asked <<EOS
#!/bin/sh
while read -r line; do
	printf '%s\\n' "\$line" >>"$T/heard"
	case \$line in
	*'"preferences"'*) echo '{"error": {"type": "failed", "detail": "enough"}}' ;;
	*) echo '{"ok": true}' ;;
	esac
done
EOS
chmod 755 plugins plugins/asked
CERTBOT_PLUGIN_PATH=$T/plugins sh -c 'acme-account show --account-dir letsencrypt/accounts |
	acme-order new -d one.example -d two.example -d three.example |
	acme-challenge --for two.example asked' >out 2>err
json out '.error.detail | test("enough")' 'a plugin of the test'
is "$(jq -c 'select(.op == "preferences") | .names' heard)" '["two.example"]' 'hears of its own name only'
is "$(leftovers)" '' 'no process is left'
done_testing
