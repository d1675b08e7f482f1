# shellcheck shell=sh
# Each system's Apache from the first command to rollback, by the recorded
# layouts of tests/data/apache-layouts: the files as that system installs them,
# its programs as they take their arguments, behind them Debian's apache2. See
# helpers/apache-case.py for a layout's words; these are its own:
#
#	release LINE	of /etc/os-release
#	root DIR	the server root
#	daemon ARGS	how its service starts the server, quoted for sh
#	ctl KIND	the program that controls it: plain (upstream's), systemd
#			(takes verbs only), openrc (knows `modules`), debian
#	first-start yes	a certificate that the service makes is not there yet
#	asked LIST	what is asked of the programs, sorted
#
# ubuntu.case has no files: Debian's package's are Ubuntu's, edited where those of
# the release $UBUNTU differ; $APACHE is the version that its server tells.
#
# Sourced after lib.sh and apache.sh; needs root.
[ "$(id -u)" -eq 0 ] || skip_all 'only root can have an /etc of its own'
namespaces "$@"
mkdir "$T/ov"
mount -t tmpfs ov "$T/ov" && mkdir "$T/ov/up" "$T/ov/work" &&
	mount -t overlay overlay \
		-o "lowerdir=/etc,upperdir=$T/ov/up,workdir=$T/ov/work" /etc ||
	bail 'cannot mount'
apache_begin
need jq
mkdir -p /etc/httpd /etc/apache /etc/sysconfig /etc/conf.d /etc/pki/tls/certs \
	/etc/pki/tls/private bin
rm -f /etc/os-release
mount --bind "$T/etc" /etc/httpd && mount --bind "$T/etc" /etc/apache &&
	mount -t tmpfs log /var/log && mount -t tmpfs www /var/www &&
	mkdir /var/log/apache2 /var/log/httpd /var/www/html /var/www/logs ||
	bail 'cannot mount'
ln -s /usr/lib/apache2/modules /var/www/modules
ca_start http_port=80 tls_port=443

# The programs, all one script: what is asked, then the server.
cat >bin/httpd <<'EOP'
#!/bin/sh
here=${0%/*}
me=${0##*/}
echo "$me $*" >>"$here/asked"
. "$here/layout"
httpd() {
	eval "/usr/sbin/apache2 $daemon" '"$@"'
}
verb=$1
[ "$me" != systemctl ] || verb=service
[ "$me" != httpd ] || verb=itself
case $ctl:$verb in
debian:-v)
	/usr/sbin/apache2ctl -v |
		sed "s|Apache/[0-9.]* (Debian)|Apache/$version (Ubuntu)|"
	;;
debian:*) exec /usr/sbin/apache2ctl "$@" ;;
*:itself) httpd "$@" ;;
*:service)
	[ -e /etc/pki/tls/certs/localhost.crt ] || cp "$here/localhost.crt" \
		/etc/pki/tls/certs/
	httpd -k start >>"$here/said" 2>&1
	;;
*:start | *:restart | *:graceful) httpd -k "$verb" ;;
*:configtest) httpd -t ;;
systemd:*)
	echo 'Passing arguments to httpd using apachectl is not supported.' >&2
	exit 1
	;;
openrc:modules) httpd -M ;;
openrc:-v | plain:*) httpd "$@" ;;
*) exit 1 ;;
esac
EOP
chmod 755 bin/httpd
for name in apachectl apache2ctl systemctl; do
	cp bin/httpd "bin/$name"
done
PATH=$T/bin:$PATH
export PATH
cp "$T/live/all/cert.pem" bin/localhost.crt
cp "$T/live/all/privkey.pem" /etc/pki/tls/private/localhost.key
mkdir -p /etc/ssl/apache2
for name in server.crt server.pem; do
	cp bin/localhost.crt "/etc/ssl/apache2/$name"
done
cp /etc/pki/tls/private/localhost.key /etc/ssl/apache2/server.key

pid_of()
{
	cat /run/httpd/httpd.pid /run/apache2/httpd.pid /run/apache2.pid \
		/run/httpd.pid /run/apache2/apache2.pid 2>/dev/null
}

# all NAME...: does each serve the new certificate?
all()
{
	for _name in "$@"; do
		[ "$(served "$_name")" = "$(openssl x509 -noout -fingerprint \
			-in /etc/letsencrypt/live/a.example/cert.pem)" ] ||
			return 1
	done
}

# clean: as if nothing had been installed
clean()
{
	find "$T/etc" "$T/le" -mindepth 1 -delete
	rm -rf "$T/w"
	rm -f /etc/sysconfig/httpd /etc/conf.d/apache2
	printf 'server = %s\nwork-dir = %s\nlogs-dir = %s\n' "$ACME_SERVER" \
		"$T/w" "$T/l" >/etc/letsencrypt/cli.ini
	cp bin/localhost.crt /etc/pki/tls/certs
	mkdir -p /run/httpd /run/apache2
}

modeline()
{
	printf '\n# vim: syntax=apache ts=4 sw=4 sts=4 sr noet\n' >>"$1"
}

