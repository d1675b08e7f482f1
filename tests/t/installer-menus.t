#!/bin/sh
# What the nginx and Apache plugins ask a person, beside Debian's certbot: which
# names, which server blocks or virtual hosts a wildcard certificate is for, which
# virtual host a name is for that none has. And what they say where nobody can be
# asked.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
apache_begin "$@"
need nginx pgrep
[ -x /usr/bin/certbot ] || bail "there is no Debian's certbot"
mount -t tmpfs -o mode=755 log /var/log/nginx || bail 'cannot mount'
ca_start http_port=80
REQUESTS_CA_BUNDLE=$T/ca/tls/root.pem
TERM=dumb # no line of what is waited for
export REQUESTS_CA_BUNDLE TERM
common="--config-dir $T/c --work-dir $T/w --logs-dir $T/l"
all="$T/live/all"
given="--cert-path $all/cert.pem --key-path $all/privkey.pem"
given="$given --fullchain-path $all/fullchain.pem --chain-path $all/chain.pem"
nginx="--nginx --nginx-server-root $T/ngx"
long=z-name-that-is-too-long-for-the-column-of-the-menu

fresh()
{
	apache_fresh
	rm -rf ngx c
	mkdir ngx
	cat >ngx/nginx.conf <<-EOF
	events {}
	http {
	access_log off;
	server { listen 80; server_name a.x.example; }
	server { listen 127.0.0.1:8080; server_name b.x.example; }
	}
	EOF
	rm etc/sites-enabled/*
	printf '<VirtualHost *:80>\n\tServerName a.x.example\n</VirtualHost>\n' \
		>etc/sites-available/a.conf
	printf '<VirtualHost *:80>\n\tServerName b.x.example\n\tServerAlias c.example\n</VirtualHost>\n' \
		>etc/sites-available/$long.conf
	for _site in a $long; do
		ln -s ../sites-available/$_site.conf etc/sites-enabled/
	done
}

# person STEP... -- ARGUMENT...: certbot on a terminal.
person()
{
	# shellcheck disable=SC2086 # several words
	run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" "$@" $common
}

# in_any_order: entries of a list, and names of an entry.
in_any_order()
{
	sed 's/^[0-9?]*:* //; s/^Names: c.example, b.x.example/Names: b.x.example, c.example/' |
		sort
}

# asked: the question without the answer.
asked()
{
	sed -n '/^W[a-z]* .*\(would you like\|unable to find\)/,/cancel)/p' out |
		sed 's/: c$/: /' | in_any_order
}

# both DESCRIPTION STATUS TEXT ARGUMENT...: what is asked is the same, and what is
# said to a person who cancels.
both()
{
	_what=$1 _status=$2 _text=$3
	shift 3
	fresh
	PATH=/usr/bin:$PATH person -w 'cancel): ' -s 'c\n' -- certbot "$@"
	asked >theirs
	like "$out" "$_text" "$_what: Debian's certbot says so when cancelled"
	fresh
	person -w 'cancel): ' -s 'c\n' -- certbot "$@"
	asked >ours
	is "$status" "$_status" "$_what: cancelled"
	like "$out" "$_text" "$_what: ours, too"
	ok "$_what: something was asked" test -s theirs
	same theirs ours "$_what: the question"
}

# nobody DESCRIPTION TEXT ARGUMENT...: what is said with -n is the same.
nobody()
{
	_what=$1 _text=$2
	shift 2
	for _who in theirs ours; do
		fresh
		_path=$PATH
		[ $_who = ours ] || _path=/usr/bin:$PATH
		# shellcheck disable=SC2086 # several words
		run env PATH="$_path" certbot "$@" -n $common </dev/null
		is "$status" 1 "$_what: $_who refuses without a terminal"
		like "$err" "$_text" "$_what: $_who says why"
		# Apache's is also logged, and so said twice.
		sed -n '/^\(Missing\|Encountered\)/,/^Ask for/p' err |
			in_any_order | uniq >$_who
	done
	same theirs ours "$_what: in the same words"
}

new="--server $ACME_SERVER --agree-tos --register-unsafely-without-email"
for plugin in "$nginx" --apache; do
	# shellcheck disable=SC2086 # several words
	both "names, ${plugin%% *}" 1 'Please specify --domains' \
		run $plugin $new
	# shellcheck disable=SC2086
	nobody "names, ${plugin%% *}" 'Which names would you like' \
		run $plugin $new
done
# shellcheck disable=SC2086
both 'wildcard, nginx' 1 'Could not automatically find a matching server block for \*.x.example' \
	install $nginx $given -d '*.x.example'
# shellcheck disable=SC2086
nobody 'wildcard, nginx' 'Which server blocks would you like to modify' \
	install $nginx $given -d '*.x.example'
# shellcheck disable=SC2086
both 'wildcard, Apache' 1 'could not find a VirtualHost for \*.x.example' \
	install --apache $given -d '*.x.example'
# shellcheck disable=SC2086
nobody 'wildcard, Apache' 'Which VirtualHosts would you like' \
	install --apache $given -d '*.x.example'
# shellcheck disable=SC2086
both 'no virtual host' 1 'could not find a VirtualHost for other.example' \
	install --apache $given -d other.example
# shellcheck disable=SC2086
nobody 'no virtual host' 'vhost ambiguity' \
	install --apache $given -d other.example

# -- what is chosen ----------------------------------------------------------------

# chosen DESCRIPTION ANSWER WANT ARGUMENT...: how many have the certificate.
chosen()
{
	_what=$1 _answer=$2 _want=$3
	shift 3
	# shellcheck disable=SC2086
	person -w 'cancel' -s "$_answer\\n" -- certbot install $given "$@"
	is "$status" 0 "$_what" || diag "$out"
	is "$(cat ngx/nginx.conf etc/sites-available/* |
		grep -cF "$all/privkey.pem")" "$_want" "$_what: those have it"
}
nginx_up()
{
	pgrep -P "$pid" -f 'nginx: worker process$' >/dev/null
}

fresh
start nginx nginx -c "$T/ngx/nginx.conf" -g 'daemon off;'
wait_for nginx_up || bail "$(cat nginx.log)"
cp ngx/nginx.conf original
# shellcheck disable=SC2086
person -w 'cancel): ' -s '2\n' -w 'Which server blocks' -w 'Names: a.x.example' \
	-w 'cancel): ' -s '1\n' -- certbot install $nginx $given -d '*.x.example'
is "$status" 0 'nginx: one has it, and another is redirected'
is "$(grep -c 'privkey.pem;' ngx/nginx.conf)" 1 'nginx: one has it'
ok 'nginx: it is the second' sh -c 'tail -n +5 ngx/nginx.conf | grep -A9 b.x.example |
	grep -qF privkey.pem'
cp original ngx/nginx.conf
# shellcheck disable=SC2086
chosen 'nginx: blank is all' '' 2 --no-redirect $nginx -d '*.x.example'
cp original ngx/nginx.conf
# shellcheck disable=SC2086
person -w 'cancel): ' -s '1 9\n' -w '** Error - Invalid selection **' -w '1: File' \
	-w 'cancel): ' -s '1,2\n' -- certbot install --no-redirect $nginx $given \
	-d '*.x.example'
is "$status" 0 'nginx: a number that is not there is asked for again'
stop "$pid"

# -- the checklist of server blocks beside Debian's ----------------------------------

# having: each server block's name and whether it has the certificate.
having()
{
	awk -v key="$all/privkey.pem" '/server_name/ { name = $0
		sub(/.*server_name /, "", name); sub(/;.*/, "", name); has[name] += 0 }
		index($0, key) { has[name] = 1 }
		END { for (n in has) print n, has[n] }' ngx/nginx.conf | sort
}

