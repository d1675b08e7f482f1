/* plugins_list.c - the subcommand plugins (spec 7.6). */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "driver.h"
#include "json.h"
#include "plugins.h"
#include "screen.h"
#include "trials.h"

static int
is_wanted(const struct config *c, const struct plugin_desc *d)
{
	return !d->hidden &&
	    (!config_flag(c, "ifaces_authenticators") || d->authenticator) &&
	    (!config_flag(c, "ifaces_installers") || d->installer);
}

/* Those to be listed, in list: with --prepare the ones that work here. The
 * number. */
static size_t
wanted(const struct config *c, const struct plugin_desc **list)
{
	const struct plugin_set *set = plugins_all();
	struct trial *trials = trials_new(set->n);
	size_t tried = 0, n = 0;

	for (size_t i = 0; i < set->n; i++) {
		if (!is_wanted(c, set->list[i]))
			continue;
		list[tried] = set->list[i];
		trials[tried].plugin = set->list[i]->name;
		trials[tried++].roles = set->list[i]->authenticator ?
		    ROLE_AUTHENTICATOR :
		    ROLE_INSTALLER;
	}
	if (config_flag(c, "prepare"))
		trials_run(c, trials, tried);
	for (size_t i = 0; i < tried; i++)
		if (!err_is_set(&trials[i].err))
			list[n++] = list[i];
	trials_free(trials, set->n);
	return n;
}

static void
describe(struct buf *b, const struct config *c, const struct plugin_desc *d)
{
	buf_addf(b,
	    "%s* %s\nDescription: %s\nInterfaces: ", b->len > 0 ? "\n\n" : "",
	    d->name, d->summary);
	if (d->authenticator)
		buf_adds(b, "Authenticator, ");
	if (d->installer)
		buf_adds(b, "Installer, ");
	buf_addf(b, "Plugin\nEntry point: %s = %s", d->name, d->path);
	if (config_flag(c, "init") || config_flag(c, "prepare"))
		buf_addf(b, "\nInitialized: %s", d->path);
	if (config_flag(c, "prepare"))
		buf_adds(b, "\nPrep: True");
}

/* For scripts (certbot-certificates(5)). */
static jv
plugin_json(const struct plugin_desc *d)
{
	jv kinds = doc_array(), out = doc_object();

	if (d->authenticator)
		kinds = doc_push_str(kinds, "authenticator");
	if (d->installer)
		kinds = doc_push_str(kinds, "installer");
	out = doc_set_str(out, "name", d->name);
	out = doc_set_str(out, "description", d->summary);
	out = doc_set(out, "kinds", kinds);
	out = doc_set(out, "challenges", doc_copy(d->challenges));
	return doc_set_str(out, "path", d->path);
}

int
verb_plugins(struct config *c, struct err *err)
{
	const struct plugin_desc **plugins = xcalloc(plugins_all()->n + 1,
	    sizeof(*plugins));
	size_t n = wanted(c, plugins);
	jv list = doc_array();
	struct buf b;

	(void)err;
	buf_init(&b, DOC_MAX);
	for (size_t i = 0; i < n; i++) {
		describe(&b, c, plugins[i]);
		list = doc_push(list, plugin_json(plugins[i]));
	}
	screen_notice(b.len > 0 ? b.p : "No plugins", 1);
	if (json_wanted())
		json_print(doc_copy(list));
	doc_free(list);
	buf_release(&b);
	free(plugins);
	return 0;
}
