#!/bin/sh
# renew ended from outside at each of its steps: nothing is half saved, what was
# begun is cleaned up, post hooks run, and the next run does the rest; what was
# issued is not ordered again.
. "$(dirname "$0")/../lib.sh"
need openssl jq curl strace
. "$ROOT/tests/both.sh"
ca_start
faultd_start
mkdir www
web_start www
ours_new register
account=$(account_id)

lineages()
{
	rm -rf c/live c/archive c/renewal c/renewal-hooks w/pending trace go
	mkfifo go
	"$ACME_BUILD/tests/helpers/lineages" "$T/c" "$1" ecdsa 10 server="$ACME_SERVER" \
		account="$account" webroot_path="$T/www," || bail lineages
}
# renewing ARGUMENT...: in the background, with a hook that notes its end.
renewing()
{
	start run env --default-signal=INT,QUIT,TERM,HUP setsid certbot renew --no-random-sleep-on-renew \
		--post-hook "echo post \$RENEWED_DOMAINS,\$FAILED_DOMAINS >>$T/trace" "$@" \
		--config-dir c --work-dir w --logs-dir l
}
# a hook that says that it runs, and waits for a line of $T/go
waiting="echo hook >>$T/trace; read x <$T/go"
in_hook()
{
	grep -q '^hook' trace 2>/dev/null
}
ended()
{
	wait "$run" 2>/dev/null
	is $? "$1" "$2: the status"
	is "$(find c w l -name .certbot.lock)" '' "$2: no lock is left"
	not_ok "$2: no challenge is left" test -e www/.well-known
	is "$(leftovers)" '' "$2: no process is left"
}
orders()
{
	counter .resources.newOrder
}

# -- in the pre hook ----------------------------------------------------------------
lineages 2
renewing --pre-hook "$waiting"
run=$pid
wait_for in_hook || bail "no hook: $(cat run.log)"
kill -TERM "$run"
echo >go
ended 143 'in the pre hook'
is "$(orders)" 0 'nothing is ordered'
is "$(tail -n 1 trace)" 'post ,n00000.example www.n00000.example' 'the post hook runs, told of what was begun'
is "$(version_of n00000.example)$(version_of n00001.example)" 11 'nothing is saved'

# -- while challenges are up, of several at once ----------------------------------------
lineages 3
faultd_rules '[{"resource": "challenge", "hold": "answers"}]'
renewing
run=$pid
challenges_are_up()
{
	[ "$(ls www/.well-known/acme-challenge 2>/dev/null | wc -l)" = 6 ]
}
wait_for challenges_are_up || bail "no challenges: $(cat run.log)"
kill -INT "$run"
ended 1 'three at once, Ctrl-C'
like "$(cat run.log)" '^Exiting due to user request.$' 'it says so'
is "$(cat trace)" 'post ,n00000.example www.n00000.example n00001.example www.n00001.example n00002.example www.n00002.example' \
	'one post hook, told of all'
faultd_post '/release?answers'
faultd_rules '[]'

