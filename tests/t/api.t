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
	talk "$1" "$(deploy b.example "$T/pem" | jq -c '.chain = null | .fullchain = null')"
	is "$(jq -r .error.type,.error.detail replies | tr '\n' ' ')" \
		'misconfigured the server wants the whole chain; give --fullchain-path ' \
		"$1: a certificate without its chain"
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
# -- questions, options, the network --------------------------------------------

cat >plugins/asker.json <<'END'
{"name": "asker", "version": 1, "summary": "Asks", "kinds": ["authenticator"],
 "challenges": ["http-01"], "network": true, "options": [
	{"name": "one-word", "type": "string"}, {"name": "count", "type": "number"},
	{"name": "many", "type": "string", "repeatable": true},
	{"name": "on", "type": "flag"}, {"name": "none", "type": "string"}]}
END
cat >asker.c <<'END'
#include <certbot/http.h>
#include <certbot/lineage.h>
#include <certbot/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
short_word(const char *answer, void *arg, struct certbot_error *e)
{
	if (strlen(answer) <= *(size_t *)arg)
		return 0;
	return certbot_fail(e, CERTBOT_BAD_DATA, "%s is too long", answer);
}

/* What is heard goes up as notices, and fails to be an error of prepare. */
static int
prepare(struct certbot_plugin *p, void *ctx, struct certbot_error *e)
{
	static const char *const choices[] = {"one", "two", "three", NULL};
	static const char *const labels[] = {"Go", "Stop", NULL};
	size_t max = 4, index = 9;
	struct certbot_question q = {.text = "Word?", .check = short_word,
	    .arg = &max, .flag = "--asker-one-word"};
	struct certbot_list list = {0};
	char *text = NULL;
	int yes = -1;

	(void)ctx;
	if (certbot_plugin_input(p, &q, &text, e) != 0)
		return -1;
	certbot_plugin_notify(p, "input %s", text);
	certbot_plugin_learned(p, "one-word", text);
	free(text);
	q.check = NULL;
	q.text = "Really?";
	q.choices = labels;
	q.fallback = "no";
	if (certbot_plugin_yesno(p, &q, &yes, e) != 0)
		return -1;
	certbot_plugin_notify(p, "yesno %d", yes);
	q.choices = choices;
	q.fallback = "two";
	if (certbot_plugin_menu(p, &q, &index, e) != 0)
		return -1;
	certbot_plugin_notify(p, "menu %zu", index);
	if (certbot_plugin_checklist(p, &q, &list, e) != 0)
		return -1;
	certbot_plugin_notify(p, "checklist %zu %s", list.n, list.v[0]);
	certbot_list_release(&list);
	q.choices = NULL;
	q.fallback = NULL;
	if (certbot_plugin_directory(p, &q, &text, e) != 0)
		return -1;
	certbot_plugin_notify(p, "directory %s", text);
	free(text);
	return certbot_plugin_pause(p, &q, e);
}

static int
init(struct certbot_plugin *p, void *ctx, struct certbot_error *e)
{
	struct certbot_list many = {0};
	char *flag = certbot_plugin_flag(p, "one_word");

	(void)ctx;
	(void)e;
	certbot_plugin_options(p, "many", &many);
	certbot_plugin_log(p, CERTBOT_WARNING, "%s %s %s %s %zu %d %s %s %d",
	    certbot_plugin_name(p), flag, certbot_plugin_option(p, "one-word"),
	    certbot_plugin_option(p, "count"), many.n,
	    certbot_plugin_option_set(p, "on"),
	    certbot_plugin_option(p, "none") == NULL ? "unset" : "set",
	    certbot_plugin_dir(p, "work"), certbot_plugin_interactive(p));
	certbot_list_release(&many);
	free(flag);
	return 0;
}

/* The name is the URL's path, or a lineage. */
static int
perform(struct certbot_plugin *p, void *ctx, const struct certbot_challenge *c,
    struct certbot_error *e)
{
	const char *base = getenv("ASKER_BASE");
	char url[4096];
	struct certbot_http_request r = {.method = "GET", .url = url};
	struct certbot_http_answer a;
	struct certbot_lineage l;
	int rc;

	(void)ctx;
	if (c->wildcard) {
		rc = certbot_lineage_open(&l, certbot_plugin_dir(p, "config"),
		    c->name, e);
		if (rc == 0)
			certbot_plugin_notify(p, "lineage %s %s %ld %s", l.name,
			    l.names.v[0], l.version, l.key);
		certbot_lineage_release(&l);
		return rc == 0 ? certbot_lineage_verify(
		    certbot_plugin_dir(p, "config"), c->name, e) : rc;
	}
	snprintf(url, sizeof(url), "%s/%s", base, c->name);
	rc = certbot_http(&r, &a, e);
	if (rc == 0)
		certbot_plugin_notify(p, "http %d %s", a.status, a.body);
	certbot_http_release(&a);
	return rc;
}

static int
wait_long(struct certbot_plugin *p, void *ctx, struct certbot_error *e)
{
	(void)ctx;
	certbot_plugin_log(p, CERTBOT_DEBUG, "waited %d",
	    certbot_plugin_wait(p, -1, 10, e));
	return certbot_plugin_wait(p, -1, -1, e);
}

