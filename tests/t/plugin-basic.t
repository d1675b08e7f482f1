#!/bin/sh
# The plugins standalone, webroot and manual, spoken to directly: what
# certbot-plugin-check cannot know of them.
. "$(dirname "$0")/../lib.sh"
need curl jq python3
P=$ACME_BUILD/libexec/acme-tools

# talk PLUGIN CONFIG: starts it, init and prepare; lines by say and hear.
talk()
{
	rm -f in out.fifo
	mkfifo in out.fifo
	# shellcheck disable=SC2086
	${runner-} "$P/$1" <in >out.fifo 2>plugin.err 8>&- 9>&- &
	plugin=$!
	exec 8>in 9<out.fifo
	: >heard
	_dirs='{}'
	[ -z "${workdir-}" ] || _dirs="{\"work\":\"$workdir\"}"
	say "{\"op\":\"init\",\"version\":1,\"config\":$2,\"dirs\":$_dirs,\"interactive\":${interactive-true}}"
	hear
}

say()
{
	printf '%s\n' "$1" >&8
}

# hear: the next line that is no log, in $line; all lines are in heard
hear()
{
	while IFS= read -r line <&9; do
		printf '%s\n' "$line" >>heard
		case $line in
		'{"log":'*) ;;
		*) return 0 ;;
		esac
	done
	line=
	return 1
}

# perform TYPE:TOKEN:NAME...
perform()
{
	_list=
	for _c; do
		_list="$_list${_list:+,}$(challenge "$_c")"
	done
	say "{\"op\":\"perform\",\"challenges\":[$_list]}"
	hear
}

challenge()
{
	IFS=: read -r _type _token _name <<-EOF
	$1
	EOF
	printf '{"type":"%s","token":"%s","keyAuthorization":"%s.k","validation":"%s.v","identifier":{"type":"dns","value":"%s"}}' \
		"$_type" "$_token" "$_token" "$_token" "$_name"
}

bye()
{
	exec 8>&-
	while hear; do :; done
	exec 9<&-
	wait "$plugin"
	status=$?
}

# http PATH [CURL ARGUMENT...]: $code and $body
http()
{
	_path=$1
	shift
	code=$(curl -s -o body -w '%{http_code}' --path-as-is "$@" \
		"http://localhost:$port$_path")
	body=$(cat body)
}

port=$(free_port)
w=/.well-known/acme-challenge

# -- standalone
talk standalone "{\"http01_port\":$port,\"http01_address\":\"\"}"
like "$line" '"ok":true' 'init'
port_listens "$port" && fail 'it listens before there is a challenge' ||
	pass 'it does not listen before there is a challenge'
perform http-01:tok1:a.example http-01:tok2:b.example
like "$line" '"ok":true' 'performed'
http "$w/tok1"
is "$code $body" '200 tok1.k' 'the token is served'
http "$w/tok2" -4
is "$code $body" '200 tok2.k' 'over IPv4'
http "$w/tok1" -6
is "$code $body" '200 tok1.k' 'over IPv6'
curl -si "http://localhost:$port$w/tok1" >head.txt
unlike "$(cat head.txt)" '^Content-Type' 'without Content-Type'
for path in "$w/" "$w/tok3" "$w/tok1/" "$w/tok1?x=1" "$w/x/../tok1" \
	"/tok1" "$w/%74ok1" "/.well-known/acme-challenge" "//$w/tok1"; do
	http "$path"
	is "$code" 404 "404: $path"
done
http /
is "$code $body" '200 ACME client standalone challenge solver' '/'
http "$w/tok1" -X POST -d x
is "$code" 501 POST
http "$w/tok1" -I
is "$code" 501 HEAD
say "{\"op\":\"cleanup\",\"challenges\":[$(challenge http-01:tok1:a.example)]}"
hear
http "$w/tok1"
is "$code" 404 'cleaned up'
http "$w/tok2"
is "$code" 200 'the other one is still there'
say "{\"op\":\"cleanup\",\"challenges\":[$(challenge http-01:tok2:b.example)],\"failed\":[$(challenge http-01:tok2:b.example)]}"
hear
like "$line" "temporary standalone webserver started by Certbot on port $port\. Ensure" 'hint'
perform http-01:tok5:a.example
http "$w/tok5"
is "$code" 200 'it keeps its socket for later challenges'
if [ "$(id -u)" -eq 0 ]; then
	is "$(ps -o user= -p "$plugin")" nobody 'it is root no longer'
