#!/bin/sh
# renew (spec 6): its summary and streams with good, bad and broken lineages,
# held against Debian's certbot on the same directories; what it restores and
# what it saves.
. "$(dirname "$0")/../lib.sh"
need openssl jq curl
. "$ROOT/tests/both.sh"
ca_start

# renewing INPUT DESCRIPTION ARGUMENT...: both programs' renew.
renewing()
{
	_desc=$1
	shift
	both_say '' "$_desc" renew --no-random-sleep-on-renew "$@"
}

renewing 'no lineage at all'
is "$status" 0 'is no error'
like "$out" '^No renewals were attempted.$' 'nothing was attempted'
both_say '' 'nothing to list, by a name' certificates --cert-name none.example
like "$out" '^No certificates found.$' 'is said so'
both_say '' 'nothing to list, by a domain' certificates -d none.example
renewing 'an unknown --cert-name' --cert-name none.example
is "$status" 1 'is an error'

ours_new certonly --standalone -d a.example -d www.a.example --http-01-address 127.0.0.1
ours_new certonly --standalone -d b.example -d www.b.example -d mail.b.example --http-01-address 127.0.0.1
is "$status" 0 'two certificates'
renewing 'none due'
like "$out" '^Certificate not yet due for renewal$' 'is said of each'
renewing 'none due, with a hook' --pre-hook true
like "$out" '^No hooks were run.$' 'no hook was run'
renewing 'none due, -q' -q
is "$out$err" '' 'nothing is said'
renewing 'all good' --force-renewal
like "$out" '^Congratulations, all renewals succeeded: $' 'are renewed'
like "$out" '^Renewing an existing certificate for b.example and 2 more domains$' 'with their names'
renewing 'all good, -q' --force-renewal -q
is "$out$err" '' 'nothing is said'
is "$(version_of a.example)" 5 'four times, by both programs'
renewing 'all good, by name' --force-renewal --cert-name a.example
renewing 'a dry run' --dry-run --server "$ACME_SERVER" --agree-tos --register-unsafely-without-email
like "$out" '^Congratulations, all simulated renewals succeeded: $' 'is simulated'
is "$(version_of a.example)" 7 'nothing is saved'
renewing 'with names' -d a.example
is "$status" 1 'is refused'
renewing 'with --force-interactive' --force-interactive

# -- a lineage that cannot be renewed: its names lead elsewhere -----------------
# Of an account that has never shown them: even when told not to, Pebble uses one
# of a hundred of an account's valid authorizations again.
for name in b.example www.b.example mail.b.example; do
	curl -fsS -d "{\"host\":\"$name\",\"addresses\":[\"127.0.0.2\"]}" "$CA_CHALLTESTSRV/add-a" >/dev/null
done
accounts=$(dirname c/accounts/*/*/*/meta.json)
first=${accounts##*/}
accounts=${accounts%/*}
ROOTS=$T/second
ours register -n --server "$ACME_SERVER" --agree-tos --register-unsafely-without-email
is "$status" 0 'a second account'
ROOTS=$T
second=$(dirname "second/$accounts"/*/meta.json)
ok 'it has one' test -d "$second"
cp -a "$second" "$accounts/"
sed -i "s/^account = .*/account = ${second##*/}/" c/renewal/b.example.conf
renewing 'one good, one bad' --force-renewal
is "$status" 1 'is an error'
like "$out" '^The following renewals succeeded:$' 'the good on standard output'
like "$err" '^The following renewals failed:$' 'the bad on standard error'
like "$err" '^1 renew failure\(s\), 0 parse failure\(s\)$' 'both are counted'
renewing 'one good, one bad, -q' --force-renewal -q
renewing 'all bad' --force-renewal --cert-name b.example
like "$err" '^All renewals failed. The following certificates could not be renewed:$' 'says so'
renewing 'all bad, a dry run' --dry-run --cert-name b.example --server "$ACME_SERVER" --agree-tos --register-unsafely-without-email
like "$err" '^All simulated renewals failed. The following certificates could not be renewed:$' 'says so'
is "$(version_of b.example)" 5 'the bad one is as it was'

# -- renewal files that cannot be used --------------------------------------------
broken()
{
	mkdir -p kept
	mv c/renewal/*.conf kept/
	cat >c/renewal/x.conf
	renewing "broken: $1"
	is "$status" 1 'counts'
	like "$out" '^  .*/c/renewal/x.conf \(parsefail\)$' 'and is listed'
	# Debian's certbot dies of a missing section (KeyError)
	case $1 in
	'no section') ours certificates ;;
	*) both_say '' "certificates, broken: $1" certificates ;;
	esac
	rm c/renewal/x.conf
	mv kept/*.conf c/renewal/
}
cp c/renewal/a.example.conf base.conf
broken 'an empty file' </dev/null
broken 'a syntax error' <<END
version = 1
nonsense
END
# edited DESCRIPTION SED
edited()
{
	sed "$2" base.conf >edited.conf
	broken "$1" <edited.conf
}
edited 'no privkey' '/^privkey/d'
edited 'no such link' "s|^chain = .*|chain = $T/nowhere.pem|"
edited 'no section' '/^\[renewalparams\]/,$d'
like "$out" '^The following renewal configurations were invalid:$' 'certificates lists it as invalid'
edited 'no authenticator' '/^authenticator/d'
edited 'a flag that is none' 's/^authenticator.*/&\nreuse_key = yes/'
edited 'a number that is none' 's/^http01_port.*/http01_port = many/'
edited 'unknown challenges' 's/^authenticator.*/&\npref_challs = foo, http-01, bar/'
{
	cat base.conf
	printf '# \377\n'
} >latin.conf
broken 'a byte that is no UTF-8' <latin.conf
like "$err" "produced an unexpected error: 'utf-8' codec can't decode byte 0xff in position" 'is named'

