#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/names.h"
#include "crypto/cert.h"
#include "finalize.h"

static jv
folded(jv names)
{
	jv out = doc_array();
	char *name;
	size_t i;

	for (i = 0; i < doc_len(names); i++) {
		name = name_fold(doc_str_at(names, i));
		out = doc_push_str(out, name);
		free(name);
	}
	return out;
}

static int
names_check(struct job *j, const char *cert, struct err *err)
{
	jv info = cert_info(cert, strlen(cert), err), names, has, lacking;
	char *text;
	int rc = 0;

	if (!doc_is(info, DOC_OBJECT))
		return -1;
	names = doc_get(info, "names");
	has = folded(names);
	lacking = names_minus(j->names, has);
	if (doc_len(lacking) > 0) {
		text = doc_join(lacking, ", ");
		rc = err_set(err, ERR_protocol, "it lacks the name %s", text);
		free(text);
	}
	doc_free(lacking);
	doc_free(has);
	doc_free(names);
	doc_free(info);
	return rc;
}

int
chain_check(struct job *j, const char *text, char **fullchain, struct err *err)
{
	char *cert = NULL, *chain = NULL;
	int rc = -1;

	if (cert_split(text, strlen(text), &cert, &chain, err) != 0)
		goto out;
	if (!cert_matches_key(cert, j->key)) {
		err_set(err, ERR_protocol, "it does not belong to the key");
		goto out;
	}
	if (names_check(j, cert, err) != 0)
		goto out;
	*fullchain = xasprintf("%s%s", cert, chain);
	rc = 0;
out:
	if (rc != 0) {
		err->name = ERR_protocol;
		err_prefix(err,
		    "the certificate that the server gave at %s "
		    "is not used",
		    j->call.url);
	}
	free(cert);
	free(chain);
	return rc;
}

int
chain_preferred(const char *fullchain, const char *wanted)
{
	char *issuer = cert_root_issuer(fullchain);
	int is = issuer != NULL && strcmp(issuer, wanted) == 0;

	free(issuer);
	return is;
}

const char *
chain_wanted(const struct tool *t, jv doc)
{
	const char *wanted = t->preferred_chain;

	if (wanted == NULL)
		wanted = doc_str_find(doc, "request", "preferredChain", NULL);
	return wanted != NULL && *wanted != '\0' ? wanted : NULL;
}
