#!/bin/sh
# What Apache's plugin cannot work with: one clear error, naming file and line,
# and nothing changed.
. "$(dirname "$0")/../lib.sh"
need jq
plugin=$ACME_BUILD/libexec/acme-tools/apache

# Apache's own programs, in as far as they are asked: it takes everything.
cat >ctl <<'EOP'
#!/bin/sh
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
echo 'ssl socache_shmcb rewrite headers' >modules

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
printf '#!/bin/sh\nprintf "line 7: %%5000s the end" >&2\nexit 1\n' >old
refused '"misconfigured".*configtest.*line 7: .* \.\.\. .* the end' \
	'a loop of includes, as httpd tells it'
ok 'and the middle is left out' [ ${#said} -lt 2000 ]

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
mv "$R/sites/a.conf" "$R/sites/$(printf 'a\351.conf')"
refused "name is no UTF-8: rename it" 'a name that no checkpoint can hold'
root
: >modules
refused 'Could not find ssl_module; not installing certificate' 'no mod_ssl'
echo 'ssl socache_shmcb rewrite headers' >modules
root
mkdir "$R/sites-enabled"
sed -i 's/sites/sites-enabled/' "$R/apache2.conf"
mkdir "$R/sites-available"
mv "$R/sites/a.conf" "$R/sites-available/"
ln -s ../sites-available/a.conf "$R/sites-enabled/a.conf"
site other.example >"$R/sites-enabled/a-le-ssl.conf"
refused 'sites-enabled/a-le-ssl.conf is there already and is no link' \
	'something else in the place of the link'

# -- a person who is asked which virtual host ---------------------------------------

# chosen ANSWER: for a name that no virtual host has
chosen()
{
	{
		printf '{"op":"init","version":1,"config":%s,"interactive":true,"dirs":{"config":"%s","work":"%s","logs":"%s"}}\n' \
			"$config" "$T/c" "$T/w" "$T/w"
		echo '{"op":"prepare"}'
		printf '{"op":"deploy","domain":"%s","cert":"/l/cert.pem","key":"/l/privkey.pem","chain":"/l/chain.pem","fullchain":"/l/fullchain.pem"}\n' \
			"$domain"
		printf '{"answer":%s}\n' "$1"
		echo '{"op":"save","title":"T","temporary":false}'
	} >requests
	run "$plugin" <requests
	said=$out
	rm -rf w
	mkdir w
}

root
site b.example >"$R/sites/b.conf"
rm -rf before
cp -a "$R" before
domain=new.example
for answer in '{"value":9}' '{"value":-1}' '{"value":"b"}' '{"value":null}'; do
	chosen "$answer"
	like "$said" 'could not find a VirtualHost for new.example' \
		"an answer that is no choice: $answer"
done
chosen '{"cancel":true}'
like "$said" 'could not find a VirtualHost for new.example' 'no answer'
ok 'nothing has changed' diff -r --no-dereference before "$R"
site z.example | sed 's/:80/:443/' >"$R/sites/z.conf"
chosen '{"value":1}'
like "$said" 'The selected vhost would conflict with other HTTPS VirtualHosts' \
	'a choice that would be in the way of another'
rm "$R/sites/z.conf"
ok 'nothing has changed' diff -r --no-dereference before "$R"
domain='*.example'
chosen '{"value":[]}'
like "$said" 'could not find a VirtualHost for \*.example' 'of a list nothing'
chosen '{"value":["something else"]}'
like "$said" 'could not find a VirtualHost for \*.example' 'or something else'
ok 'nothing has changed' diff -r --no-dereference before "$R"
domain=new.example
chosen '{"value":1}'
like "$said" 'Successfully deployed certificate for new.example to .*b-le-ssl.conf' \
	'the one that is chosen'
like "$(cat "$R/sites/b-le-ssl.conf")" 'ServerAlias new.example' \
	'gets the name as well'

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
done_testing
