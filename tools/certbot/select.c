/* select.c - which plugins a request means (spec 3.9). */
#include "select.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "choose.h"
#include "plugins.h"
#include "unfinished.h"

/* Note that a role was asked for; a second, other request is refused. */
static int
request_role(jv *request, const char *role, const char *name, struct err *err)
{
	const char *had = doc_str(*request, role);

	name = plugin_short_name(name);
	if (had != NULL && strcmp(had, name) != 0)
		return err_set(err, ERR_configuration,
		    "Too many flags setting configurators/installers/authenticators '%s' -> '%s'",
		    had, name);
	*request = doc_set(doc_take(request), role, doc_string(name));
	return 0;
}

/* --webroot and the like. */
static int
request_flag(const struct config *c, const struct option *o, jv *request,
    struct err *err)
{
	const char *name = o->spellings + 2;

	if ((o->flags & SELECT) == 0 || !doc_flag(c->values, o->dest, 0))
		return 0;
	if ((strcmp(name, "nginx") == 0 || strcmp(name, "apache") == 0) &&
	    request_role(request, "installer", name, err) != 0)
		return -1;
	return request_role(request, "authenticator", name, err);
}

/* All of them, in certbot's order, which an error shows. */
static int
request_flags(const struct config *c, jv *request, struct err *err)
{
	static const char *const first[] = {"nginx", "apache", "standalone",
	    "webroot"};
	size_t n;
	const struct option *all = options_all(&n);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(first); i++)
		rc = request_flag(c, options_by_dest(first[i]), request, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = request_flag(c, &all[i], request, err);
	return rc;
}

