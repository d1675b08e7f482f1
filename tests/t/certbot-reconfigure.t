#!/bin/sh
# reconfigure (spec 2.7, 10.4): other options for a lineage's renewals, saved
# after a dry run with them.
. "$(dirname "$0")/../lib.sh"
need openssl jq curl
. "$ROOT/tests/both.sh"
ca_start
faultd_start

reconfigure()
{
	run certbot reconfigure "$@" --config-dir c --work-dir w --logs-dir l \
		--agree-tos --register-unsafely-without-email <"${input:-/dev/null}"
}
conf=c/renewal/a.example.conf
unchanged()
{
	same "$conf" kept.conf "$1"
}

ours_new certonly --standalone -d a.example -d www.a.example --deploy-hook true
is "$status" 0 'a certificate'
sed -i 's/^version/renew_before_expiry = 20 days\nversion/; s/^authenticator.*/&\nuser_thing = 7/' $conf
cp $conf kept.conf

# -- what is refused -----------------------------------------------------------------
reconfigure --cert-name a.example -d b.example
is "$status" 1 'names are refused'
like "$err" '^You have specified domains, but this function cannot be used to modify the domains in a certificate. If you would like to do so, follow the instructions at https://certbot.org/change-cert-domain. Otherwise, remove the domains from the command to continue reconfiguring. You can specify which certificate you want on the command line with flag --cert-name instead.$' 'in these words'
reconfigure --cert-name none.example
is "$status" 1 'an unknown name'
like "$err" '^An existing certificate with name none.example could not be found. Run `certbot certificates` to list available certificates.$' 'in these words'
reconfigure -n --cert-name a.example --server "$CA_SERVER"
is "$status" 1 'another server'
changed='^Using reconfigure to change the ACME account or server is not supported. If you would like to do so, use renew with the --force-renewal flag instead of reconfigure. Note that doing so will count against any rate limits. For more information on this method, see https://certbot.org/renew-reconfiguration$'
like "$err" "$changed" 'in these words'
reconfigure -n --cert-name a.example --account 0123456789abcdef0123456789abcdef
is "$status" 1 'another account'
like "$err" "$changed" 'in the same words'
echo '[renewalparams' >c/renewal/broken.conf
reconfigure -n --cert-name broken
is "$status" 1 'a broken file'
like "$err" '^Could not load certificate. See logs for errors.$' 'in these words'
rm c/renewal/broken.conf
reconfigure -n
is "$status" 1 'no name, -n'
like "$err" '^Missing command line flag or config entry for this setting:$' 'names the option'
unchanged 'nothing was changed by all that'
is "$(counter .resources.newOrder)" 1 'nor ordered'

# -- other options ---------------------------------------------------------------------
mkdir -p c/renewal-hooks/pre c/renewal-hooks/deploy
for kind in pre deploy; do
	printf '#!/bin/sh\necho "%s-dir $RENEWED_LINEAGE" >>%s/trace\n' $kind "$T" >c/renewal-hooks/$kind/x
	chmod 755 c/renewal-hooks/$kind/x
done
reconfigure -n --cert-name a.example --pre-hook "echo pre >>$T/trace" \
	--post-hook "echo post \$RENEWED_DOMAINS >>$T/trace" --rsa-key-size 3072
is "$status" 0 'hooks and a key size'
like "$out" '^Simulating renewal of an existing certificate for a.example and www.a.example$' 'a dry run'
is "$(tail -n 3 "$T/out")" '
Successfully updated configuration.
Changes will apply when the certificate renews.' 'then they are saved'
is "$(cat trace)" 'pre-dir 
pre
post a.example www.a.example' 'pre and post hooks run, deploy hooks do not'
is "$(conf_get a.example rsa_key_size) $(conf_get a.example pre_hook)" "3072 echo pre >>$T/trace" 'they are in the file'
is "$(conf_get a.example renew_hook)" true 'what was saved before stays'
is "$(conf_get a.example account)" "$(sed -n 's/^account = //p' kept.conf)" 'the account, too'
is "$(conf_get a.example renew_before_expiry)$(conf_get a.example user_thing)" '20 days7' 'and what is unknown'
is "$(counter .resources.newOrder)" 2 'one order'
is "$(version_of a.example)" 1 'no certificate is saved'
is "$(find . -name 'certbot-dry-run-*')$(ls w/pending 2>/dev/null)" '' 'and nothing is left of it'
reconfigure -n --cert-name a.example --rsa-key-size 3072
is "$status" 0 'the same once more'
is "$(tail -n 2 "$T/out")" '
No changes were made to the renewal configuration.' 'changes nothing'
theirs renew --cert-name a.example --dry-run --server "$CA_SERVER" --no-random-sleep-on-renew \
	--agree-tos --register-unsafely-without-email
