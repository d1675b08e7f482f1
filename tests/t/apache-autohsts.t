#!/bin/sh
# AutoHSTS of Apache where something is in its way: a reload that fails, a virtual
# host, a header, a state that are not what they were. tests/t/apache-certbot.t
# has the way through all steps.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
apache_begin
need jq

store=/etc/letsencrypt/.pluginstorage.json
case_do requests "$ROOT/tests/data/apache/debian-default.case" |
	sed -n '1p; 2p' >prepare
# The control program: fails at what stands in the file "fails".
cat >ctl <<EOP
#!/bin/sh
[ ! -e "$T/fails" ] || [ "\$1" != "\$(cat "$T/fails")" ] || {
	rm "$T/fails"
	echo 'not today' >&2
	exit 1
}
exec apache2ctl "\$@"
EOP
chmod 755 ctl
sed -i "s|\"ctl\": \"apache2ctl\"|\"ctl\": \"$T/ctl\"|" prepare

# ask OP [NAME...]: without prepare, as at each renewal
ask()
{
	_op=$1
	shift
	{
		sed -n 1p prepare
		printf '{"op":"%s","lineage":{"name":"all","path":"/etc/letsencrypt/live/all"},"names":[' "$_op"
		printf '"%s",' "$@" | sed 's/,$//'
		echo ']}'
	} >asked
	run apache_talk <asked
}

# back N: N checkpoints are rolled back.
back()
{
	sed -n 1p prepare >asked
	printf '{"op":"rollback","checkpoints":%s}\n{"op":"restart"}\n' "$1" \
		>>asked
	run apache_talk <asked
}

site()
{
	cat >"/etc/apache2/sites-available/$1.conf" <<-EOP
	<VirtualHost *:443>
	    ServerName $1.example
	    SSLEngine on
	    SSLCertificateFile /etc/letsencrypt/live/all/fullchain.pem
	    SSLCertificateKeyFile /etc/letsencrypt/live/all/privkey.pem${2+
	    $2}
	</VirtualHost>
	EOP
	a2ensite -q "$1" >/dev/null
}

age()
{
	curl -sk -o /dev/null -D - --noproxy '*' "https://$1.example/" \
		--resolve "$1.example:443:127.0.0.1" |
		sed -n 's/^Strict-Transport-Security: max-age=\([0-9]*\).*/\1/p'
}

# older: two days pass.
older()
{
	jq '.apache.autohsts[].timestamp -= 172801' "$store" >older.json &&
		cat older.json >"$store"
}

# keep; all_as DESCRIPTION: files and state are those of keep.
keep()
{
	rm -rf kept
	cp -a "$T/etc" kept
	cp "$store" kept.json 2>/dev/null || rm -f kept.json
}

all_as()
{
	ok "$1: the files" same_tree kept "$T/etc"
	if [ -e kept.json ]; then
		is "$(jq -cS . "$store")" "$(jq -cS . kept.json)" "$1: the state"
	else
		is "$(jq -c .apache.autohsts "$store" 2>/dev/null || echo null)" \
			null "$1: no state"
	fi
}

apache_fresh
a2dissite -q 000-default >/dev/null
a2enmod -q ssl headers >/dev/null
site a
site b
site c 'Header always set Strict-Transport-Security "max-age=5"'
apache_start || bail 'Apache does not start'
apache=$(cat /run/apache2/apache2.pid)

# -- not enabled -------------------------------------------------------------------

keep
ask auto-hsts-enable a.example c.example
like "$out" '"failed".*sites-enabled/c.conf:1 has a Strict-Transport-Security header already' \
	"a header of the user's own"
all_as "of two hosts the other one is not changed either"
echo '{"apache": {"autohsts"' >"$store"
ask auto-hsts-enable a.example
like "$out" '"error".*\.pluginstorage\.json' 'a broken state is named'
ok 'and nothing changes' same_tree kept "$T/etc"
is "$(cat "$store")" '{"apache": {"autohsts"' 'nor is it thrown away'
rm "$store"
echo graceful >fails
ask auto-hsts-enable a.example
like "$out" '"misconfigured".*not today' 'a reload that fails'
all_as 'is undone'
mount -o remount,bind,ro /etc/letsencrypt
ask auto-hsts-enable a.example
like "$out" '"error".*(\.pluginstorage|Read-only)' 'a state that cannot be kept'
mount -o remount,bind,rw /etc/letsencrypt
all_as 'is no AutoHSTS either'
is "$(age a)" '' 'nor for the server'

# -- enabled once -------------------------------------------------------------------

ask auto-hsts-enable a.example
is "$status $(age a)" '0 60' 'enabled'
keep
ask auto-hsts-enable a.example
like "$out" '"already-present"' 'a second time it is there'
all_as 'and stays'
ask auto-hsts-enable a.example b.example
is "$status $(age a) $(age b)" '0 60 60' 'for another host it is added'
json "$store" '.apache.autohsts | length == 2' 'each has an id of its own'

# -- a step that fails ----------------------------------------------------------------

