#!/bin/sh
# certstore save is killed at every system call. After the next command that
# takes the lock, ours or Debian's certbot, the lineage is the old or the new
# one, whole; a new one is whole or not listed, and nothing is left of it.
. "$(dirname "$0")/../lib.sh"
. "$ROOT/tests/store.sh"
need strace /usr/bin/python3 /usr/bin/certbot

# A directory's entries, links and contents; names of temporary files cut.
state_of()
{
	(cd "$1" && find . -mindepth 1 ! -name .certbot.lock \
		-printf '%y %m %n %p %l\n' | sed 's/tmp-[a-z0-9]*/tmp/' | sort
	find . -type f ! -name .certbot.lock -size +0 -exec cksum {} + |
		sed 's/tmp-[a-z0-9]*/tmp/' | sort) | cksum | tr -d ' '
}

# kill_everywhere DOCUMENT: from $T/base; each different state that is left
# comes to $T/states/N.
kill_everywhere()
{
	rm -rf "$T/states"
	mkdir "$T/states"
	restore "$T/base"
	strace -f -o "$T/trace" certstore save --config-dir "$T/le" <"$1" \
		>/dev/null 2>&1 || bail 'save under strace'
	# Name and number of each call from the lock on that changes a file:
	# before and after the others the same is on disk.
	awk '{ sub(/^[0-9]+ +/, ""); call = $0; sub(/\(.*/, "", call)
		if (call !~ /^[a-z0-9_]+$/) next
		n[call]++
		if (/certbot.lock/) on = 1
		if (on && (call ~ /^(write|pwrite64|ftruncate|f?sync)$/ ||
			call ~ /^(rename|link|symlink|unlink|mkdir|rmdir)/ ||
			call ~ /^(f?chmod|l?f?chown|close|exit_group)/ ||
			/O_CREAT/)) print call, n[call] }' \
		"$T/trace" >"$T/calls"
	killed=0
	while read -r call n; do
		restore "$T/base"
		strace -f -qq -o /dev/null -e trace="$call" \
			-e "inject=$call:signal=KILL:when=$n" \
			certstore save --config-dir "$T/le" <"$1" >/dev/null \
			2>&1
		[ $? -eq 137 ] || continue
		killed=$((killed + 1))
		state=$(state_of "$T/le")
		[ -d "$T/states/$state" ] || cp -a "$T/le" "$T/states/$state"
	done <"$T/calls"
	states=$(ls "$T/states" | wc -l)
	calls=$(wc -l <"$T/calls")
	note "$calls calls, $killed kills, $states states"
}

# Debian's certbot on each state: loaded once, a process for each.
cat >"$T/debian.py" <<'END'
import os, shutil, sys
from certbot._internal import main
t = sys.argv[1]
for state in sorted(os.listdir(t + '/states')):
    shutil.rmtree(t + '/le')
    shutil.copytree(t + '/states/' + state, t + '/le', symlinks=True)
    pid = os.fork()
    if pid == 0:
        fd = os.open(t + '/certbot.out', os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
        main.main(['certificates', '-n', '--config-dir', t + '/le',
                   '--work-dir', t + '/w', '--logs-dir', t + '/l'])
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(pid, 0)
    shutil.rmtree(t + '/after/' + state, ignore_errors=True)
    shutil.copytree(t + '/le', t + '/after/' + state, symlinks=True)
    shutil.copy(t + '/certbot.out', t + '/after/' + state + '.out')
END

debian()
{
	mkdir -p "$T/after"
	rm -rf "$T/after"/*
	/usr/bin/python3 "$T/debian.py" "$T" || bail 'certbot'
}

# whole DIR NAME VERSIONS: all links of one version, which is one of these,
# and its files belong together.
whole()
{
	_live=$1/live/$2
	_v=$(readlink "$_live/cert.pem" | tr -dc 0-9/ | sed 's,.*/,,')
	case " $3 " in
	*" $_v "*) ;;
	*) return 1 ;;
	esac
	for _k in cert privkey chain fullchain; do
		[ "$(path_end "$_live/$_k.pem")" = "$2/$_k$_v.pem" ] || return 1
		[ ! -e "$_live/previous_$_k.pem" ] || return 1
	done
	cat "$_live/cert.pem" "$_live/chain.pem" |
		cmp -s - "$_live/fullchain.pem" || return 1
	[ "$(openssl x509 -in "$_live/cert.pem" -noout -pubkey)" = \
		"$(openssl pkey -in "$_live/privkey.pem" -pubout)" ]
}

path_end()
{
	readlink "$1" | sed 's,.*archive/,,'
}

hidden()
{
	(cd "$1" && find . -name '.?*' ! -name .certbot.lock; find . -name 'previous*')
}

# -- a renewed lineage -------------------------------------------------------------

chain "$T/one" a.example
chain "$T/two" a.example
chain "$T/other" o.example
for d in one other; do
	certstore save --config-dir "$T/le" <"$T/$d/doc.json" >/dev/null 2>&1 ||
		bail 'save'
