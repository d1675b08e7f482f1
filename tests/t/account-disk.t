#!/bin/sh
# An account's directory on a disk that is full, or may not be written: an error
# that names the path, nothing left over, and the next run has the one account.
. "$(dirname "$0")/../lib.sh"
need strace jq setpriv

ca_start
faultd_start
chmod 755 "$T"

register()
{
	_dir=$1
	shift
	run "$@" acme-account register --no-contact --agree-tos \
		--account-dir "$_dir"
}

# accounts: how many the CA has made since the reset
accounts()
{
	faultd_get /log | jq -s '[.[] |
		select(.resource == "newAccount" and .status == 201)] | length'
}

# whole DIRECTORY: three files, the key for its owner alone
whole()
{
	[ "$(cd "$1"/*/*/* && ls -A | tr '\n' ' ')" = \
		'meta.json private_key.json regr.json ' ] &&
		[ "$(stat -c %a "$1"/*/*/*/private_key.json)" = 400 ]
}

# -- every call that changes a file says ENOSPC, one after the other -------------

strace -o trace acme-account register --no-contact --agree-tos \
	--account-dir full >/dev/null 2>&1 || bail 'register under strace'
ok 'an account' whole full
awk '{ call = $0; sub(/\(.*/, "", call)
	if (call !~ /^(mkdir|link|linkat|rename|fsync|openat|write)$/) next
	n[call]++
	if (call == "openat" && !/O_CREAT|O_TMPFILE/) next
	if (call == "write" && !/^write\([0-9]+, "\{\\"(n|kty|e|d|crv|creation|body)/) next
	print call, n[call] }' trace >calls
ok 'many calls write' test "$(wc -l <calls)" -gt 12
bad='' failures=0
while read -r call when; do
	rm -rf full
	faultd_post /reset
	register "$T/full" strace -qq -o /dev/null -e trace="$call" \
		-e "inject=$call:error=ENOSPC:when=$when"
	[ -z "$(find full -name '.*.tmp-*' 2>/dev/null)" ] ||
		bad="$bad left:$call:$when"
	if [ "$status" -ne 0 ]; then
		failures=$((failures + 1))
		grep -q "'$T.*No space left" err || bad="$bad text:$call:$when"
		jq -e .error.detail out | grep -q . ||
			bad="$bad document:$call:$when"
		register "$T/full"
	fi
	[ "$status" -eq 0 ] || bad="$bad again:$call:$when"
	whole full || bad="$bad files:$call:$when"
	[ "$(accounts)" = 1 ] || bad="$bad accounts:$call:$when"
done <calls
note "$(wc -l <calls) calls, $failures failures"
ok 'most of them matter' test "$failures" -gt 8
is "$bad" '' 'each: an error with the path, nothing left, the second run has it'

# -- as an ordinary user ----------------------------------------------------------

mkdir closed
faultd_post /reset
register "$T/closed/acc" as_user
is "$status" 77 'a directory that may not be written'
like "$err" "$T/closed/acc.*Permission denied" 'is named'
is "$(ls -A closed)" '' 'nothing is written'
is "$(counter .resources.newAccount)" 0 'nor the CA told'
: >file
chmod 644 file
register "$T/file" as_user
isnt "$status" 0 'a file for a directory'
like "$err" "'$T/file" 'is named'

# -- a link planted where a file goes -----------------------------------------------

register "$T/planted"
regr=$(echo planted/*/*/*/regr.json)
rm "$regr"
ln -s "$T/nothing" "$regr"
register "$T/planted"
is "$status" 0 'a link where a file goes'
ok 'is not followed' test ! -e nothing
ok 'but replaced' test -f "$regr" -a ! -L "$regr"
is "$(leftovers)" '' 'no process is left'
done_testing
