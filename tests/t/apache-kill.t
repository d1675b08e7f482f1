#!/bin/sh
# certbot install --apache, of which certbot, acme-install or the plugin is killed
# while it asks the server's programs, at one of these calls after the other: the
# next command puts back what there was, and the server serves as before. EVERY=1
# kills at every call instead of some.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
apache_begin
need jq

# The server's programs: at call number AT they kill a process above them.
cat >wrap <<EOP
#!/bin/sh
calls=\$((\$(cat "$T/calls") + 1))
echo \$calls >"$T/calls.new"
mv "$T/calls.new" "$T/calls"
echo "\$calls \${0##*/} \$*" >>"$T/asked"
if [ "\$calls" = "\$(cat "$T/at")" ]; then
	pid=\$PPID
	while [ "\$(cat /proc/\$pid/comm)" != "\$(cat "$T/victim")" ]; do
		pid=\$(awk '\$1 == "PPid:" { print \$2 }' /proc/\$pid/status)
		[ "\$pid" -gt 1 ] || exit 70
	done
	[ "\$(cat "$T/late")" = 0 ] || "\$(cat "$T/real-\${0##*/}")" "\$@"
	kill -9 "\$pid"
	exit 70
fi
exec "\$(cat "$T/real-\${0##*/}")" "\$@"
EOP
chmod 755 wrap
mkdir bin
for name in apache2ctl a2enmod a2dismod; do
	command -v $name >"real-$name"
	cp wrap "bin/$name"
done

# install_killed VICTIM N LATE: at call N (0: at none), before or after it is made
install_killed()
{
	echo 0 >calls
	: >asked
	echo "$1" >victim
	echo "$2" >at
	echo "$3" >late
	run certbot install --apache -n -d a.example --redirect --hsts \
		--cert-path /etc/letsencrypt/live/all/cert.pem \
		--key-path /etc/letsencrypt/live/all/privkey.pem \
		--fullchain-path /etc/letsencrypt/live/all/fullchain.pem \
		--apache-ctl "$T/bin/apache2ctl" \
		--apache-enmod "$T/bin/a2enmod" \
		--apache-dismod "$T/bin/a2dismod" \
		--work-dir "$T/w" --logs-dir "$T/l" </dev/null
}

# What the killed ones have left behind may still be undoing something.
at_rest()
{
	! mine_runs
}

mine_runs()
{
	for _p in /proc/[0-9]*; do
		case $(cat "$_p/comm" 2>/dev/null) in
		acme-install | apache | certbot)
			cat "$_p/environ" 2>/dev/null | tr '\0' '\n' |
				grep -qx "APACHE_KILL_TEST=$T" && return 0
			;;
		esac
	done
	return 1
}
APACHE_KILL_TEST=$T
export APACHE_KILL_TEST

apache_fresh
sed -i 's/#ServerName www.example.com/ServerName a.example/' \
	/etc/apache2/sites-available/000-default.conf
rm -rf "$T/before"
cp -a "$T/etc" "$T/before"
apache_start || bail 'Apache does not start'
apache=$(cat /run/apache2/apache2.pid)

install_killed certbot 0 0
is "$status" 0 'undisturbed it works'
calls=$(cat calls)
ok 'in a few steps' [ "$calls" -gt 10 ] || diag "$(cat asked)"
run certbot rollback --apache -n --checkpoints 9 --work-dir "$T/w" \
	--logs-dir "$T/l" </dev/null
ok 'rolled back' same_tree "$T/before" "$T/etc"

# Another victim each time; before the call is made, or behind it.
bad=
kills=0
n=${EVERY:=4}
while [ "$n" -le "$calls" ]; do
	case $((kills % 3)) in
	0) victim=certbot ;;
	1) victim=apache ;;
	*) victim=acme-install ;;
	esac
	late=$((kills % 2))
	install_killed $victim "$n" $late
	[ "$(cat calls)" -ge "$n" ] || bad="$bad call $n is not made;"
	kills=$((kills + 1))
	wait_for at_rest
	what=$(sed -n "${n}p" asked)
	echo 0 >at
	run certbot certificates --work-dir "$T/w" --logs-dir "$T/l" \
		--config-dir /etc/letsencrypt </dev/null
	[ ! -e w/IN_PROGRESS ] && [ ! -e w/temp_checkpoint ] ||
		bad="$bad $victim at $what: not recovered;"
	# Finished checkpoints stay: of the certificate, or one enhancement.
	run certbot rollback --apache -n --checkpoints 9 --work-dir "$T/w" \
		--logs-dir "$T/l" </dev/null
	same_tree "$T/before" "$T/etc" >difference 2>&1 || {
		bad="$bad $victim at $what: $(head -n 2 difference);"
		rm -rf "$T/w"
		mkdir "$T/w"
		find "$T/etc" -mindepth 1 -delete
		cp -a "$T/before/." "$T/etc"
	}
	[ "$(status_of http://a.example/ --resolve a.example:80:127.0.0.1)" = \
		200 ] || bad="$bad $victim at $what: does not serve;"
	n=$((n + EVERY))