# shown: of what a terminal showed the lines, without colours, the entries of lists
# in one order (Debian's come from a set), with what was answered.
shown()
{
	tr -d '\r' <out | sed -e 's/\x1b\[[0-9;]*m//g' -e '/^Saving debug log/d' |
		awk '/^[0-9]+: File/ { entry = 1; text = "" }
			entry && (/^$/ || /^- -/) { entry = 0; entries[++n] = text }
			/^- -/ && n == 2 {
				low = entries[1] < entries[2] ? 1 : 2
				print entries[low]; print entries[3 - low]; n = 0
			}
			entry { sub(/^[0-9]+: /, ""); text = text $0 "; "; next }
			/cancel\): [12]$/ { sub(/[12]$/, "N") }
			{ print }'
}

# answered DESCRIPTION WANT STEP...: both are answered in these steps; what is
# shown, the status, and which blocks have the certificate (WANT) are the same.
answered()
{
	_what=$1 _want=$2
	shift 2
	for _who in theirs ours; do
		rm -rf c
		cp original ngx/nginx.conf
		kill -HUP "$nginx_pid"
		_path=$PATH
		[ $_who = ours ] || _path=/usr/bin:$PATH
		# shellcheck disable=SC2086
		PATH=$_path person "$@" -- certbot install --no-redirect $nginx $given \
			-d '*.x.example'
		{
			shown
			echo "-- status $status"
			having
		} >"checked.$_who"
	done
	is "$(having | tr '\n' ,)" "$_want" "$_what: those have it"
	same checked.theirs checked.ours "$_what: as Debian's"
}

fresh
start nginx nginx -c "$T/ngx/nginx.conf" -g 'daemon off;'
nginx_pid=$pid
wait_for nginx_up || bail "$(cat nginx.log)"
answered 'blank' 'a.x.example 1,b.x.example 1,' -w 'cancel): ' -s '\n'
answered 'one' 'a.x.example 0,b.x.example 1,' -p b.x.example
answered 'both' 'a.x.example 1,b.x.example 1,' -w 'cancel): ' -s '2, 1\n'
set --
for wrong in 3 0 -1 x '1 x' '1;2' 99999999999999999999; do
	set -- "$@" -w 'cancel): ' -s "$wrong\\n" -w 'Invalid selection'
done
answered 'no entries' 'a.x.example 1,b.x.example 0,' "$@" -p a.x.example
answered 'cancelled' 'a.x.example 0,b.x.example 0,' -w 'cancel): ' -s 'C\n'
answered 'the end of input' 'a.x.example 0,b.x.example 0,' -w 'cancel): ' -s '\x04'
stop "$nginx_pid"

fresh
apache_start || bail 'Apache does not start'
chosen 'Apache: the first' 1 1 --apache -d '*.x.example'
ok 'Apache: it is the first' test -e etc/sites-available/a-le-ssl.conf
is "$(served a.x.example)" "$WANT_CERT" 'Apache: it is served'
apache_stop
fresh
apache_start || bail 'Apache does not start'
chosen 'Apache: blank is all' '' 2 --apache -d '*.x.example'
apache_stop
fresh
apache_start || bail 'Apache does not start'
chosen 'Apache: a virtual host for another name' 2 1 --apache -d c.x.w.example
like "$(cat etc/sites-available/*-le-ssl.conf)" 'ServerAlias c.x.w.example' \
	'Apache: which is its name now'
apache_stop
is "$(leftovers)" '' 'no process is left'
done_testing
