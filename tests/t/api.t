#!/bin/sh
# The library for plugins in C: what it promises is there, and nothing else;
# the examples are built outside of the tree from what make install puts down.
. "$(dirname "$0")/../lib.sh"
need cc nm pkg-config
case $ACME_BUILD in
*san*) skip_all 'the library of a sanitizer build needs its flags' ;;
esac

run make -s -C "$ROOT" BUILD="$ACME_BUILD" install DESTDIR="$T/d" PREFIX=/usr
is "$status" 0 'install'
root=$T/d/usr
export PKG_CONFIG_SYSROOT_DIR="$T/d" \
	PKG_CONFIG_PATH="$root/lib/pkgconfig" PATH="$root/bin:$PATH"
cflags=$(pkg-config --cflags certbot-plugin)
libs=$(pkg-config --libs certbot-plugin)
like "$cflags" "-I$T/d/usr/include" 'pkg-config finds the headers'
like "$libs" '-lcertbot-plugin' 'and the library'
is "$(pkg-config --modversion certbot-plugin)" \
	"$(certbot-plugin-check --version | sed 's/.* //')" 'with our version'

# -- names --------------------------------------------------------------------

# declared: the functions of the public headers.
declared()
{
	for header in "$root"/include/certbot/*.h; do
		gcc -E -P -I"$root/include" "$header"
	done | tr '\n' ' ' | grep -oE '\bcertbot_[a-z0-9_]+ ?\(' | tr -d '( ' |
		sort -u
}
nm -g --defined-only "$root/lib/libcertbot-plugin.a" |
	sed -n 's/^[0-9a-f]* [A-Z] //p' | sort >exported
declared >declared
ok 'functions are declared' test "$(wc -l <declared)" -gt 80
is "$(comm -23 exported declared | tr '\n' ' ')" '' \
	'nothing is exported that no header declares'
is "$(comm -13 exported declared | tr '\n' ' ')" '' \
	'everything that a header declares is there'
unlike "$(cat exported)" '^([^c]|certbot__)' 'all names begin with certbot_'

n=0
for header in "$root"/include/certbot/*.h; do
	n=$((n + 1))
	name=certbot/${header##*/}
	printf '#include <%s>\n#include <%s>\n' "$name" "$name" >one.c
	# shellcheck disable=SC2086
	ok "$name stands alone" cc -std=c11 -Wall -Wextra -Wpedantic \
		-Wstrict-prototypes -Werror $cflags -c -o one.o one.c
	unlike "$(cat "$header")" 'jv|EVP_' "$name: no other library shows"
done
ok 'there are headers' test "$n" -gt 5

# -- certbot-api(7) -----------------------------------------------------------

run /usr/bin/python3 "$ROOT/tests/helpers/api-rows.py" "$ROOT" \
	"$root/include" "$T/named.c"
is "$(printf '%s\n' "$out" | grep -v '^[0-9]*$')" '' \
	'each name of the manual has a row, and each counterpart exists'
is "$(printf '%s\n' "$out" | tail -n 1)" \
	"$(grep -c '^certbot\.' "$ROOT/tests/data/api.tsv")" 'all rows were read'
ok 'they are many' test "$(grep -c '^certbot\.' "$ROOT/tests/data/api.tsv")" \
	-gt 300
ok 'functions are named' test "$(grep -c '(fn \*)' named.c)" -gt 60
# Each is declared by the header named for it, and can be linked.
for header in $(sed -n 's/^#include <\(.*\)>/\1/p' named.c); do
	{
		echo "#include <$header>"
		echo 'typedef void fn(void); fn *const functions[] = {'
		grep -F "/* $header */" named.c
		echo '};'
	} >one.c
	# shellcheck disable=SC2086
	ok "$header declares what is named" cc -std=c11 -D_GNU_SOURCE \
		-Werror=implicit-function-declaration $cflags -c -o one.o one.c
done
# shellcheck disable=SC2086
ok 'all functions can be linked' cc -std=c11 -D_GNU_SOURCE -o named named.c \
	$cflags $libs

# -- the examples -------------------------------------------------------------

mkdir plugins
cp "$ROOT"/examples/c/tabled.json "$ROOT"/examples/sh/tabled-sh* plugins/
# shellcheck disable=SC2086
ok 'the example in C is built outside of the tree' cc -std=c11 -D_GNU_SOURCE \
	-Wall -Wextra -Werror -O1 -o plugins/tabled \
	"$ROOT/examples/c/tabled.c" $cflags $libs

