#!/bin/sh
# certbot --help: every option of the manual's listing (tests/data/help-all.txt)
# and of Debian's pages is in the same place with the same names, metavar,
# default and text, and lines are broken as argparse breaks them. The rows
# help-* of tests/data/differences.tsv are what differs on purpose.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/both.sh"
tab=$(printf '\t')
COLUMNS=80
export COLUMNS

rows()
{
	/usr/bin/python3 "$ROOT/tests/helpers/help-rows.py" "$@" ||
		bail 'the page has no rows'
}

# beside FILE FILE DESCRIPTION: what Debian's says and what ours says. Certbot 4 has
# other pages, whose lines Python 3.13 lays out otherwise.
beside()
{
	if certbot_at_least 3.0; then
		skip 1 "$3: certbot 4 has other pages"
	else
		same "$@"
	fi
}

# framed FILE: is the page in a frame, as what is no topic gets it?
framed()
{
	sed -n 2p "$1" | grep -q '^- - '
}

# verbs FILE: the subcommands of a page of `-h commands`, each with its text on
# one line.
verbs()
{
	awk '/^[a-z_]+( \(default\))?   / { if (verb != "") print verb; verb = $0; next }
	verb != "" && NF == 0 { print verb; exit }
	verb != "" { verb = verb " " $0 }' "$1"
}

# common FILE: without the lines of subcommands and plugins that one of the two
# does not have.
common()
{
	if [ -s missing ]; then grep -vEf missing "$1"; else cat "$1"; fi
}

for kind in manual debian ours; do
	differences_of help-$kind >$kind.sed
done
run certbot -h commands
cp out ours.commands
debian -h commands >theirs.commands
debian plugins --config-dir c --work-dir w --logs-dir l 2>err </dev/null >theirs.plugins
verbs ours.commands | sed 's/ .*//' >verbs
verbs theirs.commands | sed 's/ .*//' >theirs.verbs
sort verbs theirs.verbs | uniq -u |
	sed 's/.*/^(    )?& +/' >missing
for plugin in apache nginx; do
	if certbot --list-options | grep -q "^group$tab$plugin$tab"; then
		grep -q "^\* $plugin\$" theirs.plugins && continue
	else
		grep -q "^\* $plugin\$" theirs.plugins || continue
	fi
	printf '%s\n' "^  --$plugin +Use the " \
		"^  \(the certbot $plugin plugin is not installed\)" >>missing
done
verbs theirs.commands >want
common want >want.common
verbs ours.commands | grep -v '^reconfigure ' >got
beside want.common got 'the subcommands and what they do'
sed -n '1,/SUBCOMMANDS is/p' theirs.commands >want
sed -n '1,/SUBCOMMANDS is/p' ours.commands >got
beside want got 'in the same frame'

# Groups of subcommands and plugins that are not here.
certbot -h all >ours.all
debian -h all >theirs.all
absent=
for group in $({
	rows "$ROOT/tests/data/help-all.txt"
	rows theirs.all
} | cut -f 1 | sort -u); do
	certbot -h "$group" >page
	[ "$group" = options ] || ! framed page ||
		absent="$absent --without $group"
done
note "not here:$absent"

# $absent is split at blanks on purpose.
# shellcheck disable=SC2086
rows "$ROOT/tests/data/help-all.txt" $absent >manual.rows
sed -E -f manual.sed manual.rows >want
rows ours.all --known "$ROOT/tests/data/help-all.txt" >got
same want got "each option of the manual's listing"
ok 'which has more than a hundred' test "$(grep -c "$tab-" want)" -gt 100
sed '/^optional arguments:/,$d' "$ROOT/tests/data/help-all.txt" |
	grep -vE '^  --(apache|nginx) ' >want
common want >want.common
is "$(grep -vxFf ours.all want.common)" '' "and the overview's lines"

: >theirs.rows
for topic in all security paths automation testing manage auth everything \
	manual null standalone webroot $(cat verbs); do
	[ "$topic" != reconfigure ] || continue
	certbot -h "$topic" >"ours.$topic"
	debian -h "$topic" >"theirs.$topic"
	sed '/^options:$/,$d' "theirs.$topic" >want
	common want >want.common
	sed '/^options:$/,$d' "ours.$topic" >got
	common got >got.common
	beside want.common got.common "--help $topic: the usage of Debian's"
	# shellcheck disable=SC2086
	rows "theirs.$topic" $absent | sed "s/^/$topic$tab/" >want.rows
	cat want.rows >>theirs.rows
	sed -E -f debian.sed want.rows >want
	rows "ours.$topic" --known theirs.all | sed "s/^/$topic$tab/" >got.rows
	cat got.rows >>ours.rows
	sed -E -f ours.sed got.rows >got
	beside want got "--help $topic: each option of Debian's"
done

for topic in paths manage manual null automation delete unregister \
	show_account update_symlinks auth; do
	for COLUMNS in 15 33 51 77 200; do
		certbot --help $topic >got
		debian --help $topic >want
		beside want got "--help $topic in $COLUMNS columns"
	done
done
COLUMNS=80

# What is no topic.
debian --help >want
common want >want.overview
for args in --help 'certonly --help' '-h nonesuch' help 'help foo' \
	'--cert-name x -h' '-h --help=x'; do
	# shellcheck disable=SC2086
	run certbot $args
	is "$status" 0 "certbot $args"
	common out >got
	beside want.overview got 'is the overview'
done
for args in -hv --hel '-n --hel' '--help=x' '--hel=x' 'help all' \
	'-h foo --help paths' '-h -h paths' \
	'paths -h --help' '-h Paths' '-h paths --help all' '--help paths -h all'; do
	# shellcheck disable=SC2086
	run debian $args
	was=$status
	common out >want.out
	cp err want.err
	# shellcheck disable=SC2086
	run certbot $args
	is "$status" "$was" "certbot $args: the status of Debian's"
	beside want.err err 'its error'
	case $args in *'-h all' | 'help all') common ours.all >want.out ;; esac
	common out >got
	beside want.out got 'and its output'
done

# A row that changes nothing any more would hide a difference.
unneeded()
{
	differences_of "$1" >programs
	while IFS= read -r program; do
		sed -E "$program" "$2" >changed
		! cmp -s "$2" changed || printf '%s\n' "$program"
	done <programs
}
debian=$(certbot_at_least 3.0 || unneeded help-debian theirs.rows)
is "$(unneeded help-manual manual.rows)$debian$(unneeded help-ours ours.rows)" '' 'each difference is one'
done_testing
