#!/bin/sh
# A person before certbot run, install, enhance and rollback: which plugin,
# which names, which certificate; and what cancelling does.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/sites.sh"
need jq python3 openssl
ca_start PEBBLE_VA_NOSLEEP=1 PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_WFE_NONCEREJECT=0

# person STEP... -- ARGUMENT...: certbot on a terminal.
person()
{
	_n=$#
	while [ "$1" != -- ]; do
		set -- "$@" "$1"
		shift
		_n=$((_n - 1))
	done
	shift
	_n=$((_n - 1))
	# now: ARGUMENT... STEP...
	_args=
	while [ $_n -gt 0 ]; do
		_args="$_args $1"
		shift
		_n=$((_n - 1))
	done
	# shellcheck disable=SC2086
	run /usr/bin/python3 "$ROOT/tests/helpers/on-terminal.py" -c 200 "$@" -- \
		certbot $_args --server "$ACME_SERVER" --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l" --sites-root "$T/s" \
		--agree-tos --register-unsafely-without-email
}
# Two of the tests' installers and no other plugin.
cp plugins/sites plugins/more
jq --arg root "$T/s" '.name = "more" | .summary = "More of it" |
	.options[0].default = $root' plugins/sites.json >plugins/more.json
sites_new b.other.org a.example www.a.example 10.0.0.1

person -w 'Which names would you like to activate HTTPS for?' \
	-w 'We recommend selecting either all domains' -w '1: a.example' \
	-w '2: www.a.example' -w '3: b.other.org' -w 'cancel): ' -s '1 2\n' -- \
	--configurator sites
is "$status" 0 'the names of the server are offered'
like "$out" 'You have successfully enabled HTTPS on https://a.example and https://www.a.example' \
	'those chosen are installed'
unlike "$out" '10.0.0.1' 'one that no certificate can have is not offered'
unlike "$(site b.other.org)" '^cert' 'the other is left alone'
person -w 'cancel): ' -s 'c\n' -- --configurator sites
is "$status" 1 'cancelled'
like "$out" 'Please specify --domains, --ip-address, or --installer that will help in domain names autodiscovery' \
	'ends with what to do'
rm s/*.site
person -w 'Please enter the domain name(s)' -s 'c\n' -- --configurator sites
is "$status" 1 'a server without names: they are asked for'

# -- plugins -----------------------------------------------------------------------------

sites_new a.example www.a.example
person -w 'How would you like to authenticate and install certificates?' \
	-w 'More of it (more)' -w 'A directory of sites (sites)' -w 'cancel): ' \
	-s 'c\n' -- run -d a.example
is "$status" 1 'the plugin is asked for, and not chosen'
like "$out" "Certbot doesn't know how to automatically configure the web server on this system" \
	'is none'
unlike "$out" 'Ask for help' 'a plain message'
person -w 'Which installer should be used for rollback?' -w 'cancel): ' \
	-s 'c\n' -- rollback
is "$status" 0 'nothing is rolled back without an installer'

# -- install, enhance ----------------------------------------------------------------------

rm plugins/more*
person -w 'Which certificate would you like to install?' -w '1: a.example' \
	-w 'confirm the selection' -s '1\n' -- install -i sites
is "$status" 0 'the certificate is asked for'
like "$(site www.a.example)" "^cert $T/c/live/a.example" 'and installed'
person -w 'Which certificate would you like to install?' -s 'c\n' -- \
	install -i sites
like "$out" 'User ended interaction.' 'or not'
person -w 'Which certificate would you like to use to enhance your configuration?' \
	-s '1\n' \
	-w 'Which domain names would you like to enable the selected enhancements for?' \
	-w '2: www.a.example' -w 'cancel): ' -s '2\n' -- enhance -i sites --hsts
is "$status" 0 'enhance asks for certificate and names'
like "$(site www.a.example)" '^header-Strict' 'one is enhanced'
unlike "$(site a.example)" '^header' 'and not the other'
person -w 'enhancements for?' -s 'c\n' -- enhance -i sites --hsts \
	--cert-name a.example
like "$out" 'User cancelled the domain selection. No domains defined, exiting.' \
	'no names, no enhancement'
is "$(leftovers)" '' 'no process is left'
done_testing