done
is "$bad" '' "killed $kills times, the next commands put everything back"
ok 'several times' [ "$kills" -gt 3 ]
not_ok 'nothing is on port 443' port_listens 443

# -- between two enhancements, where nothing is in progress ------------------------

# plugin_killed AT: install with two enhancements, the plugin is killed at this step.
plugin_killed()
{
	rm -rf kill w
	mkdir kill w
	: >kill/steps
	run env CERTBOT_PLUGIN_PATH="$T/plugins" KILL_DIR="$T/kill" KILL_AT="$1" \
		KILL_PLUGIN="$ACME_BUILD/libexec/acme-tools/apache" \
		KILL_WHO=plugin certbot install --apache -n -d a.example --redirect \
		--hsts --cert-path /etc/letsencrypt/live/all/cert.pem \
		--key-path /etc/letsencrypt/live/all/privkey.pem \
		--fullchain-path /etc/letsencrypt/live/all/fullchain.pem \
		--work-dir "$T/w" --logs-dir "$T/l" </dev/null
	wait_for at_rest
}

has_hsts()
{
	curl -skI --noproxy '*' --resolve a.example:443:127.0.0.1 https://a.example/ |
		grep -qi '^strict-transport'
}

# restore: files and server as at the beginning.
restore()
{
	run certbot rollback --apache -n --checkpoints 9 --work-dir "$T/w" \
		--logs-dir "$T/l" </dev/null
	ok "$1: rolled back" same_tree "$T/before" "$T/etc"
}

mkdir plugins
cp "$ROOT/tests/helpers/kill-at.py" plugins/apache
cp "$ROOT/tools/plugins/apache/apache.json" plugins/
plugin_killed 0
is "$status" 0 'undisturbed it works, step by step'
cp kill/steps all
restore 'undisturbed'
for title in 'Deployed ACME' 'Add enhancement Strict'; do
	at=$(grep -n "^save $title" all | cut -d : -f 1)
	plugin_killed "$at"
	is "$status" 1 "$title: killed when it is finished"
	not_ok "$title: nothing is in progress" test -e w/IN_PROGRESS
	ok "$title: the site has its certificate" \
		[ "$(served a.example)" = "$WANT_CERT" ]
	not_ok "$title: the server has no HSTS yet" has_hsts
	run certbot certificates --work-dir "$T/w" --logs-dir "$T/l" \
		--config-dir /etc/letsencrypt </dev/null
	is "$status" 0 "$title: any subcommand"
	case $title in
	Add*) ok "$title: and the server has read its file" has_hsts ;;
	*) not_ok "$title: and nothing else is there" has_hsts ;;
	esac
	is "$(find w -name '.unread*')" '' "$title: nothing is left to do"
	restore "$title"
done
ok 'the same server all the time' alive "$apache"
apache_stop
done_testing
