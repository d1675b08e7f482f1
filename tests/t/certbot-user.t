#!/bin/sh
# An ordinary user: with directories of one's own everything works, without them
# the error says which options to give.
. "$(dirname "$0")/../lib.sh"
need openssl jq curl
. "$ROOT/tests/both.sh"
ca_start
mkdir own
[ "$(id -u)" -ne 0 ] || chown 65534:65534 own
chmod -R a+rX ca

user()
{
	run as_user certbot "$@" -n --server "$ACME_SERVER" --http-01-port "$HTTP01_PORT" \
		--agree-tos --register-unsafely-without-email </dev/null
}
owned()
{
	user "$@" --config-dir own/c --work-dir own/w --logs-dir own/l
}

for verb in 'certonly --standalone -d a.example' renew certificates register 'delete --cert-name a.example'; do
	# shellcheck disable=SC2086 # several arguments
	user $verb
	is "$status" 1 "$verb: without directories of one's own"
	like "$err" '^Either run as root, or set --config-dir, --work-dir, and --logs-dir to writeable paths.$' \
		'the error names the options'
done

owned certonly --standalone -d a.example -d www.a.example --deploy-hook 'echo deployed as $(id -u)'
is "$status" 0 'certonly'
like "$out" "^ deployed as $([ "$(id -u)" -eq 0 ] && echo 65534 || id -u)\$" 'with its hook'
mode own/c/archive/a.example/privkey1.pem 600 'the key is private'
owned renew --force-renewal --no-random-sleep-on-renew
is "$status" 0 'renew'
is "$(readlink own/c/live/a.example/cert.pem)" ../../archive/a.example/cert2.pem 'renews'
owned renew --dry-run --no-random-sleep-on-renew
is "$status" 0 'renew --dry-run'
owned reconfigure --cert-name a.example --post-hook true
is "$status" 0 'reconfigure'
owned certificates
is "$status" 0 'certificates'
like "$out" '^  Certificate Name: a.example$' 'lists it'
owned show_account
is "$status" 0 'show_account'
chmod 0 own/c/accounts
owned show_account
chmod 700 own/c/accounts
like "$status $err" "^cannot look for accounts in '.*': Permission denied\$" 'accounts that may not be read are not missing'
owned revoke --cert-name a.example --no-delete-after-revoke
is "$status" 0 'revoke'
owned delete --cert-name a.example
is "$status" 0 'delete'
owned plugins
is "$status" 0 'plugins'
is "$(find own ! -uid "$(stat -c %u own)")" '' 'every file is the user'"'"'s'
is "$(leftovers)" '' 'no process is left'
done_testing
