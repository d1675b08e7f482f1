/* explain_hooks.c - see explain_hooks.h. What a hook is told of others goes
 * through files of $hooks: each certificate has a shell of its own. */
#include "explain_hooks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "explain_text.h"
#include "hooks.h"

static const char function_hook[] =
    "# hook COMMAND: what it prints is for people, and if it fails the rest goes on.\n"
    "hook()\n{\n"
    "case $1 in\n"
    "/*) [ ! -f \"$1\" ] || [ ! -x \"$1\" ] || set -- '\"$0\"' \"$1\" ;;\n"
    "esac\n"
    "(unset ACME_NET; exec /bin/sh -c \"$@\") >&2 ||\n"
    "\techo \"a hook reported error code $?\" >&2\n"
    "}";

static const char function_fail[] =
    "# fail FILE: why something failed is the result.\n"
    "fail()\n{\n"
    "failed=$?\n"
    "cat \"$1\"\n"
    "exit \"$failed\"\n"
    "}";

static const char function_first[] =
    "# first WORD: for the first time in this run?\n"
    "first()\n{\n"
    "[ ! -e \"$hooks/$1\" ] && : >\"$hooks/$1\"\n"
    "}";

static const char function_deploying[] =
    "# deploying FILE: what deploy hooks are told of the certificate.\n"
    "deploying()\n{\n"
    "RENEWED_LINEAGE=$(jq -r .lineage.path \"$1\")\n"
    "RENEWED_DOMAINS=$(jq -r '.request.names | join(\" \") | .[:16000]' \"$1\")\n"
    "export RENEWED_LINEAGE RENEWED_DOMAINS\n"
    "printf '%s\\n' \"$RENEWED_LINEAGE\" >\"$hooks/lineage\"\n"
    "}";

static const char function_ended[] =
    "# ended STATUS NUMBER: the names were renewed, or failed, or were not due.\n"
    "ended()\n{\n"
    "case $1$(cat \"$dir/due\" 2>/dev/null) in\n"
    "0true) mv \"$dir/names\" \"$hooks/renewed.$2\" ;;\n"
    "0*) ;;\n"
    "*) [ ! -e \"$dir/names\" ] || mv \"$dir/names\" \"$hooks/failed.$2\" ;;\n"
    "esac\n"
    "}";

static const char function_post[] =
    "# post: those hooks that are wanted, once.\n"
    "names()\n{\n"
    "cat \"$hooks/$1\".* 2>/dev/null | paste -sd ' ' - | cut -b -16000\n"
    "}\n"
    "post()\n(\n"
    "[ -s \"$hooks/later\" ] || exit 0\n"
    "later=$(cat \"$hooks/later\")\n"
    ": >\"$hooks/later\"\n"
    "if [ -s \"$hooks/lineage\" ]; then\n"
    "RENEWED_LINEAGE=$(cat \"$hooks/lineage\")\n"
    "export RENEWED_LINEAGE\n"
    "fi\n"
    "RENEWED_DOMAINS=$(names renewed) FAILED_DOMAINS=$(names failed)\n"
    "export RENEWED_DOMAINS FAILED_DOMAINS\n"
    "for n in $later; do\n"
    "case $n in";

void
script_hooks_init(struct script_hooks *h, int many)
{
	h->pre = doc_array();
	h->post = doc_array();
	h->deploys = 0;
	h->many = many;
}

void
script_hooks_release(struct script_hooks *h)
{
	doc_free(doc_take(&h->pre));
	doc_free(doc_take(&h->post));
}

static void
add_new(jv *all, jv commands TAKES)
{
	for (size_t i = 0; i < doc_len(commands); i++)
		if (!doc_list_has(*all, doc_str_at(commands, i)))
			*all = doc_push(doc_take(all), doc_at(commands, i));
	doc_free(commands);
}

static int
has_deploys(const struct script_hooks *h, const struct config *c)
{
	jv list = hooks_deploys(c, h->many);
	int any = doc_len(list) > 0;

	doc_free(list);
	return any;
}

void
script_hooks_add(struct script_hooks *h, const struct config *c)
{
	add_new(&h->pre, hooks_commands(c, "pre", h->many));
	add_new(&h->post, hooks_commands(c, "post", h->many));
	h->deploys = h->deploys || has_deploys(h, c);
}

int
script_hooks_any(const struct script_hooks *h)
{
	return doc_len(h->pre) > 0 || doc_len(h->post) > 0 || h->deploys;
}

