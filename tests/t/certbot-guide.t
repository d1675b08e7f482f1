#!/bin/sh
# Every command line of the manual's user guide runs and does what the guide says
# (tests/data/guide.tsv), in namespaces where the names of the CA and of everybody
# else are here. The manual itself ($MANUAL, or what lies in ../shared), if it is at
# hand, is searched for lines that the table does not have. ONLY=TEXT runs those
# with TEXT.
. "$(dirname "$0")/../lib.sh"
[ "$(id -u)" -eq 0 ] || skip_all 'only root can start the web servers'
namespaces "$@"
need nginx apache2 apache2ctl curl ip openssl jq pgrep
# shellcheck source=tests/guide.sh
. "$ROOT/tests/guide.sh"
tab=$(printf '\t')
table=$ROOT/tests/data/guide.tsv
manual=${MANUAL-$(grep -ls '^certbot - Certbot Documentation$' \
	"$ROOT"/../shared/*.txt | head -n 1)}

# Lines that are commands.
guide_lines()
{
	grep -E '^(sudo |SLEEPTIME=|certbot( |$))' guide | grep -vE '[a-z]\. [A-Z]'
}

# Commands within the text: as far as a subcommand and options without values go.
guide_mentions()
{
	grep -oE '\bcertbot( (run|certonly|renew|certificates|delete|revoke|rollback)\b| --?[a-z][a-z-]*)*( [a-z]+\.ini [a-z]+)?' \
		guide
	grep -oE '\bchmod [0-7]+ /[^ ]*[^ .]' guide
}

# not_found WHOLE FILE: lines of FILE that are no command of the table, or with
# WHOLE=0 do not begin one. A row may have several commands, parted by "; ".
not_found()
{
	awk -v whole="$1" '
	NR == FNR { n++; rows[n] = $0; m = split($0, part, "; ")
		for (i = 1; i <= m; i++) has[part[i]] = 1
		has[$0] = 1; next }
	$0 in has { next }
	{ found = 0
	for (i = 1; i <= n && !whole && !found; i++) {
		at = index(rows[i], $0)
		found = at && substr(rows[i], at + length($0)) !~ /^[a-z0-9-]/ }
	if (!found) print }' lines "$2"
}

if [ -n "$manual" ]; then
	awk -F '\t' '!/^#/ { print $3 }' "$table" >lines
	sed -n '/^The certbot script on your web server/,/^usage:/p' "$manual" \
		>guide
	guide_lines | sort -u >printed
	guide_mentions | sort -u >mentioned
	ok 'the manual has command lines' test "$(wc -l <printed)" -gt 35
	is "$(not_found 1 printed)" '' 'the table has them all'
	is "$(not_found 0 mentioned)" '' 'and those within the text'
else
	note 'the manual is not at hand'
fi

guide_begin
while IFS=$tab read -r section setting line check; do
	case $section in '#'*) continue ;; esac
	[ -z "${ONLY-}" ] || case $line in *"$ONLY"*) ;; *) continue ;; esac
	guide_fresh
	eval "$setting" || diag "the setting of: $line"
	guide_run "$line"
	done=$status
	if [ "$done" = "$want_status" ] && eval "$check"; then
		pass "$section: $line"
	else
		fail "$section: $line"
		diag "status $done; not true: $check"
		diag "$(head -c 2500 out err)"
	fi
	guide_end
done <"$table"
is "$(leftovers)" '' 'no process is left'
done_testing