# table FILE: two sites.
table()
{
	mkdir -p site.a site.b
	printf '# sites\na.example %s - - -\nb.example %s - - -\n' \
		"$T/site.a" "$T/site.b" >"$1"
}

# example NAME: a plugin of both kinds keeps the promises.
example()
{
	table table
	cp table before
	mkdir -p work
	ok "$1 keeps the promises of certbot-plugin(7)" \
		certbot-plugin-check -d a.example \
		--config "{\"table\":\"$T/table\"}" --dir "$T/work" \
		--performed "test -s '$T/site.a/.well-known/acme-challenge/'\$CERTBOT_TOKEN" \
		--cleaned "! test -e '$T/site.a/.well-known/acme-challenge/'\$CERTBOT_TOKEN" \
		"$T/plugins/$1"
	same table before "$1: the table is as it was"
	rm -rf work
}

# talk NAME REQUEST...: what the plugin answers, after init and prepare.
talk()
{
	_plugin=$1
	shift
	mkdir -p work
	printf '%s\n' "{\"op\":\"init\",\"version\":1,\"config\":{\"table\":\"$T/table\",
		\"reload\":\"echo reload >>$T/reloads\"},\"interactive\":false,
		\"dirs\":{\"config\":\"$T\",\"work\":\"$T/work\",\"logs\":\"$T\"}}" \
		| tr -d '\n\t' >requests
	echo >>requests
	printf '%s\n' '{"op":"prepare"}' "$@" >>requests
	run "plugins/$_plugin" <requests
	printf '%s\n' "$out" | sed -n '3,$p' | grep -v '^{"log"' >replies
}

deploy()
{
	printf '{"op":"deploy","domain":"%s","cert":"%s","key":"%s","chain":"%s","fullchain":"%s"}' \
		"$1" "$2" "$2" "$2" "$2"
}

# installer NAME: deploys, saves, undoes.
installer()
{
	table table
	cp table before
	: >reloads
	: >pem
	talk "$1" '{"op":"names"}' '{"op":"enhancements"}' \
		"$(deploy a.example "$T/pem")" \
		'{"op":"enhance","domain":"a.example","enhancement":"redirect","option":null}' \
		'{"op":"save","title":"One","temporary":false}' \
		'{"op":"config-test"}' '{"op":"restart"}'
	is "$status" 0 "$1 deploys"
	is "$(jq -c '[.ok, .names, .enhancements]' replies | tr '\n' ' ')" \
		'[true,["a.example","b.example"],null] [true,null,["redirect"]] [true,null,null] [true,null,null] [true,null,null] [true,null,null] [true,null,null] ' \
		"$1: names, enhancements, and all went well"
	is "$(grep '^a' table)" "a.example $T/site.a $T/pem $T/pem redirect" \
		"$1: the table is changed"
	is "$(grep -v '^a' table)" "$(grep -v '^a' before)" \
		"$1: one line of it"
	is "$(cat reloads)" reload "$1: the server was told once"
	cp table saved

	talk "$1" '{"op":"enhance","domain":"a.example","enhancement":"redirect","option":null}'
	is "$(jq -r .error.type replies)" already-present \
		"$1: an enhancement that is there"

	talk "$1" "$(deploy b.example "$T/pem")" \
		'{"op":"save","title":null,"temporary":false}' \
		'{"op":"restart"}'
	is "$status" 0 "$1: the host ends without a checkpoint"
	same table saved "$1: what was not finished is undone"
	talk "$1" "$(deploy b.example "$T/missing")" \
		'{"op":"save","title":null,"temporary":false}' \
		'{"op":"config-test"}'
	is "$(jq -r '.error.type | strings' replies)" misconfigured \
		"$1: a table with a missing file is refused"
	talk "$1" "$(deploy c.example "$T/pem")"
	is "$(jq -r .error.type replies)" misconfigured \
		"$1: a name without a site"
	talk "$1" '{"op":"enhance","domain":"a.example","enhancement":"staple-ocsp","option":null}'
	is "$(jq -r .error.type replies)" not-supported \
		"$1: an enhancement that it cannot do"
	same table saved "$1: the table is as saved"
	talk "$1" '{"op":"rollback","checkpoints":1}'
	same table before "$1: and as it was, after a rollback"
	rm -rf work
}

for name in tabled tabled-sh; do
	example $name
	installer $name
done
done_testing
