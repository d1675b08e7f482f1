#!/bin/sh
# The emulators of DNS providers still answer what others' clients agreed with
# (make check-peers records it), and a table says for each provider whose.
. "$(dirname "$0")/../lib.sh"
need python3 openssl
python3 -B "$ROOT/tests/helpers/dns-emulators/replay.py" "$ROOT/tests/data/dns" \
	"$ROOT/tools/plugins/dns/providers" || bad=1
tap_plan=done
exit "${bad-0}"
