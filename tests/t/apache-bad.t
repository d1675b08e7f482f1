#!/bin/sh
# What Apache's plugin cannot work with: one clear error, naming file and line,
# and nothing changed. And layouts of other systems, as recorded.
. "$(dirname "$0")/../lib.sh"
need jq
plugin=$ACME_BUILD/libexec/acme-tools/apache

# Apache's own programs, in as far as they are asked: it takes everything.
cat >ctl <<'EOP'
#!/bin/sh
echo "${0##*/} $*" >>"${0%/*}/asked"
case "$*" in
-v) echo 'Server version: Apache/2.4.57 (Unix)' ;;
*DUMP_MODULES* | modules)
	printf 'Define: DUMP_RUN_CFG\nDefine: FROM_DUMP=dump\nLoaded Modules:\n'
	printf ' core_module (static)\n so_module (static)\n'
	for module in $(cat "${0%/*}/modules"); do
		echo " ${module}_module (shared)"
	done
	;;
esac
EOP
chmod 755 ctl
mkdir bin
for name in apachectl apache2ctl httpd; do
	cp ctl "bin/$name"
done
echo 'ssl socache_shmcb rewrite headers' >modules
cp modules bin/modules

# root NAME: a fresh server root, $R
root()
{
	rm -rf "$T/root" c w
	mkdir -p "$T/root" c w
	R=$T/root
	printf 'Listen 80\nListen 443\nIncludeOptional sites/*.conf\n' \
		>"$R/apache2.conf"
	mkdir "$R/sites"
	site a.example >"$R/sites/a.conf"
	config="{\"server_root\":\"$R\",\"ctl\":\"$T/ctl\"}"
}

site()
{
	printf '<VirtualHost *:80>\n    ServerName %s\n</VirtualHost>\n' "$1"
}

deploy()
{
	{
		printf '%s\n{"op":"prepare"}\n' "$config"
		printf '{"op":"deploy","domain":"%s","cert":"/l/cert.pem","key":"/l/privkey.pem","chain":"/l/chain.pem","fullchain":"%s"}\n' \
			"$1" /l/fullchain.pem
		echo '{"op":"save","title":"T","temporary":false}'
	} | run /usr/bin/python3 "$ROOT/tests/helpers/plugin-talk.py" "$plugin" \
		"$T/c" "$T/w"
	said=$(cat "$T/out")
}

# refused ERE DESCRIPTION
refused()
{
	rm -rf before
	cp -a "$R" before
	deploy a.example
	like "$said" "$1" "$2"
	ok "$2: nothing has changed" diff -r --no-dereference before "$R"
}

root
config="{\"server_root\":\"$R\",\"ctl\":\"$T/nothing\"}"
refused '"no-installation".*Cannot find Apache executable .*/nothing' \
	'no control program'
config="{\"server_root\":\"$T/nowhere\",\"ctl\":\"$T/ctl\"}"
refused '"no-installation".*/nowhere is not there' 'no server root'
root
rm "$R/apache2.conf"
refused '"no-installation".*there is no apache2.conf, httpd.conf' \
	'no configuration'
root
printf '#!/bin/sh\necho "Server version: Apache/2.2.34"\n' >old
chmod 755 old
config="{\"server_root\":\"$R\",\"ctl\":\"$T/old\"}"
refused '"not-supported".*Apache Version 2.2.34 not supported' 'an old server'
printf '#!/bin/sh\necho nonsense\n' >old
refused 'Unable to find Apache version' 'no version'
root
printf '#!/bin/sh\necho "line 7: broken" >&2\nexit 1\n' >old
config="{\"server_root\":\"$R\",\"ctl\":\"$T/old\"}"
refused '"misconfigured".*configtest.*line 7: broken' 'a broken configuration'

root
printf '<IfModule x>\n<VirtualHost *:80>\n</IfModule>\n' >"$R/sites/b.conf"
refused 'sites/b.conf:3: </IfModule> does not close <VirtualHost> of line 2' \
	'sections across each other'
