# What every tests/t/*.t uses: TAP, a directory of its own, servers that end
# with the test. POSIX sh (dash); sourced as the first thing of a test:
#
#	#!/bin/sh
#	. "$(dirname "$0")/../lib.sh"
#
#	run acme-order show x </dev/null
#	is "$status" 64 'an option is missing'
#	like "$err" 'no such file' 'says so'
#	done_testing
#
# Results. DESCRIPTION comes last, or first before a command.
#	ok DESCRIPTION COMMAND...	passes if COMMAND succeeds
#	not_ok DESCRIPTION COMMAND...	passes if it fails with 1..125
#	is GOT WANT DESCRIPTION		equal strings
#	isnt GOT NOT DESCRIPTION
#	like GOT ERE DESCRIPTION	GOT has a match of ERE; unlike: has none
#	same FILE FILE DESCRIPTION	equal bytes
#	json FILE JQ DESCRIPTION	jq -e says true of FILE (- is standard input)
#	mode PATH OCTAL DESCRIPTION
#	pass DESCRIPTION, fail DESCRIPTION
#	skip N REASON			counts N tests as skipped
#	plan N				first line; or done_testing at the end
#	skip_all REASON			the whole file, before any result
#	bail REASON			setup has failed: this file fails
#	note TEXT, diag TEXT		into the TAP stream; to standard error
#
# Running.
#	run COMMAND...	sets $status, $out, $err; bytes are in $T/out, $T/err
#	start NAME COMMAND...	in the background, output in $T/NAME.log, sets $pid;
#			ended with the test (and if the test is killed)
#	stop PID	ends and reaps it
#	wait_for [-t SECONDS] COMMAND...	waits for an event; 1 if it never comes
#	alive PID; port_listens PORT; free_port (prints a port of this test's own)
#	as_user COMMAND...	as an ordinary user (nobody), who can read $T
#	differences_of NAME	prints what the rows of that name in
#			tests/data/differences.tsv have (a sed program, names)
#	have COMMAND	whether it is installed
#	need COMMAND...	bail if one is not
#	leftovers	prints what the test has started and still runs, with
#			argv, without what `start` and ca_start started
#	ready_keys	the first 40 RSA keys of 2048 bits that our programs make are
#			ones that lie ready, for tests that need many; ready_keys N:
#			from now on those after the first N once more
#	namespaces	first of all: starts the test again as root of network and mount namespaces
#			of its own: only a loopback, /etc/hosts its own ($T/hosts)
#
# The CA (tests/ca.sh has the settings and the variables).
#	ca_start [SETTING=VALUE]...	sets ACME_SERVER and the rest
#	web_start DIR	serves DIR where the CA looks for http-01; as start
#	ca_new_start [SETTING=VALUE]...	the same with pebble 2.8 or newer; 1, and
#			nothing started, where there is none: skip then
#	ca_stop
#	ca_root FILE	writes the issuing root certificate
#	faultd_start ARGUMENT...	tests/helpers/faultd.py before $ACME_SERVER:
#			sets FAULTD (control URL), FAULTD_PID and ACME_SERVER
#			(CA_SERVER keeps the CA's own URL)
#	faultd_rules JSON	the rules from now on
#	faultd_get PATH, faultd_post PATH	its control address
#	counter JQ	prints a value of its counters: counter .resources.newOrder
#
# Set for the test: $T (its directory, also the current one, removed at the
# end unless KEEP=1), a session without a terminal, $ROOT (source tree), $ACME_BUILD (build tree), PATH with
# $ACME_BUILD/bin first, HOME, TMPDIR, LC_ALL=C, TZ=UTC, TERM=vt100; everything else that
# could change what a program does is unset, and a cli.ini of the machine's
# /etc/letsencrypt is out of sight.

set -u
ROOT=$(cd "$(dirname "$0")" && while [ ! -r tests/lib.sh ]; do
	[ "$PWD" != / ] && cd .. || exit 1
done && pwd) || {
	echo 'Bail out! tests/lib.sh: cannot find the source tree'
	exit 1
}
# shellcheck source=tests/ca.sh
. "$ROOT/tests/ca.sh"
ACME_BUILD=$(cd "$ROOT" && cd "${ACME_BUILD:-build}" 2>/dev/null && pwd) || {
	echo 'Bail out! nothing is built: run make first'
	exit 1
}
export ROOT ACME_BUILD

