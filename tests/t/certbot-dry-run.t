#!/bin/sh
# --dry-run of certonly and renew (spec 4.7, 6.7): validated anew each time,
# nothing is saved, on the server that is meant.
. "$(dirname "$0")/../lib.sh"
need openssl jq curl
. "$ROOT/tests/both.sh"
# A CA that uses valid authorizations again.
ca_start PEBBLE_AUTHZREUSE=100
faultd_start
ours_new certonly --standalone -d a.example -d www.a.example --deploy-hook "echo deploy \$RENEWED_DOMAINS >>$T/trace"
is "$status" 0 'a certificate'
is "$(counter .resources.challenge)" 2 'two challenges were answered'
rm -f trace
kept()
{
	find c/archive c/live c/renewal c/keys c/csr w 2>/dev/null | sort
	cat c/renewal/*.conf
}
kept >before
log=l/letsencrypt.log # Debian's cli.ini has it grow: emptied before each run
deactivated='Recreating order after authz deactivations'
nothing_saved()
{
	kept >after
	same before after "$1"
	is "$(find . -name 'certbot-dry-run-*')" '' 'nor is a key left'
}

rm $log
ours_new certonly --standalone -d a.example -d www.a.example --dry-run
is "$status" 0 'certonly --dry-run'
like "$out" '^Simulating renewal of an existing certificate for a.example and www.a.example$' 'though it is not due'
like "$out" '^The dry run was successful.$' 'says so'
like "$(cat $log)" "$deactivated" 'valid authorizations are deactivated'
is "$(counter .resources.challenge)" 4 'and validated anew'
not_ok 'the deploy hook does not run' test -e trace
nothing_saved 'nothing is saved'
rm $log
ours_new certonly --standalone -d b.example --dry-run
is "$status" 0 'a name that was never validated'
unlike "$(cat $log)" "$deactivated" 'nothing is to be deactivated'
nothing_saved 'nothing is saved'
rm $log
ours_new certonly --standalone -d b.example --dry-run
like "$(cat $log)" "$deactivated" 'the second time it is'
ours_new certonly --standalone -d a.example -d www.a.example --dry-run --run-deploy-hooks \
	--deploy-hook "echo deploy \$RENEWED_DOMAINS >>$T/trace"
is "$(cat trace)" 'deploy a.example www.a.example' '--run-deploy-hooks'
rm trace

at=$(counter .resources.challenge)
dry='--no-random-sleep-on-renew --dry-run --agree-tos --register-unsafely-without-email'
rm $log
ours renew $dry --server "$ACME_SERVER"
is "$status" 0 'renew --dry-run'
like "$(cat $log)" "$deactivated" 'valid authorizations are deactivated'
is "$(counter .resources.challenge)" $((at + 2)) 'and validated anew'
not_ok 'the deploy hook does not run' test -e trace
nothing_saved 'nothing is saved'

# Neither server nor account of the lineage are taken: of another CA there is an
# account of its own.
ours renew $dry --server "$CA_SERVER"
is "$status" 0 'renew --dry-run at another server'
is "$(find c/accounts -name private_key.json | wc -l)" 2 'with an account of its own'
is "$(conf_get a.example server)" "$ACME_SERVER" 'the lineage keeps its server'
ours revoke --dry-run --cert-name a.example
is "$status" 1 'other subcommands refuse it'
like "$err" "^--dry-run currently only works with the 'certonly' or 'renew' subcommands \\('revoke'\\)\$" 'in these words'
is "$(leftovers)" '' 'no process is left'
done_testing
