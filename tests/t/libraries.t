#!/bin/sh
# Each program names only the shared libraries that it uses: libcurl is in
# acme-net alone, libssl in none of ours.
. "$(dirname "$0")/../lib.sh"
need readelf

programs=$(find "$ACME_BUILD/bin" "$ACME_BUILD/libexec" -type f -perm -u+x \
	2>/dev/null | sort)
[ -n "$programs" ] || bail 'no programs are built'

# libraries FILE: short names; nothing for a script.
libraries()
{
	readelf -d "$1" 2>/dev/null |
		sed -n 's/.*(NEEDED).*\[\(lib[^.]*\)\.so.*/\1/p'
}

for file in $programs; do
	name=${file##*/}
	needed=$(libraries "$file" | tr '\n' ' ')
	[ -n "$needed" ] || continue
	note "$name: $needed"
	curl=no
	case $needed in
	*libcurl*) curl=yes ;;
	esac
	want=no
	[ "$name" != acme-net ] || want=yes
	is "$curl" "$want" "$name: libcurl"
	unlike "$needed" 'libssl' "$name: no libssl"
	microhttpd=no
	case $needed in
	*libmicrohttpd*) microhttpd=yes ;;
	esac
	[ "$microhttpd" = no ] ||
		is "$name" standalone 'libmicrohttpd is for standalone'
	[ "$name" != acme-net ] ||
		unlike "$needed" 'libcrypto' 'acme-net: no libcrypto of ours'

	# Nothing is recorded that is not called.
	case $ACME_BUILD in
	*san*) ;;
	*)
		is "$(ldd -u -r "$file" 2>/dev/null | sed -n \
			's/^[[:space:]]*\/.*\(lib[a-z0-9]*\)[.-].*/\1/p' |
			grep -v 'libm$' | tr '\n' ' ')" '' \
			"$name: no library without use"
		;;
	esac
	like "$(readelf -hd "$file")" 'Flags: .*(NOW|PIE)' "$name: hardened"
done
ok 'there are programs' test "$tap_n" -gt 3
done_testing