# -- results ----------------------------------------------------------------

tap_n=0
tap_failed=0
tap_plan=

plan()
{
	tap_plan=$1
	echo "1..$1"
}

note()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

diag()
{
	printf '%s\n' "$*" | sed 's/^/# /' >&2
}

pass()
{
	tap_n=$((tap_n + 1))
	case $1 in
	*['#
']*) set -- "$(printf %s "$1" | tr '#\n' '  ')" ;;
	esac
	printf 'ok %d - %s\n' $tap_n "$1"
}

fail()
{
	tap_n=$((tap_n + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' $tap_n "$(printf %s "$1" | tr '#\n' '  ')"
	diag "failed: $(basename "$0") $tap_n: $1"
}

skip()
{
	_skip=$1
	while [ "$_skip" -gt 0 ]; do
		tap_n=$((tap_n + 1))
		_skip=$((_skip - 1))
		echo "ok $tap_n # skip $2"
	done
}

skip_all()
{
	tap_plan=0
	echo "1..0 # skip $1"
	exit 0
}

bail()
{
	fail "cannot go on: $*"
	[ -n "$tap_plan" ] || done_testing
	exit 1
}

done_testing()
{
	[ -n "$tap_plan" ] || plan $tap_n
}

ok()
{
	_what=$1
	shift
	_log=$("$@" 2>&1) && pass "$_what" && return
	fail "$_what"
	diag "command failed: $*"
	diag "$(printf '%s\n' "$_log" | tail -n 30)"
	return 1
}

not_ok()
{
	_what=$1
	shift
	_log=$("$@" 2>&1)
	_s=$?
	[ $_s -gt 0 ] && [ $_s -lt 126 ] && pass "$_what" && return
	fail "$_what"
	diag "status $_s: $*"
	diag "$(printf '%s\n' "$_log" | tail -n 30)"
	return 1
}

is()
{
	[ "$1" = "$2" ] && pass "$3" && return
	fail "$3"
	diag "    got: $1"
	diag "    want: $2"
	tap_context
}

isnt()
{
	[ "$1" != "$2" ] && pass "$3" && return
	fail "$3"
	diag "    got: $1"
	tap_context
}

# matches TEXT ERE
matches()
{
	grep -qE -e "$2" <<-END
	$1
	END
}

like()
{
	matches "$1" "$2" && pass "$3" && return
	fail "$3"
	diag "    got: $1"
	diag "    want a match of: $2"
	tap_context
}

unlike()
{
	if matches "$1" "$2"; then
		fail "$3"
		diag "    got: $1"
		diag "    has a match of: $2"
		tap_context
		return 1
	fi
	pass "$3"
}

same()
{
	cmp -s "$1" "$2" && pass "$3" && return
	fail "$3"
	diag "$(diff -u "$1" "$2" 2>&1 | head -n 40)"
	return 1
}

json()
{
	# jq 1.6 ends well where there is no value at all.
	_log=$(jq -e "$2" "$1" 2>&1) && [ -n "$_log" ] && pass "$3" && return
	fail "$3"
	diag "    not true: $2"
	diag "    result: $_log"
	[ "$1" = - ] || diag "    of: $(head -c 4000 "$1" 2>&1)"
	tap_context
}

mode()
{
	is "$(stat -c %a "$1" 2>&1)" "$2" "$3"
}

# tap_context: what the last `run` printed, after a failure.
tap_context()
{
	[ -n "${tap_run-}" ] || return 1
	diag "    last run: $tap_run"
	diag "    status: $status"
	diag "    stderr: $(tail -c 2000 "$T/err")"
	return 1
}

# -- running ------------------------------------------------------------------

run()
{
	tap_run=$*
	"$@" >"$T/out" 2>"$T/err"
	status=$?
	out='' err=''
	[ ! -s "$T/out" ] || out=$(tr -d '\000' <"$T/out")
	[ ! -s "$T/err" ] || err=$(tr -d '\000' <"$T/err")
}

tap_pids=
start()
{
	_name=$1
	shift
	setpriv --pdeathsig TERM "$@" </dev/null >"$T/$_name.log" 2>&1 9>&- &
	pid=$!
	tap_pids="$tap_pids $pid"
}

stop()
{
	stop_pid "$1"
}

differences_of()
{
	awk -F '\t' -v name="$1" '$1 == name { print $2 }' \
		"$ROOT/tests/data/differences.tsv"
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

need()
{
	for _cmd; do
		have "$_cmd" || bail "$_cmd is not installed"
	done
}

# as_user: a build tree that nobody could not read is copied once.
as_user()
{
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
		return
	fi
	if [ -z "${tap_user_path-}" ]; then
		chmod 755 "$T"
		tap_user_path=$PATH
		setpriv --reuid 65534 --regid 65534 --clear-groups \
			test -x "$ACME_BUILD/bin" || {
			mkdir -p "$T/.user"
			for _d in bin libexec share; do
				[ ! -d "$ACME_BUILD/$_d" ] ||
					cp -a "$ACME_BUILD/$_d" "$T/.user/"
			done
			chmod -R a+rX "$T/.user"
			tap_user_path=$T/.user/bin:$PATH
		}
		mkdir -p "$T/.userhome"
		chown 65534:65534 "$T/.userhome"
	fi
	env PATH="$tap_user_path" HOME="$T/.userhome" TMPDIR="$T/.userhome" \
		setpriv --reuid 65534 --regid 65534 --clear-groups \
		--inh-caps=-all --bounding-set=-all -- "$@"
}

# leftovers: processes of the test's session, with its mark in their
# environment, or with their current directory in the test's.
leftovers()
{
	{
		ps -e -o sid=,pid= | sed -n "s/^ *$$  *//p"
		grep -lzx "ACME_TEST_ID=$ACME_TEST_ID" /proc/[0-9]*/environ
		find /proc/[0-9]*/cwd -maxdepth 0 \( -lname "$T" -o \
			-lname "$T/*" \)
	} 2>/dev/null | sed 's|/proc/||; s|/.*||' | sort -un >"$T/.pids"
	while read -r _pid; do
		case " $$ $tap_pids ${CA_PEBBLE_PID-} ${CA_CHALLTESTSRV_PID-} " in
		*" $_pid "*) continue ;;
		esac
		alive "$_pid" || continue
		# Not the subshells of the test itself.
		tr '\000' '\n' 2>/dev/null <"/proc/$_pid/cmdline" >"$T/.cmdline"
		grep -qxF "$0" "$T/.cmdline" && continue
		[ -s "$T/.cmdline" ] || continue
		printf '%s %s\n' "$_pid" "$(tr '\n' ' ' <"$T/.cmdline")"
	done <"$T/.pids"
}

# Making one takes 0.1 s. They are made once for a build tree.
ready_keys()
{
	case $ACME_BUILD in
	*san*) return ;;
	esac
	if [ -n "${1-}" ]; then
		truncate -s "$1" "$READY_KEYS_TAKEN"
		return
	fi
	READY_KEYS=$ACME_BUILD/rsa-keys
	READY_KEYS_TAKEN=$T/.keys-taken
	(
		exec 9>"$READY_KEYS.lock" && flock 9 || exit 1
		[ ! -d "$READY_KEYS" ] || exit 0
		umask 077
		rm -rf "$READY_KEYS.new" && mkdir "$READY_KEYS.new" || exit 1
		_n=0
		while [ $((_n = _n + 1)) -le 40 ]; do
			openssl genpkey -algorithm RSA -outform DER \
				-pkeyopt rsa_keygen_bits:2048 2>/dev/null |
				openssl pkey -inform DER -outform DER \
				-out "$READY_KEYS.new/$_n" || exit 1
		done
		mv "$READY_KEYS.new" "$READY_KEYS"
	) || bail "no keys in $READY_KEYS"
	LD_PRELOAD=$ACME_BUILD/tests/helpers/ready-keys.so
	export LD_PRELOAD READY_KEYS READY_KEYS_TAKEN
}

namespaces()
{
	[ -z "${ACME_TEST_NS-}" ] || {
		# What the test mounts and removes must not be the machine's.
		[ "$(readlink /proc/self/ns/mnt)" != "$(readlink /proc/$PPID/ns/mnt)" ] ||
			bail 'ACME_TEST_NS is set, but this is the namespace of who started it'
		CA_PORTS=$T/ports
		ip link set lo up &&
			printf '127.0.0.1 localhost\n::1 localhost\n' \
				>"$T/hosts" &&
			mount --bind "$T/hosts" /etc/hosts ||
			bail 'cannot set up the namespaces'
		return
	}
	ACME_TEST_NS=1
	export ACME_TEST_NS
	tap_cleanup
	trap - EXIT
	TMPDIR=$tap_tmpdir
	cd "$ROOT" || exit 1
	if [ "$(id -u)" -eq 0 ]; then
		exec unshare -nm --propagation private sh "$tap_script" "$@"
	fi
	exec unshare -Urnm --propagation private sh "$tap_script" "$@"
}

# -- the CA -------------------------------------------------------------------

ca_start()
{
	_exact=$("$ROOT/tests/pebble-exact") || bail 'there is no pebble'
	# Once more with other ports: others may bind what was free a moment ago.
	ca_up "$T/ca" pebble="$_exact" "$@" || ca_up "$T/ca" pebble="$_exact" "$@" ||
		bail 'the CA does not start'
}

web_start()
{
	start web /usr/bin/python3 -m http.server -b 127.0.0.1 -d "$1" "$HTTP01_PORT"
	wait_for port_listens "$HTTP01_PORT" || bail "$(cat "$T/web.log")"
}

ca_new_start()
{
	_new=$("$ROOT/tests/pebble-new" 2>"$T/.pebble-new") || {
		note "$(cat "$T/.pebble-new")"
		return 1
	}
	ca_start pebble="$_new" "$@"
}

ca_stop()
{
	[ ! -d "$T/ca" ] || ca_down "$T/ca"
}

ca_root()
{
	curl -sS --cacert "$T/ca/tls/root.pem" -o "$1" \
		"$CA_MANAGEMENT/roots/${2-0}"
}

faultd_start()
{
	/usr/bin/python3 -c 'import h2' 2>/dev/null || bail 'python3-h2 is not installed'
	_ports=$(free_port 2) || bail 'no free port'
	_fport=${_ports%
*} _fcontrol=${_ports#*
}
	start faultd /usr/bin/python3 "$ROOT/tests/helpers/faultd.py" \
		--listen "127.0.0.1:$_fport" --control "127.0.0.1:$_fcontrol" \
		--cert "$T/ca/tls/cert.pem" --key "$T/ca/tls/key.pem" \
		--upstream "${ACME_SERVER%/*}" --ca "$T/ca/tls/root.pem" "$@"
	FAULTD_PID=$pid
	FAULTD=http://127.0.0.1:$_fcontrol
	wait_for ca_ready "$FAULTD_PID" "$_fcontrol" && alive "$FAULTD_PID" || {
		diag "$(cat "$T/faultd.log")"
		bail 'faultd does not start'
	}
	CA_SERVER=$ACME_SERVER
	ACME_SERVER=https://localhost:$_fport/${ACME_SERVER##*/}
	export ACME_SERVER CA_SERVER
}

faultd_get()
{
	curl -sSf --noproxy '*' "$FAULTD$1"
}

faultd_post()
{
	curl -sSf --noproxy '*' -X POST -o "$T/.post" "$FAULTD$1"
}

faultd_rules()
{
	curl -sS --noproxy '*' --fail-with-body --data-binary "$1" \
		"$FAULTD/rules" >"$T/.rules" || bail "$(cat "$T/.rules")"
}

counter()
{
	faultd_get /counters | jq -r "$1 // 0"
}

# -- begin and end -------------------------------------------------------------

# What is mounted below $T is not ours to remove.
tap_mounts()
{
	awk -v t="$T/" 'index($5, t) == 1 { print $5 }' /proc/self/mountinfo
}

tap_remove()
{
	tap_mounts | sort -r | while IFS= read -r _mount; do
		umount -l "$_mount" 2>/dev/null
	done
	if [ -z "$(tap_mounts)" ]; then
		rm -rf --one-file-system "$T"
	else
		echo "# kept, since something is mounted there: $T" >&2
	fi
}

# is_child PID: whether this process is a child of this shell, or was and has not
# been waited for. One that has may have left its number to a stranger.
is_child()
{
	grep -qs "^PPid:[[:space:]]*$$\$" "/proc/$1/status"
}

tap_cleanup()
{
	for _pid in $tap_pids; do
		! is_child "$_pid" || stop_pid "$_pid"
	done
	ca_stop
	free_ports_release
	cd / || :
	if [ -n "${KEEP-}" ]; then
		echo "# kept: $T" >&2
	else
		tap_remove
	fi
}

tap_exit()
{
	_status=$?
	trap '' INT TERM HUP
	tap_cleanup
	if [ -z "$tap_plan" ]; then
		echo "# $(basename "$0") ended before done_testing" >&2
		exit 255
	fi
	[ "$_status" -eq 0 ] || exit "$_status"
	[ "$tap_failed" -eq 0 ] || exit 1
}

# tap_session PID: its session.
tap_session()
{
	sed -n 's/.*) . [0-9]* [0-9]* \([0-9]*\) .*/\1/p' "/proc/$1/stat" \
		2>/dev/null
}

case $0 in
/*) tap_script=$0 ;;
*) tap_script=$PWD/$0 ;;
esac
# What the machine's administrator has written into certbot's configuration file
# is no matter of a test: where there is one, the test has a mount namespace in
# which certbot's directory is empty, and nobody's but this user's.
tap_etc=/etc/letsencrypt
if [ -e $tap_etc/cli.ini ]; then
	tap_unshare='unshare -m'
	[ "$(id -u)" -eq 0 ] ||
		tap_unshare='unshare -Um --map-current-user --keep-caps'
	# shellcheck disable=SC2016 # the inner shell's
	exec $tap_unshare --propagation private sh -c '
		mount -t tmpfs -o mode=555,size=1m tmpfs "$1" && [ ! -e "$1/cli.ini" ] || {
			echo "Bail out! cannot hide $1/cli.ini, which certbot would read"
			exit 1
		}
		shift
		exec setpriv --ambient-caps=-all --inh-caps=-all "$@"' \
		sh $tap_etc "$(readlink -f /proc/$$/exe)" "$tap_script" "$@"
fi
# A session of its own: no terminal, and what it leaves can be found. It ends
# with what has started it.
if [ "$(tap_session $$)" != $$ ] && [ -z "${ACME_TEST_SESSION-}" ]; then
	ACME_TEST_SESSION=1
	export ACME_TEST_SESSION
	case $(head -n 1 "$tap_script") in
	*bash*) tap_shell=bash ;;
	*) tap_shell=sh ;;
	esac
	exec setpriv --pdeathsig TERM setsid -w $tap_shell "$tap_script" "$@"
fi
for _var in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
	case $_var in
	ACME_BUILD | ACME_TEST_NS) ;;
	ACME_* | CERTBOT_* | PEBBLE_* | REQUESTS_CA_BUNDLE | CURL_CA_BUNDLE | \
		SSL_CERT_* | SSLKEYLOGFILE | LEGO_* | LISTEN_* | NOTIFY_SOCKET | \
		*_proxy | *_PROXY | XDG_* | LC_* | LANG | LANGUAGE | \
		OPENSSL_* | MAKE* | MFLAGS)
		unset "$_var"
		;;
	esac
done
tap_tmpdir=${TMPDIR:-/tmp}
T=$(mktemp -d "$tap_tmpdir/acme-tools.XXXXXX") || {
	echo 'Bail out! cannot make a directory'
	exit 1
}
trap tap_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
umask 022
mkdir "$T/home" "$T/tmp"
PATH=$ACME_BUILD/bin:$PATH:/usr/sbin:/sbin
HOME=$T/home
TMPDIR=$T/tmp
LC_ALL=C
TZ=UTC
TERM=vt100
ACME_TEST_ID=$$
export T PATH HOME TMPDIR LC_ALL TZ TERM ACME_TEST_ID
cd "$T" || exit 1
status=0 out='' err=''