/* {"authenticator":…, "installer":…} as options ask for them. */
static int
requested(const struct config *c, jv *request, struct err *err)
{
	static const char *const roles[] = {"installer", "authenticator"};
	const char *both = config_str(c, "configurator");

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
	/* --webroot counts as --authenticator webroot: without either, none of
	 * the flags is there */
	return config_is_set(c, "authenticator") ?
	    request_flags(c, request, err) :
	    0;
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

/* Why there is no plugin for a role. Such errors are returned, not raised,
 * where certificates are installed: no footer. */
static int
diagnose(const struct config *c, const char *role, const char *asked,
    const char *problem, struct err *err)
{
	static const char *const plain[] = {"run", "install", "enhance"};

	if (err_is_set(err))
		return -1;
	if (asked != NULL && plugin_set_get(plugins_all(), asked) == NULL)
		plugins_missing(asked, err);
	else if (asked != NULL)
		err_set(err, ERR_misconfigured,
		    "The %s plugin is not working; there may be problems with your existing configuration.\nThe error was: %s",
		    asked, problem);
	else if (strcmp(role, "installer") == 0)
		err_set(err, ERR_noPlugin,
		    "Certbot doesn't know how to automatically configure the web server on this system. However, it can still get a certificate for you. Please run \"certbot certonly\" to do so. You'll need to manually configure your web server to use the resulting certificate.");
	else
		err_set(err, ERR_noPlugin,
		    "%s could not be determined or is not installed", role);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (strcmp(c->verb, plain[i]) == 0)
			err_member(err, "plain", doc_bool(1));
	return -1;
}

/* A plugin for these roles; stored in c. */
static int
select_role(struct config *c, unsigned roles, const char *asked,
    const char *question, struct err *err)
{
	const char *role = roles & ROLE_INSTALLER ? "installer" :
						    "authenticator";
	char *problem = NULL;
	char *name = choose_plugin(c, roles, asked, question, &problem, err);
	int rc = 0;

	if (name == NULL) {
		rc = diagnose(c, role, asked, problem ? problem : "None", err);
	} else {
		if (roles & ROLE_INSTALLER)
			config_give(c, "installer", doc_string(name));
		if (roles & ROLE_AUTHENTICATOR)
			config_give(c, "authenticator", doc_string(name));
	}
	free(problem);
	free(name);
	return rc;
}

/* An installer that would only be reloaded: a certificate is obtained or renewed
 * all the same when its server is gone. */
static int
select_if_works(struct config *c, const char *asked, struct err *err)
{
	char *problem = NULL;
	char *name = choose_plugin(c, ROLE_INSTALLER, asked, "", &problem, err);

	if (name == NULL && !err_is_set(err))
		log_info("certbot._internal.plugins.selection",
		    "The installer %s cannot be used%s%s", asked,
		    problem ? ": " : "", problem ? problem : "");
	config_put(c, "installer", name ? doc_string(name) : doc_null());
	if (name != NULL)
		config_give(c, "installer", doc_string(name));
	free(problem);
	free(name);
	return err_is_set(err) ? -1 : 0;
}

/* An authenticator that cannot install, and nothing that can. */
static int
only_authenticates(const char *authenticator, struct err *err)
{
	const struct plugin_desc *d = authenticator == NULL ?
	    NULL :
	    plugin_set_get(plugins_all(), authenticator);

	if (authenticator == NULL ||
	    (d == NULL ? strncmp(authenticator, "dns-", 4) != 0 : d->installer))
		return 0;
	err_set(err, ERR_configuration,
	    "With the %s plugin, you probably want to use the \"certonly\" command, eg:\n\n    certbot certonly --%s\n\n(Alternatively, add a --installer flag. See https://eff.org/letsencrypt-plugins\n and \"--help plugins\" for more information.)",
	    authenticator, authenticator);
	return 1;
}

/* The server that answers the challenges is reloaded, too, when a person has
 * chosen it from the menu (spec 3.9). */
static void
also_installs(struct config *c)
{
	const char *name = config_str(c, "authenticator");

	if (config_str(c, "installer") == NULL &&
	    (strcmp(name, "nginx") == 0 || strcmp(name, "apache") == 0))
		config_give(c, "installer", doc_string(name));
}

static int
select_apart(struct config *c, const char *auth, const char *inst,
    int authenticator, int installer, struct err *err)
{
	const char *question = strcmp(c->verb, "enhance") == 0 ?
	    "Which installer would you like to use to configure the selected enhancements?" :
	    "";

	if (installer) {
		if (select_role(c, ROLE_INSTALLER, inst, question, err) != 0)
			return -1;
	} else if (inst != NULL && select_if_works(c, inst, err) != 0) {
		return -1;
	}
	if (!authenticator)
		return 0;
	if (select_role(c, ROLE_AUTHENTICATOR, auth,
		"How would you like to authenticate with the ACME CA?",
		err) != 0)
		return -1;
	if (auth == NULL)
		also_installs(c);
	return 0;
}

static int
select_roles(struct config *c, jv request, int authenticator, int installer,
    struct err *err)
{
	const char *auth = doc_str(request, "authenticator");
	const char *inst = doc_str(request, "installer");
	int same = auth == NULL ? inst == NULL :
				  inst != NULL && strcmp(auth, inst) == 0;

	if (authenticator && installer && inst == NULL &&
	    only_authenticates(auth, err))
		return -1;
	if (installer && !authenticator && config_str(c, "authenticator"))
		log_warning("certbot._internal.plugins.selection",
		    "Specifying an authenticator doesn't make sense when running Certbot with verb \"%s\"",
		    c->verb);
	if (authenticator && installer && same)
		return select_role(c, ROLE_INSTALLER | ROLE_AUTHENTICATOR, auth,
		    "How would you like to authenticate and install certificates?",
		    err);
	return select_apart(c, auth, inst, authenticator, installer, err);
}

static const char *
selected(const struct config *c, const char *role)
{
	const char *name = config_str(c, role);

	return name == NULL ? "None" : name;
}

int
plugins_select(struct config *c, int need_authenticator, int need_installer,
    struct err *err)
{
	jv request;
	int rc = requested(c, &request, err);

	if (rc != 0 && need_installer)
		err_member(err, "plain", doc_bool(1));
	if (rc == 0)
		rc = select_roles(c, request, need_authenticator,
		    need_installer, err);
	if (rc == 0) {
		if (need_installer && !need_authenticator)
			config_put(c, "authenticator", doc_null());
		unfinished_note(c);
		log_info("certbot._internal.plugins.selection",
		    "Plugins selected: Authenticator %s, Installer %s",
		    selected(c, "authenticator"), selected(c, "installer"));
	}
	doc_free(request);
	return rc;
}

char *
plugins_select_rollback(struct config *c, struct err *err)
{
	char *name = NULL, *problem = NULL;
	const char *asked = config_str(c, "installer");
	jv request = doc_none();

	/* certbot looks at -i alone; the other spellings count here, too */
	if (asked != NULL || requested(c, &request, err) == 0) {
		if (asked == NULL)
			asked = doc_str(request, "installer");
		name = choose_plugin(c, ROLE_INSTALLER | ROLE_BROKEN_TOO, asked,
		    "Which installer should be used for rollback?", &problem,
		    err);
		if (name == NULL && asked != NULL)
			diagnose(c, "installer", asked,
			    problem ? problem : "None", err);
	}
	doc_free(request);
	free(problem);
	return name;
}
