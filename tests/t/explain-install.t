#!/bin/sh
# certbot run --explain, and certonly and renew with an installer: the script
# does to the server what certbot does.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/sites.sh"
need openssl jq python3
ca_start PEBBLE_VA_NOSLEEP=1 PEBBLE_VA_ALWAYS_VALID=1 PEBBLE_WFE_NONCEREJECT=0

common()
{
	run certbot "$@" -n --agree-tos --register-unsafely-without-email \
		--server "$ACME_SERVER" --config-dir "$T/c" \
		--work-dir "$T/w" --logs-dir "$T/l" --sites-root "$T/s" \
		--no-random-sleep-on-renew </dev/null
}
common register
# both DESCRIPTION ARGUMENT...: what was asked of the plugin after the save by
# sh, and by certbot, is the same, and so is what the server runs.
both()
{
	_what=$1
	shift
	for _by in sh certbot; do
		rm -rf w c s
		cp -a base c
		sites_new a.example
		if [ $_by = sh ]; then
			common "$@" --explain
			is "$status" 0 "$_what: explained"
			cp out explained
			run sh explained </dev/null
		else
			common "$@"
		fi
		is "$status" 0 "$_what: by $_by"
		calls | tr ';' '\n' |
			grep -E '^(deploy|save|enhance|config|restart|renew|generic|auto)' >calls.$_by
		cp s/live live.$_by
		sed '/^version/d' c/renewal/a.example.conf | sort >conf.$_by
	done
	same calls.sh calls.certbot 'the same is asked of the installer'
	same live.sh live.certbot 'the server runs the same'
	same conf.sh conf.certbot 'and the same is saved'
}
cp -a c base
both 'run' run --configurator sites -d a.example --hsts
isnt "$(cat calls.sh)" '' 'there is something to do'
both 'certonly' certonly --configurator sites -d a.example
cp -a c base.1 && rm -rf base && mv base.1 base
both 'run, a certificate that is kept' run --configurator sites -d a.example \
	--keep-until-expiring
like "$(cat calls.certbot)" 'deploy a.example' 'is installed'
both 'renew' renew --force-renewal --cert-name a.example
like "$(cat calls.certbot)" 'renew-deploy' 'reloads'
both 'renew of nothing' renew --cert-name a.example
unlike "$(cat calls.certbot)" 'restart' 'does not'
common run --standalone -d a.example --explain
is "$status" 1 'run needs an installer'
like "$err" 'which plugin shall install' 'and says so'
done_testing