root
printf 'A\n<VirtualHost *:80>\n' >"$R/sites/b.conf"
refused 'sites/b.conf:2: <VirtualHost> is never closed' 'a section without end'
root
printf 'A\n</VirtualHost>\n' >"$R/sites/b.conf"
refused 'sites/b.conf:2: nothing is open for </VirtualHost>' 'an end too many'
root
printf '\nInclude sites/b.conf\n' >"$R/sites/b.conf"
refused 'sites/b.conf:2: the file includes itself' 'an include in a circle'
root
printf '\nInclude nowhere.conf\n' >"$R/sites/b.conf"
refused 'sites/b.conf:2: cannot read .*nowhere.conf' 'an include of nothing'
root
ln -s nowhere "$R/sites/b.conf"
refused 'apache2.conf:3:.*sites/b.conf' 'a link to nowhere'
root
mkfifo "$R/sites/b.conf"
deploy a.example
like "$said" 'apache2.conf:3:.*sites/b.conf' 'a pipe'
root
head -c 1048577 /dev/zero | tr '\0' '#' >"$R/sites/b.conf"
refused 'sites/b.conf.*(large|1048576)' 'a file of more than 1 MiB'
root
printf 'A\nB \000\n' >"$R/sites/b.conf"
refused 'sites/b.conf:2: a NUL byte' 'a NUL byte'
root
printf '<Macro M>\nUse M\n</Macro>\nUse M\n' >"$R/sites/b.conf"
refused 'sites/b.conf:2: macros use each other in a circle' 'macros in a circle'
root
: >modules
refused 'Could not find ssl_module; not installing certificate' 'no mod_ssl'
cp bin/modules modules
root
mkdir "$R/sites-enabled"
sed -i 's/sites/sites-enabled/' "$R/apache2.conf"
mkdir "$R/sites-available"
mv "$R/sites/a.conf" "$R/sites-available/"
ln -s ../sites-available/a.conf "$R/sites-enabled/a.conf"
site other.example >"$R/sites-enabled/a-le-ssl.conf"
refused 'sites-enabled/a-le-ssl.conf is there already and is no link' \
	'something else in the place of the link'

# Two at the same time.
root
(
	mkfifo in
	"$plugin" <in >first 2>&1 &
	exec 8>in
	printf '{"op":"init","version":1,"config":%s,"dirs":{"config":"%s","work":"%s"}}\n{"op":"prepare"}\n' \
		"$config" "$T/c" "$T/w" >&8
	prepared()
	{
		[ "$(grep -c '"ok"' first)" = 2 ]
	}
	wait_for prepared
	deploy a.example
	printf '%s\n' "$said" >second
)
like "$(cat second)" "Unable to lock $R" 'the server root is locked'

# -- other systems -----------------------------------------------------------------
# Their layout, with the options that the descriptor gives them.

# options ID: the plugin's config there
options()
{
	jq -c --arg id "$1" '[.options[] | {(.name | gsub("-"; "_")):
		(.defaults[$id]? // .default)}] | add' "$plugin.json"
}

# layout ID ROOT-FILE FILES: a server with a site in FILES, as ID has it
layout()
{
	_id=$1
	rm -rf "$T/root" c w
	R=$T/root
	mkdir -p "$R/$3" "$R/$(dirname "$2")" c w
	printf 'ServerRoot "%s"\nListen 80\nInclude %s/*.conf\n' "$R" "$3" \
		>"$R/$2"
	[ "$2" != "$3/httpd.conf" ] ||
		printf 'ServerRoot "%s"\nListen 80\nInclude extra.conf\n' "$R" \
			>"$R/$2"
	site a.example >"$R/$3/a.conf"
	[ "$2" != "$3/httpd.conf" ] || mv "$R/$3/a.conf" "$R/extra.conf"
	config=$(options "$_id" | jq -c --arg root "$R" --arg bin "$T/bin/" \
		'.server_root = $root | .ctl = $bin + .ctl |
		if .bin then .bin = $bin + .bin else . end')
	_place=$3
	[ -e "$R/$3/a.conf" ] || _place=.
	deploy a.example
	is "$status" 0 "$_id: the certificate is installed" || diag "$said"
	like "$(cat "$R/$_place/"*-le-ssl.conf)" \
		'SSLCertificateFile /l/fullchain.pem' "$_id: beside its site"
	like "$(cat "$R/$2" "$R/ports.conf" 2>/dev/null)" 'Listen 443' \
		"$_id: the port"
}

layout fedora conf/httpd.conf conf.d
layout rhel conf/httpd.conf conf.d
layout gentoo httpd.conf vhosts.d
layout opensuse httpd.conf vhosts.d
layout arch conf/httpd.conf conf
layout darwin httpd.conf other
layout void httpd.conf extra
layout alpine httpd.conf conf.d
for want in 'fedora /etc/httpd apachectl /etc/httpd/conf.d httpd' \
	'centos /etc/httpd apachectl /etc/httpd/conf.d httpd' \
	'gentoo /etc/apache2 apache2ctl /etc/apache2/vhosts.d null' \
	'opensuse /etc/apache2 apachectl /etc/apache2/vhosts.d null' \
	'arch /etc/httpd apachectl /etc/httpd/conf null' \
	'darwin /etc/apache2 apachectl /etc/apache2/other null' \
	'void /etc/apache apachectl /etc/apache/extra null' \
	'alpine /etc/apache2 apachectl /etc/apache2/conf.d null' \
	'debian /etc/apache2 apache2ctl /etc/apache2 null' \
	'nobody /etc/apache2 apache2ctl /etc/apache2 null'; do
	is "${want%% *} $(options "${want%% *}" | jq -r '"\(.server_root) \(.ctl) \(.challenge_location) \(.bin)"')" \
		"$want" "defaults of ${want%% *}"
done
done_testing
