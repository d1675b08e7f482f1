#!/bin/sh
# What is installed around the programs: the sample cli.ini, files for the
# service manager, cron and logrotate, and a page for each plugin.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/both.sh"
need jq logrotate mandoc make systemd-analyze

# The place is the final one: units name it.
run make -s -C "$ROOT" BUILD="$ACME_BUILD" install PREFIX="$T/usr" SYSCONFDIR="$T/etc"
is "$status" 0 'install'
share=$T/usr/share/acme-tools
system=$share/system
PATH=$T/usr/bin:$PATH

# -- cli.ini -------------------------------------------------------------------

# parsed FILE: by both, without a word about it.
parsed()
{
	for who in ours theirs; do
		$who -c "$1" certificates
		is "$status" 0 "$who reads $2"
		is "$(printf '%s\n' "$err" | grep -v '^Saving debug log')" '' \
			"$who says nothing about it"
	done
}
parsed "$share/cli.ini" 'the sample'
sed 's/^# \([a-z-]* = \)/\1/; /^authenticator = standalone/d
	s|^webroot-path = .*|webroot-path = /|' "$share/cli.ini" >all.ini
is "$(grep -c '^[a-z-]* = ' all.ini)" 10 'ten options, with those that are comments'
parsed "$T/all.ini" 'the sample with all of them'
parsed "$system/cli.ini" 'that of a system that renews by itself'
rm -rf l
ours -c "$system/cli.ini" certificates
ours -c "$system/cli.ini" certificates
is "$(ls l)" letsencrypt.log 'which rotates no logs'
echo 'no-such-option = 1' >bad.ini
ours -c "$T/bad.ini" certificates
is "$status" 2 'an option that does not exist is found'

# -- service manager, cron, logrotate -----------------------------------------------

cp "$system/certbot.service" "$system/certbot.timer" .
ok 'the units are valid' systemd-analyze verify --man=no \
	"$T/certbot.service" "$T/certbot.timer"
sed 's/^OnCalendar=.*/OnCalendar=sometimes/' "$system/certbot.timer" >bad.timer
sed 's/^ExecStart=/ExecStart=no/' "$system/certbot.service" >bad.service
not_ok 'others are not' systemd-analyze verify --man=no "$T/bad.service"
run systemd-analyze verify --man=no "$T/bad.timer"
like "$out$err" 'sometimes' 'nor another time'
ok 'the calendar has two times a day' systemd-analyze calendar \
	"$(sed -n 's/^OnCalendar=//p' certbot.timer)"
exec=$(sed -n 's/^ExecStart=//p' certbot.service)
is "${exec%% *}" "$T/usr/bin/certbot" 'the service runs the installed program'
for option in -q renew --no-random-sleep-on-renew --preconfigured-renewal; do
	like " $exec " " $option " "with $option"
done
# shellcheck disable=SC2086
run $exec --config-dir "$T/c" --work-dir "$T/w" --logs-dir "$T/l" </dev/null
is "$status $out" '0 ' 'which renews, and says nothing'

