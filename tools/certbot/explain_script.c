/* explain_script.c - one certificate's part of a script. */
#include "explain_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "explain_steps.h"
#include "explain_text.h"
#include "issue.h"
#include "revoked.h"
#include "steps.h"

static int
saves(const struct config *c)
{
	return !config_flag(c, "dry_run") && config_str(c, "csr") == NULL;
}

static void
optional_step(jv args TAKES)
{
	if (doc_is(args, DOC_ARRAY))
		explain_step(args, " |\n");
	else
		doc_free(args);
}

/* The decision, and before it what it may depend on. */
static void
print_plan(const struct script *s, const char *end)
{
	const struct config *c = s->c;
	int asks = revoked_matters(c) && !config_flag(c, "duplicate");
	int is_known = doc_is(s->doc, DOC_OBJECT);

	if (!asks) {
		explain_step(explain_plan(c, s->names), end);
		return;
	}
	if (!is_known)
		explain_step(explain_match(c, s->names), " |\n");
	explain_step(
	    doc_push_str(doc_push_str(doc_array(), "acme-renewal"), "--newest"),
	    " |\n");
	explain_step(explain_plan(c, doc_none()), end);
}

/* Where documents come from, up to what is to be ordered. */
static void
print_source(const struct script *s, const char *end)
{
	int has_plan = config_str(s->c, "csr") == NULL;
	jv show, server;
	const char *url = config_str(s->c, "server");
	const char *had = doc_str(s->doc, "server");

	if (!doc_is(s->doc, DOC_OBJECT)) {
		explain_step(explain_account(s->c, 0), has_plan ? " |\n" : end);
		optional_step(explain_key(s->c));
		if (has_plan)
			print_plan(s, end);
		return;
	}
	show = step_certstore(s->c, "show");
	show = doc_push_str(show,
	    doc_str_find(s->doc, "lineage", "name", NULL));
	explain_step(show, " |\n");
	optional_step(explain_key(s->c));
	print_plan(s, " |\n");
	if (had == NULL || strcmp(had, url) != 0) {
		static const char *const with[] = {"jq", "-c", "--arg",
		    "server"};

		server = doc_array();
		for (size_t i = 0; i < ARRAY_LEN(with); i++)
			server = doc_push_str(server, with[i]);
		server = doc_push_str(server, url);
		server = doc_push_str(server,
		    ".server = $server | del(.directory)");
		explain_step(server, " |\n");
	}
	explain_step(explain_account(s->c, 1), end);
}

/* challenge and finalize; the first reads as `from` says. */
static void
print_issue(const struct script *s, const char *from, const char *end)
{
	jv steps = issue_challenge_steps(s->c, s->doc);
	char *first = xasprintf("%s |\n", from);

	for (size_t i = 0; i < doc_len(steps); i++)
		explain_step(doc_at(steps, i), i == 0 ? first : " |\n");
	explain_step(explain_finalize(s->c), end);
	free(first);
	doc_free(steps);
}

/* What an installer does then: run deploys also what is kept; certonly and renew
 * have what is new loaded; renew asks for updates in any case. */
static jv
install_steps(const struct config *c)
{
	const char *name = config_str(c, "installer");
	int renews = strcmp(c->verb, "renew") == 0;
	int updates = renews && !config_flag(c, "disable_renew_updates");
	jv steps = doc_array(), reload;

	if (name == NULL || !saves(c))
		return steps;
	if (strcmp(c->verb, "run") == 0)
		return doc_push(steps, step_install_with(c, "deploy", 1));
	reload = step_install(c, name, "renew-deploy");
	if (!updates)
		reload = doc_push_str(reload, "--disable-renew-updates");
	steps = doc_push(steps, reload);
	return updates ?
	    doc_push(steps, step_install(c, name, "generic-updates")) :
	    steps;
}

/* These stages, the first of which reads as `from` says. */
static void
print_steps(jv steps TAKES, const char *from, const char *last)
{
	for (size_t i = 0; i < doc_len(steps); i++) {
		char *end = xasprintf("%s%s", i == 0 ? from : "",
		    i + 1 < doc_len(steps) ? " |\n" : last);

		explain_step(doc_at(steps, i), end);
		free(end);
	}
	doc_free(steps);
}

/* From a certificate to its lineage. */
static jv
save_steps(const struct script *s)
{
	jv steps = doc_array(), note = explain_note(s->c, s->plugin);

	if (doc_is(note, DOC_ARRAY))
		steps = doc_push(steps, note);
	else
		doc_free(note);
	return doc_push(steps, step_save(s->c));
}

/* And into a server. */
static void
print_save(const struct script *s, const char *from)
{
	jv steps = save_steps(s), more = install_steps(s->c);

	for (size_t i = 0; i < doc_len(more); i++)
		steps = doc_push(steps, doc_at(more, i));
	doc_free(more);
	print_steps(steps, from, "\n");
}

void
script_installs(const struct config *c, const char *file)
{
	jv steps = install_steps(c);
	char *from = xasprintf(" <%s", file);

	if (doc_len(steps) == 0)
		printf("cat %s\n", file);
	print_steps(steps, from, "\n");
	free(from);
}

/* A directory that goes at the end; before that what a trial has validated is
 * withdrawn, however it ends. */