is "$status" 0 "Debian's certbot renews by it"

# -- what does not work is not saved ------------------------------------------------------
cp $conf kept.conf
mkdir www
reconfigure -n --cert-name a.example --webroot -w www
is "$status" 1 'a web root that nobody serves'
like "$err" '^Some challenges have failed.$' 'the dry run fails'
unchanged 'and nothing is saved'
reconfigure -n --cert-name a.example --standalone --dry-run
is "$status" 0 '--dry-run'
like "$out" '^The dry run was successful.$' 'says so'
unchanged 'and saves nothing'

# -- deploy hooks -----------------------------------------------------------------------------
rm trace
echo c >no
input=no reconfigure --cert-name a.example --deploy-hook "echo deploy \$RENEWED_DOMAINS >>$T/trace"
is "$status" 1 'the question about deploy hooks: cancelled'
like "$(tr '\n' ' ' <"$T/out")" 'You are attempting to set a --deploy-hook. Would you like Certbot to run deploy hooks when it performs a dry run with the new settings\? This will run all relevant deploy hooks, including directory hooks, unless --no-directory-hooks is set. This will use the current active certificate, and not the temporary test certificate acquired during the dry run.' 'in these words'
unchanged 'nothing is saved'
echo d >no
input=no reconfigure --cert-name a.example --deploy-hook "echo deploy \$RENEWED_DOMAINS >>$T/trace"
is "$status" 0 'no'
unlike "$(cat trace)" deploy 'they do not run'
like "$(conf_get a.example renew_hook)" '^echo deploy' 'but are saved'
reconfigure -n --cert-name a.example --run-deploy-hooks --deploy-hook "echo deploy2 \$RENEWED_DOMAINS >>$T/trace"
is "$status" 0 '--run-deploy-hooks'
is "$(grep ^deploy trace)" "deploy-dir $T/c/live/a.example
deploy2 a.example www.a.example" 'they run, with the lineage that is there'
not_ok 'the option is not saved' grep -q run_deploy $conf

# -- the menu -----------------------------------------------------------------------------------
ours_new certonly --standalone -d b.example
echo 2 >two
input=two reconfigure --key-type ecdsa
is "$status" 0 'the menu'
like "$out" '^Which certificate would you like to reconfigure\?$' 'its question'
like "$out" '^2: b.example$' 'its answers'
is "$(conf_get b.example key_type)" ecdsa 'the chosen one is changed'
is "$(conf_get a.example key_type)" rsa 'the other is not'
echo c >no
input=no reconfigure --key-type ecdsa
is "$status" 1 'cancelled'
like "$err" '^User ended interaction.$' 'in these words'
ours renew --force-renewal --cert-name b.example --no-random-sleep-on-renew
is "$(openssl pkey -in c/live/b.example/privkey.pem -noout -text | head -n 1)" 'Private-Key: (256 bit)' 'the next renewal has the new key type'

# -- what a person types during the dry run ---------------------------------------------------------
web_start www
cp c/renewal/b.example.conf b.conf
person()
{
	run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" "$@" --config-dir c --work-dir w --logs-dir l
}
asked='Input the webroot for b.example:'
person -w "$asked" -w 'cancel): ' -s 'c\n' -- certbot reconfigure --cert-name b.example --webroot
is "$status" 1 'the web root, cancelled'
same c/renewal/b.example.conf b.conf 'nothing is saved'
person -- certbot reconfigure -n --cert-name b.example --webroot
is "$status" 1 'nobody is asked with -n'
unlike "$out" 'cancel' 'at all'
person -w "$asked" -w 'cancel): ' -s "$T/none\n" -w 'does not exist or is not a directory' -w "$asked" \
	-w 'cancel): ' -s "$T/www\n" -- certbot reconfigure --cert-name b.example --webroot
is "$status" 0 'the web root, typed on a terminal'
like "$out" '^Successfully updated configuration\.$' 'is used'
is "$(conf_get b.example authenticator) $(sed -n '/webroot_map/,$p' c/renewal/b.example.conf | tail -n +2)" \
	"webroot b.example = $T/www" 'and saved'
theirs renew --force-renewal --cert-name b.example --no-random-sleep-on-renew
is "$status" 0 "Debian's certbot renews with it"
is "$(leftovers)" '' 'no process is left'
done_testing
