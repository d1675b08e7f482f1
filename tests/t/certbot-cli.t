#!/bin/sh
# What surrounds a run of certbot: cli.ini in all its places (spec 3.3),
# directories and locks (1.1, 9.1), logs (7.9, 9.2), help. In namespaces of its
# own, for /etc/letsencrypt.
. "$(dirname "$0")/../lib.sh"
namespaces
need openssl jq strace
. "$ROOT/tests/both.sh"
mkdir -p /etc/letsencrypt etc && mount --bind etc /etc/letsencrypt || bail 'no /etc/letsencrypt of its own'
ca_start
ours_new register
is "$status" 0 'an account'

# -- cli.ini: the places, and which one wins ----
# both_agree DESCRIPTION ARGUMENT...: --cert-name comes from a file
both_agree()
{
	_d=$1
	shift
	both_say '' "$_d" delete -n "$@"
}
mkdir -p home/.config/letsencrypt xdg/letsencrypt
both_agree 'no file at all'
echo 'cert-name = etc.example' >etc/cli.ini
both_agree '/etc/letsencrypt/cli.ini'
like "$err" 'No certificate found with name etc.example ' 'is read'
echo 'cert-name = home.example' >home/.config/letsencrypt/cli.ini
both_agree '~/.config/letsencrypt/cli.ini'
like "$err" 'No certificate found with name home.example ' 'wins'
XDG_CONFIG_HOME=$T/xdg
export XDG_CONFIG_HOME
both_agree 'XDG_CONFIG_HOME without a file'
like "$err" 'No certificate found with name etc.example ' 'is looked at instead of ~/.config'
echo 'cert-name = xdg.example' >xdg/letsencrypt/cli.ini
both_agree '$XDG_CONFIG_HOME/letsencrypt/cli.ini'
like "$err" 'No certificate found with name xdg.example ' 'wins'
echo 'cert-name = own.example' >own.ini
both_agree '-c FILE' -c own.ini
like "$err" 'No certificate found with name own.example ' 'wins'
both_agree '--config=FILE' "--config=$T/own.ini"
cp own.ini home/tilde.ini
both_agree '-c ~/FILE' -c '~/tilde.ini'
both_agree 'the command line' -c own.ini --cert-name line.example
like "$err" 'No certificate found with name line.example ' 'wins over all'
echo 'text' >own.ini
both_agree '-c FILE that says nothing of it' -c own.ini
like "$err" 'No certificate found with name xdg.example ' 'the others are read, too'
XDG_CONFIG_HOME=
both_agree 'an empty XDG_CONFIG_HOME'
unset XDG_CONFIG_HOME
printf 'cert-name = "two words" # c\n' >home/.config/letsencrypt/cli.ini
both_agree 'quoted'
printf "cert-name = 'it''s'\n" >home/.config/letsencrypt/cli.ini
both_agree 'quotes inside quotes'
printf 'cert-name = a#b;c\n' >home/.config/letsencrypt/cli.ini
both_agree 'comment signs without a blank'
printf 'cert-name=x\ncert-name : y ; z\n' >home/.config/letsencrypt/cli.ini
both_agree 'a key twice: the last'
printf '\n[delete]\n--cert-name section.example\n' >home/.config/letsencrypt/cli.ini
both_agree 'a section, dashes, a blank'
printf 'cert-name =\n' >home/.config/letsencrypt/cli.ini
both_agree 'an empty value'
rm etc/cli.ini
# How much is said is in the log of each.
for value in 2 0 true; do
	printf 'verbose = %s\n' $value >home/.config/letsencrypt/cli.ini
	theirs certificates
	level=$(grep -o 'Root logging level set at .*' l/letsencrypt.log)
	ours certificates
	is "$status $(grep -o 'Root logging level set at .*' l/letsencrypt.log)" \
		"0 $level" "verbose = $value"
