#!/bin/sh
# certbot register: contacts, terms, external account binding, whose key stays
# out of arguments and logs (spec 5.3).
. "$(dirname "$0")/../lib.sh"
need jq
ca_start

certbot_run()
{
	run certbot "$@" --server "$ACME_SERVER" --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l" </dev/null
}

certbot_run register -n -m a@example.com
is "$status" 1 'without agreement'
like "$err" 'Please read the Terms of Service at: ' 'the terms are named'
like "$err" 'You can set this with the --agree-tos flag' 'and the option'
certbot_run register -n --agree-tos
is "$status" 1 'without an address'
like "$err" 'You should register before running non-interactively, or provide --agree-tos and --email <email_address> flags.' "certbot's words"
ca_stop
ca_start eab=1
certbot_run register -n --agree-tos -m a@example.com
is "$status" 1 'without the binding that the CA wants'
like "$err" 'Server requires external account binding. Please use --eab-kid and --eab-hmac-key.' 'the options are named'
certbot_run register -n --agree-tos -m a@example.com,b@example.com \
	--eab-kid "$CA_EAB_KID" --eab-hmac-key "$CA_EAB_HMAC" -vv
is "$status" 0 'with it'
like "$out" '^Account registered.$' 'the account is made'
mode "$(find c/accounts -name private_key.json)" 400 'the key is private'
not_ok 'the MAC key is in no log' grep -rq "$CA_EAB_HMAC" l
like "$(cat l/letsencrypt.log)" 'mailto:b@example.com' 'both addresses were sent'
certbot_run register -n --agree-tos --eab-kid "$CA_EAB_KID" --eab-hmac-key "$CA_EAB_HMAC" -m c@example.com
is "$status" 1 'one account is enough'
is "$(leftovers)" '' 'no process is left'
done_testing