else
	skip 1 'not root'
fi
bye
is "$status" 0 'ends with 0'
port_listens "$port" && fail 'it has left a listener' ||
	pass 'no listener is left'
like "$(cat heard)" '127.0.0.1 - - ..GET /.well-known/acme-challenge/tok2' \
	'requests are logged'

if [ "$(id -u)" -eq 0 ]; then
	mkdir work
	chown 33:33 work
	workdir=$T/work
	talk standalone "{\"http01_port\":$port}"
	perform http-01:tok1:a.example
	is "$(ps -o uid= -p "$plugin" | tr -d ' ')" 33 \
		'it becomes the owner of the work directory'
	bye
	workdir=
else
	skip 1 'not root'
fi
talk standalone "{\"http01_port\":$port,\"http01_address\":\"127.0.0.1\"}"
perform http-01:tok1:a.example
like "$(cat heard)" "Failed to bind to 127.0.0.1:$port using IPv6" 'IPv6 first'
like "$(cat heard)" "Successfully bound to 127.0.0.1:$port using IPv4" 'then IPv4'

# A busy port, while the first one runs.
first=$plugin
rm -f in2 out2
mkfifo in2 out2
"$P/standalone" <in2 >out2 2>/dev/null 8>&- 9>&- &
second=$!
exec 6>in2 7<out2
printf '%s\n' "{\"op\":\"init\",\"version\":1,\"config\":{\"http01_port\":$port,\"http01_address\":\"127.0.0.1\"},\"interactive\":true}" \
	"{\"op\":\"perform\",\"challenges\":[$(challenge http-01:tok9:a.example)]}" >&6
busy="Could not bind TCP port $port because it is already in use by another process on this system (such as a web server). Please stop the program in question and then try again."
while IFS= read -r line <&7; do
	case $line in '{"ask"'*) break ;; esac
done
is "$(printf %s "$line" | jq -r '.ask | "\(.kind) \(.text) \(.choices | join("/")) \(.default)"')" \
	"yesno $busy Retry/Cancel false" 'a busy port: the question of certbot'
printf '{"answer":{"value":true}}\n' >&6
while IFS= read -r line <&7; do
	case $line in '{"ask"'*) break ;; esac
done
like "$line" 'already in use' 'asked again'
plugin=$first
bye
printf '{"answer":{"value":true}}\n' >&6
while IFS= read -r line <&7; do
	case $line in '{"log"'*) ;; *) break ;; esac
done
like "$line" '"ok":true' 'and bound once it is free'
exec 6>&- 7<&-
wait $second
start busy python3 -m http.server --bind 127.0.0.1 "$port"
wait_for port_listens "$port"
busypid=$pid
interactive=false
talk standalone "{\"http01_port\":$port,\"http01_address\":\"127.0.0.1\"}"
perform http-01:tok1:a.example
is "$(printf %s "$line" | jq -r .error.detail)" "$busy" 'nobody to ask: the error'
unlike "$(cat heard)" '"ask"' 'and no question'
bye
interactive=true
stop "$busypid"
talk standalone "{\"http01_port\":$port,\"http01_address\":\"no.such.name.invalid\"}"
perform http-01:tok1:a.example
like "$line" "Problem binding to port $port: " 'a name without an address'
bye
talk standalone '{"http01_port":70000}'
like "$line" misconfigured 'no port number'
bye

# A socket handed over as systemd does.
cat >activate.py <<'EOF'
import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen(5)
os.dup2(s.fileno(), 3)
os.environ["LISTEN_FDS"] = "1"
os.environ["LISTEN_PID"] = str(os.getpid())
os.set_inheritable(3, True)
os.execv(sys.argv[2], sys.argv[2:])
EOF
runner="python3 $T/activate.py $port"
talk standalone '{"http01_port":1}'
runner=
perform http-01:tok1:a.example
http "$w/tok1" -4
is "$code" 200 'LISTEN_FDS: the given socket is used'
unlike "$(cat heard)" bound 'and no other is bound'
bye

# -- webroot
mkdir root
umask 077
talk webroot "{\"path\":[\"$T/root\"],\"map\":{}}"
umask 022
perform http-01:tok1:a.example
is "$(cat "root$w/tok1")" tok1.k 'webroot: the file'
mode "root$w/tok1" 644 'mode of the file'
mode "root$w" 755 'mode of the directory'
mode root/.well-known 755 'mode of its parent'
touch "root$w/foreign"
bye
is "$(find root -type f)" "root$w/foreign" 'what is not ours stays'
like "$(cat heard)" "Challenge directory $T/root$w was not empty, didn't remove" \
	'and is told'
