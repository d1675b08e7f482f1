#include "choose.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "plugins.h"
#include "prompts.h"
#include "pump.h"
#include "screen.h"
#include "steps.h"
#include "trials.h"

static const char enhancements[] = "installer_enhancements";

/* A plugin that may be offered. */
struct candidate {
	const struct plugin_desc *desc;
	char *broken; /* its error when it is misconfigured */
};

/* The name that certbot prints for a plugin's error. */
static const char *
error_class(const struct err *why)
{
	const char *own = why->has_members ? doc_str(why->members, "class") :
					     NULL;

	if (own != NULL)
		return own;
	return why->name == ERR_noInstallation ? "NoInstallationError" :
	    why->name == ERR_misconfigured     ? "MisconfigurationError" :
						 "PluginError";
}

/* As Python's repr() prints the exception. */
static char *
error_repr(const struct err *why)
{
	const char *text = err_text(why);
	char q = strchr(text, '\'') && !strchr(text, '"') ? '"' : '\'';

	return xasprintf("%s(%c%s%c)", error_class(why), q, text, q);
}

/* Does the plugin work here in these roles (`check` of its hosts)? 0; -1 and
 * its error. What an installer can do is kept in c. */
static int
choose_check(struct config *c, const char *name, unsigned roles,
    struct err *err)
{
	jv out;

	if (roles & ROLE_AUTHENTICATOR) {
		out = pump_stage(step_check(c, name), doc_none(), err);
		doc_free(out);
	}
	if ((roles & ROLE_INSTALLER) && !err_is_set(err)) {
		out = pump_stage(step_install(c, name, "check"), doc_none(),
		    err);
		config_put(c, enhancements,
		    doc_find(out, "installer", "enhancements", NULL));
		doc_free(out);
	}
	return err_is_set(err) ? -1 : 0;
}

int
installer_can(const struct config *c, const char *enhancement)
{
	jv list = config_list(c, enhancements);
	int can = doc_list_has(list, enhancement);

	doc_free(list);
	return can;
}

/* What is no fault of the plugin's is said as it is. */
static int
is_raised(const struct err *why)
{
	return why->name == ERR_noChallenge || why->name == ERR_interrupted ||
	    why->name == ERR_usage;
}

static int
has_roles(const struct plugin_desc *d, unsigned roles)
{
	return (!(roles & ROLE_AUTHENTICATOR) || d->authenticator) &&
	    (!(roles & ROLE_INSTALLER) || d->installer);
}

static char *
asked_for(struct config *c, unsigned roles, const char *asked, char **problem,
    struct err *err)
{
	const struct plugin_desc *d = plugin_set_get(plugins_all(), asked);
	struct err why = {0};

	if (d == NULL || !has_roles(d, roles))
		return NULL;
	if (roles & ROLE_BROKEN_TOO)
		return xstrdup(d->name);
	if (choose_check(c, d->name, roles, &why) == 0)
		return xstrdup(asked);
	if (is_raised(&why))
		err_move(err, &why);
	else
		*problem = error_repr(&why);
	err_clear(&why);
	return NULL;
}

/* Those that could be used; the number. What the only one can do is kept in c. */
static size_t
look(struct config *c, unsigned roles, struct candidate *list, struct err *err)
{
	const struct plugin_set *set = plugins_all();
	const struct plugin_desc **desc = xcalloc(set->n + 1, sizeof(*desc));
	struct trial *trials = trials_new(set->n);
	size_t tried = 0, n = 0;

	for (size_t i = 0; i < set->n; i++) {
		if (set->list[i]->hidden || !has_roles(set->list[i], roles))
			continue;
		desc[tried] = set->list[i];
		trials[tried].plugin = set->list[i]->name;
		trials[tried++].roles = roles;
	}
	trials_run(c, trials, tried);
	for (size_t i = 0; i < tried; i++) {
		struct err *why = &trials[i].err;

		if (!err_is_set(why) || why->name == ERR_misconfigured) {
			list[n].desc = desc[i];
			list[n++].broken = err_is_set(why) &&
				!(roles & ROLE_BROKEN_TOO) ?
			    xstrdup(err_text(why)) :
			    NULL;
			config_put(c, enhancements,
			    doc_take(&trials[i].enhancements));
		}
		if (why->name == ERR_interrupted && !err_is_set(err))
			err_move(err, why);
	}
	trials_free(trials, set->n);
	free(desc);
	return n;
}

static jv
menu(const struct candidate *list, size_t n, const char *question)
{
	jv entries = doc_array(), q;

	for (size_t i = 0; i < n; i++) {
		char *entry = xasprintf("%s (%s)%s", list[i].desc->summary,
		    list[i].desc->name,
		    list[i].broken ? " [Misconfigured]" : "");

		entries = doc_push(entries, doc_stringn(entry, strlen(entry)));
		free(entry);
	}
	q = doc_set_str(doc_object(), "kind", "menu");
	q = doc_set_str(q, "text", question);
	q = doc_set(q, "choices", entries);
	return doc_set_flag(q, "force", 1);
}

/* Several: a person chooses until it is one that works; NULL when cancelled. */
static const struct candidate *
from_menu(const struct candidate *list, size_t n, const char *question,
    struct err *err)
{
	for (;;) {
		jv box = doc_set(doc_object(), "v",
		    prompt_ask(menu(list, n, question), err));
		long at = -1;
		char *text;

		if (doc_int(box, "v", &at) != 0)
			at = -1;
		doc_free(box);
		if (err->has_members && doc_flag(err->members, "cancel", 0))
			err_clear(err);
		if (at < 0 || (size_t)at >= n)
			return NULL;
		if (list[at].broken == NULL)
			return &list[at];
		text = xasprintf(
		    "The selected plugin encountered an error while parsing your server configuration and cannot be used. The error was:\n\n%s",
		    list[at].broken);
		screen_notice(text, 1);
		free(text);
	}
}

static char *
one_of_all(struct config *c, unsigned roles, const char *question,
    struct err *err)
{
	struct candidate *list = xcalloc(plugins_all()->n + 1, sizeof(*list));
	const struct candidate *chosen = NULL;
	size_t n = look(c, roles, list, err);
	char *name = NULL;

	if (n == 1 && list[0].broken == NULL)
		chosen = &list[0];
	else if (n > 1 && !err_is_set(err))
		chosen = from_menu(list, n, question, err);
	if (chosen != NULL) {
		name = xstrdup(chosen->desc->name);
		/* what it can do: another may have been looked at since */
		if (n > 1 && (roles & ROLE_INSTALLER) &&
		    !(roles & ROLE_BROKEN_TOO))
			(void)choose_check(c, name, ROLE_INSTALLER, err);
	}
	for (size_t i = 0; i < n; i++)
		free(list[i].broken);
	free(list);
	return name;
}

char *
choose_plugin(struct config *c, unsigned roles, const char *asked,
    const char *question, char **problem, struct err *err)
{
	if (asked != NULL)
		return asked_for(c, roles, asked, problem, err);
	if (!config_flag(c, "noninteractive_mode"))
		return one_of_all(c, roles, question, err);
	err_set(err, ERR_configuration,
	    "Missing command line flags. For non-interactive execution, you will need to specify a plugin on the command line.  Run with '--help plugins' to see a list of options, and see https://eff.org/letsencrypt-plugins for more detail on what the plugins do and how to use them.");
	return NULL;
}