# -- in a deploy hook: the lineage is saved, others keep what they have -------------------
lineages 2
renewing --jobs 1 --deploy-hook "$waiting"
run=$pid
wait_for in_hook || bail "no hook: $(cat run.log)"
kill -TERM "$run"
echo >go
ended 143 'in a deploy hook'
is "$(version_of n00000.example)" 2 'the first is saved'
lineage_is_whole n00000.example 'and whole'
like "$(tail -n 1 trace)" '^post n00000.example www.n00000.example,' 'the post hook is told of it'
rm -f trace
sed -i '/^post_hook/d; /^renew_hook/d' c/renewal/*.conf
ours renew --no-random-sleep-on-renew
is "$status" 0 'the next run'
is "$(version_of n00000.example)$(version_of n00001.example)" 22 'renews the second alone'

# -- in the random sleep, which is not for those who wait at a terminal ----------------------
lineages 1
run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" -- certbot renew -v --config-dir c --work-dir w --logs-dir l
is "$status" 0 'on a terminal'
unlike "$out" 'random delay' 'there is no sleep'
is "$(version_of n00000.example)" 2 'before it renews'
lineages 1
start run env --default-signal=TERM setsid certbot renew -v --config-dir c --work-dir w --logs-dir l \
	--post-hook "echo post >>$T/trace" --pre-hook "echo pre >>$T/trace"
run=$pid
sleeps()
{
	grep -qE '^Non-interactive renewal: random delay of [0-9.]+ seconds$' run.log
}
wait_for sleeps || bail "no sleep: $(cat run.log)"
before=$(orders)
kill -TERM "$run"
ended 143 'in the random sleep'
is "$(orders)" "$before" 'nothing is ordered'
not_ok 'no hook runs' test -e trace

# -- between the certificate and its saving -------------------------------------------------
lineages 1
mkfifo unlock
issued()
{
	grep -q 'BEGIN CERT' w/pending/*/document.json 2>/dev/null
}
# The plan takes the same lock: it is held once the pre hook runs.
renewing --pre-hook "$waiting"
run=$pid
wait_for in_hook || bail "no hook: $(cat run.log)"
start locker "$ROOT/tests/helpers/hold-lock.py" w/.store.lock locked unlock
locker=$pid
wait_for test -e locked || bail 'no lock'
echo >go
wait_for issued || bail "no certificate: $(cat run.log)"
kill -KILL "$run"
wait "$run" 2>/dev/null
pkill_saver()
{
	for _p in /proc/[0-9]*; do
		grep -qzx "ACME_TEST_ID=$ACME_TEST_ID" "$_p/environ" 2>/dev/null &&
			[ "$(tr '\000' ' ' <"$_p/cmdline" 2>/dev/null | cut -d' ' -f2)" = save ] &&
			kill -KILL "${_p#/proc/}"
	done
}
pkill_saver
stop "$locker"
gone()
{
	[ -z "$(leftovers)" ]
}
wait_for -t 60 gone || bail "left: $(leftovers)"
is "$(version_of n00000.example)" 1 'killed before the save: nothing is saved'
lineage_is_whole n00000.example 'the old version is whole'
mode "$(echo w/pending/*)" 700 'what was issued is kept privately'
want=$(jq -r .certificate.fullchain w/pending/*/document.json | openssl x509 -noout -serial)
before=$(orders)
ours renew --no-random-sleep-on-renew --dry-run --server "$ACME_SERVER" --agree-tos --register-unsafely-without-email
is "$status" 0 'a dry run'
isnt "$(orders)" "$before" 'orders one of its own'
ok 'and leaves what is kept' issued
ours_new certonly --webroot -w www -d n00000.example --cert-name n00000.example --dry-run
ours_new certonly --webroot -w www -d n00000.example
isnt "$(openssl x509 -in c/live/n00000.example-0001/cert.pem -noout -serial 2>/dev/null)" "$want" \
	'another certificate is not that one'
ok 'which is still kept' issued
acme-account rollover --account-dir c/accounts --server "$ACME_SERVER" >rolled ||
	bail 'no rollover'
before=$(orders)
ours renew --cert-name n00000.example --no-random-sleep-on-renew
is "$status" 0 'the next renew, with another key of the account'
is "$(orders)" "$before" 'orders nothing'
is "$(version_of n00000.example)" 2 'saves it'
is "$(openssl x509 -in c/live/n00000.example/cert.pem -noout -serial)" "$want" 'the very certificate'
lineage_is_whole n00000.example 'with its key'
is "$(sed -n 's/^account = //p' c/renewal/n00000.example.conf)" "$(jq -r .account.id rolled)" \
	'and it is the renamed account that renews it'
is "$(ls w/pending)" '' 'and nothing is kept any more'

# -- in the saving, when the new version is there ---------------------------------------------
account=$(account_id)
lineages 1
strace -f -qq -o /dev/null -P "$T/c/live/n00000.example/previous_cert.pem" -e inject=unlink:signal=KILL:when=1 \
	certbot renew --no-random-sleep-on-renew --config-dir c --work-dir w --logs-dir l >killed.log 2>&1
is $? 1 'killed when the links were moved'
ours renew --no-random-sleep-on-renew
is "$status" 0 'the next run finds no lineage broken'
is "$(version_of n00000.example)" 2 'it has the new version'
lineage_is_whole n00000.example 'which is whole'
before=$(orders)
ours renew --no-random-sleep-on-renew --force-renewal
isnt "$(orders)" "$before" 'what is saved is no order to go on with'
is "$(version_of n00000.example)" 3 'at the next renewal'
is "$(leftovers)" '' 'no process is left'
done_testing
