#!/bin/sh
# Other systems' Apache by their recorded layouts: os-release, places, the names
# of the programs and what is asked of them. In a /etc of the test's own.
. "$(dirname "$0")/../lib.sh"
[ "$(id -u)" -eq 0 ] || skip_all 'only root can have an /etc of its own'
namespaces "$@"
need jq /usr/bin/python3
mkdir "$T/ov"
mount -t tmpfs ov "$T/ov" && mkdir "$T/ov/up" "$T/ov/work" "$T/bin" &&
	mount -t overlay overlay \
		-o "lowerdir=/etc,upperdir=$T/ov/up,workdir=$T/ov/work" /etc ||
	bail 'cannot mount'
plugin=$ACME_BUILD/libexec/acme-tools/apache
sleep 600 &
server=$!
tap_pids="$tap_pids $server"
echo "$server" >"$T/pid"

# Their programs: they take everything but a reload.
cat >bin/apachectl <<'EOP'
#!/bin/sh
here=${0%/*}
echo "${0##*/} $*" >>"$here/asked"
case "$*" in
-v) echo 'Server version: Apache/2.4.57 (Unix)' ;;
*DUMP_MODULES* | modules)
	[ "$1" = modules ] || printf 'Define: DUMP_RUN_CFG\nPidFile: "%s"\n' \
		"${here%/*}/pid"
	for module in core so ssl socache_shmcb rewrite headers; do
		echo " ${module}_module (shared)"
	done
	;;
configtest) [ ! -e "$here/broken" ] ;;
graceful | restart)
	echo 'not today' >&2
	exit 1
	;;
esac
EOP
chmod 755 bin/apachectl
for name in apache2ctl httpd systemctl a2enmod a2dismod; do
	cp bin/apachectl "bin/$name"
done
PATH=$T/bin:$PATH
export PATH

# talk REQUEST...: the plugin, with what its descriptor says of this system
talk()
{
	jq -c --arg id "$id" --arg root "$R" '[.options[] |
		{(.name | gsub("-"; "_")): (.defaults[$id]? // .default)}] | add |
		.server_root = $root | .challenge_location = $root' \
		"$plugin.json" >asked
	printf '%s\n' "$@" >>asked
	run /usr/bin/python3 "$ROOT/tests/helpers/plugin-talk.py" "$plugin" \
		"$T/c" "$T/w" <asked
}

# layout ID LIKE ROOT-FILE DIR: a server whose only site is DIR/a.conf, and
# another one that only -D SYSCONFIG lets in. Where the system's directory is
# read whatever the files say, nothing includes it.
layout()
{
	id=$1
	rm -rf "$T/root" c w bin/asked bin/broken
	R=$T/root
	mkdir -p "$R/$4" "$R/$(dirname "$3")" c w /etc/sysconfig /etc/conf.d
	rm -f /etc/os-release
	printf 'ID="%s"\nID_LIKE="%s"\n' "$1" "$2" >/etc/os-release
	printf 'OPTIONS="-D SYSCONFIG"\n' >/etc/sysconfig/httpd
	printf 'APACHE2_OPTS="-D SYSCONFIG"\n' >/etc/conf.d/apache2
	printf 'ServerRoot "%s"\nListen 80\n' "$R" >"$R/$3"
	printf '<IfDefine SYSCONFIG>\n<VirtualHost *:80>\n    ServerName b.example\n</VirtualHost>\n</IfDefine>\n' \
		>>"$R/$3"
	printf '<VirtualHost *:80>\n    ServerName a.example\n</VirtualHost>\n' \
		>"$R/$4/a.conf"
	case $id in
	fedora | centos | rocky | gentoo) ;;
	*) echo "Include $4/a.conf" >>"$R/$3" ;;
	esac
	talk '{"op":"prepare"}' '{"op":"names"}' \
		'{"op":"deploy","domain":"a.example","cert":"/l/cert.pem","key":"/l/privkey.pem","chain":"/l/chain.pem","fullchain":"/l/fullchain.pem"}' \
		'{"op":"save","title":"T","temporary":false}'
	is "$status" 0 "$id: installed" || diag "$out"
	like "$(cat "$R/$4/a-le-ssl.conf")" \
		'SSLCertificateFile /l/fullchain.pem' "$id: beside its site"
	like "$(cat "$R/$3")" "Include $R/$4/a-le-ssl.conf" \
		"$id: and read by the server"
	case $out in
	*'"b.example"'*) names=sysconfig ;;
	*) names=- ;;
	esac
	sed 's/-t -D .*/DUMPS/' bin/asked | LC_ALL=C sort -u | paste -sd, >sorted
	: >bin/asked
	talk '{"op":"prepare"}' '{"op":"restart"}'
	like "$out" '"misconfigured".*not today' "$id: a reload that fails"
	like "$(grep -B1 -m1 graceful bin/asked)" 'configtest$' \
		"$id: tested before it is asked to"
	# What plugin-talk asks for after an error is more of the same.
	grep -v 'configtest\|DUMP\| -v\|modules' bin/asked | uniq >verbs
	reload=$(awk '!seen[$0]++' verbs | paste -sd,)
}

