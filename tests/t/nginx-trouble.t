#!/bin/sh
# nginx and what goes wrong: bad input is one clear error and nothing changed, a
# site is never left broken, a killed run is undone by the next one.
. "$(dirname "$0")/../lib.sh"
need nginx curl jq pgrep strace python3
namespaces "$@"
. "$ROOT/tests/nginx.sh"

ngx_system
ngx_lineage l a.example
ngx_lineage other other.example

# fresh: the configuration of each case, one site
fresh()
{
	find etc -mindepth 1 -delete
	rm -rf work/* le/options* le/ssl* le/.updated*
	mkdir etc/sites
	cat >etc/nginx.conf <<-EOP
	pid /run/nginx.pid;
	error_log $T/log/error.log;
	events {}
	http {
	    access_log off;
	    include sites/*.conf;
	}
	EOP
	cat >etc/sites/a.conf <<-'EOP'
	server {
	    listen 80;
	    server_name a.example;
	    location / { return 200 "a\n"; }
	}
	EOP
	# Mode and owner are compared, too.
	chmod 640 etc/sites/a.conf
	chown 1234:2345 etc/sites/a.conf 2>/dev/null || : # not every user may
}

# refused DESCRIPTION PATTERN [REQUEST...]: an error like that, nothing changed
refused()
{
	_what=$1 _like=$2
	shift 2
	ngx_tree etc >want
	ngx_plugin "${@:-}"
	like "$(ngx_errors | head -n 1)" "$_like" "$_what"
	ngx_tree etc >got
	same want got "$_what: nothing is changed"
}
both="$(ngx_deploy a.example)"

# -- bad input -------------------------------------------------------------------

fresh
echo 'include /etc/nginx/sites/a.conf;' >>etc/sites/a.conf
refused 'a file that includes itself' \
	"^misconfigured: /etc/nginx/sites/a.conf:6: '.*a.conf' includes itself" "$both"
fresh
sed -i '2i include nothing.conf;' etc/sites/a.conf
refused 'a file that is not there' \
	"^misconfigured: /etc/nginx/sites/a.conf:2: cannot read '/etc/nginx/nothing.conf'" \
	"$both"
fresh
mkdir etc/sites/dir.conf
refused 'a directory for a file' \
	"^misconfigured: /etc/nginx/nginx.conf:6: .*dir.conf' is a directory" "$both"
fresh
head -c 1100000 /dev/zero | tr '\0' '#' >etc/sites/big.conf
refused 'a file over 1 MiB' \
	"^misconfigured: /etc/nginx/nginx.conf:6: '/etc/nginx/sites/big.conf' is too large" \
	"$both"
fresh
echo '}' >>etc/sites/a.conf
refused 'a brace too many' \
	"^misconfigured: /etc/nginx/sites/a.conf:6: unexpected '}'" "$both"
fresh
sed -i '$d' etc/sites/a.conf
refused 'a brace too few' \
	"^misconfigured: /etc/nginx/sites/a.conf:1: this block is not closed" "$both"
fresh
sed -i '1s/^/\xef\xbb\xbf/' etc/sites/a.conf
refused 'a byte order mark' '^misconfigured: Error while running nginx -c' "$both"
like "$(ngx_errors)" 'unknown directive .* in /etc/nginx/sites/a.conf:1' \
	'which nginx takes for a directive, too'
fresh
sed -i '2i nonsense on;' etc/sites/a.conf
refused 'an unknown directive' '^misconfigured: Error while running nginx -c' "$both"
like "$(ngx_errors)" 'unknown directive "nonsense" in /etc/nginx/sites/a.conf:2' \
	'in the words of nginx'
fresh
printf '\0\377{' >>etc/sites/a.conf
refused 'bytes that are no text' '^misconfigured: /etc/nginx/sites/a.conf:6: ' "$both"
fresh
refused 'no server for the name' \
	'^misconfigured: Could not automatically find a matching server block for b.example. Set the `server_name` directive' \
	"$(ngx_deploy b.example)"
fresh
rm etc/nginx.conf
refused 'no nginx.conf' "^no-installation: cannot read '/etc/nginx/nginx.conf'" "$both"
fresh
NGX_CTL=nginx-is-not-here
refused 'no nginx' "^no-installation: Could not find a usable 'nginx-is-not-here' binary" \
	"$both"
NGX_CTL=
fresh
refused 'an unknown enhancement' '^not-supported: Unsupported enhancement: magic' \
	"$(ngx_enhance a.example magic)"
refused 'a header that nobody knows' '^not-supported: X-Magic is not supported' \
	"$(ngx_enhance a.example ensure-http-header X-Magic)"
refused 'a redirect to a site without TLS' '^failed: Unable to find corresponding HTTPS host' \
	"$(ngx_enhance a.example redirect)"
refused 'a header for a site without TLS' \
	'^failed: Unable to find corresponding HTTPS host' \
	"$(ngx_enhance a.example ensure-http-header Strict-Transport-Security)"
refused 'an address' '^misconfigured: .*no certificates for IP addresses' \
	'{"op":"perform","challenges":[{"type":"http-01","identifier":{"type":"ip","value":"127.0.0.1"},"token":"t","keyAuthorization":"t.k","validation":"v"}]}'
refused 'a token that would be configuration' '^failed: .*has a token that is none' \
	'{"op":"perform","challenges":[{"type":"http-01","identifier":{"type":"dns","value":"a.example"},"token":"t;}","keyAuthorization":"t.k","validation":"v"}]}'
refused 'no full chain' '^failed: The nginx plugin currently requires --fullchain-path' \
	'{"op":"deploy","domain":"a.example","cert":"/c","key":"/k","chain":null,"fullchain":null}'

# -- files of TLS settings --------------------------------------------------------

fresh
theirs=/usr/lib/python3/dist-packages/certbot_nginx/_internal/tls_configs
stale=
for file in "$theirs"/options-ssl-nginx*.conf "$ROOT"/share/options-ssl-nginx*.conf; do
	cp "$file" le/options-ssl-nginx.conf
	ngx_plugin
	cmp -s le/options-ssl-nginx.conf "$ROOT/share/options-ssl-nginx.conf" ||
		stale="$stale $file"
done
is "$stale" '' 'every version of the settings is brought up to date'
like "$(cat le/.updated-options-ssl-nginx-conf-digest.txt)" '^[0-9a-f]{64}$' \
	'the digest is noted'
same le/ssl-dhparams.pem "$ROOT/share/ssl-dhparams.pem" 'with the parameters'
rm le/.updated*
echo '# mine' >>le/options-ssl-nginx.conf
cp le/options-ssl-nginx.conf mine
ngx_plugin
same mine le/options-ssl-nginx.conf 'a file that was edited is left alone'
like "$(cat replies)" 'options-ssl-nginx.conf has been manually modified; updated file saved to .*share/acme-tools/options-ssl-nginx.conf' \
	'and the user is told'
ngx_plugin
unlike "$(cat replies)" 'manually modified' 'once'

# -- the server does not run ---------------------------------------------------------

fresh
before=$(ngx_tree etc)
run acme-install nginx deploy --config-dir le --work-dir work --logs-dir logs \
	--nginx-sleep-seconds 0 <<EOP
{"acme":1,"request":{"names":["a.example"]},"lineage":{"name":"l","path":"$T/le/live/l","cert":"$T/le/live/l/cert.pem","privkey":"$T/le/live/l/privkey.pem","chain":"$T/le/live/l/chain.pem","fullchain":"$T/le/live/l/fullchain.pem"}}
EOP
isnt "$status" 0 'a server that does not run'
like "$out$err" "nginx is not running: no process is named in '/run/nginx.pid'; start it" \
	'is one clear error'
unlike "$out$err" 'failed to restore|xception' 'and no other'
is "$(ngx_tree etc)" "$before" 'and nothing is changed'
not_ok 'no server was started beside the service manager' port_listens 80

mkdir -p run/systemd/system bin
cat >bin/systemctl <<EOP
#!/bin/sh
echo "\$*" >>$T/systemctl.calls
EOP
chmod +x bin/systemctl
PATH=$T/bin:$PATH ngx_plugin '{"op":"restart"}'
is "$(ngx_errors)" '' 'the service manager starts its server'
is "$(tail -n 1 systemctl.calls)" 'start nginx.service' 'and nobody else'
rm -r run/systemd

# -- a server as its own makefile installs it ------------------------------------

# Nothing but the prefix is compiled in, and the pid file and the log are below it.
mount -t tmpfs local /usr/local || bail 'cannot mount'
mkdir -p /usr/local/nginx/logs
cat >bin/own-nginx <<EOP
#!/bin/sh
set -- $(command -v nginx) -p /usr/local/nginx/ \
	-g 'pid logs/nginx.pid; error_log logs/error.log;' "\$@"
[ "\$8" = -V ] || exec "\$@"
"\$@" 2>&1 | sed -E 's/ --(prefix|pid-path|error-log-path)=[^ ]*//g' >&2
EOP
chmod +x bin/own-nginx
fresh
sed -i '/^pid/d; /^error_log/d' etc/nginx.conf
NGX_CTL=$T/bin/own-nginx
"$NGX_CTL" -c /etc/nginx/nginx.conf -V 2>own.version
unlike "$(cat own.version)" ' --(prefix|pid-path|error-log-path)=' 'a server with paths of its own'
start own "$NGX_CTL" -c /etc/nginx/nginx.conf
wait_for test -s /usr/local/nginx/logs/nginx.pid
own=$(cat /usr/local/nginx/logs/nginx.pid)
wait_for ngx_workers "$own" || bail "$(cat own.log)"
ngx_plugin "$(ngx_deploy a.example)" "$(ngx_save x)" '{"op":"restart"}'
is "$(ngx_errors)" '' 'is found and reloaded'
ok 'serves TLS at once' curl -s --cacert ca.pem --connect-to '::127.0.0.1:' \
	-o /dev/null https://a.example/
printf '{"op":"init","version":1,"config":{"server_root":"/etc/nginx","ctl":"%s"},"dirs":{"config":"%s/le","work":"%s/work","logs":"%s/logs"}}\n{"op":"recover"}\n{"op":"restart"}\n' \
	"$NGX_CTL" "$T" "$T" "$T" |
	"$ACME_BUILD/libexec/acme-tools/nginx" >replies 2>plugin.err
is "$(ngx_errors)" '' 'after a recovery, before anything else, too'
kill -QUIT "$own"
wait_for test ! -d "/proc/$own"
NGX_CTL=
umount /usr/local || bail 'cannot unmount'

# -- never a broken site -----------------------------------------------------------

ngx_start
document()
{
	printf '{"acme":1,"request":{"names":["a.example"]},"lineage":{"name":"l","path":"%s","cert":"%s/cert.pem","privkey":"%s/privkey.pem","chain":"%s/chain.pem","fullchain":"%s/fullchain.pem"}}\n' \
		"$T/le/live/l" "$T/le/live/l" "$T/le/live/${1:-l}" \
		"$T/le/live/l" "$T/le/live/l"
}
install()
{
	run acme-install nginx "$@" --config-dir le --work-dir work --logs-dir logs
}
as_before()
{
	is "$(ngx_tree etc)" "$before" "$1: every file is as before"
	is "$(curl -s --connect-to '::127.0.0.1:' http://a.example/)" a \
		"$1: the site is there"
	is "$(ls work)" backups "$1: nothing is in progress"
}

fresh
cp -a etc/sites sites.kept
before=$(ngx_tree etc)
document other >doc
install deploy <doc
isnt "$status" 0 'a key that does not fit'
like "$out$err" 'key values mismatch' 'nginx says why'
as_before 'after that'

mount -t tmpfs sites /etc/nginx/sites || bail 'cannot mount'
cp -a sites.kept/. /etc/nginx/sites
mount -o remount,ro /etc/nginx/sites || bail 'cannot remount'
document >doc
install deploy <doc
isnt "$status" 0 'files that cannot be written'
is "$(sed -n 's/^acme-install: \(a.example: \)/\1/p' err)" \
	"a.example: cannot create '/etc/nginx/sites/a.conf': Read-only file system" \
	'one error says which'
unlike "$err" 'failed to restore|may be left behind' 'and nothing had to be put back'
as_before 'after that'
ok 'the files are as before' diff -r sites.kept /etc/nginx/sites
umount /etc/nginx/sites || bail 'cannot unmount'

start taken python3 -c '
import socket, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 443))
s.listen()
time.sleep(600)'
taken=$pid
wait_for port_listens 443
document >doc
install deploy <doc
isnt "$status" 0 'a port that another program has'
like "$out$err" 'bind\(\) to .*443 failed' 'the log of nginx says why'
as_before 'after that'
stop "$taken"