done
printf 'domains = other.example\nserver = %s\n' "$ACME_SERVER" >home/.config/letsencrypt/cli.ini
both_say '' "renew ignores a file's domains" renew
is "$status" 0 'without an error'
# A map of web roots, on one line; the command line's takes its place.
mkdir -p maps/one maps/two
printf 'webroot-map = {"a.example,b.example": "%s/maps/one"}\n' "$T" >home/.config/letsencrypt/cli.ini
ours certonly -n --webroot --server "$ACME_SERVER" --explain
is "$status" 0 'webroot-map in a file'
like "$out" " -d a\\.example -d b\\.example " 'gives the names'
like "$out" "webroot-map=\\{\"a\\.example\":\"$T/maps/one\",\"b\\.example\":\"$T/maps/one\"\\}" 'and their web roots'
ours certonly -n --webroot --server "$ACME_SERVER" --webroot-map "{\"c.example\":\"$T/maps/two\"}" --explain
like "$out" "webroot-map=\\{\"c\\.example\":\"$T/maps/two\"\\}" 'the command line replaces it'
unlike "$out" 'a\.example' 'wholly'
rm home/.config/letsencrypt/cli.ini
: >l/letsencrypt.log

# -- logs ------------------------------------------------------------------------
rm -f l/*
ours certificates
is "$(ls l)" 'letsencrypt.log
letsencrypt.log.1' 'the first run leaves an empty old log, as certbot does'
is "$(stat -c %s l/letsencrypt.log.1)" 0 'an empty one'
ours certificates
ours certificates
is "$(ls l)" 'letsencrypt.log
letsencrypt.log.1
letsencrypt.log.2
letsencrypt.log.3' 'every run has a log of its own'
ours certificates --max-log-backups 2
is "$(ls l | wc -l)" 4 'a smaller number leaves higher ones alone'
size=$(stat -c %s l/letsencrypt.log)
ours certificates --max-log-backups 0
ok 'none: appended' test "$(stat -c %s l/letsencrypt.log)" -gt "$size"
is "$(ls l | wc -l)" 4 'and nothing is moved'
# -- standard output ---------------------------------------------------------------
mkdir full
mount -t tmpfs -o size=64k full full
cat /dev/zero >full/zeros 2>/dev/null
run certbot certificates --config-dir c --work-dir w --logs-dir full </dev/null
is "$status" 0 'a disk that is full for the log'
is "$(grep -c "^cannot write the log $T/full/letsencrypt.log: No space left on device\$" err)" 1 'is told once'
run sh -c 'certbot certificates --config-dir c --work-dir w --logs-dir l >/dev/full'
is "$status" 1 'what is printed cannot be written'
like "$err" '^What was printed could not be written to standard output' 'which is said'
run sh -c 'certbot certificates --config-dir c --work-dir w --logs-dir l >&-'
is "$status" 0 'nobody wants it'
run sh -c 'strace -y -o calls certbot certificates --config-dir c --work-dir w --logs-dir l <&- >&- 2>&-'
is "$status" 0 'there is no standard descriptor at all'
is "$(grep '^write([012]<' calls | grep -v '</dev/null')" '' 'no file of its own becomes one'
rm l/*
ours certificates -n -q
is "$out$err" '' '-q prints nothing'
stamp='^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]{3}:DEBUG:certbot._internal.main:'
like "$(sed -n 1p l/letsencrypt.log)" "${stamp}certbot version: " 'log: first the version'
like "$(sed -n 2p l/letsencrypt.log)" "${stamp}Location of certbot entry point: " 'the program'
like "$(sed -n 3p l/letsencrypt.log)" "${stamp}Arguments: \['certificates', '-n', '-q', '--config-dir', " 'the arguments'
like "$(sed -n 4p l/letsencrypt.log)" "${stamp}Discovered plugins: PluginsRegistry\(.*PluginEntryPoint#standalone" 'the plugins'
like "$(sed -n 5p l/letsencrypt.log)" ':DEBUG:certbot._internal.log:Root logging level set at 40$' 'the level'
ours register -n --eab-kid k --eab-hmac-key c2VjcmV0 --server https://127.0.0.1:1/dir
not_ok 'no secret of the arguments is in the log' grep -rq c2VjcmV0 l
like "$(cat l/letsencrypt.log)" 'Notifying user: |certbot._internal.log:' 'what is shown is in it'
mode l/letsencrypt.log 644 'the log is as readable as the umask says'
mode l 700 'in a private directory'
ours certificates -d a..b
like "$err" "$TMPDIR/certbot-log-[a-z0-9_A-Z]{8}/log or re-run" 'before there is a log, a temporary one'
log=$(printf '%s\n' "$err" | sed -n 's/.*See the logfile \([^ ]*\) .*/\1/p')
mode "$log" 600 'private'
mode "${log%/log}" 700 'in a private directory'
like "$(cat "$log")" 'contains an empty label' 'with what happened'
rm -rf "${log%/log}"
# Where TMPDIR is no directory, Python takes another, and so do we.
TMPDIR=$T/gone
ours show_account --server "$ACME_SERVER"
is "$status" 0 'TMPDIR need not be there'
TMPDIR=$T/tmp
ours certificates --bogus
ours certificates
is "$(find "$TMPDIR" -name 'certbot-log-*')" '' 'a usage error or a good run leaves none'

