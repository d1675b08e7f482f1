#!/bin/sh
# More providers, each against an emulator of its API.
. "$(dirname "$0")/../lib.sh"
namespaces "$@"
. "$ROOT/tests/dns-providers.sh"
providers_check gandi godaddy azure duckdns porkbun infomaniak
