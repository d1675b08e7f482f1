/* explain_renew.c - a part for each lineage, then what came of all. */
#include "explain_renew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "decide.h"
#include "explain_script.h"
#include "explain_text.h"
#include "renew.h"
#include "restore.h"

/* A lineage as renew goes through it. */
struct part {
	struct config c;
	jv doc; /* what certstore says of it */
	const struct plugin_desc *plugin;
	struct err why; /* it cannot be used */
	size_t number;
};

static void
part_init(struct part *p, const struct config *run, jv doc TAKES, size_t number)
{
	const char *name = doc_str_find(doc, "lineage", "name", NULL);
	jv error = doc_get(doc, "error");

	*p = (struct part){.doc = doc, .number = number};
	config_copy(&p->c, run);
	if (doc_is(error, DOC_OBJECT))
		err_from_doc(&p->why, error);
	else if (restore_params(&p->c, doc, &p->why) == 0)
		p->plugin = explain_plugin(&p->c, &p->why);
	config_put(&p->c, "certname", doc_stringn(name, strlen(name)));
	doc_free(error);
}

static void
part_release(struct part *p)
{
	config_release(&p->c);
	doc_free(p->doc);
	err_clear(&p->why);
}

/* What cannot be used is said in its place. */
static void
part_print(const struct part *p, const struct script_hooks *hooks, int alone)
{
	struct script s = {&p->c, p->plugin, doc_none(), p->doc, hooks,
	    p->number};
	char *text;

	if (!alone)
		printf("# %s\n(\n", config_str(&p->c, "certname"));
	if (p->plugin != NULL) {
		script_print(&s);
	} else {
		text = text_printable(err_text(&p->why), 0);
		explain_step(
		    doc_push_str(doc_push_str(doc_array(), "echo"), text),
		    " >&2\nexit 78\n");
		free(text);
	}
	if (!alone)
		explain_line(") || failed=$?");
}

/* Those that have the machine to themselves come after the others. */
static void
print_parts(const struct part *parts, size_t n,
    const struct script_hooks *hooks, int alone)
{
	struct renew_needs needs;

	renew_needs_init(&needs);
	for (size_t i = 0; i < n; i++)
		renew_needs_add(&needs, &parts[i].c, parts[i].doc);
	for (int last = 0; last < 2; last++)
		for (size_t i = 0; i < n; i++)
			if (renew_needs_alone(&needs, i) == last)
				part_print(&parts[i], hooks, alone);
	renew_needs_release(&needs);
}

static void
print_all(const struct part *parts, size_t n, int alone)
{
	struct script_hooks hooks;

	script_hooks_init(&hooks, 1);
	for (size_t i = 0; i < n; i++)
		if (parts[i].plugin != NULL)
			script_hooks_add(&hooks, &parts[i].c);
	if (!script_hooks_any(&hooks)) {
		print_parts(parts, n, NULL, alone);
	} else {
		script_hooks_begin(&hooks);
		print_parts(parts, n, &hooks, 0);
	}
	if (!alone || script_hooks_any(&hooks))
		explain_line("exit ${failed:-0}");
	script_hooks_release(&hooks);
}

int
explain_renew(struct config *c, struct err *err)
{
	const char *name = config_str(c, "certname");
	jv all = lineages_show(c, name, err);
	size_t n = err_is_set(err) ? 0 : doc_len(all);
	struct part *parts = xcalloc(n + 1, sizeof(*parts));

	for (size_t i = 0; i < n; i++)
		part_init(&parts[i], c, doc_at(all, i), i + 1);
	if (!err_is_set(err))
		print_all(parts, n, name != NULL);
	for (size_t i = 0; i < n; i++)
		part_release(&parts[i]);
	free(parts);
	doc_free(all);
	return err_is_set(err) ? -1 : 0;
}