rm "root$w/foreign"
talk webroot "{\"path\":[\"$T/root\"],\"map\":{}}"
perform http-01:tok1:a.example
bye
ok 'directories that were there stay' test -d "root$w"
echo precious >victim
ln -s "$T/victim" "root$w/tok1"
talk webroot "{\"path\":[\"$T/root\"],\"map\":{}}"
perform http-01:tok1:a.example
like "$line" 'cannot create' 'a link at the token: refused'
bye
is "$(cat victim)" precious 'the file behind it is untouched'
ok 'and the link is still there' test -L "root$w/tok1"
rm "root$w/tok1"
echo other >"root$w/tok1"
talk webroot "{\"path\":[\"$T/root\"],\"map\":{}}"
perform http-01:tok1:a.example
like "$line" 'cannot create' "somebody else's file: refused"
bye
is "$(cat "root$w/tok1")" other 'and left alone'
printf tok1 >"root$w/tok1"
talk webroot "{\"path\":[\"$T/root\"],\"map\":{}}"
perform http-01:tok1:a.example
is "$(cat "root$w/tok1")" tok1.k 'what a killed run left is taken over'
bye
ok 'and removed' test ! -e "root$w/tok1"
for token in ../../../evil a/b '' .; do
	talk webroot "{\"path\":[\"$T/root\"],\"map\":{}}"
	perform "http-01:$token:a.example"
	like "$line" 'other characters' "a token '$token' is refused"
	bye