int
main(int argc, char *argv[])
{
	static const struct certbot_plugin_ops ops = {.init = init,
	    .prepare = prepare, .perform = perform, .wait = wait_long};

	return certbot_plugin_main(argc, argv, &ops, NULL);
}
END
# shellcheck disable=SC2086
ok 'a plugin that asks is built' cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror \
	-o plugins/asker asker.c $cflags $libs

# hear LINE...: what the plugin says, each line in short, after init.
hear()
{
	printf '%s\n' '{"op":"init","version":1,"interactive":true,
		"config":{"one_word":"w","count":3,"many":["a","b"],"on":true,"none":null},
		"dirs":{"config":"'"$T"'/le","work":"/w","logs":"/l"}}' |
		tr -d '\n\t' >requests
	echo >>requests
	printf '%s\n' "$@" >>requests
	run plugins/asker <requests
	printf '%s\n' "$out" | jq -c 'if .log then [.log.show, .log.text] else
		(.ask // .) end' >heard
}
hear '{"op":"prepare"}' '{"answer":{"value":"long word"}}' \
	'{"answer":{"value":"word"}}' '{"answer":{"value":true}}' \
	'{"answer":{"value":2}}' '{"answer":{"value":["three","one"]}}' \
	'{"answer":{"value":"/no/such"}}' '{"answer":{"value":"/"}}' \
	'{"answer":{"value":true}}'
cat >want <<'END'
["log","asker --asker-one-word w 3 2 1 unset /w 1"]
{"ok":true}
{"kind":"input","text":"Word?","flag":"--asker-one-word"}
{"kind":"input","text":"long word is too long\n\nWord?","flag":"--asker-one-word"}
["out","input word"]
{"kind":"yesno","text":"Really?","flag":"--asker-one-word","choices":["Go","Stop"],"default":false}
["out","yesno 1"]
{"kind":"menu","text":"Really?","flag":"--asker-one-word","choices":["one","two","three"],"default":1}
["out","menu 2"]
{"kind":"checklist","text":"Really?","flag":"--asker-one-word","choices":["one","two","three"],"default":["two"]}
["out","checklist 2 three"]
{"kind":"input","text":"Really?","flag":"--asker-one-word"}
{"kind":"input","text":"/no/such does not exist or is not a directory\n\nReally?","flag":"--asker-one-word"}
["out","directory /"]
{"kind":"pause","text":"Really?","flag":"--asker-one-word"}
{"ok":true,"config":{"one_word":"word"}}
END
same heard want 'options, and every kind of question'
hear '{"op":"prepare"}' '{"answer":{"cancel":true}}' '{"op":"prepare"}' \
	'{"answer":{"error":"nobody is there"}}'
is "$(jq -r 'objects | .error | objects | .detail' heard | tr '\n' '|')" \
	'the question was cancelled|nobody is there|' 'no answer is an error'
hear '{"op":"prepare"}' '{"answer":{"value":"x"}}' '{"answer":{"value":true}}' \
	'{"answer":{"value":3}}'
like "$(tail -n 1 heard)" 'does not fit the question' 'nor one that does not fit'
is "$(printf '%s\n' "$out" | grep -c '"op"')" 0 'no operation is taken for an answer'

ca_start
key=$T/key.pem
acme-account register --agree-tos --no-contact --account-dir accounts |
	acme-order new -d lineage.example |
	acme-challenge standalone --http-01-port "$HTTP01_PORT" |
	acme-finalize --new-key ecdsa --key-out "$key" |
	certstore save --config-dir le --cert-name lineage.example \
		>saved.json 2>saved.err
json saved.json '.lineage and (.error | not)' 'there is a lineage'
challenge='"type":"http-01","token":"t","keyAuthorization":"t.k","validation":"t.k"'
export ASKER_BASE="${ACME_SERVER%/dir}"
printf '%s\n' '{"op":"init","version":1,"config":{},"dirs":{"config":"'"$T/le"'"}}' \
	'{"op":"perform","challenges":[{'"$challenge"',"identifier":{"value":"dir"}}]}' \
	'{"op":"perform","challenges":[{'"$challenge"',"wildcard":true,"identifier":{"value":"lineage.example"}}]}' \
	'{"op":"perform","challenges":[{'"$challenge"',"wildcard":true,"identifier":{"value":"other.example"}}]}' \
	'{"op":"wait"}' >requests
run acme-net -- plugins/asker <requests
is "$status" 0 'over acme-net'
like "$out" '"http 200 .*newNonce' 'a request and its answer'
like "$out" "\"lineage lineage.example lineage.example 1 $T/le/live/lineage.example/privkey.pem\"" \
	'a lineage is read'
is "$(printf '%s\n' "$out" | jq -r '.error | objects | .type' | tr '\n' ' ')" \
	'urn:acme-tools:error:noLineage urn:acme-tools:error:interrupted ' \
	'one that is not there; the end of input ends waiting'
done_testing
