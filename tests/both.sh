# shellcheck shell=sh
# Sourced after lib.sh by tests that hold certbot against Debian's certbot
# (/usr/bin/certbot). Both use the directories $T/c, $T/w and $T/l ($ROOTS is
# another place for them) and no terminal.
#
#	ours ARGUMENT...	runs ours; as `run` does, sets $status, $out, $err
#	theirs ARGUMENT...	runs Debian's
#	debian ARGUMENT...	the same without the directories and `run`
#	ours_new, theirs_new ARGUMENT...	the same with all that a first
#				certificate needs: server, port, account, -n
#	differences		prints the rows of tests/data/differences.tsv, and of
#				differences-4.tsv if Debian's is of that age
#	certbot_at_least VERSION	whether Debian's is this one or newer: what it
#				says and does differs, ours not
#	version_of NAME		the number of the lineage's deployed version
#	conf_get NAME KEY	a value of its renewal file
#	account_id		of the only account
#	certificates_agree DESCRIPTION	`certificates` of both prints the same
#	out, err, log ERE	was this said by the last run, or written into the log?
#	lineage_is_whole NAME DESCRIPTION	links, key and chain fit together

THEIRS=/usr/bin/certbot
ROOTS=$T
[ -x "$THEIRS" ] || bail "Debian's certbot is not installed"
# Asked here: subshells would ask again, and the program itself takes a second.
THEIRS_VERSION=$(dpkg-query -W -f '${Version}' certbot) || bail 'certbot is no package'

# DEBIAN is its command, in words: for a helper that starts it on a terminal.
# From the second run on a process that has loaded it does what a new one would
# do: loading takes nearly all the time. Subshells start it anew each time.
_debian_runs=0
DEBIAN=$THEIRS
debian()
{
	debian_next
	$DEBIAN "$@"
}

# debian_next: to be called before $DEBIAN.
debian_next()
{
	_debian_runs=$((_debian_runs + 1))
	if [ $_debian_runs -eq 2 ]; then
		debian_serve
		DEBIAN="$ACME_BUILD/tests/helpers/served $T/.debian $THEIRS"
	fi
}

debian_serve()
{
	_pid=${pid-}
	start .debian env TERM="${TERM:-xterm}" /usr/bin/python3 "$ROOT/tests/helpers/served.py" \
		"$T/.debian" "$THEIRS"
	wait_for debian_serves $pid
	pid=$_pid
}

debian_serves()
{
	[ -S "$T/.debian" ] || ! alive "$1"
}

ours()
{
	run certbot "$@" --config-dir "$ROOTS/c" --work-dir "$ROOTS/w" \
		--logs-dir "$ROOTS/l" </dev/null
}

theirs()
{
	run debian "$@" --config-dir "$ROOTS/c" --work-dir "$ROOTS/w" \
		--logs-dir "$ROOTS/l" </dev/null
}

out()
{
	grep -qE "$@" "$T/out"
}

err()
{
	grep -qE "$@" "$T/err"
}

log()
{
	grep -qE "$@" "$ROOTS/l/letsencrypt.log"
}

ours_new()
{
	ours "$@" -n --server "$ACME_SERVER" --http-01-port "$HTTP01_PORT" \
		--agree-tos --register-unsafely-without-email
}

theirs_new()
{
	theirs "$@" -n --server "$ACME_SERVER" --http-01-port "$HTTP01_PORT" \
		--agree-tos --register-unsafely-without-email
}

certbot_at_least()
{
	dpkg --compare-versions "$THEIRS_VERSION" ge "$1"
}

differences()
{
	cat "$ROOT/tests/data/differences.tsv"
	! certbot_at_least 3.0 || cat "$ROOT/tests/data/differences-4.tsv"
}

version_of()
{
	readlink "$ROOTS/c/live/$1/cert.pem" | sed 's/.*cert\([0-9]*\)\.pem/\1/'
}

conf_get()
{
	sed -n "s/^$2 = //p" "$ROOTS/c/renewal/$1.conf"
}

account_id()
{
	basename "$(dirname "$ROOTS"/c/accounts/*/*/*/private_key.json)"
}

certificates_agree()
{
	ours certificates
	cp "$T/out" "$T/certificates.ours"
	theirs certificates
	same "$T/certificates.ours" "$T/out" "$1"
}

lineage_is_whole()
{
	_live=$ROOTS/c/live/$1
	_why=
	for _kind in cert privkey chain fullchain; do
		[ -L "$_live/$_kind.pem" ] && [ -s "$_live/$_kind.pem" ] ||
			_why="$_why $_kind"
	done
	[ "$(readlink "$_live"/*.pem | sed 's/.*[a-z]\([0-9]*\)\.pem/\1/' |
		sort -u | wc -l)" = 1 ] || _why="$_why versions"
	cat "$_live/cert.pem" "$_live/chain.pem" |
		cmp -s - "$_live/fullchain.pem" || _why="$_why fullchain"
	[ "$(openssl x509 -in "$_live/cert.pem" -noout -pubkey)" = \
		"$(openssl pkey -in "$_live/privkey.pem" -pubout)" ] ||
		_why="$_why key"
	is "$_why" '' "$2"
}

# plainly: what differs from run to run gets one form: also the order
# of a Python set, of accounts (Debian's have the directory's), and of the CA's
# authorizations (b.example's names).
plainly()
{
	sed -e 's|certbot-log-[a-zA-Z0-9_]*/|certbot-log-X/|' \
		-e 's|https://[^ ]*/my-account/[0-9a-f]*|ACCOUNT|' \
		-e 's|\(acme-challenge/\)[A-Za-z0-9_-]*|\1TOKEN|g' \
		-e 's|127\.0\.0\.1:[0-9]*->|127.0.0.1:N->|g' \
		-e 's|localhost:[0-9][0-9]*|localhost:PORT|g' \
		-e 's|after [0-9]* ms|after 0 ms|' \
		-e "s|Could not connect to server|Couldn't connect to server|" \
		-e "s|[^ ']*@[0-9T:-]*Z ([0-9a-f]\\{4\\})|LABEL|g" \
		-e '/^  D[a-z]*:/s/[a-z]*\.b\.example/b.example/' \
		-e 's|: other.example, csr.example|: csr.example, other.example|'
}

# said_wanted FILE...: what Debian's has said, with the sentence that ours words
# as newer certbot does (the row names-cancelled).
said_wanted()
{
	differences_of names-cancelled >"$T/wanted.sed"
	sed -E -i -f "$T/wanted.sed" "$@"
}

# both_say INPUT DESCRIPTION ARGUMENT...: with INPUT (for printf) on standard
# input both print the same, on both streams, and end alike. Leaves what ours
# has printed in $out and $err.
both_say()
{
	printf "$1" >"$T/.input"
	_what=$2
	shift 2
	run debian "$@" --config-dir "$ROOTS/c" --work-dir "$ROOTS/w" \
		--logs-dir "$ROOTS/l" <"$T/.input"
	{
		plainly <"$T/out"
		echo "-- standard error"
		plainly <"$T/err"
		echo "-- status $status"
	} >"$T/said.theirs"
	run certbot "$@" --config-dir "$ROOTS/c" --work-dir "$ROOTS/w" \
		--logs-dir "$ROOTS/l" <"$T/.input"
	{
		plainly <"$T/out"
		echo "-- standard error"
		plainly <"$T/err"
		echo "-- status $status"
	} >"$T/said.ours"
	said_wanted "$T/said.theirs"
	same "$T/said.theirs" "$T/said.ours" "$_what"
}