/* "hook COMMAND" between these. */
static void
print_hook(const char *before, const char *command, const char *after)
{
	fputs(before, stdout);
	fputs("hook ", stdout);
	explain_quoted(command);
	fputs(after, stdout);
}

static void
print_post(const struct script_hooks *h)
{
	explain_line(function_post);
	for (size_t i = 0; i < doc_len(h->post); i++) {
		char number[32];

		snprintf(number, sizeof(number), "%zu) ", i + 1);
		print_hook(number, doc_str_at(h->post, i), " ;;\n");
	}
	explain_line("esac\ndone\n)");
}

void
script_hooks_signals(void)
{
	explain_line(
	    "trap 'exit 129' HUP\ntrap 'exit 130' INT\ntrap 'exit 143' TERM");
}

void
script_hooks_begin(const struct script_hooks *h)
{
	int posts = doc_len(h->post) > 0;
	const char *more = hooks_path_added();

	if (more != NULL) {
		fputs("PATH=$PATH:", stdout);
		explain_quoted(more);
		putchar('\n');
	}
	explain_line("hooks=$(mktemp -d)");
	explain_line(function_hook);
	explain_line(function_fail);
	if (h->many && (posts || doc_len(h->pre) > 0))
		explain_line(function_first);
	if (h->deploys)
		explain_line(function_deploying);
	if (posts && h->many)
		explain_line(function_ended);
	if (posts)
		print_post(h);
	explain_line(posts ? "trap 'post; rm -r \"$hooks\"' EXIT" :
			     "trap 'rm -r \"$hooks\"' EXIT");
	script_hooks_signals();
}

char *
script_hooks_end(const struct script_hooks *h, size_t number)
{
	return h->many && doc_len(h->post) > 0 ?
	    xasprintf("ended $? %06zu; ", number) :
	    xstrdup("");
}

const char *
script_hooks_source_end(const struct script_hooks *h)
{
	return h->many && doc_len(h->post) > 0 ?
	    " >\"$dir/doc\"\nfailed=$?\n"
	    "jq -r '.certificate.names[]?' \"$dir/doc\" >\"$dir/names\"\n"
	    "(exit $failed) || fail \"$dir/doc\"\n" :
	    " >\"$dir/doc\" || fail \"$dir/doc\"\n";
}

static size_t
number_of(jv all, const char *command)
{
	size_t i = 0;

	while (i < doc_len(all) && strcmp(doc_str_at(all, i), command) != 0)
		i++;
	return i + 1;
}

static void
print_pre(const struct script_hooks *h, const char *command)
{
	char first[64];

	snprintf(first, sizeof(first), "first pre%zu && ",
	    number_of(h->pre, command));
	print_hook(h->many ? first : "", command, "\n");
}

static void
print_later(const struct script_hooks *h, const char *command)
{
	size_t number = number_of(h->post, command);

	if (h->many)
		printf("first post%zu && ", number);
	printf("echo %zu >>\"$hooks/later\"\n", number);
}

/* A pre hook that is broken off wants its post hook. */
void
script_hooks_before(const struct script_hooks *h, const struct config *c)
{
	static const struct {
		const char *kind;
		void (
		    *print)(const struct script_hooks *h, const char *command);
	} kinds[] = {{"post", print_later}, {"pre", print_pre}};

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		jv list = hooks_commands(c, kinds[k].kind, h->many);

		for (size_t i = 0; i < doc_len(list); i++)
			kinds[k].print(h, doc_str_at(list, i));
		doc_free(list);
	}
}

/* certonly and run tell of what they have; a trial has nothing, and runs deploy
 * hooks for a certificate that is there. */
void
script_hooks_after(const struct script_hooks *h, const struct config *c,
    const char *file)
{
	jv list = hooks_deploys(c, h->many);
	int asks = !h->many && config_flag(c, "dry_run");

	if (doc_len(list) > 0) {
		if (asks)
			printf(
			    "if jq -e '.plan.action == \"renew\"' %s >\"$dir/due\"\nthen\n",
			    file);
		printf("deploying %s\n", file);
		for (size_t i = 0; i < doc_len(list); i++)
			print_hook("", doc_str_at(list, i), "\n");
		if (asks)
			explain_line("fi");
	}
	if (!h->many && !asks && doc_len(h->post) > 0)
		printf("jq -r '.request.names[]' %s >\"$hooks/renewed.1\"\n",
		    file);
	doc_free(list);
}
