/* lineage.c - lib/store/lineage for plugins: looking only. */
#include "certbot/lineage.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "certbot/base_private.h"
#include "crypto/cert.h"
#include "store/lineage.h"

static char *
text_of(jv doc, const char *key)
{
	const char *s = doc_str(doc, key);

	return xstrdup(s != NULL ? s : "");
}

static void
fill(struct certbot_lineage *l, jv doc)
{
	jv names = doc_get_kind(doc, "names", DOC_ARRAY);

	l->name = text_of(doc, "name");
	l->path = text_of(doc, "path");
	l->cert = text_of(doc, "cert");
	l->key = text_of(doc, "privkey");
	l->chain = text_of(doc, "chain");
	l->fullchain = text_of(doc, "fullchain");
	(void)doc_int(doc, "version", &l->version);
	certbot__append(&l->names, names);
	doc_free(names);
}

int
certbot_lineage_open(struct certbot_lineage *l, const char *config_dir,
    const char *name, struct certbot_error *e)
{
	struct lineage_texts t;
	struct lineage own;
	struct err err = {0};
	jv info = doc_none(), doc;
	int rc;

	memset(l, 0, sizeof(*l));
	rc = lineage_snapshot(&own, &t, 1U << KIND_CERT, config_dir, name,
	    &err);
	if (rc == 0) {
		info = cert_info(t.text[KIND_CERT].p, t.text[KIND_CERT].len,
		    &err);
		rc = doc_is(info, DOC_NONE) ? -1 : 0;
	}
	if (rc == 0) {
		doc = lineage_doc(&own, info);
		fill(l, doc);
		doc_free(doc);
	}
	doc_free(info);
	lineage_texts_release(&t);
	lineage_release(&own);
	return certbot__result(rc, e, &err);
}

void
certbot_lineage_release(struct certbot_lineage *l)
{
	free(l->name);
	free(l->path);
	free(l->cert);
	free(l->key);
	free(l->chain);
	free(l->fullchain);
	certbot_list_release(&l->names);
	memset(l, 0, sizeof(*l));
}

int
certbot_lineage_verify(const char *config_dir, const char *name,
    struct certbot_error *e)
{
	const unsigned all = (1U << KIND_COUNT) - 1;
	struct lineage_texts t;
	struct lineage own;
	struct err err = {0};
	int rc = lineage_snapshot(&own, &t, all, config_dir, name, &err);

	if (rc == 0)
		rc = lineage_verify(&own, &t, &err);
	lineage_texts_release(&t);
	lineage_release(&own);
	return certbot__result(rc, e, &err);
}
