/* Enhancements in certbot's order: hsts, redirect, staple, uir; each is a
 * checkpoint of its own, which is finished when the next one begins; one reload,
 * before the last is finished (spec installers E6). */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "install.h"

static const char logger[] = "certbot._internal.client";

struct enhancement {
	const char *option;	/* as certbot's message calls it */
	const char *name;	/* in the conversation */
	const char *header;	/* option of the operation; NULL */
	int asked, if_possible; /* the user wants it; it is tried */
};

/* What enhance_names has come to. */
struct progress {
	struct undo undo;
	const struct enhancement *open; /* written, not finished; NULL */
	int undone;			/* nothing of a failed one is left */
	jv *done;			/* array: all that were applied */
};

enum { ENHANCEMENTS = 4 };

static void
wanted(const struct install *in, struct enhancement *e)
{
	const struct enhancement all[ENHANCEMENTS] = {
	    {"hsts", "ensure-http-header", "Strict-Transport-Security",
		in->hsts, 0},
	    {"redirect", "redirect", NULL, in->redirect, in->try_redirect},
	    {"staple", "staple-ocsp", NULL, in->staple, 0},
	    {"uir", "ensure-http-header", "Upgrade-Insecure-Requests", in->uir,
		0},
	};

	memcpy(e, all, sizeof(all));
}

int
enhancements_wanted(const struct install *in)
{
	return in->hsts || in->redirect || in->try_redirect || in->staple ||
	    in->uir || in->auto_hsts;
}

static jv
option_of(const struct enhancement *e, jv doc)
{
	jv chain;

	if (e->header != NULL)
		return doc_string(e->header);
	if (strcmp(e->name, "staple-ocsp") != 0)
		return doc_null();
	chain = doc_find(doc, "lineage", "chain", NULL);
	if (doc_is(chain, DOC_STRING))
		return chain;
	doc_free(chain);
	return doc_null();
}

static const char *
label_of(const struct enhancement *e)
{
	return e->header != NULL ? e->header : e->name;
}

static int
enhance_name(struct install *in, const struct enhancement *e, jv doc,
    const char *name, struct err *err)
{
	const char *label = label_of(e);
	jv r = doc_set_str(doc_object(), "domain", name);

	r = doc_set_str(r, "enhancement", e->name);
	r = doc_set(r, "option", option_of(e, doc));
	if (host_do(in, "enhance", r, err) == 0)
		return 0;
	if (err->name == ERR_alreadyPresent) {
		log_info(logger, "Enhancement %s was already set.", label);
		err_clear(err);
		return 0;
	}
	if (err->name != ERR_interrupted)
		log_error(logger, "Unable to set the %s enhancement for %s.",
		    label, name);
	return -1;
}

static int
finish_open(struct install *in, struct progress *p, struct err *err)
{
	struct undo before;
	char *title;

	if (p->open == NULL)
		return 0;
	title = xasprintf("Add enhancement %s", label_of(p->open));
	p->open = NULL;
	undo_begin(in, &before);
	if (finish_changes(in, title, err) < 0) {
		/* After a signal it may be finished all the same. */
		undo_rollback(in, &before, NULL);
		p->undone = 1;
	}
	free(title);
	return p->undone ? -1 : 0;
}

static int
apply(struct install *in, struct progress *p, const struct enhancement *e,
    jv doc, jv names, struct err *err)
{
	int rc = finish_open(in, p, err);

	for (size_t i = 0; rc == 0 && i < doc_len(names); i++)
		rc = enhance_name(in, e, doc, doc_str_at(names, i), err);
	if (rc == 0)
		rc = save_changes(in, &p->undo, err);
	/* A configuration that the server refuses is never finished. */
	if (rc == 0)
		rc = host_do(in, "config-test", doc_object(), err);
	if (rc < 0)
		return -1;
	p->open = e;
	*p->done = doc_push_str(*p->done, label_of(e));
	return 0;
}

static int
apply_all(struct install *in, struct progress *p, const struct enhancement *all,
    jv doc, jv names, struct err *err)
{
	for (size_t i = 0; i < ENHANCEMENTS; i++) {
		const struct enhancement *e = &all[i];

		if (!e->asked && !e->if_possible)
			continue;
		if (doc_list_has(in->enhancements, e->name)) {
			if (apply(in, p, e, doc, names, err) < 0)
				return -1;
		} else if (e->asked) {
			log_error(logger,
			    "Option %s is not supported by the selected installer. Skipping enhancement.",
			    e->option);
		}
	}
	return 0;
}

static int
auto_hsts_enable(struct install *in, jv doc, jv names, struct err *err)
{
	struct undo u;
	jv r = doc_set(doc_object(), "lineage", doc_get(doc, "lineage"));

	undo_begin(in, &u);
	r = doc_set(r, "names", doc_copy(names));
	if (host_do(in, "auto-hsts-enable", r, err) == 0)
		return 0;
	if (err->name == ERR_alreadyPresent) {
		log_info(logger, "Enhancement auto-hsts was already set.");
		err_clear(err);
		return 0;
	}
	undo_recover(in, &u, NULL);
	return -1;
}

static int
enhance_names(struct install *in, jv doc, jv names, jv *done, struct err *err)
{
	struct progress p = {.done = done};
	struct enhancement all[ENHANCEMENTS];
	int rc;

	wanted(in, all);
	undo_begin(in, &p.undo);
	rc = apply_all(in, &p, all, doc, names, err);
	if (rc == 0 && p.open != NULL &&
	    host_do(in, "restart", doc_object(), err) < 0) {
		undo_rollback(in, &p.undo,
		    "We were unable to restart web server");
		return -1;
	}
	if (rc == 0)
		rc = finish_open(in, &p, err);
	if (rc < 0) {
		if (!p.undone)
			undo_recover(in, &p.undo, NULL);
		return -1;
	}
	if (!in->auto_hsts)
		return 0;
	if (auto_hsts_enable(in, doc, names, err) < 0)
		return -1;
	*done = doc_push_str(*done, "auto-hsts");
	return 0;
}

int
enhance_document(struct install *in, jv *doc, struct err *err)
{
	jv names = names_of(in, *doc, err), done = doc_array(), made;
	int rc = -1;

	if (!doc_is(names, DOC_ARRAY) || host_prepare(in, err) < 0 ||
	    host_enhancements(in, err) < 0)
		;
	else if (in->auto_hsts && !doc_list_has(in->enhancements, "auto-hsts"))
		err_set(err, ERR_notSupported,
		    "One or more of the requested enhancements are not supported by the selected installer");
	else
		rc = enhance_names(in, *doc, names, &done, err);
	if (rc == 0) {
		made = doc_get_kind(*doc, "installation", DOC_OBJECT);
		if (!doc_is(made, DOC_OBJECT))
			made = doc_set(
			    doc_set_str(doc_object(), "plugin", in->desc->name),
			    "names", doc_copy(names));
		made = doc_set(made, "enhancements", doc_copy(done));
		*doc = doc_set(doc_take(doc), "installation", made);
	}
	doc_free(done);
	doc_free(names);
	return rc;
}
