#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "certstore.h"
#include "crypto/cert.h"

static jv
number_or_text(jv obj TAKES, const char *key, const char *text)
{
	char *end;
	long n;

	if (!text)
		return obj;
	n = strtol(text, &end, 10);
	return *end ? doc_set_str(obj, key, text) : doc_set_int(obj, key, n);
}

/* What a renewal asks for, as the options were saved. */
static jv
request_of(jv info, jv params)
{
	const char *type = doc_str(params, "key_type");
	const char *staple = doc_str(params, "must_staple");
	jv key = doc_set_str(doc_object(), "type", type ? type : "rsa");
	jv r = doc_set(doc_object(), "names", doc_get(info, "names"));

	if (!type || !strcasecmp(type, "rsa"))
		key = number_or_text(key, "size",
		    doc_str(params, "rsa_key_size"));
	else
		key = doc_set_str(key, "curve",
		    doc_str(params, "elliptic_curve"));
	r = doc_set(r, "key", key);
	if (staple && !strcasecmp(staple, "true"))
		r = doc_set_flag(r, "mustStaple", 1);
	r = doc_set_str(r, "requiredProfile",
	    doc_str(params, "required_profile"));
	r = doc_set_str(r, "preferredProfile",
	    doc_str(params, "preferred_profile"));
	return doc_set_str(r, "preferredChain",
	    doc_str(params, "preferred_chain"));
}

int
lineage_fill(const struct lineage *l, jv info, jv *doc, struct err *err)
{
	jv params = renewal_params(&l->conf), tools = renewal_tools(&l->conf);

	*doc = doc_set(*doc, "lineage", lineage_doc(l, info));
	if (doc_is(info, DOC_NONE)) {
		char *text = xstrdup(err_text(err));

		err_set(err, ERR_brokenLineage, "%s: %s", l->target[KIND_CERT],
		    text);
		err_member(err, "file", doc_string(l->target[KIND_CERT]));
		free(text);
		doc_free(tools);
		doc_free(params);
		return -1;
	}
	*doc = doc_set(*doc, "request", request_of(info, params));
	if (doc_str(params, "server"))
		*doc = doc_set_str(*doc, "server", doc_str(params, "server"));
	*doc = doc_set(*doc, "certificate", info);
	if (renewal_has_params(&l->conf))
		*doc = doc_set(*doc, "renewalparams", params);
	else
		doc_free(params);
	if (doc_is(tools, DOC_OBJECT))
		*doc = doc_set(*doc, "acmeTools", tools);
	else
		doc_free(tools);
	return 0;
}

static int
fill(struct lineage *l, const struct lineage_texts *t, int whole, jv *doc,
    struct err *err)
{
	const struct buf *pem = &t->text[KIND_CERT];
	jv info = cert_info(pem->p ? pem->p : "", pem->len, err);

	if (whole && doc_is(info, DOC_OBJECT) && t->text[KIND_FULLCHAIN].p)
		info = doc_set(info, "fullchain",
		    doc_stringn(t->text[KIND_FULLCHAIN].p,
			t->text[KIND_FULLCHAIN].len));
	return lineage_fill(l, info, doc, err);
}

static int
snapshot(struct certstore *t, const char *name, unsigned kinds, jv *doc,
    struct err *err)
{
	struct lineage l;
	struct lineage_texts texts;
	int rc = lineage_snapshot(&l, &texts, kinds, t->config_dir, name, err);

	if (rc == 0)
		rc = fill(&l, &texts, (kinds & (1u << KIND_FULLCHAIN)) != 0,
		    doc, err);
	lineage_texts_release(&texts);
	lineage_release(&l);
	return rc;
}

int
list_lineage(struct certstore *t, const char *name, jv *doc, struct err *err)
{
	return snapshot(t, name, 1u << KIND_CERT, doc, err);
}

int
show_lineage(struct certstore *t, const char *name, jv *doc, struct err *err)
{
	return snapshot(t, name, 1u << KIND_CERT | 1u << KIND_FULLCHAIN, doc,
	    err);
}

int
verify_lineage(struct certstore *t, const char *name, jv *doc, struct err *err)
{
	struct lineage l;
	struct lineage_texts texts;
	int rc = lineage_snapshot(&l, &texts, (1u << KIND_COUNT) - 1,
	    t->config_dir, name, err);

	if (rc == 0)
		rc = fill(&l, &texts, 0, doc, err);
	if (rc == 0)
		rc = lineage_verify(&l, &texts, err);
	lineage_texts_release(&texts);
	lineage_release(&l);
	return rc;
}
