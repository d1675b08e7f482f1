#!/bin/sh
# make install, uninstall, and an installed tree that is moved.
. "$(dirname "$0")/../lib.sh"
need make

in_source()
{
	make -s -C "$ROOT" BUILD="$ACME_BUILD" "$@"
}

# Installing builds nothing: check has built all.
run in_source -q all
is "$status" 0 'everything is built'
run in_source install DESTDIR="$T/d" PREFIX=/usr
is "$status" 0 'install'
find d ! -type d | sort >installed
ok 'programs are there' grep -q '^d/usr/bin/' installed
for file in "$ACME_BUILD"/bin/*; do
	name=${file##*/}
	ok "$name in bin" test -x "d/usr/bin/$name"
	[ -L "$file" ] || mode "d/usr/bin/$name" 755 "$name: its mode"
done
for file in "$ACME_BUILD"/libexec/acme-tools/*.json; do
	[ -e "$file" ] || continue
	name=${file##*/}
	ok "$name in libexec" test -r "d/usr/libexec/acme-tools/$name"
	ok "its plugin" test -x "d/usr/libexec/acme-tools/${name%.json}"
done
(cd "$ACME_BUILD/libexec" && find . ! -type d | sort) >built
(cd d/usr/libexec && find . ! -type d | sort) >there
same there built 'all of libexec, at the same places'
is "$(ls | grep '^d')" d 'and in no other directory'
if [ -e "$ACME_BUILD/bin/certbot" ]; then
	is "$(readlink d/usr/bin/letsencrypt)" certbot 'letsencrypt is a link'
fi
for page in "$ROOT"/man/*.[1578]; do
	[ -e "$page" ] || continue
	ok "${page##*/}" test -r "d/usr/share/man/man${page##*.}/${page##*/}"
done
not_ok 'nothing outside of DESTDIR' grep -qv '^d/usr/' installed
in_source install DESTDIR="$T/gnu" prefix=/opt/acme
is "$(ls gnu) $(ls gnu/opt/acme/bin | wc -l)" "opt $(ls d/usr/bin | wc -l)" \
	'prefix is PREFIX in small letters'
not_ok 'no path of the source tree in the programs' \
	grep -rqF "$ROOT/lib" d/usr/bin

mv d/usr moved
for file in moved/bin/*; do
	run "$file" --version
	is "$status" 0 "${file##*/} --version, moved"
done
mv moved d/usr

run in_source install DESTDIR="$T/e" PREFIX=/p BINDIR=/b LIBEXECDIR=/l \
	DATADIR=/s MANDIR=/m LIBDIR=/o INCLUDEDIR=/i
is "$status" 0 'install with directories of one'"'"'s own'
is "$(find e ! -type d | sed 's|^e/\([^/]*\)/.*|\1|' | sort -u |
	grep -vE '^[blsmoi]$')" '' 'everything is in them'

echo mine >d/usr/bin/mine
run in_source uninstall DESTDIR="$T/d" PREFIX=/usr
is "$status" 0 'uninstall'
is "$(find d ! -type d)" d/usr/bin/mine 'nothing is left but what is not ours'
done_testing