# All sorts at once.
: >c/renewal/zz.conf
renewing 'good, bad and broken' --force-renewal
like "$err" '^1 renew failure\(s\), 1 parse failure\(s\)$' 'both are counted'
like "$out" '^Additionally, the following renewal configurations were invalid: $' 'the broken are listed'
renewing 'skipped and broken'
rm c/renewal/zz.conf
rm -r "$accounts/${second##*/}"
sed -i "s/^account = .*/account = $first/" c/renewal/b.example.conf

# -- what is restored ----------------------------------------------------------------
good=c/renewal/a.example.conf
cp $good kept/a.conf
sed -i "s/^authenticator.*/&\npref_challs = http-01\npre_hook = echo one, two\nuser_agent = Agent\/1\nautorenew = True/" $good
ours renew --no-random-sleep-on-renew --force-renewal --cert-name a.example -v
is "$status" 0 'restored: strings and lists'
like "$out" '^ one, two$' 'a hook with a bare comma'
is "$(conf_get a.example pref_challs)" 'http-01,' 'a challenge becomes a list'
is "$(conf_get a.example user_agent)" 'Agent/1' 'the agent is kept'
is "$(conf_get a.example autorenew)" 'True' 'so is what equals the default'
sed -i 's/^autorenew.*/autorenew = False/; 1i renew_before_expiry = 20 years' $good
ours renew --no-random-sleep-on-renew --cert-name a.example
like "$out" '^No renewals were attempted.$' 'autorenew = False: not renewed though due'
cp kept/a.conf $good

# Options of the run are saved in what was renewed, and only there.
version=$(version_of a.example)
ours renew --no-random-sleep-on-renew --force-renewal --post-hook 'echo done' --rsa-key-size 3072
is "$status" 1 'a run with options, one lineage fails'
is "$(version_of a.example)" $((version + 1)) 'the good one is renewed'
is "$(conf_get a.example post_hook)" 'echo done' 'with the options saved'
is "$(conf_get a.example rsa_key_size)" 3072 'all of them'
is "$(conf_get b.example post_hook)" '' 'the bad one has none of them'
ours renew --no-random-sleep-on-renew --dry-run --pre-hook 'echo dry' --server "$ACME_SERVER" --agree-tos --register-unsafely-without-email --cert-name a.example
is "$status" 0 'a dry run with options'
is "$(conf_get a.example pre_hook)" '' 'saves none'
ours renew --no-random-sleep-on-renew --force-renewal --cert-name a.example
is "$(conf_get a.example post_hook)" 'echo done' 'what was saved stays'
like "$(openssl x509 -in c/live/a.example/cert.pem -noout -text)" '3072 bit' 'and is used'

# Another server for this run, as in a dry run against the staging server.
ours renew --no-random-sleep-on-renew --dry-run --server https://127.0.0.1:1/dir \
	--agree-tos --register-unsafely-without-email --cert-name a.example
is "$status" 1 'another server'
like "$err" 'cannot connect to 127.0.0.1:1: ' 'is the one that is asked'

# Another authenticator for this run: the first one's own options go.
ours_new certonly --manual --manual-auth-hook 'true' --manual-cleanup-hook true -d m.example
ours_new certonly --standalone --cert-name m.example -d m.example
sed -i 's/^authenticator.*/authenticator = manual\nmanual_auth_hook = true/' c/renewal/m.example.conf
ours renew --no-random-sleep-on-renew --force-renewal --cert-name m.example --standalone --http-01-port "$HTTP01_PORT"
is "$status" 0 'another authenticator'
is "$(conf_get m.example authenticator)" standalone 'is saved'
is "$(conf_get m.example manual_auth_hook)" true 'the options of the first stay, as certbot keeps them'
renewing 'the first one again' --force-renewal --cert-name m.example --manual
is "$status" 1 'whose options are not taken from the file'
like "$err" '--manual-auth-hook when using the manual plugin non-interactively' 'so the hook must be given'

# A newer version that no link points to.
ours_new certonly --standalone -d p.example
ours_new certonly --standalone -d p.example --force-renewal
for kind in cert privkey chain fullchain; do
	ln -sf "../../archive/p.example/${kind}1.pem" "c/live/p.example/$kind.pem"
done
ours renew --no-random-sleep-on-renew --cert-name p.example
like "$err" '^Found a new certificate /archive/ that was not linked to in /live/; fixing...$' 'a version that waits is put in place'
like "$out" '^No renewals were attempted.$' 'and is not due'
is "$(version_of p.example)" 2 'by its links'
is "$(leftovers)" '' 'no process is left'
done_testing
