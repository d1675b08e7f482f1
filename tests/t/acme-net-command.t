#!/bin/sh
# acme-net -- COMMAND: status, signals, descriptors, what is left behind.
. "$(dirname "$0")/../lib.sh"
need /usr/bin/python3

# -- status ------------------------------------------------------------------
run acme-net -- sh -c 'echo out; echo err >&2; exit 7'
is "$status" 7 'the exit status is the command'"'"'s'
is "$out" out 'its standard output is ours'
is "$err" err 'its standard error, too'
run acme-net -- sh -c 'kill -TERM $$'
is "$status" 143 'a signal that ended it is 128 + n'
run acme-net -- "$T/nothing"
is "$status" 127 'a command that is not there'
like "$err" nothing 'is named'
: >plain
run acme-net -- "$T/plain"
is "$status" 126 'a command that cannot be run'
run acme-net </dev/null
is "$status" 64 'without a command it is used wrongly'
run acme-net sh
is "$status" 64 'the command stands behind --'
run acme-net --version
is "$status" 0 '--version'
echo hello >in
run acme-net -- cat <in
is "$out" hello 'standard input is the command'"'"'s'

# -- the socket --------------------------------------------------------------
run acme-net -- sh -c 'echo "$ACME_NET"; stat -c %a "${ACME_NET%/*}" "$ACME_NET"'
like "$out" "^$TMPDIR/acme-net-.*/socket" 'the socket lies in TMPDIR'
is "$(sed 1d "$T/out" | tr '\n' ' ')" '700 700 ' 'in a private directory'
is "$(ls "$TMPDIR")" '' 'which is removed'
SSLKEYLOGFILE=$T/keys acme-net -- sh -c 'test "$SSLKEYLOGFILE"'
is $? 0 'the environment of the command is not touched'

# -- signals -----------------------------------------------------------------
# The command notes each signal at once, and ends after as many as it is told.
cat >trap.py <<'EOS'
import signal, sys, time
got = []
def note(s, frame):
    got.append(signal.Signals(s).name[3:])
    with open("log", "a") as f:
        f.write("got %s\n" % got[-1])
for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(s, note)
open("ready", "w").close()
end = time.monotonic() + 20
while len(got) < int(sys.argv[1]):
    if time.monotonic() > end:
        sys.exit(9)
    time.sleep(0.01)
sys.exit(5)
EOS
# trapped N: starts it in a session, so a process group, of its own.
trapped()
{
	rm -f ready log
	start command /usr/bin/python3 -c 'import os, signal, sys
for s in (signal.SIGINT, signal.SIGQUIT): signal.signal(s, signal.SIG_DFL)
os.setsid(); os.execvp("acme-net", ["acme-net", "--", "/usr/bin/python3",
    "trap.py", sys.argv[1]])' "$1"
	wait_for test -e ready || bail 'the command does not start'
}
nothing_pending()
{
	grep -q '^ShdPnd:[[:space:]]*0*$' /proc/"$1"/status
}
for s in TERM HUP INT; do
	trapped 1
	kill -$s "$pid"
	wait "$pid"
	is $? 5 "SIG$s sent to acme-net alone is passed on"
	is "$(cat log)" "got $s" 'to the command'
	# Signals are passed on one after another: the last shows that
	# nothing else came before it.
	[ $s = HUP ] && last=INT || last=HUP
	trapped 2
	kill -$s -"$pid"
	wait_for grep -qs "got $s" log
	wait_for nothing_pending "$pid"
	kill -$last "$pid"
	wait "$pid"
	is $? 5 "SIG$s sent to the group"
	is "$(tr '\n' ' ' <log)" "got $s got $last " 'arrives once'
done
run /usr/bin/python3 -c 'import os, signal
for s in (1, 2, 3, 15): signal.signal(s, signal.SIG_IGN)
os.execvp("acme-net", ["acme-net", "--", "sed", "-n",
    "s/^SigIgn:.*\\(.....\\)$/\\1/p; s/^SigBlk:[^0-9]*//p",
    "/proc/self/status"])'
is "$(tr '\n' ' ' <"$T/out")" '0000000000000000 00000 ' \
	'a command starts with the default signals'

# -- clients that stay -------------------------------------------------------
# The command ends; a client in the background keeps the network.
cat >stay.sh <<'EOS'
/usr/bin/python3 -c 'import socket, os, time
s = socket.socket(socket.AF_UNIX); s.connect(os.environ["ACME_NET"])
open("connected", "w").close()
while not os.path.exists("go"): time.sleep(0.02)
s.sendall(b"{\"id\":1,\"op\":\"nothing\",\"length\":0}\n")
open("answer", "wb").write(s.recv(4096))' </dev/null >/dev/null 2>&1 &
while [ ! -e connected ]; do sleep 0.02; done
exit 3
EOS
start stay acme-net -- sh stay.sh
acme=$pid
wait_for test -e connected
wait_for sh -c 'test "$(cat /proc/'"$acme"'/task/*/children | wc -w)" = 1'
ok 'acme-net stays with its last client' alive "$acme"
network=$(cat /proc/"$acme"/task/*/children)
is "$(ls -l /proc/"$acme"/fd /proc/"${network% }"/fd |
	grep -cE 'stay\.log|pipe:')" 0 'and keeps nobody'"'"'s file or pipe open'
: >go
wait "$acme"
is $? 3 'the status is still the command'"'"'s'
like "$(cat answer)" '"fault":"broken"' 'the client was served'
is "$(ls "$TMPDIR")" '' 'and nothing is left'

# -- admission ---------------------------------------------------------------
chmod 755 "$T" "$TMPDIR"
if [ "$(id -u)" -eq 0 ]; then
	# shellcheck disable=SC2016
	run acme-net -- sh -c 'chmod 755 "${ACME_NET%/*}"; chmod 777 "$ACME_NET"
		setpriv --reuid 65534 --clear-groups /usr/bin/python3 -c "import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
s.settimeout(10)
try: print(len(s.recv(1)))
except ConnectionError: print(0)" "$ACME_NET"'
	is "$out" 0 'another user is not admitted'
else
	skip 1 'needs root'
fi

# -- a crash -----------------------------------------------------------------
cat >crash.sh <<'EOS'
for child in $(cat /proc/$PPID/task/*/children); do
	[ "$child" = $$ ] || kill -SEGV "$child"
done
printf '%s\n' '{"url":"https://localhost:1/"}' | "$TOOL"
EOS
TOOL=$ACME_BUILD/tests/helpers/net-tool
export TOOL
run timeout 20 acme-net -- sh crash.sh
is "$status" 69 'a crash of the network process is the stage'"'"'s error'
like "$out" 'urn:acme-tools:error:netProcess' 'netProcess'
is "$(ls "$TMPDIR")" '' 'and nothing is left'
ok 'no process is left' test -z "$(leftovers)"
done_testing
