#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/names.h"
#include "base/safefile.h"
#include "crypto/csr.h"
#include "order.h"

enum { NAMES_MAX = 100 };

/* Each name once, as a certificate has it. */
static int
normalise(jv given, jv *names, struct err *err)
{
	const char *text;
	char *name;
	size_t i;

	*names = doc_array();
	for (i = 0; i < doc_len(given); i++) {
		if ((text = doc_str_at(given, i)) == NULL)
			return err_set(err, ERR_badDocument,
			    "request.names is no list of names");
		if ((name = name_address(text)) == NULL &&
		    (name = name_normalise(text, err)) == NULL)
			return -1;
		if (!doc_list_has(*names, name))
			*names = doc_push_str(*names, name);
		free(name);
	}
	if (doc_len(*names) > NAMES_MAX)
		return err_set(err, ERR_badData,
		    "%zu names are more than the "
		    "%d that one certificate can have",
		    doc_len(*names), NAMES_MAX);
	return 0;
}

static int
names_of_csr(const char *path, jv *names, struct err *err)
{
	unsigned char *der = NULL;
	struct buf b;
	size_t len;
	jv given = doc_none();
	int rc = -1;

	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(path, &b, err) != 0)
		goto out;
	der = csr_read(b.p != NULL ? b.p : "", b.len, &len, &given, err);
	if (der == NULL) {
		err_prefix(err, "%s", path);
		goto out;
	}
	rc = normalise(given, names, err);
out:
	free(der);
	doc_free(given);
	buf_release(&b);
	return rc;
}

static int
csr_names_check(jv names, jv given, struct err *err)
{
	char *from_csr, *asked;

	if (names_subset(given, names))
		return 0;
	from_csr = doc_join(names, ", ");
	asked = doc_join(given, ", ");
	err_set(err, ERR_usage,
	    "Inconsistent domain requests:\nFrom the CSR: "
	    "%s\nFrom command line/config: %s",
	    from_csr, asked);
	free(from_csr);
	free(asked);
	return -1;
}

static int
names_fill(struct tool *t, jv *request, jv *names, struct err *err)
{
	jv given = doc_len(t->names) > 0 ? doc_copy(t->names) :
					   doc_get(*request, "names");
	jv asked = doc_none();
	char *csr = t->csr != NULL ? path_absolute(t->csr) : NULL;
	int rc = -1;

	if (csr == NULL && doc_len(t->names) == 0 &&
	    doc_str(*request, "csr") != NULL)
		csr = xstrdup(doc_str(*request, "csr"));
	if (csr == NULL) {
		rc = normalise(given, names, err);
		goto out;
	}
	if (names_of_csr(csr, names, err) != 0)
		goto out;
	if (normalise(given, &asked, err) != 0 ||
	    csr_names_check(*names, asked, err) != 0)
		goto out;
	*request = doc_set_str(*request, "csr", csr);
	rc = 0;
out:
	if (rc == 0 && doc_len(*names) == 0)
		rc = err_set(err, ERR_badDocument,
		    "no names: give -d, --csr, "
		    "or a document with request.names");
	doc_free(asked);
	doc_free(given);
	free(csr);
	return rc;
}

/* The names that an error blames: "failed", else its subproblems'. */
static jv
blamed(jv error)
{
	jv failed = doc_get_kind(error, "failed", DOC_ARRAY), subs, sub;
	const char *value;
	size_t i;

	if (doc_is(failed, DOC_ARRAY))
		return failed;
	failed = doc_array();
	subs = doc_get_kind(error, "subproblems", DOC_ARRAY);
	for (i = 0; i < doc_len(subs); i++) {
		sub = doc_at(subs, i);
		value = doc_str_find(sub, "identifier", "value", NULL);
		if (value != NULL)
			failed = doc_push_str(failed, value);
		doc_free(sub);
	}
	doc_free(subs);
	return failed;
}

static void
leave_out(jv doc, jv *names, int *fewer)
{
	jv errors = doc_get_kind(doc, "earlierErrors", DOC_ARRAY);
	jv last = doc_none(), failed = doc_none(), rest;
	char *text;

	if (doc_len(errors) > 0)
		last = doc_at(errors, doc_len(errors) - 1);
	failed = blamed(last);
	rest = names_minus(*names, failed);
	if (doc_len(rest) > 0 && doc_len(rest) < doc_len(*names)) {
		text = doc_join(failed, ", ");
		log_info("acme-order",
		    "Unable to obtain a certificate with "
		    "every requested domain. Retrying without: %s",
		    text);
		free(text);
		doc_move(names, doc_copy(rest));
		*fewer = 1;
	}
	doc_free(rest);
	doc_free(failed);
	doc_free(last);
	doc_free(errors);
}

/* What was asked for here, or by the document, is asked for and saved for
 * renewals. */
static void
profile_fill(struct work *w, jv *request, const char *member, const char *param,
    const char *given)
{
	jv params;

	if (given != NULL)
		*request = doc_set_str(*request, member, given);
	if (doc_str(*request, member) == NULL)
		return;
	params = doc_get_kind(w->doc, "renewalparams", DOC_OBJECT);
	if (!doc_is(params, DOC_OBJECT))
		doc_move(&params, doc_object());
	params = doc_set_str(params, param, doc_str(*request, member));
	w->doc = doc_set(w->doc, "renewalparams", params);
}

const char *
request_profile(const struct work *w)
{
	const char *name = doc_str_find(w->doc, "request", "requiredProfile",
	    NULL);
	jv directory, meta, profiles;

	if (name != NULL)
		return name;
	name = doc_str_find(w->doc, "request", "preferredProfile", NULL);
	if (name == NULL)
		return NULL;
	directory = acme_session_directory(w->session);
	meta = doc_get_kind(directory, "meta", DOC_OBJECT);
	profiles = doc_get_kind(meta, "profiles", DOC_OBJECT);
	if (!doc_has(profiles, name)) {
		log_info("acme-order",
		    "the server has no profile '%s': it chooses", name);
		name = NULL;
	}
	doc_free(profiles);
	doc_free(meta);
	return name;
}

int
request_fill(struct tool *t, struct work *w, int *fewer, struct err *err)
{
	jv request = doc_get_kind(w->doc, "request", DOC_OBJECT);

	*fewer = 0;
	if (!doc_is(request, DOC_OBJECT))
		doc_move(&request, doc_object());
	if (names_fill(t, &request, &w->names, err) != 0) {
		doc_free(request);
		return -1;
	}
	if (t->must_staple)
		request = doc_set_flag(request, "mustStaple", 1);
	profile_fill(w, &request, "requiredProfile", "required_profile",
	    t->required_profile);
	profile_fill(w, &request, "preferredProfile", "preferred_profile",
	    t->preferred_profile);
	if (t->allow_subset)
		request = doc_set_flag(request, "allowSubset", 1);
	if (t->stage->again && doc_flag(request, "allowSubset", 0))
		leave_out(w->doc, &w->names, fewer);
	request = doc_set(request, "names", doc_copy(w->names));
	w->doc = doc_set(w->doc, "request", request);
	return 0;
}