# ubuntu_files: Debian 12's files in /etc/apache2 become those of $UBUNTU, byte
# for byte (apache-ubuntu.t holds digests against them). Before Debian's 2.4.54
# there were modelines, <IfModule> around what loads mod_ssl anyway, _default_
# and session tickets.
ubuntu_files()
{
	case $UBUNTU in
	24.*) return ;;
	esac
	_tab=$(printf '\t')
	for _f in apache2.conf ports.conf sites-available/000-default.conf; do
		modeline "/etc/apache2/$_f"
	done
	_f=/etc/apache2/mods-available/ssl.conf
	sed -i -e '/^# Warning: Session Tickets/,$d' -e "s/^./$_tab&/" $_f
	sed -i -e '1s/^/<IfModule mod_ssl.c>\n\n/' -e "\$a</IfModule>" $_f
	modeline $_f
	_f=/etc/apache2/sites-available/default-ssl.conf
	sed -i -e 's/\*:443/_default_:443/' -e 's/?:cgi/cgi/' \
		-e "s/^\(${_tab}SSLCertificateFile\) */\1$_tab/" \
		-e 's/\(CertificateKeyFile\) */\1 /' \
		-e "s/^$_tab#$_tab  \(to\|Makefile\) /$_tab#$_tab$_tab \1 /" \
		-e "s/^$_tab#    \([^ ]\)/$_tab#$_tab \1/" \
		-e "s/^$_tab#$_tab\(nokeep\|downgr\)/$_tab#$_tab$_tab\1/" \
		-e "s/^$_tab${_tab}SSLOptions/$_tab&/" $_f
	sed -i -e "s/^./$_tab&/" $_f
	sed -i -e '1s/^/<IfModule mod_ssl.c>\n/' -e "\$a</IfModule>" $_f
	modeline $_f
	case $UBUNTU in
	20.*) ubuntu_tls ;;
	esac
}

# ubuntu_tls: a2enmod ssl, a2ensite default-ssl, the certificate of ssl-cert
ubuntu_tls()
{
	mkdir -p /etc/ssl/private
	cp bin/localhost.crt /etc/ssl/certs/ssl-cert-snakeoil.pem
	cp /etc/pki/tls/private/localhost.key \
		/etc/ssl/private/ssl-cert-snakeoil.key
	for _f in ssl.load ssl.conf socache_shmcb.load; do
		ln -s "../mods-available/$_f" /etc/apache2/mods-enabled
	done
	ln -s ../sites-available/default-ssl.conf /etc/apache2/sites-enabled
}

# layout CASE: /etc is what that system's package has put there, and runs
layout()
{
	clean
	name=$(basename "$1" .case)
	root=$(case_do get "$1" root)
	case_do get "$1" release | sed "s/24\.04/${UBUNTU-}/" >/etc/os-release
	printf "ctl='%s'\ndaemon='%s'\nversion='%s'\n" \
		"$(case_do get "$1" ctl)" "$(case_do get "$1" daemon)" \
		"${APACHE-}" >bin/layout
	if [ "$name" = ubuntu ]; then
		cp -a "$T/pristine/." "$T/etc"
		ubuntu_files
		name="Ubuntu $UBUNTU"
	else
		ln -s /usr/lib/apache2/modules "$T/etc/modules"
		ln -s /var/log/httpd "$T/etc/logs"
		case_do apply "$1" /
	fi
	rm -rf "$T/before"
	cp -a "$T/etc" "$T/before"
	if [ -n "$(case_do get "$1" first-start)" ]; then
		rm /etc/pki/tls/certs/localhost.crt
	else
		apache2ctl start >start.log 2>&1 || apachectl start >start.log \
			2>&1 || bail "$name: $(cat start.log)"
		wait_for apache_up || bail "$name: it does not start"
	fi
	: >bin/asked
}

# layout_run NAME: from the first command to rollback, where layout_more (if the
# test has it) is called before that; with RECORD=1 it writes down what is wanted.
layout_run()
{
	case=$ROOT/tests/data/apache-layouts/$1.case
	layout "$case"
	run certbot run --apache -n --agree-tos --redirect --hsts --uir \
		--staple-ocsp --register-unsafely-without-email \
		-d a.example,www.a.example </dev/null
	is "$status" 0 "$name: certbot run" || diag "$out$err$(cat bin/said)"
	[ -z "${RECORD-}" ] || case_do record "$case" "$T/before" "$T/etc"
	rm -rf "$T/expected"
	cp -a "$T/before" "$T/expected"
	case_do expect "$case" "$T/expected"
	case ${UBUNTU-} in
	20.* | 22.*) modeline "$T/expected/sites-available/000-default.conf" ;;
	esac
	ok "$name: the files" diff -ru --no-dereference "$T/expected" "$T/etc"
	ok "$name: the certificate is served" all a.example www.a.example
	is "$(status_of http://www.a.example/ \
		--resolve www.a.example:80:127.0.0.1)" 301 "$name: redirects"
	like "$(cat /etc/letsencrypt/options-ssl-apache.conf)" \
		'^SSLOpenSSLConfCmd ' "$name: its OpenSSL is found: current settings"
	is "$(curl -skI --noproxy '*' --resolve a.example:443:127.0.0.1 \
		https://a.example/ | grep -c -e '^Strict-Transport-Security: ' \
		-e '^Content-Security-Policy: ')" 2 "$name: with both headers"
	is "$(sed 's/-t -D .*/-t DUMPS/' bin/asked | LC_ALL=C sort -u |
		paste -sd,)" "$(case_do get "$case" asked)" \
		"$name: what is asked of its programs"
	if command -v layout_more >/dev/null; then
		layout_more
	fi
	run certbot rollback --apache --checkpoints 100 -n </dev/null
	is "$status" 0 "$name: rolled back" || diag "$out$err"
	ok "$name: byte for byte" same_tree "$T/before" "$T/etc"
	isnt "$(status_of http://a.example/ \
		--resolve a.example:80:127.0.0.1)" 301 "$name: as before"
	pid=$(pid_of)
	ok "$name: and alive" alive "$pid"
	kill "$pid" && wait_for not_alive "$pid"
	find /run -name '*.pid' -delete
}
