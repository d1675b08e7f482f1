#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/log.h"
#include "base/names.h"
#include "base/safefile.h"
#include "certstore.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "store/account.h"
#include "store/keyfile.h"

static const char logger[] = "certbot._internal.storage";

enum { NUMBER_MAX = 9999 };

/* What goes to disk. */
struct product {
	char *cert, *chain; /* PEM */
	EVP_PKEY *key;
	jv info;
	struct lineage_files files;
};

static void
product_release(struct product *p)
{
	free(p->cert);
	free(p->chain);
	EVP_PKEY_free(p->key);
	doc_free(p->info);
}

static int
product_load(struct product *p, const struct certstore *t, jv doc,
    struct err *err)
{
	const char *pem = doc_str_find(doc, "certificate", "fullchain", NULL);
	char *place = NULL;

	memset(p, 0, sizeof(*p));
	p->info = doc_none();
	if (!pem)
		return err_set(err, ERR_badDocument,
		    "the document has no certificate; certstore save comes "
		    "after acme-finalize");
	if (cert_split(pem, strlen(pem), &p->cert, &p->chain, err) < 0)
		return err_prefix(err, "certificate.fullchain");
	doc_move(&p->info, cert_info(p->cert, strlen(p->cert), err));
	if (doc_is(p->info, DOC_NONE))
		return err_prefix(err, "certificate.fullchain");
	if (t->key_file) {
		char *given = stage_expand(t->key_file, doc, err);

		if (!given)
			return -1;
		place = path_absolute(given);
		free(given);
	}
	p->key = keyfile_find(doc, place, NULL, err);
	free(place);
	if (!p->key)
		return -1;
	p->files.cert = p->cert;
	p->files.chain = p->chain;
	p->files.key = p->key;
	return 0;
}

static const char *
type_of_key(EVP_PKEY *key)
{
	return !strcmp(key_type_name(key), "RSA") ? "rsa" : "ecdsa";
}

/* Without a stage that does all names, the last one with --for is what certbot
 * knows as the authenticator. */
static jv
add_authenticator(jv params TAKES, jv doc)
{
	jv list = doc_find(doc, "acmeTools", "challenges", NULL);
	jv last = doc_at(list, doc_len(list) > 0 ? doc_len(list) - 1 : 0);
	const char *plugin = doc_str(last, "plugin");
	jv options = doc_get_kind(last, "options", DOC_OBJECT);

	if (!doc_is(options, DOC_OBJECT))
		options = doc_object();
	if (!doc_has(params, "authenticator") && plugin) {
		params = doc_merge(doc_take(&options), params);
		params = doc_set_str(params, "authenticator", plugin);
	}
	doc_free(options);
	doc_free(last);
	doc_free(list);
	return params;
}

/* [renewalparams]: what the stages said; what they never say is added. */
static jv
params_for(const struct certstore *t, jv doc, const struct product *p,
    const struct lineage *old)
{
	jv params = doc_get_kind(doc, "renewalparams", DOC_OBJECT);
	const char *server = doc_str(doc, "server");

	if (!doc_is(params, DOC_OBJECT))
		doc_move(&params,
		    old ? renewal_params(&old->conf) : doc_object());
	params = add_authenticator(params, doc);
	if (!doc_has(params, "account"))
		params = doc_set_str(params, "account",
		    doc_str_find(doc, "account", "id", NULL));
	if (!doc_has(params, "server"))
		params = doc_set_str(params, "server",
		    server ? server : t->st.server);
	if (!doc_has(params, "key_type"))
		params = doc_set_str(params, "key_type", type_of_key(p->key));
	return params;
}

static jv
tools_for(jv doc, const struct lineage *old)
{
	if (doc_has(doc, "acmeTools") || doc_has(doc, "renewalparams") || !old)
		return doc_get_kind(doc, "acmeTools", DOC_OBJECT);
	return renewal_tools(&old->conf);
}

/* A renewal looks for the account in our own directory. */
static void
check_account(const struct certstore *t, jv doc)
{
	const char *id = doc_str_find(doc, "account", "id", NULL);
	const char *server = doc_str(doc, "server");
	char *accounts = path_join(t->config_dir, "accounts");
	char *dir = server ? account_server_dir(accounts, server, NULL) : NULL;
	char *path = dir && id ? path_join(dir, id) : NULL;

	if (path && access(path, F_OK) < 0)
		log_warning(logger,
		    "the account of this certificate is not in '%s', where "
		    "a renewal looks for it: use --account-dir '%s' with "
		    "acme-account, or copy it there",
		    dir, accounts);
	free(path);
	free(dir);
	free(accounts);
}

/* Version of l that holds the product already; 0 if none. */
static long
saved_version(const struct lineage *l, const struct product *p)
{
	for (long v = l->latest; v > 0 && v >= l->latest - LINEAGE_KEEP; v--)
		if (lineage_holds(l, v, &p->files))
			return v;
	return 0;
}

