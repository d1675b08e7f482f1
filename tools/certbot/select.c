/* select.c - which plugins a request means (spec 3.9). */
#include "select.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "driver.h"
#include "plugins.h"
#include "prompts.h"
#include "pump.h"
#include "screen.h"
#include "steps.h"

/* Note that a role was asked for; a second, other request is refused. */
static int
request_role(jv *request, const char *role, const char *name, struct err *err)
{
	const char *had = doc_str(*request, role);

	if (had != NULL && strcmp(had, name) != 0)
		return err_set(err, ERR_configuration,
		    "Too many flags setting configurators/installers/authenticators '%s' -> '%s'",
		    had, name);
	*request = doc_set(doc_take(request), role, doc_string(name));
	return 0;
}

/* {"authenticator":…, "installer":…} as options ask for them. */
static int
requested(const struct config *c, jv *request, struct err *err)
{
	static const char *const roles[] = {"installer", "authenticator"};
	const char *both = config_str(c, "configurator");
	size_t n;
	const struct option *all = options_all(&n);

	*request = doc_object();
	for (size_t i = 0; i < 2; i++) {
		const char *name = config_str(c, roles[i]);

		if (both != NULL &&
		    request_role(request, roles[i], both, err) != 0)
			return -1;
		if (name != NULL &&
		    request_role(request, roles[i], name, err) != 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		const char *name = all[i].spellings + 2;

		if ((all[i].flags & SELECT) == 0 ||
		    !config_flag(c, all[i].dest))
			continue;
		if ((strcmp(name, "nginx") == 0 ||
			strcmp(name, "apache") == 0) &&
		    request_role(request, "installer", name, err) != 0)
			return -1;
		if (request_role(request, "authenticator", name, err) != 0)
			return -1;
	}
	return 0;
}

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

int
plugins_check(const struct config *c, const char *name, struct err *err)
{
	struct err why = {0};
	jv out;

	if (plugin_set_get(plugins_all(), name) == NULL)
		return err_set(err, ERR_noPlugin,
		    "The requested %s plugin does not appear to be installed",
		    name);
	out = pump_stage(step_check(c, name), doc_none(), &why);
	doc_free(out);
	if (!err_is_set(&why))
		return 0;
	if (why.name == ERR_noChallenge || why.name == ERR_interrupted ||
	    why.name == ERR_usage) {
		err_move(err, &why);
		return -1;
	}
	err_set(err, why.name,
	    "The %s plugin is not working; there may be problems with your existing configuration.\nThe error was: %s('%s')",
	    name, error_class(&why), err_text(&why));
	err_clear(&why);
	return -1;
}

/* Nothing was asked for: the usable ones, one taken at once, several by menu. */
static int
choose(const struct config *c, char **name, struct err *err)
{
	const struct plugin_set *set = plugins_all();
	jv names = doc_array(), entries = doc_array(), q, answer, box;
	long at = 0;

	*name = NULL;
	for (size_t i = 0; i < set->n; i++) {
		const struct plugin_desc *d = set->list[i];
		struct err why = {0};
		char *entry;

		if (d->hidden || !d->authenticator)
			continue;
		if (plugins_check(c, d->name, &why) != 0) {
			err_clear(&why);
			continue;
		}
		entry = xasprintf("%s (%s)", d->summary, d->name);
		names = doc_push_str(names, d->name);
		entries = doc_push(entries, doc_stringn(entry, strlen(entry)));
		free(entry);
	}
	if (doc_len(names) > 1) {
		q = doc_set_str(doc_object(), "kind", "menu");
		q = doc_set_str(q, "text",
		    "How would you like to authenticate with the ACME CA?");
		q = doc_set(q, "choices", doc_copy(entries));
		q = doc_set_flag(q, "force", 1);
		answer = prompt_ask(q, err);
		box = doc_set(doc_object(), "v", answer);
		if (doc_int(box, "v", &at) != 0)
			at = -1;
		doc_free(box);
	}
	if (at >= 0 && doc_str_at(names, (size_t)at) != NULL)
		*name = xstrdup(doc_str_at(names, (size_t)at));
	doc_free(names);
	doc_free(entries);
	return err_is_set(err) ? -1 : 0;
}

static int
select_authenticator(struct config *c, const char *asked, struct err *err)
{
	char *name = NULL;
	int rc;

	if (asked == NULL && config_flag(c, "noninteractive_mode"))
		return err_set(err, ERR_configuration,
		    "Missing command line flags. For non-interactive execution, you will need to specify a plugin on the command line.  Run with '--help plugins' to see a list of options, and see https://eff.org/letsencrypt-plugins for more detail on what the plugins do and how to use them.");
	if (asked != NULL) {
		rc = plugins_check(c, asked, err);
		name = xstrdup(asked);
	} else {
		rc = choose(c, &name, err);
		if (rc == 0 && name == NULL)
			rc = err_set(err, ERR_noPlugin,
			    "authenticator could not be determined or is not installed");
	}
	if (rc == 0)
		config_give(c, "authenticator", doc_string(name));
	free(name);
	return rc;
}

int
plugins_named(struct config *c, struct err *err)
{
	static const char *const roles[] = {"installer", "authenticator"};
	jv request;
	int rc = requested(c, &request, err);

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(roles); i++)
		if (doc_str(request, roles[i]) != NULL)
			config_give(c, roles[i],
			    doc_string(doc_str(request, roles[i])));
	doc_free(request);
	return rc;
}

int
plugins_select(struct config *c, int need_authenticator, int need_installer,
    struct err *err)
{
	jv request;
	const char *installer;
	int rc = requested(c, &request, err);

	installer = doc_str(request, "installer");
	if (rc == 0 && need_installer && installer == NULL)
		rc = err_set(err, ERR_noPlugin,
		    "Certbot doesn't know how to automatically configure the web server on this system. However, it can still get a certificate for you. Please run \"certbot certonly\" to do so. You'll need to manually configure your web server to use the resulting certificate.");
	if (rc == 0 && installer != NULL) {
		if (plugin_set_get(plugins_all(), installer) == NULL)
			rc = err_set(err, ERR_noPlugin,
			    "The requested %s plugin does not appear to be installed",
			    installer);
		else
			config_give(c, "installer", doc_string(installer));
	}
	if (rc == 0 && need_authenticator)
		rc = select_authenticator(c, doc_str(request, "authenticator"),
		    err);
	if (rc == 0)
		log_info("certbot._internal.plugins.selection",
		    "Plugins selected: Authenticator %s, Installer %s",
		    config_str(c, "authenticator") != NULL ?
			config_str(c, "authenticator") :
			"None",
		    config_str(c, "installer") != NULL ?
			config_str(c, "installer") :
			"None");
	doc_free(request);
	return rc;
}