static void
print_directory(const struct script *s)
{
	char *first = s->hooks ? script_hooks_end(s->hooks, s->number) :
				 xstrdup("");
	int dry = config_flag(s->c, "dry_run");

	if (dry) {
		explain_line("withdraw() {");
		explain_step(doc_push_str(step_deactivate(s->c), "--again"),
		    " <\"$dir/done\" >\"$dir/withdrawn\"\n}\n");
	}
	printf("dir=$(mktemp -d)\ntrap '%s%srm -r \"$dir\"' EXIT\n", first,
	    dry ? "[ ! -s \"$dir/done\" ] || withdraw; " : "");
	if (s->hooks)
		script_hooks_signals();
	free(first);
}

/* A trial validates anew: what is valid already is withdrawn. */
static void
print_trial(const struct script *s)
{
	if (s->hooks) {
		explain_step(explain_order(s->c, NULL),
		    " <\"$dir/doc\" >\"$dir/again\" || fail \"$dir/again\"\nmv \"$dir/again\" \"$dir/doc\"\n");
	} else {
		print_source(s, " |\n");
		explain_step(explain_order(s->c, NULL),
		    " >\"$dir/doc\" || exit\n");
	}
	explain_line(
	    "if jq -e 'any(.authorizations[]?; .status == \"valid\")' \"$dir/doc\" >\"$dir/valid\"\nthen");
	explain_step(step_deactivate(s->c), " <\"$dir/doc\" |\n");
	explain_step(explain_order(s->c, "--replace"),
	    " >\"$dir/again\" || exit\nmv \"$dir/again\" \"$dir/doc\"\nfi\n");
}

/* Names that are not validated, or that the CA refuses, are left out until the
 * others have a certificate: "$dir/done". */
static void
print_loop(const struct script *s)
{
	int dry = config_flag(s->c, "dry_run");

	explain_line("until");
	explain_step(explain_order(s->c, dry ? "--again" : NULL),
	    " <\"$dir/doc\" |\n");
	print_issue(s, "", " >\"$dir/done\"\n");
	explain_line(
	    "do\nfailed=$?\n"
	    "jq -ce '.request.names as $all |\n"
	    "\t(.error.valid // ($all - [.error.subproblems[]?.identifier.value])) as $good |\n"
	    "\t($all - ($all - $good)) as $rest |\n"
	    "\tif ($rest | length) > 0 and ($rest | length) < ($all | length)\n"
	    "\tthen .request.names = $rest | del(.order, .authorizations, .error)\n"
	    "\telse empty end' \"$dir/done\" >\"$dir/doc\" || exit $failed\ndone");
}

static int
loops(const struct config *c)
{
	return config_flag(c, "allow_subset_of_names") &&
	    config_str(c, "csr") == NULL;
}

/* One pipeline from the start to the end. */
static void
print_plain(const struct script *s)
{
	const struct config *c = s->c;
	int dry = config_flag(c, "dry_run");

	print_directory(s);
	if (dry)
		print_trial(s);
	if (loops(c)) {
		if (!dry)
			print_source(s, " >\"$dir/doc\" || exit\n");
		print_loop(s);
		if (saves(c))
			print_save(s, " <\"$dir/done\"");
		else
			explain_line("cat \"$dir/done\"");
		return;
	}
	if (!dry) {
		print_source(s, " |\n");
		explain_step(explain_order(c, NULL), " |\n");
	}
	print_issue(s, dry ? " <\"$dir/doc\"" : "",
	    saves(c) ?
		" |\n" :
		dry ?
		" >\"$dir/done\"\nfailed=$?\ncat \"$dir/done\"\n(exit $failed)\n" :
		"\n");
	if (saves(c))
		print_save(s, "");
}

/* From "$dir/doc" to the file. */
static void
print_between_hooks(const struct script *s, const char *file)
{
	const struct config *c = s->c;
	char *end = xasprintf(" >%s || fail %s\n", file, file);
	int dry = config_flag(c, "dry_run"), saving = saves(c);

	if (dry)
		print_trial(s);
	if (loops(c)) {
		print_loop(s);
	} else {
		if (!dry)
			explain_step(explain_order(c, NULL),
			    " <\"$dir/doc\" |\n");
		print_issue(s, dry ? " <\"$dir/doc\"" : "",
		    saving ? " |\n" : end);
	}
	if (saving)
		print_steps(save_steps(s), loops(c) ? " <\"$dir/done\"" : "",
		    end);
	free(end);
}

/* With hooks before, behind it and at the end, if it is due. */
static void
print_hooked(const struct script *s)
{
	const char *file = saves(s->c) ? "\"$dir/saved\"" : "\"$dir/done\"";

	print_directory(s);
	print_source(s, script_hooks_source_end(s->hooks));
	explain_line(
	    "if jq -e '.plan.action != \"keep\"' \"$dir/doc\" >\"$dir/due\"\nthen");
	/* no service is stopped for a plugin that cannot work */
	if (issue_needs_authenticator(s->doc))
		explain_step(
		    step_check(s->c, config_str(s->c, "authenticator")),
		    " >\"$dir/check\" || fail \"$dir/check\"\n");
	script_hooks_before(s->hooks, s->c);
	print_between_hooks(s, file);
	script_hooks_after(s->hooks, s->c, file);
	printf("else\ncp \"$dir/doc\" %s\nfi\n", file);
	if (s->hooks->many)
		script_installs(s->c, file);
	else
		printf("cat %s\n", file);
}

void
script_print(const struct script *s)
{
	if (s->hooks != NULL)
		print_hooked(s);
	else
		print_plain(s);
}