line=$(grep -v '^#\|^[A-Z]*=\|^$' "$system/cron")
is "$(printf '%s\n' "$line" | wc -l)" 1 'one line for cron'
like "$line" '^0 \*/12 \* \* \* root ' 'twice a day, as root'
unlike "$line" '%' 'no percent sign, which cron would take for a line break'
command=${line#*root }
# Without systemd it sleeps, then renews: both are seen here, none is waited for.
mkdir bin
printf '#!/bin/sh\necho sleep "$@" >>"%s/cron.log"\n' "$T" >bin/sleep
printf '#!/bin/sh\necho certbot "$@" >>"%s/cron.log"\n' "$T" >bin/certbot
chmod +x bin/*
printf '%s\n' "$command" | sed "s|$T/usr/bin/certbot|$T/bin/certbot|
	s|/run/systemd/system|$T/none|" >cron.sh
PATH=$T/bin:$PATH run sh cron.sh
is "$status" 0 'its command runs'
like "$(sed -n 1p cron.log)" '^sleep [0-9]+$' 'it waits for a random while'
is "$(sed -n 2p cron.log)" \
	'certbot -q renew --no-random-sleep-on-renew --preconfigured-renewal' \
	'then renews'
: >cron.log
sed -i "s|$T/none|$T|" cron.sh
run sh cron.sh
is "$(cat cron.log)" '' 'where systemd runs it leaves that to the timer'

sed "s|/var/log/letsencrypt|$T/l|" "$system/logrotate" >rotate.conf
chmod 644 rotate.conf
run logrotate -d -s "$T/state" rotate.conf
is "$status" 0 'logrotate takes the file'
unlike "$out$err" '[Ee]rror:' 'without an error'
like "$out$err" "considering log $T/l/letsencrypt.log" 'for our logs'
chmod go-w l
run logrotate -f -s "$T/state" rotate.conf
ok 'and rotates them' test -e l/letsencrypt.log.1.gz

# -- a page for each plugin ------------------------------------------------------------

n=0
for json in "$T"/usr/libexec/acme-tools/*.json; do
	n=$((n + 1))
	name=${json##*/}
	name=${name%.json}
	page=$T/usr/share/man/man7/certbot-plugin-$name.7
	ok "$name has a page" test -s "$page"
	is "$(mandoc -Tlint -Wwarning "$page" 2>&1)" '' 'which mandoc likes'
	mandoc -Tascii -Owidth=500 "$page" | sed 's/.\x08//g' >text
	is "$(jq -r '.options[]? | select(.hidden | not) |
		"--\($n)-\(.name)", (.aliases // [] | .[] | "--\(.)")' \
		--arg n "$name" "$json" | while read -r flag; do
		grep -qE -e "^ +(-[a-z], )?.*$flag( |,|\$)" text || echo "$flag"
	done)" '' 'and which has all options'
	is "$(jq -r '.options[]? | select(.hidden) | "--\($n)-\(.name)"' \
		--arg n "$name" "$json" | while read -r flag; do
		grep -F -e "$flag" text
	done)" '' 'but none that are hidden'
done
ok 'plugins were looked at' test "$n" -ge 4

# One that is not there yet, with texts that are hard on roff.
cat >odd.json <<'END'
{"name": "odd-one", "version": 1, "summary": ".Begins with a dot",
 "about": "A \\ and \"quotes\".\n\n'apostrophe at the start\n\n.Sh NOT A SECTION",
 "kinds": ["authenticator", "installer"], "challenges": ["dns-01", "http-01"],
 "exclusive": ["server:{root}"], "globals": ["http01_port", "https_port"],
 "options": [
	{"name": "root", "type": "dir", "metavar": "Fl", "help": ".Pp", "default": "/a b\\c",
	 "defaults": {"debian": "/d", "ubuntu": "/d", "alpine": "\"q\""}},
	{"name": "on", "type": "flag"},
	{"name": "secret", "type": "string", "hidden": true},
	{"name": "credentials", "type": "path", "aliases": ["odd-creds"], "letter": "o",
	 "repeatable": true, "saved": false, "help": "A file"}],
 "dns": {"credentials": [{"key": "token", "what": "token of the account"}]}}
END
run "$ROOT/scripts/plugin-page" odd.json
is "$status" 0 'a page for any descriptor'
cp out odd.7
is "$(mandoc -Tlint -Wwarning odd.7 2>&1)" '' 'mandoc likes it'
mandoc -Tascii -Owidth=500 odd.7 | sed 's/.\x08//g' >text
for words in '.Begins with a dot' 'A \ and "quotes".' "'apostrophe at the start" \
	'.Sh NOT A SECTION' '--odd-one-root Fl' '/a b\c' 'On debian and ubuntu' \
	'-o, --odd-one-credentials, --odd-creds CREDENTIALS' 'A file.' \
	'Not kept for renewals.' 'odd_one_token' '--odd-one-credentials ~/.secrets' \
	'server:{root}' '--http01-port' 'dns-01 and http-01'; do
	ok "it says $words" grep -qF -e "$words" text
done
not_ok 'and nothing of what is hidden' grep -q odd-one-secret text
printf '.Sh EXAMPLES\nOf its own.\n' >own.mdoc
run "$ROOT/scripts/plugin-page" odd.json own.mdoc
like "$out" 'Of its own' 'its own text is in it'
is "$(printf '%s\n' "$out" | grep -c '^\.Sh EXAMPLES')" 1 'instead of an example'
done_testing
