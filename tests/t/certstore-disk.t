#!/bin/sh
# certstore save on a disk that is full, or may not be written: an error that
# names a path, the old lineage as it was, nothing left over.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/store.sh"
need strace

# What is there, without the lock.
picture()
{
	(cd "$1" && find . ! -name .certbot.lock ! -type d -printf '%p %m %l\n' |
		sort && find . -type f ! -name .certbot.lock -exec cksum {} + |
		sort)
}

# fail_everywhere DOCUMENT: each call that changes a file says ENOSPC, one after
# the other, from $T/base. Sets $tried, $failed and $bad.
fail_everywhere()
{
	tried=0 failed=0 bad=''
	restore "$T/base"
	strace -f -o "$T/trace" certstore save --config-dir "$T/le" <"$1" \
		>/dev/null 2>&1 || bail 'save under strace'
	awk '{ sub(/^[0-9]+ +/, ""); call = $0; sub(/\(.*/, "", call)
		if (call !~ /^[a-z0-9_]+$/) next
		n[call]++
		if (on && (call ~ /^(rename|link|symlink|mkdir|fsync|fchmod)/ ||
			(call == "write" && !/^write\([12],/) || /O_CREAT/))
			print call, n[call]
		if (/certbot.lock.*O_CREAT|O_CREAT.*certbot.lock/) on = 1 }' \
		"$T/trace" >"$T/calls"
	while read -r call n; do
		restore "$T/base"
		strace -f -qq -o /dev/null -e trace="$call" \
			-e "inject=$call:error=ENOSPC:when=$n" \
			certstore save --config-dir "$T/le" <"$1" \
			>"$T/out" 2>"$T/err"
		status=$?
		tried=$((tried + 1))
		[ -z "$(cd "$T/le" && find . -name '.?*'; cd "$T/le" &&
			find . -name 'previous*')" ] || bad="$bad left:$call:$n"
		[ $status -ne 0 ] || continue
		failed=$((failed + 1))
		grep -q "$T/le/" "$T/err" || bad="$bad text:$call:$n"
		picture "$T/le" >"$T/now"
		cmp -s "$T/now" "$T/before" || bad="$bad changed:$call:$n"
	done <"$T/calls"
	note "$tried calls, $failed failures"
}

chain "$T/one" a.example
chain "$T/two" a.example
chain "$T/other" o.example
certstore save --config-dir "$T/le" <"$T/other/doc.json" >/dev/null 2>&1 ||
	bail save
cp -a "$T/le" "$T/base"
picture "$T/base" >"$T/before"
fail_everywhere "$T/one/doc.json"
ok 'a new lineage fails everywhere' test "$failed" -gt 30
is "$bad" '' 'and leaves nothing'

rm -rf "$T/base" "$T/le"
for d in one other; do
	certstore save --config-dir "$T/le" <"$T/$d/doc.json" >/dev/null 2>&1 ||
		bail save
done
cp -a "$T/le" "$T/base"
picture "$T/base" >"$T/before"
fail_everywhere "$T/two/doc.json"
ok 'a renewal fails everywhere' test "$failed" -gt 30
is "$bad" '' 'and leaves the old version as it was'

# -- as an ordinary user --------------------------------------------------------------

restore "$T/base"
chmod -R a+rX "$T/le" "$T/two"
chmod 644 "$T/two/privkey.pem"
run as_user certstore save --config-dir "$T/le" <"$T/two/doc.json"
is "$status" 77 'a directory that may not be written'
like "$err" "$T/le" 'is named'
mkdir "$T/ours"
chmod 555 "$T/ours"
run as_user certstore save --config-dir "$T/ours/le" <"$T/two/doc.json"
is "$status" 77 'nor may one be made'
like "$err" "cannot make.* '$T/ours/le'" 'and that is said'
chown 65534 "$T/ours"
chmod 755 "$T/ours"
run as_user certstore save --config-dir "$T/ours/le" <"$T/two/doc.json"
is "$status" 0 'in a directory of their own users save'

# -- links planted where files will be ---------------------------------------------------

restore "$T/base"
echo precious >"$T/victim"
for f in archive/a.example/privkey2.pem archive/a.example/cert3.pem \
	renewal/.a.example.conf.new live/a.example/.cert.pem; do
	ln -s "$T/victim" "$T/le/$f"
done
ln -s "$T/victim" "$T/le/.certbot.lock"
run certstore save --config-dir "$T/le" <"$T/two/doc.json"
isnt "$status" 0 'a link where the lock goes'
like "$err" "$T/le/.certbot.lock" 'is named'
is "$(cat "$T/victim")" precious 'and not followed'
rm "$T/le/.certbot.lock"
run certstore save --config-dir "$T/le" <"$T/two/doc.json"
is "$status" 0 'links in the way'
is "$(cat "$T/victim")" precious 'are not followed'
is "$(readlink "$T/le/live/a.example/cert.pem")" \
	../../archive/a.example/cert4.pem 'but evaded'
rm -rf "$T/le/live" && ln -s "$T/victim" "$T/le/live"
run certstore save --config-dir "$T/le" --cert-name b <"$T/two/doc.json"
isnt "$status" 0 'a file for a directory'
like "$err" "'$T/le/live'" 'is said'

done_testing
