#!/bin/sh
# Apache is never left with a broken site: whatever fails, and wherever the
# plugin is killed, the files come back and the server serves as before.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
apache_begin
need strace jq

# begin: two sites of a.conf, running; $T/before is what was there.
begin()
{
	apache_fresh
	cat >/etc/apache2/sites-available/a.conf <<-EOP
	<VirtualHost *:80>
	    ServerName a.example
	</VirtualHost>
	<VirtualHost *:80>
	    ServerName b.example
	</VirtualHost>
	EOP
	a2dissite -q 000-default >/dev/null
	a2ensite -q a >/dev/null
	rm -rf "$T/before"
	cp -a "$T/etc" "$T/before"
}

# as_before DESCRIPTION
as_before()
{
	ok "$1" same_tree "$T/before" "$T/etc"
}

alive_as_before()
{
	is "$(status_of http://a.example/ --resolve a.example:80:127.0.0.1)" \
		200 "$1"
	port_listens 443 && fail "$1: nothing on port 443" ||
		pass "$1: nothing on port 443"
	ok "$1: the same process" alive "$apache"
}

install()
{
	run acme-install apache "$@" --work-dir "$T/w" --logs-dir "$T/w"
}

doc()
{
	jq -cn --arg d /etc/letsencrypt/live/all '{acme: 1,
		request: {names: ["a.example", "b.example"]},
		lineage: {name: "all", path: $d, cert: ($d + "/cert.pem"),
			privkey: ($d + "/privkey.pem"), chain: ($d + "/chain.pem"),
			fullchain: ($d + "/fullchain.pem"), version: 1}}'
}

doc >doc
begin
apache_start || bail 'Apache does not start'
apache=$(cat /run/apache2/apache2.pid)

# -- the server refuses what was written ------------------------------------------

rm "$T/le/live/all/privkey.pem"
install deploy --redirect <doc
isnt "$status" 0 'a key that is not there'
like "$(cat out)" 'SSLCertificateKeyFile: file .*does not exist' \
	"in the server's words"
as_before 'all is put back'
alive_as_before 'the server goes on'
is "$(ls "$T/w/backups")" '' 'and no checkpoint is left'
cp "$T/live/all/privkey.pem" "$T/le/live/all/"

# -- the reload fails ----------------------------------------------------------------

cat >ctl <<'EOP'
#!/bin/sh
[ "$1" != graceful ] || { echo 'no reload today' >&2; exit 1; }
exec apache2ctl "$@"
EOP
chmod 755 ctl
install deploy --redirect --apache-ctl "$T/ctl" <doc
isnt "$status" 0 'a reload that fails'
like "$(cat out)" 'no reload today' "in the program's words"
as_before 'all is put back'
alive_as_before 'the server goes on'

# -- somebody else edits the file meanwhile --------------------------------------------

cat >ctl <<'EOP'
#!/bin/sh
[ ! -e /etc/apache2/mods-enabled/ssl.load ] ||
	grep -q '^# mine' /etc/apache2/sites-available/a.conf ||
	echo '# mine' >>/etc/apache2/sites-available/a.conf
exec apache2ctl "$@"
EOP
install deploy --redirect --apache-ctl "$T/ctl" <doc
is "$(grep -c '^# mine' /etc/apache2/sites-available/a.conf)" 1 \
	'an edit by somebody else is not lost'

# -- killed ---------------------------------------------------------------------------

# The calls of the plugin that change a file; every third is killed, and those that
# find a file in the place of its temporary one.
calls=rename,renameat2,linkat,symlink,unlink,unlinkat,fchmod,rmdir,mkdir
plugin=$ACME_BUILD/libexec/acme-tools/apache
case_do requests "$ROOT/tests/data/apache/two-in-one-file.case" |
	grep -v 'Deployed ACME' >requests
cat >traced <<EOP
#!/bin/sh
exec strace -qq -o "$T/trace" -e trace=$calls "$plugin"
EOP
cat >killed <<EOP
#!/bin/sh
exec strace -qq -o /dev/null -e trace=\$KILL_CALL \\
	-e inject=\$KILL_CALL:signal=KILL:when=\$KILL_AT "$plugin"
