#!/bin/sh
# certbot ended from outside: Ctrl-C, SIGTERM and SIGHUP while a challenge is
# up; killed between the certificate and its saving, and gone on with.
. "$(dirname "$0")/../lib.sh"
need openssl jq curl
. "$ROOT/tests/both.sh"

# patient_ca: a CA that waits for an answer to its look, so that the challenge is
# there to be seen.
patient_ca()
{
	ca_start
	rm -f silent
	start silence /usr/bin/python3 -c 'import signal, socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
open("silent", "w").close()
signal.pause()' "$HTTP01_PORT"
	wait_for test -e silent || bail "no listener: $(cat silence.log)"
}

patient_ca
ours_new register
is "$status" 0 'an account'
mkdir www
wellknown=www/.well-known/acme-challenge

challenge_is_up()
{
	[ -n "$(ls -A $wellknown 2>/dev/null)" ]
}

# ended SIGNAL STATUS: in its own session, as from a terminal.
ended()
{
	start "sig$1" env --default-signal=INT,QUIT,TERM,HUP setsid certbot certonly -n --webroot -w www \
		-d sig.example --post-hook "echo \$\$ >>$T/post" --pre-hook true \
		--server "$ACME_SERVER" --config-dir c --work-dir w --logs-dir l
	wait_for challenge_is_up || bail "no challenge: $(cat "sig$1.log")"
	rm -f post
	to=$pid
	[ "$1" != INT ] || to=-$pid
	env kill "-$1" -- "$to"
	wait "$pid"
	is $? "$2" "$1: the status"
	not_ok "$1: the challenge is cleaned up" test -e www/.well-known
	is "$(wc -l <post)" 1 "$1: the post hook has run, once"
	is "$(find c w l -name .certbot.lock)" '' "$1: no lock is left"
	not_ok "$1: nothing was saved" test -e c/live/sig.example
	is "$(leftovers)" '' "$1: no process is left"
}
ended INT 1
like "$(cat sigINT.log)" '^Exiting due to user request.$' 'INT: it says so'
unlike "$(cat sigINT.log)" 'Ask for help' 'INT: without the advice'
ended TERM 143
ended HUP 129

# A second one changes nothing.
start twice env --default-signal=INT,TERM setsid certbot certonly -n --webroot -w www -d sig.example \
	--server "$ACME_SERVER" --config-dir c --work-dir w --logs-dir l
wait_for challenge_is_up || bail "no challenge"
env kill -INT -- "-$pid"
env kill -INT -- "-$pid"
wait "$pid"
is $? 1 'Ctrl-C twice'
not_ok 'the challenge is cleaned up' test -e www/.well-known
is "$(leftovers)" '' 'no process is left'

# Killed: nobody is there to be asked, and yet the challenge goes.
start dead env --default-signal=TERM setsid certbot certonly -n --webroot -w www -d sig.example \
	--server "$ACME_SERVER" --config-dir c --work-dir w --logs-dir l
wait_for challenge_is_up || bail 'no challenge'
kill -KILL "$pid"
wait "$pid" 2>/dev/null
all_gone()
{
	[ -z "$(leftovers)" ]
}
ok 'SIGKILL: every process of it ends' wait_for -t 60 all_gone
not_ok 'and the challenge is cleaned up' test -e www/.well-known
theirs certificates
is "$status" 0 'the locks are free'
ca_stop

# -- renew: the post hooks of what has begun ------------------------------------
ca_start
for name in one two; do
	ours_new certonly --standalone -d $name.example --server "$ACME_SERVER"
done
is "$status" 0 'two certificates'
ca_stop
patient_ca
rm -f post
start renewing env --default-signal=TERM setsid certbot renew --jobs 1 --force-renewal --webroot -w www \
	--no-random-sleep-on-renew --post-hook "echo \$FAILED_DOMAINS >>$T/post" --server "$ACME_SERVER" \
	--agree-tos --register-unsafely-without-email --config-dir c --work-dir w --logs-dir l
wait_for challenge_is_up || bail "no challenge: $(cat renewing.log)"
kill -TERM "$pid"
wait "$pid" 2>/dev/null
is $? 143 'renew, SIGTERM'
not_ok 'the challenge is cleaned up' test -e www/.well-known
is "$(cat post)" one.example 'the post hook has run, with what had begun'
is "$(grep -c Processing renewing.log)" 1 'the second was not begun'
is "$(leftovers)" '' 'no process is left'
ca_stop

# -- killed between the certificate and its saving -----------------------------
ca_start
rm -rf c w l
faultd_start
ours_new register
mkfifo go
cat >hook.sh <<END
#!/bin/sh
touch $T/pre
read line <$T/go
END
chmod 755 hook.sh
mkfifo unlock
issued()
{
	grep -q 'BEGIN CERT' w/pending/*/document.json 2>/dev/null
}
saver()
{
	_saver=$(ps -e -o ppid=,pid=,args= |
		awk -v p="$pid" '$1 == p && /certstore save/ { print $2 }')
	[ -n "$_saver" ]
}
start killed certbot certonly -n --standalone -d k.example -d www.k.example --pre-hook "$T/hook.sh" \
	--server "$ACME_SERVER" --http-01-port "$HTTP01_PORT" --config-dir c --work-dir w --logs-dir l
killed=$pid
wait_for test -e pre || bail "no pre-hook: $(cat killed.log)"
# A save waits for this private lock.
start locker "$ROOT/tests/helpers/hold-lock.py" w/.store.lock locked unlock
locker=$pid
wait_for test -e locked || bail 'no lock'
echo go >go
pid=$killed
wait_for issued || bail "no certificate: $(cat killed.log)"
kill -STOP "$killed"
saver && kill -KILL "$_saver"
kill -KILL "$killed"
wait "$killed" 2>/dev/null
stop "$locker"
not_ok 'killed before the save: no lineage' test -e c/live/k.example
is "$(counter .resources.newOrder)" 1 'one order'
is "$(counter .resources.finalize)" 1 'which was finalized'
ok 'the document and the key are kept' test -s "$(echo w/pending/*/privkey.pem)"
mode "$(echo w/pending/*)" 700 'privately'
want=$(openssl x509 -noout -pubkey <<END
$(jq -r .certificate.fullchain w/pending/*/document.json)
END
)

# Other names are not this order's.
ours_new certonly --standalone -d other.example
is "$(counter .resources.newOrder)" 2 'another certificate has an order of its own'
ours_new certonly --standalone -d k.example -d www.k.example
is "$status" 0 'the same again'
is "$(counter .resources.newOrder)" 2 'makes no second order'
is "$(counter .resources.finalize)" 2 'nor is it finalized again'
lineage_is_whole k.example 'the lineage is whole'
is "$(openssl x509 -in c/live/k.example/cert.pem -noout -pubkey)" "$want" 'with the certificate that was issued'
is "$(find w -name '*.pem')" '' 'nothing is left over'
is "$(leftovers)" '' 'no process is left'
done_testing