{
	printf '{"op":"init","version":1,"config":{"server_root":"/etc/nginx"},"dirs":{"config":"%s/le","work":"%s/work","logs":"%s/logs"}}\n{"op":"prepare"}\n' \
		"$T" "$T" "$T"
	ngx_deploy a.example
	ngx_save
} | "$ACME_BUILD/libexec/acme-tools/nginx" >replies
is "$?" 0 'a host that is gone before the changes are a checkpoint'
as_before 'after that'

fresh
install deploy <doc
is "$status" 0 'a certificate is installed' || diag "$err"
echo 'nonsense on;' >>etc/sites/a.conf
install rollback --checkpoints 1
is "$status" 0 'a rollback of what was broken since'
as_before 'after that'

# -- killed at each step --------------------------------------------------------------

# complete: what the whole run makes.
ngx_plugin "$(ngx_deploy a.example)" "$(ngx_save Deployed)"
complete=$(ngx_tree etc)
killed=0 wrong=
for call in rename linkat fsync; do
	n=0
	while n=$((n + 1)) && [ $n -le 40 ]; do
		fresh
		{
			printf '{"op":"init","version":1,"config":{"server_root":"/etc/nginx"},"dirs":{"config":"%s/le","work":"%s/work","logs":"%s/logs"}}\n{"op":"prepare"}\n' \
				"$T" "$T" "$T"
			ngx_deploy a.example
			ngx_save Deployed
		} | strace -o /dev/null -e trace=$call \
			-e inject=$call:signal=KILL:when=$n \
			"$ACME_BUILD/libexec/acme-tools/nginx" >replies 2>/dev/null &&
			break
		killed=$((killed + 1))
		ngx_plugin
		now=$(ngx_tree etc)
		[ "$now" = "$before" ] || [ "$now" = "$complete" ] ||
			wrong="$wrong $call:$n"
		[ -z "$(ngx_errors)" ] || wrong="$wrong $call:$n:$(ngx_errors)"
		[ ! -e work/IN_PROGRESS ] || wrong="$wrong $call:$n:in-progress"
	done
