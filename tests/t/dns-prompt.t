#!/bin/sh
# A person is asked for the credentials file of a DNS plugin, beside Debian's.
. "$(dirname "$0")/../lib.sh"
if [ -z "${ACME_TEST_NS-}" ]; then
	PEERS=$("$ROOT/tests/peer-debs" digitalocean 2>&1) || skip_all "$PEERS"
	export PEERS
fi
namespaces "$@"
. "$ROOT/tests/dns-providers.sh"
differences_of dns-prompt >wanted.sed
providers_run prompt.py '' digitalocean
