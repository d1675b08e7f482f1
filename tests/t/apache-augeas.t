#!/bin/sh
# What the plugin reads in Apache's files beside what augeas does: every file of
# the corpus, before and after, and the package's own. tests/data/apache/augeas.tsv
# has the files that augeas reads otherwise, and why. The same files with lines
# put in and taken out again are byte for byte what they were.
. "$(dirname "$0")/../lib.sh"
need /usr/bin/python3
/usr/bin/python3 -c 'import augeas' 2>/dev/null ||
	bail 'python3-augeas is not installed'

run /usr/bin/python3 "$ROOT/tests/helpers/apache-augeas.py" \
	"$ACME_BUILD/tests/helpers/apache-tree" "$ROOT/tests/data/apache" \
	"$ROOT/tests/data/apache/augeas.tsv" /etc/apache2
is "$status" 0 'the files are read' || diag "$err"
is "$(sed '$d' out)" '' 'as augeas reads them, and come back byte for byte'
ok 'a corpus of many files' [ "$(tail -n 1 out)" -gt 200 ]
done_testing