done
ok 'nothing was written' test ! -e evil
rm -r root/.well-known
ln -s .well-known root/.well-known
talk webroot "{\"path\":[\"$T/root\"],\"map\":{}}"
perform http-01:tok1:a.example
like "$line" '\[Errno 40\] Too many levels of symbolic links' 'a link that leads to itself is no directory'
bye
rm root/.well-known
mkdir root/.well-known
if [ "$(id -u)" -eq 0 ]; then
	rm -r root/.well-known
	chown 33:34 root
	talk webroot "{\"path\":[\"$T/root\"],\"map\":{}}"
	perform http-01:tok1:a.example
	is "$(stat -c %u:%g root/.well-known "root$w" "root$w/tok1" | tr '\n' ' ')" \
		'33:34 33:34 0:0 ' 'directories belong to whom the web root does'
	bye
	is "$(ls -A root)" '' 'all is removed'

	# A directory that is a link: who has made it decides. 65534 could have
	# pointed it anywhere.
	mkdir elsewhere
	for owner in 0 33 65534; do
		ln -s "$T/elsewhere" root/.well-known
		chown -h $owner root/.well-known
		talk webroot "{\"path\":[\"$T/root\"],\"map\":{}}"
		perform http-01:tok1:a.example
		case $owner in
		65534)
			like "$line" "$T/root/.well-known is a link that neither root nor the owner of $T/root made" \
				'a link that somebody else made is refused'
			is "$(ls -A elsewhere)" '' 'and nothing is written behind it'
			;;
		*)
			is "$(cat "elsewhere${w#/.well-known}/tok1")" tok1.k \
				"a link made by user $owner is followed"
			;;
		esac
		bye
		is "$(ls -A elsewhere)" '' 'nothing is left behind it'
		rm root/.well-known
	done
else
	skip 10 'not root'
fi
talk webroot "{\"path\":[],\"map\":{\"a.example,b.example\":\"$T/root\"}}"
perform http-01:tok1:b.example
ok 'several names in a key of the map' test -e "root$w/tok1"
bye

# -- manual, by hand
answer()
{
	is "$(printf %s "$line" | jq -r '.ask | "\(.kind) \(.force)"')" \
		'pause true' "$1"
	printf %s "$line" | jq -j .ask.text >text
	say '{"answer":{"value":true}}'
	hear
}
talk manual '{}'
perform http-01:tok1:a.example http-01:tok2:b.example dns-01:tok3:c.example \
	dns-01:tok4:c.example
answer 'first http'
cat >want <<'EOF'
Create a file containing just this data:

tok1.v

And make it available on your web server at this URL:

http://a.example/.well-known/acme-challenge/tok1
EOF
same text want 'first http: text'
answer 'second http'
cat >want <<'EOF'
Create a file containing just this data:

tok2.v

And make it available on your web server at this URL:

http://b.example/.well-known/acme-challenge/tok2

(This must be set up in addition to the previous challenges; do not remove,
replace, or undo the previous challenge tasks yet.)
EOF
same text want 'second http: text'
answer 'first dns after http'
cat >want <<'EOF'
Please deploy a DNS TXT record under the name:

_acme-challenge.c.example.

with the following value:

tok3.v

(This must be set up in addition to the previous challenges; do not remove,
replace, or undo the previous challenge tasks yet.)
EOF
same text want 'first dns after http: text'
answer 'last dns'
cat >want <<'EOF'
Please deploy a DNS TXT record under the name:

_acme-challenge.c.example.

with the following value:

tok4.v

(This must be set up in addition to the previous challenges; do not remove,
replace, or undo the previous challenge tasks yet. Note that you might be
asked to create multiple distinct TXT records with the same name. This is
permitted by DNS standards.)

Before continuing, verify the TXT record has been deployed. Depending on the DNS
provider, this may take some time, from a few seconds to multiple minutes. You can
check if it has finished deploying with aid of online tools, such as the Google
Admin Toolbox: https://toolbox.googleapps.com/apps/dig/#TXT/_acme-challenge.c.example.
Look for one or more bolded line(s) below the line ';ANSWER'. It should show the
value(s) you've just added.
EOF
same text want 'last dns: text'
like "$line" '"ok":true' 'performed'
say "{\"op\":\"cleanup\",\"challenges\":[],\"failed\":[$(challenge dns-01:tok4:c.example)]}"
hear
is "$(printf %s "$line" | jq -r .hint)" \
	'The Certificate Authority failed to verify the manually created DNS TXT records. Ensure that you created these in the correct location, or try waiting longer for DNS propagation on the next attempt.' \
	'hint'
bye

# -- manual, hooks
echo 'from the driver' >stdin.txt
exec 5<stdin.txt
ACME_STDIN=5
export ACME_STDIN
talk manual '{"auth_hook":"cat; echo; printf \"a\\r\\nb\\n\" ; echo oops >&2; exit 4"}'
perform http-01:tok1:a.example
unset ACME_STDIN
exec 5<&-
is "$(jq -r 'select(.log) | .log | select(.text | test("^Hook")) | "\(.level) \(.show) \(.text)"' heard)" \
"warning log Hook '--manual-auth-hook' for a.example reported error code 4
info out Hook '--manual-auth-hook' for a.example ran with output:
 from the driver

 a
 b
warning log Hook '--manual-auth-hook' for a.example ran with error output:
 oops" 'the three reports, in order; standard input is that of ACME_STDIN'
bye
talk manual '{"auth_hook":"kill -9 $$"}'
perform http-01:tok1:a.example
like "$(cat heard)" 'reported error code -9' 'killed by a signal'
bye
talk manual "{\"auth_hook\":\"sleep 300 & echo \$! >$T/left; echo started\"}"
perform http-01:tok1:a.example
like "$(cat heard)" 'started' 'what it leaves in the background is not waited for'
bye
ok 'and lives on' kill "$(cat left)"
cat >stubborn <<EOF
trap '' TERM
(echo \$\$ >$T/pid1; sleep 299; sleep 299) &
sleep 298 &
echo \$! >$T/pid2
wait
EOF
talk manual "{\"auth_hook\":\"sh $T/stubborn\",\"cleanup_hook\":\"touch $T/cleaned\"}"
say "{\"op\":\"perform\",\"challenges\":[$(challenge http-01:tok1:a.example)]}"
wait_for test -s pid2
bye
ok 'an interrupted hook is cleaned up after' test -e cleaned
is "$(leftovers)" '' 'and ended, with all that it has started'
# The host dies while the cleanup hook runs: it is not stopped half-way.
mkfifo undo
talk manual "{\"auth_hook\":\"true\",\"cleanup_hook\":\"touch $T/undoing; read -r x <$T/undo; touch $T/undone\"}"
perform http-01:tok1:a.example
say "{\"op\":\"cleanup\",\"challenges\":[$(challenge http-01:tok1:a.example)]}"
wait_for test -e undoing
reads()
{
	sed -n 's/^syscr: //p' "/proc/$plugin/io"
}
before=$(reads)
exec 8>&-
seen()
{
	[ "$(reads)" -gt "$before" ]
}
wait_for seen
exec 7<>undo
echo go >&7
wait "$plugin"
exec 7>&- 9<&-
ok 'a cleanup hook is not stopped when the host ends' test -e undone
done_testing
