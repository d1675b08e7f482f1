#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/safefile.h"
#include "crypto/cert.h"
#include "finalize.h"

static int
claim(struct tool *t, const char *path, struct err *err)
{
	if (doc_list_has(t->claimed, path))
		return err_set(err, ERR_usage,
		    "%s belongs to another document "
		    "of this run: put %%n into the path",
		    path);
	t->claimed = doc_push_str(t->claimed, path);
	return 0;
}

static int
place_check(const char *path, struct err *err)
{
	char *dir = path_dir(path);
	int rc = 0;

	if (access(dir, W_OK | X_OK) != 0)
		rc = err_sys(err, ERR_cannotCreate, errno,
		    "%s cannot be written", path);
	free(dir);
	return rc;
}

int
output_prepare(struct tool *t, struct job *j)
{
	char *path;
	int i;

	for (i = 0; i < OUTPUTS; i++) {
		if (t->out[i] == NULL)
			continue;
		path = stage_expand(t->out[i], j->doc, &j->err);
		if (path == NULL)
			return -1;
		j->out[i] = path_absolute(path);
		free(path);
		if (claim(t, j->out[i], &j->err) != 0 ||
		    place_check(j->out[i], &j->err) != 0)
			return -1;
	}
	return 0;
}

static int
write_text(const char *path, const char *text, struct err *err)
{
	if (path == NULL)
		return 0;
	return safefile_write(path, text, strlen(text), 0644, SAFEFILE_UMASK,
	    err);
}

static int
files_write(struct job *j)
{
	char *cert = NULL, *chain = NULL;
	int rc = -1;

	if (cert_split(j->fullchain, strlen(j->fullchain), &cert, &chain,
		&j->err) != 0)
		goto out;
	if (j->key_waits) {
		if (safefile_rename(j->pending, j->key_path, &j->err) != 0)
			goto out;
		j->key_waits = 0;
	}
	if (write_text(j->out[OUT_CERT], cert, &j->err) != 0 ||
	    write_text(j->out[OUT_CHAIN], chain, &j->err) != 0 ||
	    write_text(j->out[OUT_FULLCHAIN], j->fullchain, &j->err) != 0)
		goto out;
	rc = 0;
out:
	free(cert);
	free(chain);
	return rc;
}

static jv
certificate_new(struct job *j)
{
	static const char *const shown[] = {"serial", "notBefore", "notAfter",
	    "names", "issuer"};
	jv info = cert_info(j->fullchain, strlen(j->fullchain), &j->err);
	jv cert = doc_object();
	size_t i;

	for (i = 0; i < ARRAY_LEN(shown); i++)
		if (doc_has(info, shown[i]))
			cert = doc_set(cert, shown[i], doc_get(info, shown[i]));
	cert = doc_set_str(cert, "url", doc_str(j->order, "certificate"));
	cert = doc_set_str(cert, "fullchain", j->fullchain);
	doc_free(info);
	return cert;
}

/* What certbot would save of the options: what was given, and key_type. */
static jv
params_fill(const struct tool *t, jv doc, jv params TAKES,
    const struct key_spec *spec)
{
	jv key = doc_find(doc, "request", "key", NULL);
	jv request = doc_get_kind(doc, "request", DOC_OBJECT);

	params = doc_set_str(params, "key_type",
	    spec->rsa_bits > 0 ? "rsa" : "ecdsa");
	if (spec->rsa_bits > 0 && (t->rsa_size > 0 || doc_has(key, "size")))
		params = doc_set_int(params, "rsa_key_size", spec->rsa_bits);
	if (spec->rsa_bits == 0 && (t->curve != NULL || doc_has(key, "curve")))
		params = doc_set_str(params, "elliptic_curve", spec->curve);
	if (t->must_staple || doc_flag(request, "mustStaple", 0))
		params = doc_set_flag(params, "must_staple", 1);
	params = doc_set_str(params, "preferred_chain", chain_wanted(t, doc));
	doc_free(request);
	doc_free(key);
	return params;
}

static int
key_fill(const struct tool *t, struct job *j)
{
	struct key_spec spec;
	jv params;

	if (j->key_path == NULL)
		return 0;
	if (key_describe(j->key, &spec, &j->err) != 0)
		return -1;
	j->doc = doc_set(j->doc, "key",
	    doc_set_str(key_spec_to_doc(&spec), "path", j->key_path));
	params = doc_get_kind(j->doc, "renewalparams", DOC_OBJECT);
	if (!doc_is(params, DOC_OBJECT))
		doc_move(&params, doc_object());
	j->doc = doc_set(j->doc, "renewalparams",
	    params_fill(t, j->doc, params, &spec));
	return 0;
}

int
output_write(struct tool *t, struct job *j)
{
	if (files_write(j) != 0)
		return -1;
	j->doc = doc_set(j->doc, "certificate", certificate_new(j));
	if (key_fill(t, j) != 0)
		return -1;
	return err_is_set(&j->err) ? -1 : 0;
}
