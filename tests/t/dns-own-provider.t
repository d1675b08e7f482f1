#!/bin/sh
# The example of certbot-dns-provider(7) as a user adds it: two files in a
# directory of one's own, and a link to the engine.
. "$(dirname "$0")/../lib.sh"
namespaces "$@"
. "$ROOT/tests/dns-providers.sh"

# display FILE N: the Nth example of the page
display()
{
	awk -v want="$2" '/^\.Bd -literal/ { n++; on = n == want; next }
		/^\.Ed/ { on = 0 } on' "$ROOT/man/certbot-dns-provider.7" |
		sed 's/\\e/\\/g' >"$1"
}
mkdir -p own/providers
display own/dns-example.json 1
display own/providers/example.jq 2
ln -s "$ACME_BUILD/libexec/acme-tools/dns" own/dns-example
CERTBOT_PLUGIN_PATH=$T/own
PLUGINS=$T/own
export CERTBOT_PLUGIN_PATH PLUGINS
run certbot --help dns-example
printf '%s\n' "$out" | grep -q 'Example credentials INI file' || bail 'help does not have it'
providers_check example