# asks 'COMMANDS | RELOADS | sysconfig OR -': of the layout before it
asks()
{
	is "$(cat sorted) | $reload | $names" "$1" "$id: what is asked"
}

layout debian '' apache2.conf sites-available
asks 'apache2ctl -v,apache2ctl DUMPS,apache2ctl configtest | apache2ctl graceful | -'
layout fedora '' conf/httpd.conf conf.d
asks 'apachectl configtest,httpd -v,httpd DUMPS | apachectl graceful,apachectl restart | sysconfig'
layout centos 'rhel fedora' conf/httpd.conf conf.d
asks 'apachectl configtest,httpd -v,httpd DUMPS | apachectl graceful,apachectl restart | sysconfig'
layout gentoo '' httpd.conf vhosts.d
asks 'apache2ctl -v,apache2ctl configtest,apache2ctl modules | apache2ctl graceful,apache2ctl restart | sysconfig'
layout opensuse 'suse' httpd.conf vhosts.d
asks 'apachectl -v,apachectl DUMPS,apachectl configtest | apachectl graceful | -'
layout arch '' conf/httpd.conf conf
asks 'apachectl -v,apachectl DUMPS,apachectl configtest | apachectl graceful | -'
layout darwin '' httpd.conf other
asks 'apachectl -v,apachectl DUMPS,apachectl configtest | apachectl graceful | -'
layout void '' httpd.conf extra
asks 'apachectl -v,apachectl DUMPS,apachectl configtest | apachectl graceful | -'
layout alpine '' httpd.conf conf.d
asks 'apachectl -v,apachectl DUMPS,apachectl configtest | apachectl graceful | -'

# Only Fedora's service makes what its configuration names; elsewhere a broken
# configuration is just that.
for id in fedora centos; do
	: >bin/asked
	touch bin/broken
	printf 'ID=%s\n' "$id" >/etc/os-release
	talk '{"op":"prepare"}'
	like "$out" '"misconfigured"' "$id: a broken configuration"
	is "$(grep -c '^systemctl restart httpd$' bin/asked)" \
		"$([ "$id" = fedora ] && echo 1 || echo 0)" \
		"$id: is the service started first?"
	rm bin/broken
done

# Modules are nobody's business where the table has no program for it.
sed -i 's/ headers;/;/' bin/*ctl bin/httpd
for id in opensuse arch alpine; do
	: >bin/asked
	printf 'ID=%s\n' "$id" >/etc/os-release
	talk '{"op":"prepare"}' \
		'{"op":"enhance","domain":"a.example","enhancement":"ensure-http-header","option":"Strict-Transport-Security"}'
	like "$out" '"misconfigured".*headers' "$id: a module that is missing"
	is "$(grep -c a2enmod bin/asked)" 0 "$id: is not for us to enable"
done

# The table of the manual: server root, logs, program, challenges, modules.
for want in \
	'debian /etc/apache2 /var/log/apache2 apache2ctl null /etc/apache2 a2enmod a2dismod True True' \
	'nobody /etc/apache2 /var/log/apache2 apache2ctl null /etc/apache2 null null False False' \
	'fedora /etc/httpd /var/log/httpd apachectl httpd /etc/httpd/conf.d null null False False' \
	'rhel /etc/httpd /var/log/httpd apachectl httpd /etc/httpd/conf.d null null False False' \
	'gentoo /etc/apache2 /var/log/apache2 apache2ctl null /etc/apache2/vhosts.d null null False False' \
	'sles /etc/apache2 /var/log/apache2 apachectl null /etc/apache2/vhosts.d a2enmod a2dismod False False' \
	'arch /etc/httpd /var/log/httpd apachectl null /etc/httpd/conf null null False False' \
	'darwin /etc/apache2 /var/log/apache2 apachectl null /etc/apache2/other null null False False' \
	'void /etc/apache /var/log/httpd apachectl null /etc/apache/extra null null False False' \
	'alpine /etc/apache2 /var/log/apache2 apachectl null /etc/apache2/conf.d null null False False'; do
	id=${want%% *}
	is "$id $(jq -r --arg id "$id" '[.options[] | {(.name):
		(.defaults[$id]? // .default)}] | add | "\(.["server-root"]) \(.["logs-root"]) \(.ctl) \(.bin) \(.["challenge-location"]) \(.enmod) \(.dismod) \(.["handle-modules"]) \(.["handle-sites"])"' "$plugin.json")" \
		"$want" "defaults of $id"
done
kill "$server"
done_testing
