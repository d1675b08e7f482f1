# shellcheck shell=sh
# Sourced after lib.sh by tests with Debian's apache2: in namespaces of the
# test's own, with the package's own paths. /etc/apache2, /var/lib/apache2,
# /etc/letsencrypt, /run and /var/log/apache2 are the test's; ports 80 and 443
# too.
#
#	apache_begin	first of all; needs root
#	apache_fresh	the package's own /etc/apache2 and an empty work directory,
#			$T/w; Apache is not running
#	apache_start, apache_stop
#	apache_talk	requests on standard input, see helpers/plugin-talk.py
#	served NAME [ADDRESS:PORT]	fingerprint of the certificate that a TLS
#			client gets
#	status_of URL [CURL ARGUMENT...]	the status of a request
#	case_run CASE DESCRIPTION	a case of tests/data/apache as a test

apache_begin()
{
	[ "$(id -u)" -eq 0 ] || skip_all 'only root can start Apache as www-data'
	namespaces "$@"
	need apache2 apache2ctl a2enmod curl openssl /usr/bin/python3
	chmod 755 "$T"
	mkdir "$T/etc" "$T/le"
	cp -a /etc/apache2 "$T/pristine"
	cp -a /var/lib/apache2 "$T/state"
	mount --bind "$T/state" /var/lib/apache2 &&
		mount -t tmpfs -o mode=755 run /run &&
		mkdir /run/lock &&
		mount -t tmpfs -o mode=755 log /var/log/apache2 &&
		mount --bind "$T/etc" /etc/apache2 &&
		mount --bind "$T/le" /etc/letsencrypt ||
		bail 'cannot mount'
	for _name in a b c www.a www.b x.w deep.x.w '*.p'; do
		_names="${_names-}${_names:+,}DNS:$_name.example"
	done
	mkdir -p "$T/live/all"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 30 -subj /CN=all.example -addext "subjectAltName=$_names" \
		-keyout "$T/live/all/privkey.pem" -out "$T/live/all/cert.pem" \
		2>/dev/null || bail 'cannot make a certificate'
	cp "$T/live/all/cert.pem" "$T/live/all/fullchain.pem"
	cp "$T/live/all/cert.pem" "$T/live/all/chain.pem"
	WANT_CERT=$(openssl x509 -in "$T/live/all/cert.pem" -noout -fingerprint)
}

apache_fresh()
{
	find "$T/etc" "$T/le" -mindepth 1 -delete
	rm -rf "$T/w"
	mkdir "$T/w"
	cp -a "$T/pristine/." "$T/etc"
	cp -a "$T/live" "$T/le/live"
}

apache_up()
{
	curl -s -o /dev/null --noproxy '*' "http://${1-127.0.0.1}/" ||
		port_listens 80 || port_listens 8080
}

apache_start()
{
	apache2ctl start >"$T/apache.log" 2>&1 && wait_for apache_up || {
		diag "$(cat "$T/apache.log" /var/log/apache2/error.log)"
		return 1
	}
}

apache_stop()
{
	_pid=$(cat /run/apache2/apache2.pid 2>/dev/null) || return 0
	kill "$_pid" 2>/dev/null && wait_for not_alive "$_pid"
	rm -f /run/apache2/apache2.pid
}

apache_talk()
{
	/usr/bin/python3 "$ROOT/tests/helpers/plugin-talk.py" \
		"$ACME_BUILD/libexec/acme-tools/apache" /etc/letsencrypt "$T/w"
}

served()
{
	openssl s_client -no-CAfile -no-CApath -no-CAstore -connect "${2-127.0.0.1:443}" -servername "$1" \
		</dev/null 2>/dev/null | openssl x509 -noout -fingerprint 2>&1
}

status_of()
{
	_url=$1
	shift
	curl -s -o "$T/body" -w '%{http_code}' --noproxy '*' "$@" "$_url"
}

case_do()
{
	/usr/bin/python3 "$ROOT/tests/helpers/apache-case.py" "$@"
}

# same_tree A B: equal files, links and modes.
same_tree()
{
	diff -r --no-dereference "$1" "$2" && [ "$(tree_modes "$1")" = \
		"$(tree_modes "$2")" ]
}

tree_modes()
{
	(cd "$1" && find . -printf '%p %y %m %u:%g %l\n' | sort)
}

# The answers that a case wants of the server.
case_asks()
{
	case_do get "$1" at >"$T/at"
	while read -r _at _names; do
		for _name in $_names; do
			[ "$(served "$_name" "$_at")" = "$WANT_CERT" ] || {
				echo "$_name at $_at: $(served "$_name" "$_at")"
				return 1
			}
		done
	done <"$T/at"
	case_do get "$1" other >"$T/at"
	while read -r _at _names; do
		for _name in $_names; do
			_got=$(served "$_name" "$_at")
			case $_got in
			"$WANT_CERT") ;;
			*Fingerprint=*) continue ;;
			esac
			echo "$_name at $_at: not another one: $_got"
			return 1
		done
	done <"$T/at"
	case_do get "$1" http >"$T/at"
	while read -r _name _code; do
		_got=$(status_of "http://$_name/" --resolve "$_name:80:127.0.0.1")
		[ "$_got" = "$_code" ] || {
			echo "http://$_name/: $_got instead of $_code"
			return 1
		}
	done <"$T/at"
}

case_run()
{
	apache_fresh
	case_do apply "$1" /etc/apache2
	case_do get "$1" setup | (cd /etc/apache2 && sh -e) >"$T/setup" 2>&1 ||
		bail "$2: $(cat "$T/setup")"
	apache_start || {
		fail "$2: Apache takes the case"
		return
	}
	rm -rf "$T/before"
	cp -a "$T/etc" "$T/before"
	case_do requests "$1" >"$T/requests"
	echo '{"op":"restart"}' >>"$T/requests"
	apache_talk <"$T/requests" >"$T/said" 2>&1
	_status=$?
	_fails=$(case_do get "$1" fails)
	if [ -n "${RECORD-}" ]; then
		case_do record "$1" "$T/before" "$T/etc"
	fi
	rm -rf "$T/expected"
	cp -a "$T/before" "$T/expected"
	case_do expect "$1" "$T/expected"
	if [ -n "$_fails" ]; then
		like "$(cat "$T/said")" "$_fails" "$2: says so"
		ok "$2: and changes nothing" diff -r --no-dereference "$T/before" \
			"$T/etc"
		apache_stop
		return
	fi
	is "$_status" 0 "$2" || diag "$(cat "$T/said")"
	case_do get "$1" says >"$T/says"
	while read -r _words; do
		like "$(cat "$T/said")" "$_words" "$2: says so"
	done <"$T/says"
	ok "$2: the files" diff -ru --no-dereference "$T/expected" "$T/etc"
	case_do get "$1" mode >"$T/at"
	while read -r _at _mode; do
		is "$(stat -c '%a %U:%G' "$T/etc/$_at")" "$_mode" "$2: mode of $_at"
	done <"$T/at"
	ok "$2: the server" case_asks "$1"
	apache_talk <"$T/requests" >"$T/said" 2>&1
	ok "$2: a second time nothing changes" diff -ru --no-dereference \
		"$T/expected" "$T/etc"
	{
		sed -n 1p "$T/requests"
		echo '{"op":"rollback","checkpoints":100}'
		echo '{"op":"restart"}'
	} | apache_talk >"$T/said" 2>&1
	ok "$2: rolled back byte for byte" same_tree "$T/before" "$T/etc" ||
		diag "$(cat "$T/said")"
	apache_stop
}