# -- directories --------------------------------------------------------------------
ROOTS=$T/new
ours certificates
is "$status" 0 'missing directories'
mode new/c 755 'configuration'
mode new/w 755 'work'
mode new/l 700 'logs'
mode new/c/renewal-hooks/deploy 755 'hooks'
is "$(find new -name .certbot.lock)" '' 'no lock is left'
ours certificates --strict-permissions
is "$status" 0 '--strict-permissions with these'
chmod 755 new/l
ours certificates --strict-permissions
is "$status" 1 'with another mode'
like "$err" "^$T/new/l exists, but it should be owned by current user with permissions 0o700\$" 'is refused'
chmod 700 new/l
mkdir -p new/w/backups new/c/accounts/acme-v02.api.letsencrypt.org/directory
chmod 700 new/c/accounts/acme-v02.api.letsencrypt.org/directory
ours certificates --strict-permissions
is "$status" 0 'what is below them has the right modes, too'
for dir in w/backups c/renewal-hooks/deploy \
	c/accounts/acme-v02.api.letsencrypt.org/directory; do
	right=$(stat -c %a new/$dir)
	chmod 777 new/$dir
	ours certificates --strict-permissions
	is "$status" 1 "$dir that others may write"
	like "$err" "^$T/new/$dir exists, but it should be owned by current user with permissions 0o$right\$" \
		'is refused'
	chmod "$right" new/$dir
done
ROOTS=$T
mkdir closed
as_user certbot certificates --config-dir closed/c --work-dir closed/w --logs-dir closed/l >out 2>err </dev/null
is $? 1 'a directory that cannot be made'
is "$(sed 3q err)" "The following error was encountered:
[Errno 13] Permission denied: '$T/closed/l'
Either run as root, or set --config-dir, --work-dir, and --logs-dir to writeable paths." 'is named, with a way out'
as_user "$THEIRS" certificates --config-dir closed/c --work-dir closed/w --logs-dir closed/l >out2 2>err2 </dev/null
is "$(sed 3q err)" "$(sed 3q err2)" "in the words of Debian's"
mkdir closed/l && touch closed/l/.certbot.lock && chmod 600 closed/l/.certbot.lock && chmod 755 closed/l
as_user certbot certificates --config-dir closed/c --work-dir closed/w --logs-dir closed/l >out 2>err </dev/null
like "$(cat err)" "^\[Errno 13\] Permission denied: '$T/closed/l/.certbot.lock'\$" 'a lock that is not his'
as_user certbot plugins --config-dir closed/c --work-dir closed/w --logs-dir closed/l >out 2>err </dev/null
is $? 0 'plugins runs all the same'
like "$(cat out)" '^\* standalone$' 'and lists them'
mkdir mine && chown 65534:65534 mine
as_user certbot certonly --standalone -n -d u.example --agree-tos --register-unsafely-without-email \
	--server "$ACME_SERVER" --http-01-port "$HTTP01_PORT" \
	--config-dir mine/c --work-dir mine/w --logs-dir mine/l >out 2>err </dev/null
is $? 0 'an ordinary user with directories of his own' || diag "$(cat err)"
is "$(find mine ! -user 65534)" '' 'all files are his'

# -- the network's faults keep the words that scripts look for --------------------
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout x.key -subj /CN=x -out x.pem 2>/dev/null
run env REQUESTS_CA_BUNDLE="$T/x.pem" SSL_CERT_FILE="$T/x.pem" CURL_CA_BUNDLE="$T/x.pem" certbot certonly -n --standalone \
	-d n.example --server "$ACME_SERVER" --agree-tos --config-dir c --work-dir w --logs-dir l </dev/null
is "$status" 1 'a server that is not trusted'
like "$err" '^An unexpected error occurred:$' 'is not expected'
like "$err" 'CERTIFICATE_VERIFY_FAILED' 'with the word for it'
is "$(leftovers)" '' 'no process is left'
done_testing