done
ok "killed in the middle, $killed times" test "$killed" -gt 10
is "$wrong" '' 'the next run finds the old files, or the new ones'

# While challenges are answered.
fresh
perform='{"op":"perform","challenges":[{"type":"http-01","identifier":{"type":"dns","value":"a.example"},"token":"tok","keyAuthorization":"tok.key","validation":"v"}]}'
mkfifo pipe
# begin_challenge: a conversation in which a challenge is answered, at descriptor 7;
# its replies are in a file of their own, and all of them have been read.
begin_challenge()
{
	: >talk
	start plugin sh -c '"$ACME_BUILD/libexec/acme-tools/nginx" <pipe >talk'
	exec 7>pipe
	printf '{"op":"init","version":1,"config":{"server_root":"/etc/nginx"},"dirs":{"config":"%s/le","work":"%s/work","logs":"%s/logs"}}\n{"op":"prepare"}\n%s\n{"op":"wait"}\n' \
		"$T" "$T" "$T" "$perform" >&7
	wait_for replied 4
}
# replied N: whether there are N replies
replied()
{
	[ "$(wc -l <talk)" -eq "$1" ]
}
answered()
{
	[ "$(curl -s --connect-to '::127.0.0.1:' \
		http://a.example/.well-known/acme-challenge/tok)" = tok.key ]
}
begin_challenge
ok 'a challenge is answered' wait_for answered
is "$(curl -s --connect-to '::127.0.0.1:' http://a.example/)" a \
	'and the site goes on'
