#!/bin/sh
# Renewal files are read and written as Debian's configobj does it, which is
# certbot's own reader (interpolation off: raw texts are compared).
. "$(dirname "$0")/../lib.sh"

/usr/bin/python3 -c 'import configobj' 2>/dev/null ||
	bail 'python3-configobj is not installed'

way()
{
	ok "$2" /usr/bin/python3 "$ROOT/tests/helpers/ini-configobj.py" \
		"$ACME_BUILD/tests/helpers/ini-tool" "$1"
}

way table 'each form of lines, values and files'
way seeds 'texts made from pieces at random'
way bytes 'bytes that are no UTF-8, and byte order marks'
way write 'values are quoted alike, and can be read back'
way edits 'a rewrite keeps comments, places and unknown keys'
done_testing
