#!/bin/sh
# Other systems, see tests/apache-layouts.sh: the second half, and their
# relatives by os-release.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
# shellcheck source=tests/apache-layouts.sh
. "$ROOT/tests/apache-layouts.sh"

for name in ${ONLY:-gentoo rocky sles suse void}; do
	layout_run "$name"
done

# Relatives: what they are like, the last word first.
options()
{
	{ certbot --help apache | tr -s ' \n' '  '; echo; } >help
	for _option in server-root vhost-root challenge-location ctl bin enmod \
		handle-modules; do
		sed -n "s/.*--apache-$_option [^-]*(default: \([^)]*\)).*/\1/p" \
			help
	done | paste -sd' '
}
while IFS='|' read -r lines want; do
	printf '%b\n' "$lines" >/etc/os-release
	is "$(options)" "$want" "$lines"
done <<'EOT'
ID=ubuntu\nID_LIKE=debian\nVERSION_ID="20.04"|/etc/apache2 None /etc/apache2 apache2ctl None a2enmod True
ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"|/etc/apache2 None /etc/apache2 apache2ctl None a2enmod True
ID=pop\nID_LIKE="ubuntu debian"|/etc/apache2 None /etc/apache2 apache2ctl None a2enmod True
ID=elementary\nID_LIKE=ubuntu|/etc/apache2 None /etc/apache2 apache2ctl None a2enmod True
ID=linuxmint\nID_LIKE="ubuntu debian"|/etc/apache2 None /etc/apache2 apache2ctl None a2enmod True
ID=raspbian\nID_LIKE=debian|/etc/apache2 None /etc/apache2 apache2ctl None a2enmod True
ID="almalinux"\nID_LIKE="rhel centos fedora"|/etc/httpd None /etc/httpd/conf.d apachectl httpd None False
ID="amzn"\nID_LIKE="centos rhel fedora"|/etc/httpd None /etc/httpd/conf.d apachectl httpd None False
ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"|/etc/apache2 None /etc/apache2/vhosts.d apachectl None a2enmod False
ID="sled"\nID_LIKE="suse"|/etc/apache2 None /etc/apache2/vhosts.d apachectl None a2enmod False
ID=manjaro\nID_LIKE=arch|/etc/httpd None /etc/httpd/conf apachectl None None False
ID=slackware|/etc/apache2 None /etc/apache2 apache2ctl None None False
EOT
done_testing