/* The links may still have to move to what was saved before. */
static int
finish_saved(struct lineage *l, long version, struct err *err)
{
	int pending = lineage_pending(l, err);

	if (pending < 0)
		return -1;
	if (pending && version == l->latest)
		return lineage_deploy(l, version, err);
	log_info(logger, "the certificate is version %ld of '%s' already",
	    version, l->conf.name);
	return 0;
}

static int
renew(struct certstore *t, const char *name, jv doc, const struct product *p,
    struct lineage *l, struct err *err)
{
	jv params, tools;
	long version;
	int rc;

	if (lineage_open(l, t->config_dir, name, LINEAGE_LOCKED, err) < 0)
		return -1;
	if ((version = saved_version(l, p)) > 0)
		return finish_saved(l, version, err);
	params = params_for(t, doc, p, l);
	tools = tools_for(doc, l);
	rc = lineage_successor(l, &p->files, params, tools, err);
	doc_free(tools);
	doc_free(params);
	return rc;
}

/* A lineage name, name-0001 … that holds the product: a document that comes
 * a second time. *l is open if so. */
static int
made_before(struct certstore *t, const char *name, const struct product *p,
    struct lineage *l)
{
	char *numbered, *conf;
	int there = 1, found = 0;

	for (int i = 0; i <= NUMBER_MAX && there && !found; i++) {
		numbered = i ? xasprintf("%s-%04d", name, i) : xstrdup(name);
		conf = renewal_path(t->config_dir, numbered);
		there = access(conf, F_OK) == 0;
		if (there) {
			found = lineage_open(l, t->config_dir, numbered,
				    LINEAGE_LOCKED, NULL) == 0 &&
			    saved_version(l, p) > 0;
			if (!found)
				lineage_release(l);
		}
		free(conf);
		free(numbered);
	}
	return found;
}

static int
make_new(struct certstore *t, const char *name, jv doc, const struct product *p,
    struct lineage *l, struct err *err)
{
	jv params, tools;
	int rc;

	if (made_before(t, name, p, l))
		return finish_saved(l, saved_version(l, p), err);
	params = params_for(t, doc, p, NULL);
	tools = tools_for(doc, NULL);
	rc = lineage_new(l, t->config_dir, name, &p->files, params, tools, err);
	doc_free(tools);
	doc_free(params);
	return rc;
}

/* Which lineage: *fresh says that it is to be made. malloc'd name. */
static char *
choose(struct certstore *t, jv doc, const struct product *p, int *fresh,
    struct err *err)
{
	const char *action = doc_str_find(doc, "plan", "action", NULL);
	const char *planned = doc_str_find(doc, "plan", "lineage", NULL);
	jv names = stage_names(doc);
	char *name = NULL, *conf = NULL, *found = NULL;

	if (doc_len(names) == 0)
		doc_move(&names, doc_get_kind(p->info, "names", DOC_ARRAY));
	name = t->cert_name || !planned ? new_lineage_name(t, doc, names, err) :
					  xstrdup(planned);
	if (!name)
		goto out;
	*fresh = action && !strcmp(action, "new");
	if (planned && !strcmp(planned, name))
		goto out;
	conf = renewal_path(t->config_dir, name);
	*fresh = 1;
	if (t->cert_name) {
		*fresh = access(conf, F_OK) < 0;
	} else {
		doc_free(names);
		names = doc_get_kind(p->info, "names", DOC_ARRAY);
		if (match_find(t, names, NULL, &found) == MATCH_IDENTICAL) {
			free(name);
			name = xstrdup(found);
			*fresh = 0;
		}
	}
out:
	free(found);
	free(conf);
	doc_free(names);
	return name;
}

/* A --cert-name without %n is for one certificate of the input. */
static int
claim_name(struct certstore *t, const struct product *p, struct err *err)
{
	if (!t->cert_name || strstr(t->cert_name, "%n"))
		return 0;
	if (!t->claimed)
		t->claimed = xstrdup(p->cert);
	else if (strcmp(t->claimed, p->cert) != 0)
		return err_set(err, ERR_usage,
		    "'%s' is the name of another document's certificate in "
		    "this run: put %%n into --cert-name",
		    t->cert_name);
	return 0;
}

int
save_document(struct certstore *t, jv *doc, struct err *err)
{
	struct product p;
	struct lineage l = {0};
	char *name = NULL;
	int fresh = 0, rc = -1;

	if (product_load(&p, t, *doc, err) < 0 || claim_name(t, &p, err) < 0 ||
	    !(name = choose(t, *doc, &p, &fresh, err)))
		goto out;
	check_account(t, *doc);
	rc = fresh ? make_new(t, name, *doc, &p, &l, err) :
		     renew(t, name, *doc, &p, &l, err);
	if (rc == 0)
		*doc = doc_set(*doc, "lineage", lineage_doc(&l, p.info));
out:
	lineage_release(&l);
	product_release(&p);
	free(name);
	return rc;
}