older
keep
echo graceful >fails
ask auto-hsts-update
like "$out" '"misconfigured".*not today' 'the reload after a step fails'
all_as 'no host has made it'
is "$(age a) $(age b)" '60 60' 'nor for the server'
echo 'Nonsense on' >/etc/apache2/conf-enabled/broken.conf
ask auto-hsts-update
like "$out" '"misconfigured".*Nonsense' 'a broken configuration'
rm /etc/apache2/conf-enabled/broken.conf
all_as 'is left alone'

# One host has lost its header: the other one goes on.
sed -i '/Strict-Transport/d' /etc/apache2/sites-available/a.conf
ask auto-hsts-update
like "$out" 'Existing HSTS header not found in .*sites-enabled/a.conf:1' \
	'a header that is gone'
is "$(age b)" 300 'keeps no other host from its step'
json "$store" '[.apache.autohsts[].laststep] | sort == [0, 1]' \
	'each has its own state'
ask auto-hsts-deploy
is "$status $(age b)" '0 300' 'a renewal makes no step before its time'

# -- a virtual host that is gone -------------------------------------------------------

a2dissite -q a >/dev/null
older
ask auto-hsts-update
is "$status $(age b)" '0 900' 'a host that is gone is no error'
like "$out" 'Could not find VirtualHost with id [0-9a-f]{32} for AutoHSTS' \
	'but told'
json "$store" '.apache.autohsts | length == 1' 'and forgotten'

# -- for good, and the lineage of another certificate --------------------------------------

jq '.apache.autohsts[] |= (.laststep = 6 | .timestamp -= 172801)' "$store" \
	>six.json && cat six.json >"$store"
keep
sed -i 's|live/all/privkey|live/other/privkey|' "$T/etc/sites-available/b.conf"
mkdir /etc/letsencrypt/live/other
cp /etc/letsencrypt/live/all/privkey.pem /etc/letsencrypt/live/other/
ask auto-hsts-deploy
is "$status $(age b)" '0 900' "another lineage's renewal is none"
sed -i 's|live/other/privkey|live/all/privkey|' "$T/etc/sites-available/b.conf"
rm -r /etc/letsencrypt/live/other
echo graceful >fails
ask auto-hsts-deploy
like "$out" '"misconfigured".*not today' 'the last reload fails'
all_as 'it is not for good'
ask auto-hsts-deploy
is "$status $(age b)" '0 31536000' 'the next renewal makes it so'
json "$store" '.apache.autohsts | length == 0' 'and that is the end'

# -- rolled back ---------------------------------------------------------------------------

keep
ask auto-hsts-enable b.example
like "$out" '"already-present"' 'for good is enabled'
all_as 'and not begun anew'
back 100
is "$status $(age b)" '0 ' 'rolled back'
ask auto-hsts-enable b.example
is "$status $(age b)" '0 60' 'and enabled again'
back 1
older
ask auto-hsts-update
is "$status $(age b)" '0 ' 'after a rollback there are no more steps'
json "$store" '.apache.autohsts | length == 0' 'and nothing is kept'

# -- a virtual host that becomes two --------------------------------------------------------

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
	-subj /CN=old -addext 'subjectAltName=DNS:x.w.example,DNS:lost.example' \
	-keyout "$T/le/old.key" -out "$T/le/old.pem" 2>/dev/null
site x.w
sed -i -e 's|live/all/fullchain|old|; s|live/all/privkey.pem|old.key|' \
	-e 's/ServerName.*/&\n    ServerAlias lost.example/' \
	/etc/apache2/sites-available/x.w.conf
ask auto-hsts-enable x.w.example
older
ask auto-hsts-update
is "$(age x.w) $(age lost)" '300 300' 'enabled for both names'
{
	sed -n '1p; 2p' prepare
	jq -cn --arg d /etc/letsencrypt/live/all '{op: "deploy",
		domain: "x.w.example", cert: ($d + "/cert.pem"),
		key: ($d + "/privkey.pem"), chain: ($d + "/chain.pem"),
		fullchain: ($d + "/fullchain.pem")}'
	echo '{"op":"save","title":"T","temporary":false}'
	echo '{"op":"restart"}'
} >asked
run apache_talk <asked
is "$status" 0 'one of them gets a host of its own' || diag "$out"
is "$(served x.w.example)" "$WANT_CERT" 'with the new certificate'
grep -o 'VirtualHost id: .*' "$T/etc/sites-available/x.w.conf" |
	sed 's/.*: //' | sort >ids
is "$(uniq ids | wc -l)" 2 'each host has an id'
is "$(jq -r '.apache.autohsts | to_entries[] | select(.value.laststep == 1) |
	.key' "$store" | sort)" "$(cat ids)" 'and goes on from the same step'
ask auto-hsts-update
is "$(age x.w) $(age lost)" '300 300' 'not before its time'
older
ask auto-hsts-update
is "$(age x.w) $(age lost)" '900 900' 'both make the next one'
ok 'the same server all the time' alive "$apache"
apache_stop
done_testing
