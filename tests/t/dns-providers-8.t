#!/bin/sh
# More providers, each against an emulator of its API.
. "$(dirname "$0")/../lib.sh"
namespaces "$@"
. "$ROOT/tests/dns-providers.sh"
providers_check exoscale oci cloudns dynu namesilo httpreq exec hurricane acmedns
