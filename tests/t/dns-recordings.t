#!/bin/sh
# The emulators of DNS providers still answer what lego and Debian's certbot
# plugins agreed with (make check-peers records it).
. "$(dirname "$0")/../lib.sh"
need python3 openssl
python3 -B "$ROOT/tests/helpers/dns-emulators/replay.py" "$ROOT/tests/data/dns" || bad=1
tap_plan=done
exit "${bad-0}"
