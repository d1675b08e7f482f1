#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/names.h"
#include "base/safefile.h"
#include "certstore.h"
#include "crypto/cert.h"

static const char logger[] = "certbot._internal.cert_manager";

const char *const match_rules[] = {"none", "identical", "subset", "name"};

/* Names asked for: those of -d, else the document's; normalised, each once.
 * Owned; empty when there are none; none and err when one is wrong. */
static jv
requested_names(const struct certstore *t, jv doc, struct err *err)
{
	jv given = doc_len(t->names) ? doc_copy(t->names) : stage_names(doc);
	jv names = doc_array();
	char *name;

	for (size_t i = 0; i < doc_len(given); i++) {
		const char *text = doc_str_at(given, i);

		name = name_address(text ? text : "");
		if (!name)
			name = name_normalise(text ? text : "", err);
		if (!name) {
			doc_move(&names, doc_none());
			break;
		}
		if (!doc_list_has(names, name))
			names = doc_push_str(names, name);
		free(name);
	}
	doc_free(given);
	return names;
}

jv
lineage_info(const struct lineage *l, int newest, struct err *err)
{
	int other = newest && l->latest > 0 &&
	    l->latest != l->version[KIND_CERT];
	char *path = other ? lineage_file(l, KIND_CERT, l->latest) :
			     xstrdup(l->target[KIND_CERT]);
	struct buf pem;
	jv info = doc_none();

	buf_init(&pem, FILE_TEXT_MAX);
	if (safefile_read(path, &pem, err) == 0)
		info = cert_info(pem.p ? pem.p : "", pem.len, err);
	if (doc_is(info, DOC_NONE) && err && err->name == ERR_badData) {
		char *text = xstrdup(err_text(err));

		err_set(err, ERR_brokenLineage, "%s: %s", path, text);
		free(text);
	}
	buf_release(&pem);
	free(path);
	return info;
}

static jv
names_of(struct certstore *t, const char *name)
{
	struct lineage l;
	struct err err = {0};
	jv info = doc_none(), names = doc_none();

	if (lineage_open(&l, t->config_dir, name, LINEAGE_LOCKED, &err) == 0)
		doc_move(&info, lineage_info(&l, 0, &err));
	names = doc_get_kind(info, "names", DOC_ARRAY);
	if (!doc_is(names, DOC_ARRAY))
		log_debug(logger,
		    "Renewal conf file %s is broken. Skipping. (%s)",
		    l.conf.path, err_text(&err));
	err_clear(&err);
	lineage_release(&l);
	doc_free(info);
	return names;
}

static enum plan_rule
find_by_name(struct certstore *t, jv names, const char *cert_name, char **name)
{
	jv have = names_of(t, cert_name);
	enum plan_rule rule = MATCH_NONE;

	if (doc_is(have, DOC_ARRAY)) {
		rule = doc_len(names) == 0 || names_equal(names, have) ?
		    MATCH_IDENTICAL :
		    MATCH_NAME;
		*name = xstrdup(cert_name);
	}
	doc_free(have);
	return rule;
}

/* The last of the identical sets, else the first of the largest subsets. */
static enum plan_rule
find_by_names(struct certstore *t, jv names, char **name)
{
	jv all = renewal_list(t->config_dir, NULL);
	const char *same = NULL, *part = NULL;
	size_t largest = 0;

	for (size_t i = 0; i < doc_len(all); i++) {
		jv have = names_of(t, doc_str_at(all, i));

		if (!doc_is(have, DOC_ARRAY) || doc_len(have) == 0)
			;
		else if (names_equal(have, names))
			same = doc_str_at(all, i);
		else if (doc_len(have) > largest && names_subset(have, names)) {
			part = doc_str_at(all, i);
			largest = doc_len(have);
		}
		doc_free(have);
	}
	if (same || part)
		*name = xstrdup(same ? same : part);
	doc_free(all);
	return same ? MATCH_IDENTICAL : part ? MATCH_SUBSET : MATCH_NONE;
}

enum plan_rule
match_find(struct certstore *t, jv names, const char *cert_name, char **name)
{
	*name = NULL;
	if (cert_name)
		return find_by_name(t, names, cert_name, name);
	if (t->duplicate || doc_len(names) == 0)
		return MATCH_NONE;
	return find_by_names(t, names, name);
}

/* Put the matched lineage into the document. */
static int
add_lineage(struct certstore *t, const char *name, jv *doc, struct err *err)
{
	struct lineage l;
	jv info = doc_none();
	int rc = -1;

	if (lineage_open(&l, t->config_dir, name, LINEAGE_LOCKED, err) < 0)
		goto out;
	doc_move(&info, lineage_info(&l, 0, err));
	if (doc_is(info, DOC_NONE))
		goto out;
	*doc = doc_set(*doc, "lineage", lineage_doc(&l, info));
	rc = 0;
out:
	doc_free(info);
	lineage_release(&l);
	return rc;
}

static jv
set_request_names(jv doc TAKES, jv names TAKES)
{
	jv request = doc_get_kind(doc, "request", DOC_OBJECT);

	if (!doc_is(request, DOC_OBJECT))
		doc_move(&request, doc_object());
	return doc_set(doc, "request", doc_set(request, "names", names));
}

int
match_document(struct certstore *t, jv *doc, struct err *err)
{
	jv names = requested_names(t, *doc, err), m;
	char *name = NULL, *wanted = NULL;
	enum plan_rule rule;
	int rc = -1;

	if (doc_is(names, DOC_NONE))
		goto out;
	if (t->cert_name && !(wanted = stage_expand(t->cert_name, *doc, err)))
		goto out;
	if (doc_len(names) == 0 && !wanted) {
		err_set(err, ERR_usage,
		    "no names are given: give -d NAMES, --cert-name NAME, "
		    "or a document with request.names");
		goto out;
	}
	rule = match_find(t, names, wanted, &name);
	if (rule == MATCH_NONE && doc_len(names) == 0) {
		err_set(err, ERR_noLineage,
		    "No certificate with name %s found. Use -d to specify "
		    "domains, or run certbot certificates to see possible "
		    "certificate names.",
		    wanted);
		goto out;
	}
	if (name && add_lineage(t, name, doc, err) < 0)
		goto out;
	if (doc_len(names) == 0)
		doc_move(&names, doc_find(*doc, "lineage", "names", NULL));
	*doc = set_request_names(*doc, doc_copy(names));
	m = doc_set_str(doc_object(), "rule", match_rules[rule]);
	m = doc_set_str(m, "lineage", name);
	m = doc_set_str(m, "certName", wanted);
	*doc = doc_set(*doc, "match", m);
	rc = 0;
out:
	doc_free(names);
	free(wanted);
	free(name);
	return rc;
}
