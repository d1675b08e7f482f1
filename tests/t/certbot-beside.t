#!/bin/sh
# The command lines of tests/data/commands.tsv: the same output, errors and exit
# status from Debian's certbot and from ours, apart from the rows of
# tests/data/differences.tsv, each of which must be needed.
. "$(dirname "$0")/../lib.sh"
need openssl jq
. "$ROOT/tests/both.sh"
ca_start
tab=$(printf '\t')

ours_new certonly --standalone -d a.example -d www.a.example
is "$status" 0 'a certificate'
echo 'cert-name = a.example
text = true
noninteractive = yes' >flag.ini
echo 'noninteractive = maybe' >badflag.ini
printf '# c\n= x\n' >line.ini
echo 'domains = [a.org, b.org]' >list.ini
echo 'foo = bar' >unknown.ini
echo 'version = true' >version.ini
echo 'help = true' >help.ini
echo 'cert-nam = none.example' >abbreviation.ini
printf '[section]\n---\n;x\ncert-name: "a.example"\ntext\nuser-agent  a b\n' >separators.ini
printf 'domains = www.a.example ; x\nuser-agent = a;b#c\n' >comment.ini
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key \
	-subj / -addext subjectAltName=DNS:csr.example -out some.csr 2>/dev/null
openssl req -new -key other.key -subj /O=x -out nonames.csr 2>/dev/null
echo garbage >garbage.csr

# $NEW is split at blanks on purpose, by eval.
# shellcheck disable=SC2034
NEW="--server $ACME_SERVER --http-01-port $HTTP01_PORT --agree-tos --register-unsafely-without-email"
# What differs on purpose, of this command line.
program()
{
	differences | awk -F "$tab" -v name="$1" '/^#/ { next }
	$1 == "*" || $1 == name { print $2 }'
}

unneeded=
cp -a c c.before
while IFS=$tab read -r name input args; do
	case $name in '#'*) continue ;; esac
	[ -z "${ONLY-}" ] || [ "$ONLY" = "$name" ] || continue
	[ "$input" != - ] || input=
	program "$name" >program
	! grep -qx -e - program || {
		skip 1 "$name: certbot 4 differs"
		continue
	}
	eval "set -- $args"
	printf '%b' "$input" >in
	for who in theirs ours; do
		program=certbot
		[ $who = ours ] || program=debian
		run "$program" "$@" --config-dir "$T/c" --work-dir "$T/w" \
			--logs-dir "$T/l" <in
		{
			plainly <"$T/out"
			echo "-- standard error"
			plainly <"$T/err"
			echo "-- status $status"
		} >"said.$who"
	done
	sed -E -f program said.theirs >said.want
	[ ! -s program ] || ! cmp -s said.theirs said.want || unneeded="$unneeded $name"
	same said.want said.ours "$name: certbot $args"
done <"$ROOT/tests/data/commands.tsv"
ok 'no command line has changed a lineage' diff -r c.before/archive c/archive

# A row that changes nothing any more would hide a difference.
certbot_at_least 3.0 || is "$unneeded" '' 'each difference is one'
is "$(awk -F "$tab" '!/^#/ && (NF != 3 || $3 == "") { print $1 }' "$ROOT"/tests/data/differences*.tsv)" '' 'and has its reason'
is "$(leftovers)" '' 'no process is left'
done_testing
