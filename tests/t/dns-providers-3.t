#!/bin/sh
# The manual's providers, each against an emulator of its API.
. "$(dirname "$0")/../lib.sh"
namespaces "$@"
. "$ROOT/tests/dns-providers.sh"
providers_check ovh route53 sakuracloud namecheap
