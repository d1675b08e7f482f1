/* Deploying a lineage: edit for each name, test, reload, finish (spec installers
 * E4 step 3, where the reload comes last: a run that was killed between the two
 * would leave a server that nobody tells of its new files). */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "install.h"

/* A path of the lineage; null when there is none. */
static jv
path_value(jv lineage, const char *key)
{
	jv v = doc_get_kind(lineage, key, DOC_STRING);

	if (doc_is(v, DOC_STRING))
		return v;
	doc_free(v);
	return doc_null();
}

jv
names_of(const struct install *in, jv doc, struct err *err)
{
	jv names = doc_len(in->names) > 0 ? doc_copy(in->names) :
					    stage_names(doc);

	if (doc_len(names) == 0)
		doc_move(&names, doc_find(doc, "lineage", "names", NULL));
	if (doc_len(names) > 0)
		return names;
	doc_free(names);
	err_set(err, ERR_badDocument,
	    "the document names nothing to install for; give names with -d");
	return doc_none();
}

static int
save(struct install *in, jv title TAKES, struct err *err)
{
	jv request = doc_set_flag(doc_object(), "temporary", 0);

	return host_do(in, "save", doc_set(request, "title", title), err);
}

int
save_changes(struct install *in, struct undo *u, struct err *err)
{
	u->written = 1;
	return save(in, doc_null(), err);
}

int
finish_changes(struct install *in, const char *title, struct err *err)
{
	return save(in, doc_string(title), err);
}

static int
deploy_names(struct install *in, struct undo *u, jv lineage, jv names,
    struct err *err)
{
	for (size_t i = 0; i < doc_len(names); i++) {
		jv r = doc_set(doc_object(), "domain", doc_at(names, i));

		r = doc_set(r, "cert", path_value(lineage, "cert"));
		r = doc_set(r, "key", path_value(lineage, "privkey"));
		r = doc_set(r, "chain", path_value(lineage, "chain"));
		r = doc_set(r, "fullchain", path_value(lineage, "fullchain"));
		if (host_do(in, "deploy", r, err) < 0 ||
		    save_changes(in, u, err) < 0)
			return -1;
	}
	return host_do(in, "config-test", doc_object(), err);
}

static int
deploy_lineage(struct install *in, jv lineage, jv names, struct err *err)
{
	static const char failed[] = "Could not install certificate";
	struct undo u;

	undo_begin(in, &u);
	log_add(LOG_INFO, "certbot._internal.client", SHOW_OUT,
	    "Deploying certificate");
	if (deploy_names(in, &u, lineage, names, err) < 0) {
		undo_recover(in, &u, failed);
		return -1;
	}
	if (host_do(in, "restart", doc_object(), err) < 0) {
		undo_rollback(in, &u,
		    "We were unable to install your certificate, however, we successfully restored your server to its prior configuration.");
		return -1;
	}
	if (finish_changes(in, "Deployed ACME Certificate", err) == 0)
		return 0;
	/* After a signal it may be finished all the same. */
	undo_rollback(in, &u, failed);
	return -1;
}

int
deploy_document(struct install *in, jv *doc, struct err *err)
{
	jv lineage = doc_get_kind(*doc, "lineage", DOC_OBJECT);
	jv names = names_of(in, *doc, err), done;
	int rc = -1;

	if (!doc_is(names, DOC_ARRAY))
		;
	else if (doc_str(lineage, "cert") == NULL ||
	    doc_str(lineage, "privkey") == NULL)
		err_set(err, ERR_badDocument,
		    "the document has no lineage to deploy; certstore save, or plan for one that is kept, comes before");
	else if (host_prepare(in, err) == 0) {
		host_take_lineage(in, *doc);
		rc = deploy_lineage(in, lineage, names, err);
	}
	if (rc == 0) {
		done = doc_set_str(doc_object(), "plugin", in->desc->name);
		done = doc_set(done, "names", doc_copy(names));
		*doc = doc_set(doc_take(doc), "installation", done);
		if (enhancements_wanted(in))
			rc = enhance_document(in, doc, err);
	}
	doc_free(names);
	doc_free(lineage);
	return rc;
}
