/* plugin_install.c - the operations of installers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "certbot/base_private.h"
#include "certbot/plugin_private.h"

enum { OP_MAX = 64 };

typedef int simple_fn(struct certbot_plugin *p, void *ctx,
    struct certbot_error *e);
typedef int lineage_fn(struct certbot_plugin *p, void *ctx,
    const struct certbot_renewed *l, struct certbot_error *e);

static int
unsupported(const char *op, struct certbot_error *e)
{
	return certbot_fail(e, CERTBOT_NOT_SUPPORTED,
	    "the operation \"%.*s\" is not supported", OP_MAX, op);
}

static int
missing(const char *what, struct certbot_error *e)
{
	return certbot_fail(e, CERTBOT_FAILED,
	    "the host sent an operation without %s", what);
}

static int
deploy(struct certbot_plugin *p, jv request, struct certbot_error *e)
{
	const char *name = doc_str(request, "domain");
	const struct certbot_files files = {doc_str(request, "cert"),
	    doc_str(request, "key"), doc_str(request, "chain"),
	    doc_str(request, "fullchain")};

	if (p->ops->deploy == NULL)
		return unsupported("deploy", e);
	if (name == NULL || files.cert == NULL || files.key == NULL)
		return missing("its name, certificate and key", e);
	return p->ops->deploy(p, p->ctx, name, &files, e);
}

static int
enhance(struct certbot_plugin *p, jv request, struct certbot_error *e)
{
	const char *name = doc_str(request, "domain");
	const char *enhancement = doc_str(request, "enhancement");

	if (p->ops->enhance == NULL)
		return unsupported("enhance", e);
	if (name == NULL || enhancement == NULL)
		return missing("its name and enhancement", e);
	return p->ops->enhance(p, p->ctx, name, enhancement,
	    doc_str(request, "option"), e);
}

static int
save(struct certbot_plugin *p, jv request, struct certbot_error *e)
{
	if (p->ops->save == NULL)
		return unsupported("save", e);
	return p->ops->save(p, p->ctx, doc_str(request, "title"),
	    doc_flag(request, "temporary", 0), e);
}

static int
rollback(struct certbot_plugin *p, jv request, struct certbot_error *e)
{
	long n = 1;

	if (p->ops->rollback == NULL)
		return unsupported("rollback", e);
	if (doc_has(request, "checkpoints") &&
	    doc_int(request, "checkpoints", &n) != 0)
		return missing("a number of checkpoints", e);
	return p->ops->rollback(p, p->ctx, n, e);
}

/* What may be missing: nothing is done then. */
static int
simple(struct certbot_plugin *p, simple_fn *fn, struct certbot_error *e)
{
	return fn == NULL ? 0 : fn(p, p->ctx, e);
}

/* renew_deploy and its like: fn may be NULL. */
static int
about_lineage(struct certbot_plugin *p, const char *op, lineage_fn *fn,
    jv request, struct certbot_error *e)
{
	jv lineage = doc_get_kind(request, "lineage", DOC_OBJECT);
	jv names = doc_get_kind(request, "names", DOC_ARRAY);
	struct certbot_list list = {0};
	static const char *const none[] = {NULL};
	struct certbot_renewed l = {doc_str(lineage, "name"),
	    doc_str(lineage, "path"), 0, none};
	int rc;

	(void)doc_int(lineage, "version", &l.version);
	certbot__append(&list, names);
	if (list.v != NULL)
		l.names = (const char *const *)list.v;
	if (fn == NULL)
		rc = unsupported(op, e);
	else if (l.name == NULL || l.path == NULL)
		rc = missing("a lineage", e);
	else
		rc = fn(p, p->ctx, &l, e);
	certbot_list_release(&list);
	doc_free(names);
	doc_free(lineage);
	return rc;
}

static int
dispatch(struct certbot_plugin *p, const char *op, jv request,
    struct certbot_error *e)
{
	const struct certbot_plugin_ops *o = p->ops;
	const struct {
		const char *op;
		lineage_fn *fn;
	} lineages[] = {{"renew-deploy", o->renew_deploy},
	    {"generic-updates", o->generic_updates},
	    {"auto-hsts-enable", o->auto_hsts_enable},
	    {"auto-hsts-update", o->auto_hsts_update},
	    {"auto-hsts-deploy", o->auto_hsts_deploy}};

	if (strcmp(op, "deploy") == 0)
		return deploy(p, request, e);
	if (strcmp(op, "enhance") == 0)
		return enhance(p, request, e);
	if (strcmp(op, "save") == 0)
		return save(p, request, e);
	if (strcmp(op, "rollback") == 0)
		return rollback(p, request, e);
	if (strcmp(op, "recover") == 0)
		return simple(p, o->recover, e);
	if (strcmp(op, "config-test") == 0)
		return simple(p, o->config_test, e);
	if (strcmp(op, "restart") == 0)
		return simple(p, o->restart, e);
	for (size_t i = 0; i < ARRAY_LEN(lineages); i++)
		if (strcmp(op, lineages[i].op) == 0)
			return about_lineage(p, op, lineages[i].fn, request, e);
	return unsupported(op, e);
}

static jv
names(struct certbot_plugin *p, struct err *err)
{
	struct certbot_error e = {0};
	struct certbot_list list = {0};
	jv answer = doc_none();

	if (p->ops->names(p, p->ctx, &list, &e) == 0)
		answer = doc_set(doc_object(), "names",
		    certbot__array((const char *const *)list.v));
	else
		certbot__err(err, &e);
	certbot_list_release(&list);
	return answer;
}

jv
certbot__install(struct guest *g, void *ctx, const char *op, jv request,
    struct err *err)
{
	struct certbot_plugin *p = ctx;
	struct certbot_error e = {0};

	p->guest = g;
	if (strcmp(op, "names") == 0 && p->ops->names != NULL)
		return names(p, err);
	if (strcmp(op, "enhancements") == 0 && p->ops->deploy != NULL)
		return doc_set(doc_object(), "enhancements",
		    certbot__array(p->ops->enhancements));
	if (dispatch(p, op, request, &e) == 0)
		return doc_object();
	certbot__err(err, &e);
	return doc_none();
}