ngx_plugin
like "$(ngx_errors)" '^failed: Unable to lock /etc/nginx' \
	'a second plugin cannot have the server'
plugin=$(pgrep -P "$pid" -f acme-tools/nginx)
kill -9 "${plugin:-$pid}"
exec 7>&-
wait_for test ! -d "/proc/${plugin:-$pid}"
ngx_plugin
is "$(ngx_errors)" '' 'after a kill the next run'
as_before 'repairs'
begin_challenge
ok 'a challenge is answered again' wait_for answered
exec 7>&-
wait_for test ! -d "/proc/$pid"
as_before 'when the host is gone the plugin cleans up'

# No server on the port: one of our own, in the file that certbot has for it.
sed -i 's/listen 80;/listen 8080; listen [::]:8080;/' etc/sites/a.conf
ngx_tree etc >want
umask 077
begin_challenge
umask 022
ok 'without a server on the port it is answered' wait_for answered
is "$(tr -s '\n\t ' ' ' <le/le_http_01_cert_challenge.conf | sed 's/ #[^}]*}/}/g; s/ $//')" \
	"server { listen 80; listen [::]:80; server_name a.example; root $T/work/http_01_nonexistent; location = /.well-known/acme-challenge/tok { default_type text/plain; return 200 tok.key; }}" \
	'by a server in le_http_01_cert_challenge.conf'
