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
	if (name == NULL || files.cert == NULL || files.key == NULL ||
	    files.chain == NULL || files.fullchain == NULL)
		return missing("its name and four paths", e);
	p->changed = 1;
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
	p->changed = 1;
	return p->ops->enhance(p, p->ctx, name, enhancement,
	    doc_str(request, "option"), e);
}

static int
save(struct certbot_plugin *p, jv request, struct certbot_error *e)
{
	int temporary = doc_flag(request, "temporary", 0), rc;
	const char *title = doc_str(request, "title");

	if (p->ops->save == NULL)
		return unsupported("save", e);
	rc = p->ops->save(p, p->ctx, title, temporary, e);
	if (rc == 0 && title != NULL && !temporary)
		p->changed = 0;
	return rc;
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

static int
recover(struct certbot_plugin *p, struct certbot_error *e)
{
	int rc = p->ops->recover == NULL ? 0 : p->ops->recover(p, p->ctx, e);

	if (rc == 0)
		p->changed = 0;
	return rc;
}

static int
restart(struct certbot_plugin *p, struct certbot_error *e)
{
	int rc;

	if (p->ops->restart == NULL)
		return unsupported("restart", e);
	rc = p->ops->restart(p, p->ctx, e);
	p->restarted |= rc == 0 && p->changed;
	return rc;
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
		return recover(p, e);
	if (strcmp(op, "config-test") == 0)
		return o->config_test == NULL ? 0 :
						o->config_test(p, p->ctx, e);
	if (strcmp(op, "restart") == 0)
		return restart(p, e);
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

void
certbot__install_end(struct certbot_plugin *p)
{
	struct certbot_error e = {0};

	if (!p->changed)
		return;
	if (recover(p, &e) != 0 ||
	    (p->ops->config_test != NULL &&
		p->ops->config_test(p, p->ctx, &e) != 0) ||
	    (p->restarted && restart(p, &e) != 0))
		fprintf(stderr, "%s\n", e.text);
}
