#!/bin/sh
# certbot run with nginx, where it cannot come to its end, beside Debian's certbot
# (the rows nginx-run of tests/data/differences.tsv are what differs on purpose):
# no server block for one of two names, no nginx, a broken configuration, a reload
# that fails; for nobody and for a person. And where ours goes another way: a
# server that does not run.
. "$(dirname "$0")/../lib.sh"
need nginx openssl curl pgrep
namespaces "$@"
. "$ROOT/tests/nginx.sh"
. "$ROOT/tests/both.sh"

ngx_system
ca_start http_port=80
REQUESTS_CA_BUNDLE=$T/ca/tls/root.pem
TERM=dumb
export REQUESTS_CA_BUNDLE TERM

differences_of nginx-run >wanted.sed

# fresh: a.example has a server, b.example none; nothing was obtained yet.
fresh()
{
	find etc -mindepth 1 -delete
	rm -rf c w l
	cat >etc/nginx.conf <<-EOP
	pid /run/nginx.pid;
	error_log $T/log/error.log;
	events {}
	http {
	access_log off;
	server { listen 80; server_name a.example; return 204; }
	}
	EOP
	cp -a etc/nginx.conf before
}

# as: what is said, without colours, and with what differs from run to run in one
# form.
as()
{
	sed -e 's/\r$//; s/\x1b\[[0-9;]*m//g' -e '/^Saving debug log/d; /^$/d' \
		-e 's/expires on [0-9-]*/expires on DATE/' \
		-e 's|[0-9/]* [0-9:]* \[emerg\] [0-9#]*: |DATE [emerg] |' | plainly
}

# run_as WHO HOW ARGUMENT...: WHO is ours or theirs, HOW nobody or person.
run_as()
{
	_who=$1 _how=$2
	shift 2
	_path=$PATH
	[ "$_who" = ours ] || _path=/usr/bin:$PATH
	set -- certbot run --nginx "$@" --server "$ACME_SERVER" --agree-tos \
		--register-unsafely-without-email --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l"
	if [ "$_how" = nobody ]; then
		run env PATH="$_path" "$@" -n </dev/null
	else
		run env PATH="$_path" /usr/bin/python3 \
			"$ROOT/tests/helpers/on-terminal.py" -c 200 -- "$@"
	fi
	{
		as <out
		echo '-- standard error'
		as <err
		echo "-- status $status"
	} >"$_who.$_how"
}

# beside DESCRIPTION STATUS TEXT ARGUMENT...: for nobody and for a person both say
# the same, and so: nothing is changed.
beside()
{
	_what=$1 _status=$2 _text=$3
	shift 3
	for how in nobody person; do
		for who in theirs ours; do
			fresh
			"$prepare"
			cp -a etc/nginx.conf before
			run_as $who $how "$@"
			cp c/renewal/a.example.conf "renewal.$who" 2>/dev/null ||
				echo none >"renewal.$who"
			is "$status" "$_status" "$_what, $how: $who ends" ||
				diag "$out$err"
			same before etc/nginx.conf "$_what, $how: $who changes nothing"
		done
		like "$(cat ours.$how)" "$_text" "$_what, $how: says so"
		sed -E -f wanted.sed theirs.$how | sed '/^$/d' >wanted.$how
		same wanted.$how ours.$how "$_what, $how: in the same words"
		is "$([ "$(cat renewal.ours)" = none ]; echo $?)" \
			"$([ "$(cat renewal.theirs)" = none ]; echo $?)" \
			"$_what, $how: the same is saved"
	done
}

prepare=:
fresh
ngx_start
beside 'no server block' 1 'certbot install --cert-name a.example' \
	-d a.example -d b.example
beside 'no binary' 1 'is not working|Could not find a usable' \
	--nginx-ctl nowhere -d a.example
break_it()
{
	sed -i 's/return 204;/& nonsense on;/' etc/nginx.conf
}
prepare=break_it
beside 'broken before' 1 'nonsense' -d a.example
prepare=:
ngx_stop
fresh
# Debian's starts one, beside the service manager (differences.tsv,
# nginx-not-running).
for how in nobody person; do
	run_as ours $how -d a.example
	is "$status" 1 "a server that does not run, $how" || diag "$out$err"
	like "$out$err" "nginx is not running: no process is named in '/run/nginx.pid'; start it" \
		"$how: is said"
	same before etc/nginx.conf "$how: nothing is changed"
	not_ok "$how: none is started" port_listens 80
	is "$(ls -A c/live 2>/dev/null)" '' "$how: and no certificate is ordered"
done
done_testing
