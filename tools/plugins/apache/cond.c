/* Conditions: which sections are in force, which modules are there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "conf.h"
#include "lex.h"

/* Modules whose source file is not mod_X.c. */
static const struct {
	const char *identifier, *file;
} odd_files[] = {{"core_module", "core.c"}, {"http_module", "http_core.c"},
    {"mpm_event_module", "event.c"}, {"mpm_prefork_module", "prefork.c"},
    {"mpm_worker_module", "worker.c"}, {"mpm_itk_module", "mpm_itk.c"}};

void
conf_add_module(jv *modules, const char *identifier)
{
	size_t n = strlen(identifier);
	char *file;

	*modules = doc_set_flag(*modules, identifier, 1);
	for (size_t i = 0; i < ARRAY_LEN(odd_files); i++)
		if (strcmp(odd_files[i].identifier, identifier) == 0)
			*modules = doc_set_flag(*modules, odd_files[i].file, 1);
	if (n <= 7 || strcmp(identifier + n - 7, "_module") != 0)
		return;
	file = xasprintf("mod_%.*s.c", (int)(n - 7), identifier);
	*modules = doc_set_flag(*modules, file, 1);
	free(file);
}

int
conf_has_module(const struct conf *c, const char *name)
{
	return doc_has(c->modules, name);
}

static int
compare_version(const struct conf *c, const char *text)
{
	int want[3] = {0, 0, 0};

	(void)sscanf(text, "%d.%d.%d", &want[0], &want[1], &want[2]);
	for (int i = 0; i < 3; i++)
		if (c->version[i] != want[i])
			return c->version[i] < want[i] ? -1 : 1;
	return 0;
}

/* <IfVersion [!]OP VERSION>; regular expressions count as true. */
static int
version_holds(const struct conf *c, const char *op, const char *text)
{
	int invert = *op == '!', d, holds;

	op += invert;
	if (text == NULL) {
		text = op;
		op = "=";
	}
	if (*text == '/' || strcmp(op, "~") == 0)
		return 1;
	d = compare_version(c, text);
	if (strcmp(op, ">=") == 0)
		holds = d >= 0;
	else if (strcmp(op, "<=") == 0)
		holds = d <= 0;
	else if (strcmp(op, ">") == 0)
		holds = d > 0;
	else if (strcmp(op, "<") == 0)
		holds = d < 0;
	else
		holds = d == 0;
	return holds != invert;
}

static int
file_is_there(const struct conf *c, const char *name)
{
	char *path = conf_path(c, name);
	int there = access(path, F_OK) == 0;

	free(path);
	return there;
}

int
cond_holds(const struct conf *c, const struct node *n, const char *args,
    int *transparent)
{
	char *first = node_arg(args, 0), *second = node_arg(args, 1);
	const char *what = first == NULL ? "" : first;
	int invert = *what == '!', holds = 1;

	*transparent = 1;
	if (node_is(n, "IfModule"))
		holds = conf_has_module(c, what + invert) != invert;
	else if (node_is(n, "IfDefine"))
		holds = doc_has(c->variables, what + invert) != invert;
	else if (node_is(n, "IfFile"))
		holds = file_is_there(c, what + invert) != invert;
	else if (node_is(n, "IfVersion"))
		holds = version_holds(c, what, second);
	else if (!node_is(n, "IfDirective") && !node_is(n, "IfSection"))
		*transparent = 0;
	free(first);
	free(second);
	return holds;
}
