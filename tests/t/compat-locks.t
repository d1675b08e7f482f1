#!/bin/sh
# The locks of our driver keep Debian's certbot out, in each of the three
# directories, and its locks keep ours out; the files go with the run.
. "$(dirname "$0")/../lib.sh"
need flock mkfifo
. "$ROOT/tests/both.sh"
ca_start

# A pre-hook says that it runs, and waits until it may end.
mkfifo go
cat >hook.sh <<END
#!/bin/sh
touch $T/runs
read line <$T/go
rm $T/runs
END
chmod 755 hook.sh

busy='Another instance of Certbot is already running.'
ours_new register
is "$status" 0 'an account'

# hold NAME COMMAND...: a certonly of COMMAND's that waits in its pre-hook.
hold()
{
	_name=$1
	shift
	rm -f runs
	start "$_name" "$@" certonly --standalone -d "$_name.example" -n \
		--server "$ACME_SERVER" --http-01-port "$HTTP01_PORT" \
		--pre-hook "$T/hook.sh" \
		--config-dir c --work-dir w --logs-dir l
	held=$pid
	wait_for test -e runs || bail "$_name does not start"
}

release()
{
	echo go >go
	wait "$held"
}

hold ours certbot
theirs certificates
is "$status" 1 "Debian's certbot is kept out by ours"
like "$err" "^$busy\$" 'and says why'
ours certificates
is "$status" 1 'so is a second one of ours'
is "$(printf '%s\n' "$err" | head -n 1)" "$busy" 'in the same words'
is "$(printf '%s\n' "$err" | sed -n 2p)" "Process $held holds $T/l/.certbot.lock; with --wait SECONDS it is waited for." 'and says who is there'
ours certificates -q
is "$err" "$busy
Process $held holds $T/l/.certbot.lock; with --wait SECONDS it is waited for." 'with -q, too'
ours certificates --json
json out ".error.type == \"urn:acme-tools:error:locked\"" 'for scripts, too'
ours certificates --wait 1
is "$status" 1 '--wait ends after that time'
like "$err" "^$busy\$" 'in the same words'
like "$err" "^Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile $TMPDIR/certbot-log-[a-zA-Z0-9_]{8}/log or re-run Certbot with -v for more details.\$" 'with a temporary log'
for d in c w l; do
	ROOTS=$T/other
	mkdir -p other/c other/w other/l
	run "$THEIRS" certificates --config-dir "$([ $d = c ] && echo c || echo other/c)" \
		--work-dir "$([ $d = w ] && echo w || echo other/w)" \
		--logs-dir "$([ $d = l ] && echo l || echo other/l)" </dev/null
	is "$status" 1 "the lock of '$d' alone keeps Debian's out"
done
ROOTS=$T
release
is $? 0 'the first one ends well'
is "$(find c w l -name .certbot.lock)" '' 'its lock files are gone'

hold theirs "$THEIRS"
ours certificates
is "$status" 1 "ours is kept out by Debian's"
like "$err" "^$busy\$" 'and says why'
like "$err" "^Process $held holds $T/l/.certbot.lock; " 'and who is there'
for d in c w l; do
	run certbot certificates --config-dir "$([ $d = c ] && echo c || echo other/c)" \
		--work-dir "$([ $d = w ] && echo w || echo other/w)" \
		--logs-dir "$([ $d = l ] && echo l || echo other/l)" </dev/null
	is "$status" 1 "the lock of '$d' alone keeps ours out"
	like "$err" "^$busy\$" 'and it says why'
done
# waits DESCRIPTION: a run with --wait goes on when the other one has ended.
waits()
{
	start waiter /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" -c 200 \
		-- certbot certificates --wait 60 -v --config-dir c --work-dir w \
		--logs-dir l
	waiter=$pid
	wait_for grep -q 'already running' waiter.log ||
		fail "$1: it does not wait"
	ok "$1: it waits" alive "$waiter"
	release
	is $? 0 'the first one ends well'
	wait "$waiter"
	is $? 0 "$1: and goes on"
	like "$(cat waiter.log)" "Waiting: Process $held holds $T/l/.certbot.lock" 'a terminal shows what it waits for'
	like "$(cat waiter.log)" 'Certificate Name: ' 'then does its work'
}

run certstore delete theirs.example --config-dir c --work-dir w --timeout 1 </dev/null
isnt "$status" 0 'a stage of the shell waits for it, and gives up'
run certbot plugins --config-dir c --work-dir w --logs-dir l </dev/null
is "$status" 0 'plugins needs no lock'
waits "--wait, behind Debian's"
hold again certbot
waits '--wait, behind ours'
is "$(find c w l -name .certbot.lock)" '' 'its lock files are gone'

# A driver that is killed keeps them only as long as its children write.
hold killed certbot
kill -KILL "$held"
wait "$held" 2>/dev/null
# the hook is no child that writes: it has no lock
theirs certificates
is "$status" 0 "Debian's goes on after a driver that was killed in a hook"
echo go >go
wait_for test ! -e runs
certificates_agree 'and both list the same'
is "$(leftovers)" '' 'no process is left'
done_testing
