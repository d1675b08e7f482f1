#!/bin/sh
# acme-net's network process can neither start programs nor change files.
. "$(dirname "$0")/../lib.sh"

try=$ACME_BUILD/tests/helpers/sandbox-try
run "$try" free
is "$status" 0 'the calls can be tried without the sandbox'
unlike "$out" 'EPERM|ENOSYS' 'none of them is refused without it'
run "$try"
is "$status" 0 'the sandbox can be entered'
is "$(grep -vcE ' (EPERM|ENOSYS|done)$' "$T/out")" 0 'nothing fails otherwise'
is "$(grep ENOSYS "$T/out" | tr '\n' ' ')" \
	'openat2 ENOSYS io_uring_setup ENOSYS ' 'callers may fall back'
is "$(grep 'done$' "$T/out" | tr '\n' ' ')" \
	'read-file done ioctl done socket done resolve-in-thread done ' \
	'what the network needs still works'
is "$(grep -c 'EPERM$' "$T/out")" 53 'every other call is refused'

# The real process, before its first request, and not COMMAND.
cat >seccomp.sh <<'EOS'
sed -n 's/^Seccomp:[[:space:]]*//p' /proc/$$/status
for child in $(cat /proc/$PPID/task/*/children); do
	[ "$child" = $$ ] && continue
	while [ "$(sed -n 's/^Seccomp:[[:space:]]*//p' \
		/proc/$child/status)" != 2 ]; do
		[ -d /proc/$child ] || exit 1
		sleep 0.01
	done
	echo "child 2"
done
EOS
run timeout 20 acme-net -- sh seccomp.sh
is "$status" 0 'the network process enters it by itself'
is "$out" '0
child 2' 'and COMMAND does not'
done_testing
