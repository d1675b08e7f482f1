#!/bin/sh
# One certificate for names at two DNS providers, and its renewal.
. "$(dirname "$0")/../lib.sh"
namespaces "$@"
. "$ROOT/tests/dns-providers.sh"
providers_pair gandi digitalocean
