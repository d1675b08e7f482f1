/* plugins_list.c - the subcommand plugins (spec 7.6). */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "choose.h"
#include "driver.h"
#include "json.h"
#include "plugins.h"
#include "screen.h"

static int
is_wanted(struct config *c, const struct plugin_desc *d)
{
	struct err why = {0};
	int rc;

	if (d->hidden ||
	    (config_flag(c, "ifaces_authenticators") && !d->authenticator) ||
	    (config_flag(c, "ifaces_installers") && !d->installer))
		return 0;
	if (!config_flag(c, "prepare"))
		return 1;
	rc = choose_check(c, d->name,
	    d->authenticator ? ROLE_AUTHENTICATOR : ROLE_INSTALLER, &why);
	err_clear(&why);
	return rc == 0;
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
	const struct plugin_set *set = plugins_all();
	jv list = doc_array();
	struct buf b;

	(void)err;
	buf_init(&b, DOC_MAX);
	for (size_t i = 0; i < set->n; i++) {
		if (!is_wanted(c, set->list[i]))
			continue;
		describe(&b, c, set->list[i]);
		list = doc_push(list, plugin_json(set->list[i]));
	}
	screen_notice(b.len > 0 ? b.p : "No plugins", 1);
	if (json_wanted())
		json_print(doc_copy(list));
	doc_free(list);
	buf_release(&b);
	return 0;
}