EOP
chmod 755 traced killed
talk_by()
{
	/usr/bin/python3 "$ROOT/tests/helpers/plugin-talk.py" "$1" \
		/etc/letsencrypt "$T/w" <requests >said 2>&1
}
begin
talk_by "$T/traced" || diag "$(cat said)"
awk '{ sub(/\(.*/, "", $1) } $1 ~ /^[a-z0-9]+$/ { print $1, ++n[$1] }' trace \
	>points
cp -a "$T/etc" after
kills=0
bad=
line=0
while read -r KILL_CALL KILL_AT; do
	line=$((line + 1))
	[ $((line % 3)) = 0 ] || [ "$KILL_CALL" = fchmod ] || continue
	export KILL_CALL KILL_AT
	begin >/dev/null
	talk_by "$T/killed" && continue
	kills=$((kills + 1))
	sed -n '1p; /prepare/p' requests | apache_talk >said 2>&1 ||
		bad="$bad $KILL_CALL $KILL_AT: $(tail -n 1 said);"
	same_tree "$T/before" "$T/etc" >difference 2>&1 ||
		diff -r --no-dereference after "$T/etc" >/dev/null ||
		bad="$bad $KILL_CALL $KILL_AT: $(head -n 3 difference)"
done <points
is "$bad" '' "killed at $kills places, the next run puts back what was there"
ok 'and it was killed' [ $kills -gt 3 ]
alive_as_before 'the server goes on'

# -- killed while challenges are answered ------------------------------------------------

c='{"type":"http-01","token":"tok","keyAuthorization":"tok.k","validation":"v",
	"identifier":{"type":"dns","value":"a.example"}}'
c=$(echo "$c" | tr -d '\n\t')
answered()
{
	[ "$(grep -c '"ok"' said)" = 4 ]
}
# challenged: the plugin runs ($plugin), on descriptor 8, and has answered.
challenged()
{
	rm -f in
	mkfifo in
	"$ACME_BUILD/libexec/acme-tools/apache" <in >said 2>&1 9>&- &
	plugin=$!
	exec 8>in
	{
		printf '{"op":"init","version":1,"config":%s,"dirs":{"config":"/etc/letsencrypt","work":"%s"}}\n' \
			"$(head -n 1 requests)" "$T/w"
		printf '{"op":"prepare"}\n{"op":"perform","challenges":[%s]}\n{"op":"wait"}\n' "$c"
	} >&8
	wait_for answered || diag "$(cat said)"
}
begin
umask 077
challenged
umask 022
is "$(curl -s --noproxy '*' --resolve a.example:80:127.0.0.1 \
	http://a.example/.well-known/acme-challenge/tok)" tok.k \
	'the challenge is answered when wait returns'
is "$(cat "$T/w/http_challenges/tok")" tok.k 'from http_challenges in the work directory'
is "$(stat -c %a "$T/w/http_challenges" "$T/w/http_challenges/tok" \
	"$T/etc/le_http_01_challenge_pre.conf" "$T/etc/le_http_01_challenge_post.conf" | tr '\n' ' ')" \
	'755 644 644 644 ' 'which the server may read whatever the umask is'
kill -9 $plugin
wait $plugin 2>/dev/null
exec 8>&-
not_ok 'killed, it is still there' same_tree "$T/before" "$T/etc"
install recover
is "$status" 0 'recover'
as_before 'puts the files back'
alive_as_before 'the server goes on'
is "$(status_of http://a.example/.well-known/acme-challenge/tok --resolve \
	a.example:80:127.0.0.1)" 404 'without the challenge'

# -- no virtual host on the port ---------------------------------------------------------

a2dissite -q a >/dev/null
cp -a "$T/etc/." "$T/before"
rm "$T/before/sites-enabled/a.conf"
apache2ctl graceful 2>/dev/null
challenged
is "$(curl -s --noproxy '*' --resolve a.example:80:127.0.0.1 \
	http://a.example/.well-known/acme-challenge/tok)" tok.k \
	'without any virtual host the main server answers'
exec 8>&-
wait $plugin
is $? 0 'and the plugin cleans up'
as_before 'all is as before'

apache_stop
done_testing
