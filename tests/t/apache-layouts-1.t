#!/bin/sh
# Other systems, see tests/apache-layouts.sh: the first half.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/apache.sh
. "$ROOT/tests/apache.sh"
# shellcheck source=tests/apache-layouts.sh
. "$ROOT/tests/apache-layouts.sh"

for name in ${ONLY:-alpine arch centos darwin fedora}; do
	layout_run "$name"
done
done_testing
