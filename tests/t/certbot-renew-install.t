#!/bin/sh
# What renew has a lineage's installer do: after a renewal, and in each run; not
# in a dry run, and less with --disable-renew-updates.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/sites.sh"
need openssl jq curl
. "$ROOT/tests/both.sh"
ca_start
mkdir www
web_start www
ours_new register
# lineages DAYS: three, the last one without an installer
lineages()
{
	sites_lineages 3 "$1"
	sed -i '/^installer/d; /^sites_root/d' c/renewal/n00002.example.conf
}
# asked: the same with the first name only
asked()
{
	calls | sed 's/\(n0000[0-9].example\) [^;]*/\1/g'
}
renewing()
{
	: >s/calls
	ours renew --no-random-sleep-on-renew "$@"
}

lineages 80
renewing
is "$status" 0 'none is due'
is "$(asked)" 'generic-updates n00000.example;auto-hsts-update n00000.example;generic-updates n00001.example;auto-hsts-update n00001.example;' \
	'installers are asked for updates'
is "$(grep -c ^init s/calls)" 1 'by one process'
is "$(grep -c '(skipped)' out)" 3 'all are skipped'
renewing --disable-renew-updates
is "$(calls)" '' 'not with --disable-renew-updates'
not_ok 'which is not saved' grep -q disable_renew c/renewal/n00000.example.conf

lineages 10
sed -i '1i renew_before_expiry = 1 day' c/renewal/n00001.example.conf
renewing --jobs 1 --deploy-hook "echo hook >>$T/s/calls"
is "$status" 0 'one of them is due'
is "$(asked)" 'generic-updates n00001.example;auto-hsts-update n00001.example;hook;renew-deploy n00000.example;auto-hsts-deploy n00000.example;config-test;restart;generic-updates n00000.example;auto-hsts-update n00000.example;hook;' \
	'it is reloaded after its deploy hooks'
is "$(version_of n00000.example)$(version_of n00002.example)" 22 'two are renewed'
like "$out" '^Reloading sites server after certificate renewal$' 'it says so'
like "$(conf_get n00000.example installer)" sites 'the installer stays'

lineages 10
renewing --dry-run --server "$ACME_SERVER" --agree-tos --register-unsafely-without-email
is "$status" 0 'a dry run'
is "$(calls)" '' 'has them do nothing'
renewing --disable-renew-updates --cert-name n00000.example
is "$(calls)" 'config-test;restart;' '--disable-renew-updates: only a reload'

# Killed between the new certificate and the reload: the server would have the old
# one until it ends.
lineages 10
renewing --cert-name n00000.example --deploy-hook 'kill -KILL $PPID'
isnt "$status" 0 'killed when the certificate is saved'
is "$(version_of n00000.example) $(calls)" '2 ' 'the server was not told'
: >s/calls
ours certificates
is "$status $(calls)" '0 recover;config-test;restart;' 'the next subcommand reloads it'
ours certificates
is "$(calls)" 'recover;config-test;restart;' 'once'

# What fails counts, though the certificate is there.
lineages 10
sed -i 's/^installer.*/&\nsites_fail = restart/' c/renewal/n00000.example.conf
renewing
is "$status" 1 'a reload that fails'
is "$(version_of n00000.example)$(version_of n00001.example)$(version_of n00002.example)" 222 'all are renewed'
like "$err" '^Failed to renew certificate n00000.example with error: ' 'it is a failure'
like "$err" '^1 renew failure\(s\), 0 parse failure\(s\)$' 'and counted'
lineages 80
sed -i 's/^installer.*/&\nsites_fail = generic-updates/' c/renewal/n00001.example.conf
renewing
is "$status" 1 'an update that fails'
like "$err" '^Failed to renew certificate n00001.example with error: ' 'is a failure of its lineage'
is "$(grep -c '(skipped)' out)" 2 'the others are skipped'

# One that is not there any more is said, and no failure.
lineages 80
sed -i 's/^installer.*/installer = gone/' c/renewal/n00001.example.conf
renewing
is "$status" 0 'an installer that is gone'
like "$err" '^Could not select or initialize the requested installer gone.$' 'is told'
lineages 10
sed -i 's/^installer.*/installer = gone/' c/renewal/n00001.example.conf
renewing --cert-name n00001.example
is "$status" 0 'a renewal does not need it'
is "$(version_of n00001.example)" 2 'it is done'
is "$(leftovers)" '' 'no process is left'
done_testing