mode le/le_http_01_cert_challenge.conf 644 'which everybody may read'
is "$(sed -n '/^http {/{n;s/;.*//;s/^ *//;p}' etc/nginx.conf)" \
	"include $T/le/le_http_01_cert_challenge.conf" 'it is included first of all'
exec 7>&-
wait_for test ! -d "/proc/$pid"
ngx_tree etc >got
same want got 'all is as before'
not_ok 'and the file gone' test -e le/le_http_01_cert_challenge.conf
sed -i 's/listen 8080; listen \[::\]:8080;/listen 80;/' etc/sites/a.conf

# Killed when the files are as before, and the server has not heard of it.
cat >bin/nginx <<EOP
#!/bin/sh
case "\$*" in
*'-s reload')
	[ ! -e "$T/kill" ] || {
		rm "$T/kill"
		kill -9 \$PPID
		exit 1
	}
	;;
esac
exec $(command -v nginx) "\$@"
EOP
chmod +x bin/nginx
_path=$PATH
PATH=$T/bin:$PATH
begin_challenge
PATH=$_path
ok 'a challenge is answered once more' wait_for answered
touch kill
exec 7>&-
wait_for test ! -d "/proc/$pid"
rm etc/.certbot.lock
as_before 'killed before the reload'
ok 'the server still answers' answered
run certbot certificates --config-dir "$T/le" --work-dir "$T/work" --logs-dir "$T/logs"
is "$status" 0 'the next subcommand, whatever it is' || diag "$err"
not_ok 'has the server read its files' answered
is "$(ls -A work | grep unread)" '' 'and nothing is left to do'
done_testing