done
mv "$T/le" "$T/base"
sed -i "s,$T/base,$T/le,g" "$T/base"/renewal/*.conf

kill_everywhere "$T/two/doc.json"
ok 'a renewal was killed at every call' test "$killed" -gt 80 -a \
	"$killed" -ge $((calls - 5))
ok 'at many different places' test "$states" -gt 20
bad='' seen=''
for s in "$T/states"/*; do
	restore "$s"
	certstore match --config-dir "$T/le" -d none.example >/dev/null 2>&1 &&
		whole "$T/le" a.example '1 2' &&
		whole "$T/le" o.example 1 &&
		certstore verify --config-dir "$T/le" >/dev/null 2>&1 &&
		[ -z "$(hidden "$T/le")" ] || bad="$bad ${s##*/}"
	seen="$seen $(path_end "$T/le/live/a.example/cert.pem")"
	certstore save --config-dir "$T/le" <"$T/two/doc.json" \
		>"$T/again.json" 2>/dev/null &&
		whole "$T/le" a.example '2 3' &&
		cmp -s "$T/le/live/a.example/cert.pem" "$T/two/cert.pem" &&
		[ -z "$(hidden "$T/le")" ] || bad="$bad again:${s##*/}"
done
is "$bad" '' 'ours finds the old or the new version, and saves it again'
like "$seen" 'cert1.pem .*cert2.pem' 'both were seen'

debian
bad=
for s in "$T/states"/*; do
	s=${s##*/}
	whole "$T/after/$s" a.example '1 2' &&
		[ "$(grep -c 'VALID: ' "$T/after/$s.out")" = 2 ] &&
		! grep -q invalid "$T/after/$s.out" || bad="$bad $s"
done
is "$bad" '' "Debian's certbot finds the old or the new version"

# -- a new lineage ------------------------------------------------------------------

rm -rf "$T/base"
mv "$T/after" "$T/old"
rm -rf "$T/le"
certstore save --config-dir "$T/le" <"$T/other/doc.json" >/dev/null 2>&1 ||
	bail 'save'
cp -a "$T/le" "$T/base"

kill_everywhere "$T/one/doc.json"
ok 'a new lineage was killed at every call' test "$killed" -gt 80 -a \
	"$killed" -ge $((calls - 5))
ok 'at many different places' test "$states" -gt 20
bad='' made=0 unmade=0
for s in "$T/states"/*; do
	restore "$s"
	certstore match --config-dir "$T/le" -d none.example >/dev/null 2>&1
	if [ -e "$T/le/renewal/a.example.conf" ]; then
		made=$((made + 1))
		whole "$T/le" a.example 1 || bad="$bad ${s##*/}"
	else
		unmade=$((unmade + 1))
		[ -z "$(find "$T/le" -name '*a.example*')" ] ||
			bad="$bad left:${s##*/}"
	fi
	whole "$T/le" o.example 1 && [ -z "$(hidden "$T/le")" ] &&
		certstore verify --config-dir "$T/le" >/dev/null 2>&1 ||
		bad="$bad verify:${s##*/}"
	certstore save --config-dir "$T/le" <"$T/one/doc.json" >/dev/null 2>&1 &&
		whole "$T/le" a.example 1 || bad="$bad again:${s##*/}"
	[ "$(ls "$T/le/renewal" | wc -l)" = 2 ] || bad="$bad count:${s##*/}"
done
is "$bad" '' 'a new lineage is whole or nothing, and can be saved again'
ok 'both were seen' test "$made" -gt 0 -a "$unmade" -gt 10

debian
bad=
for s in "$T/states"/*; do
	s=${s##*/}
	! grep -q invalid "$T/after/$s.out" || bad="$bad $s"
	[ "$(grep -c 'VALID: ' "$T/after/$s.out")" = \
		"$(ls "$T/after/$s/renewal" | grep -c 'conf$')" ] ||
		bad="$bad $s"
done
is "$bad" '' "Debian's certbot lists it whole or not at all"

# -- Debian's certbot in between: what it leaves is cleared, too ------------------------

state=
for s in "$T/states"/*; do
	[ -e "$s/renewal/.a.example.new" ] && [ -d "$s/live/a.example" ] &&
		[ ! -e "$s/live/.a.example.new" ] && state=$s
done
isnt "$state" '' 'a state before the last rename'
restore "$state"
: >"$T/le/renewal/a.example.conf"
certstore match --config-dir "$T/le" -d none.example >/dev/null 2>&1
is "$(find "$T/le" -name '*a.example*')" '' \
	'an empty renewal file, as certbot leaves it, goes as well'

# -- ended by a signal: what has begun is done -------------------------------------------------

for at in linkat:1 rename:1 rename:3; do
	restore "$T/base"
	strace -qq -o /dev/null -e "inject=${at%:*}:signal=TERM:when=${at#*:}" \
		certstore save --config-dir "$T/le" <"$T/one/doc.json" >"$T/signalled.json" 2>/dev/null
	is $? 143 "TERM while it saves, at $at"
	json "$T/signalled.json" '.error == null and .lineage.version == 1' 'it says that it has saved'
	ok 'which is so' whole "$T/le" a.example 1
done

# -- a deletion ---------------------------------------------------------------------------

for at in unlinkat:1 unlink:1 unlink:3; do
	restore "$T/base"
	certstore save --config-dir "$T/le" <"$T/one/doc.json" >/dev/null 2>&1 || bail 'save'
	strace -qq -o /dev/null -e "inject=${at%:*}:signal=KILL:when=${at#*:}" \
		certstore delete --config-dir "$T/le" a.example >/dev/null 2>&1
	is $? 137 "killed while it deletes, at $at"
	certstore save --config-dir "$T/le" <"$T/two/doc.json" >/dev/null
	is $? 0 'the name is free again'
	ok 'for a lineage that is whole' whole "$T/le" a.example 1
	is "$(hidden "$T/le")" '' 'nothing is left of the old one'
done

done_testing
