#!/bin/sh
# The helpers of the tests themselves: a check that cannot fail is none.
. "$(dirname "$0")/../lib.sh"

# t BODY [COMMAND...]: runs a test file with this body, started by COMMAND.
t()
{
	mkdir -p "$T/tests/t"
	ln -sf "$ROOT/tests/lib.sh" "$ROOT/tests/ca.sh" "$T/tests/"
	printf '#!/bin/sh\n. "$(dirname "$0")/../lib.sh"\n%s\n' "$1" \
		>"$T/tests/t/x.t"
	shift
	run "$@" sh "$T/tests/t/x.t"
}

t 'ok a true; is x x b; like abc b. c; unlike abc d e; done_testing'
is "$status" 0 'all pass'
is "$out" "$(printf 'ok 1 - a\nok 2 - b\nok 3 - c\nok 4 - e\n1..4')" 'TAP'

for body in 'ok a false' 'is x y b' 'isnt x x b' 'like abc d b' \
	'unlike abc b. c' 'not_ok a true' 'not_ok a sh -c "exit 127"' \
	'echo 1 >f; echo 2 >g; same f g d' 'echo {} >f; json f .a d' \
	': >f; json f .a d' ': >f; json - .a d <f' \
	'echo >f; chmod 600 f; mode f 640 d'; do
	t "$body; done_testing"
	is "$status" 1 "fails: $body"
	like "$out" '^not ok 1 ' "says so: $body"
done

t 'echo {} >f; json f ".a == null" d; mode f 644 d; not_ok a false
is "$(pwd)" "$T" d; done_testing'
is "$status" 0 'these pass'

t 'ok a true'
is "$status" 255 'no plan is a failure'
t 'bail "no luck"'
is "$status" 1 'bail is a failure'
like "$out" '^not ok 1 - cannot go on: no luck' 'bail says why'
like "$out" '^1\.\.1$' 'bail has a plan'

t 'run sh -c "echo a; echo b >&2; exit 7"; is "$status/$out/$err" 7/a/b d
done_testing'
is "$status" 0 'run gives status, output and error'

t 'echo "# $T" >&2; start sleeper sleep 1000; echo $pid >'"$T"'/pid
ok d alive $pid; done_testing'
not_ok 'a started process ends with the test' alive "$(cat pid)"
not_ok 'the directory is gone' test -d "$(sed -n 's/^# //p' err)"

start other sleep 1000
t "start quick true; wait \$pid; tap_pids=$pid; done_testing"
ok 'a number that is another process by now is left alone' alive "$pid"
stop "$pid"

t 'start sleeper sleep 1000; echo $pid >'"$T"'/pid
wait_for grep -q sleep /proc/$pid/comm; kill -9 $$'
ok 'a started process ends when the test is killed' \
	wait_for not_alive "$(cat pid)"
rm -rf "$TMPDIR"/acme-tools.*

t 'sh -c "cd /; sleep 1000 & exec true"; leftovers; done_testing'
like "$out" '^[0-9]+ sleep 1000' 'leftovers finds a process that was left'
kill "$(printf '%s\n' "$out" | sed -n 's/ sleep.*//p')"
t 'env -i sh -c "cd /; sleep 1000 & exec true"; leftovers; done_testing'
like "$out" '^[0-9]+ sleep 1000' 'also without environment and directory'
kill "$(printf '%s\n' "$out" | sed -n 's/ sleep.*//p')"
t 'start sleeper sleep 1000; leftovers; done_testing'
is "$out" 1..0 'leftovers names nothing of the test itself'

t 'a=$(free_port); b=$(free_port); isnt $a $b d; ok d test -s $CA_PORTS/$a
not_ok d port_listens $a
start nc /usr/bin/python3 -m http.server -b 127.0.0.1 $a; ok d wait_for port_listens $a
echo $a >'"$T"'/port; done_testing'
is "$status" 0 'ports'
not_ok 'a port is given back' port_listens "$(cat port)"

t 'ok d wait_for -t 1 true; not_ok d wait_for -t 0 false; done_testing'
is "$status" 0 'wait_for'

t 'not_ok d sh -c ": </dev/tty"; done_testing'
is "$status" 0 'there is no terminal'

if [ "$(id -u)" -eq 0 ]; then
	t 'mkdir d; chmod 700 d; not_ok d as_user ls d
is "$(as_user id -u)" 65534 d; done_testing'
	is "$status" 0 'as_user is no root'
	t 'namespaces; like "$(ip -o link)" "^1: lo" d
is "$(ip -o link | wc -l)" 1 d; ok d grep -q localhost /etc/hosts
echo "127.0.0.1 ca.example" >>"$T/hosts"; ok d grep ca.example /etc/hosts
start s /usr/bin/python3 -m http.server -b 127.0.0.1 80; ok d wait_for port_listens 80
done_testing'
	is "$status" 0 'namespaces'
	diag_ns=$err
	not_ok 'the hosts file outside is untouched' \
		grep -q ca.example /etc/hosts
	[ "$status" -eq 0 ] || diag "$diag_ns"
	mkdir -p outside/below && echo 1 >outside/below/file
	t "namespaces; mkdir -p d/e; mount --bind '$T/outside' d/e
mount -t tmpfs d d; mkdir d/f; mount --rbind '$T/outside' d/f
ok d test -e d/f/below/file; done_testing"
	is "$status" 0 'mounts below the directory of a test'
	ok 'what is mounted there outlives the test' test -e outside/below/file
	# A configuration file of the machine's own, as certbot would read it.
	t 'ok d test -z "$(ls -A /etc/letsencrypt)"
not_ok d as_user touch /etc/letsencrypt/x; done_testing' \
		unshare -m --propagation private sh -c 'mount -t tmpfs tmpfs \
		/etc/letsencrypt && touch /etc/letsencrypt/cli.ini && exec "$@"' sh
	is "$status" 0 "certbot's directory is empty for a test"
else
	skip 6 'needs root'
fi
done_testing
