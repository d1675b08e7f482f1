#!/bin/sh
# Profiles of the server (spec 9.6): what is required is always sent, what is
# preferred only where the directory lists it; both are saved and used again.
. "$(dirname "$0")/../lib.sh"
need openssl jq
ca_new_start config='.pebble.profiles = {"default": {"description": "d", "validityPeriod": 7776000},
	"short": {"description": "s", "validityPeriod": 518400}}' ||
	skip_all 'no pebble that has profiles'

# cb SUBCOMMAND ARGUMENT...
cb()
{
	run certbot "$@" -n --server "$ACME_SERVER" --http-01-port "$HTTP01_PORT" \
		--config-dir c --work-dir w --logs-dir l </dev/null
}

# days CERTIFICATE: its lifetime.
days()
{
	_from=$(openssl x509 -in "$1" -noout -startdate | cut -d= -f2)
	_to=$(openssl x509 -in "$1" -noout -enddate | cut -d= -f2)
	echo $((($(date -d "$_to" +%s) - $(date -d "$_from" +%s) + 43200) / 86400))
}

cb certonly --standalone -d plain.example --agree-tos --register-unsafely-without-email
is "$status $(grep -c profile c/renewal/plain.example.conf)" '0 0' 'none asked for: the server chooses'
cb certonly --standalone -d short.example --required-profile short
is "$status $(days c/live/short.example/cert.pem)" '0 6' '--required-profile'
ok 'is saved' grep -qx 'required_profile = short' c/renewal/short.example.conf
cb certonly --standalone -d liked.example --preferred-profile short
is "$status $(days c/live/liked.example/cert.pem)" '0 6' '--preferred-profile'
ok 'is saved, too' grep -qx 'preferred_profile = short' c/renewal/liked.example.conf
cb certonly --standalone -d other.example --preferred-profile nonesuch
is "$status" 0 'one that the server does not have is not sent, for it would refuse'
ok 'but saved' grep -qx 'preferred_profile = nonesuch' c/renewal/other.example.conf
cb certonly --standalone -d never.example --required-profile nonesuch
is "$status" 1 'as it does one that is required'
like "$err" 'nonesuch|profile' 'in its own words'
not_ok 'and nothing is saved' test -e c/renewal/never.example.conf

cb renew --no-random-sleep-on-renew --force-renewal --cert-name short.example
is "$status $(days c/live/short.example/cert.pem)" '0 6' 'renewed by the same profile'
is "$(readlink c/live/short.example/cert.pem)" ../../archive/short.example/cert2.pem 'as version 2'
cb renew --no-random-sleep-on-renew --force-renewal --cert-name plain.example --required-profile short
is "$status $(days c/live/plain.example/cert.pem)" '0 6' 'a profile at the renewal'
ok 'is saved' grep -qx 'required_profile = short' c/renewal/plain.example.conf

# Written by hand into a renewal file, or in a configuration file.
set_profile()
{
	sed -i '/_profile = /d; s/^\[renewalparams\]/&\n'"$1/" c/renewal/liked.example.conf
}
set_profile 'required_profile = nonesuch'
cb renew --no-random-sleep-on-renew --force-renewal --cert-name liked.example
like "$status $(grep Failed <err)" '^1 Failed to renew .*invalidProfile :: .*"nonesuch"' 'what a renewal file requires, and the server does not have, is refused'
is "$(readlink c/live/liked.example/cert.pem)" ../../archive/liked.example/cert1.pem 'and nothing is renewed'
set_profile 'preferred_profile = nonesuch'
echo 'required-profile = nonesuch' >required.ini
cb renew --no-random-sleep-on-renew --force-renewal --cert-name liked.example -c required.ini
like "$status $(grep Failed <err)" '^1 Failed to renew .*invalidProfile' 'so is what a configuration file requires'
cb renew --no-random-sleep-on-renew --force-renewal --cert-name liked.example
is "$status $(readlink c/live/liked.example/cert.pem)" '0 ../../archive/liked.example/cert2.pem' \
	'what a renewal file prefers is not'
ok 'and stays in it' grep -qx 'preferred_profile = nonesuch' c/renewal/liked.example.conf
set_profile 'preferred_profile = short\nrequired_profile = None'
cb renew --no-random-sleep-on-renew --force-renewal --cert-name liked.example
is "$status $(days c/live/liked.example/cert.pem)" '0 6' 'it is used where the server has it; None is none'

# The same by the stages, and by what --explain prints.
acme-account register --agree-tos --no-contact --account-dir a |
	acme-order new -d stage.example --required-profile short |
	acme-challenge standalone --http-01-port "$HTTP01_PORT" |
	acme-finalize --new-key ecdsa --key-out stage.key --fullchain-out stage.pem >doc
is "$(days stage.pem)" 6 'acme-order --required-profile'
json doc '.request.requiredProfile == "short" and .renewalparams.required_profile == "short"' 'in the document'
acme-account show --account-dir a |
	acme-order new -d stage.example --preferred-profile nonesuch >doc
json doc '.order.status and .request.preferredProfile == "nonesuch"' 'acme-order --preferred-profile'
cb certonly --standalone -d x.example --preferred-profile short --explain
like "$out" 'acme-order new .*--preferred-profile short' '--explain names it'
is "$(leftovers)" '' 'no process is left'
done_testing
