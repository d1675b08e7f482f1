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

# states NAME...: of the authorizations that a new order for them has: one that is
# still valid would be used again.
states()
{
	for _name; do
		acme-account show --account-dir c/accounts --server "$ACME_SERVER" |
			acme-order new --account-dir c/accounts -d "$_name" |
			jq -r '.authorizations[].status'
	done | tr '\n' ' '
}
# withdrawn LOG: how many authorizations were: the request and the answer say it.
withdrawn()
{
	echo $(($(grep -c '"status": *"deactivated"' "$1") / 2))
}

is "$(states a.example www.a.example)" 'valid valid ' 'the CA keeps them valid'
rm $log
ours_new certonly --standalone -d a.example -d www.a.example --dry-run
is "$status" 0 'certonly --dry-run'
like "$out" '^Simulating renewal of an existing certificate for a.example and www.a.example$' 'though it is not due'
like "$out" '^The dry run was successful.$' 'says so'
like "$(cat $log)" "$deactivated" 'valid authorizations are deactivated'
is "$(counter .resources.challenge)" 4 'and validated anew'
is "$(withdrawn $log)" 4 'before it and after it'
is "$(states a.example www.a.example)" 'pending pending ' 'none is valid afterwards'
not_ok 'the deploy hook does not run' test -e trace
nothing_saved 'nothing is saved'
rm $log
ours_new certonly --standalone -d b.example --dry-run
is "$status" 0 'a name that was never validated'
unlike "$(cat $log)" "$deactivated" 'nothing is to be deactivated'
is "$(states b.example)" 'pending ' 'afterwards it is'
nothing_saved 'nothing is saved'
rm $log
ours_new certonly --standalone -d b.example --dry-run
unlike "$(cat $log)" "$deactivated" 'nor is it the second time'
is "$(withdrawn $log)" 1 'one request withdraws one name'
# One name of two fails: what the other has is withdrawn, too.
mkdir www
start web python3 -m http.server -d www --bind 127.0.0.1 "$HTTP01_PORT"
wait_for port_listens "$HTTP01_PORT" || bail 'no web server'
ours certonly --webroot -w www -d good.example -w . -d bad.example --dry-run --server "$ACME_SERVER" \
	--agree-tos --register-unsafely-without-email
is "$status" 1 'a dry run that fails'
like "$err" '^Some challenges have failed\.$' 'says why'
is "$(states good.example)" 'pending ' 'leaves nothing valid either'
stop "$pid"
ours_new certonly --standalone -d a.example -d www.a.example --dry-run --run-deploy-hooks \
	--deploy-hook "echo deploy \$RENEWED_DOMAINS >>$T/trace"
is "$(cat trace)" 'deploy a.example www.a.example' '--run-deploy-hooks'
rm trace

at=$(counter .resources.challenge)
dry='--no-random-sleep-on-renew --dry-run --agree-tos --register-unsafely-without-email'
rm $log
ours renew $dry --server "$ACME_SERVER"
is "$status" 0 'renew --dry-run'
unlike "$(cat $log)" "$deactivated" 'no authorization was left valid'
is "$(counter .resources.challenge)" $((at + 2)) 'so all are validated anew'
is "$(states a.example www.a.example)" 'pending pending ' 'and withdrawn'
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
