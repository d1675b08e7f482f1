#include <openssl/evp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acme/objects.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/safefile.h"
#include "crypto/csr.h"
#include "finalize.h"
#include "store/keyfile.h"

#define LOGGER "certbot.crypto_util"

/* The key kind asked for; 0, or 1 when the document and options name none. */
static int
key_spec_wanted(const struct tool *t, jv doc, struct key_spec *spec,
    struct err *err)
{
	jv key;
	int rc;

	if (t->new_key != NULL)
		return key_spec_parse(t->new_key, t->rsa_size, t->curve, spec,
		    err);
	key = doc_find(doc, "request", "key", NULL);
	rc = doc_is(key, DOC_OBJECT) ? key_spec_from_doc(key, spec, err) : 1;
	doc_free(key);
	return rc;
}

static void
log_making(const struct key_spec *spec)
{
	if (spec->rsa_bits > 0)
		log_debug(LOGGER, "Generating RSA key (%d bits)",
		    spec->rsa_bits);
	else
		log_debug(LOGGER, "Generating ECDSA key (%s)", spec->curve);
}

void
key_ahead(struct tool *t)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	struct err ignored = {0};
	struct key_spec spec;

	if (t->new_key == NULL || isatty(STDIN_FILENO) ||
	    poll(&in, 1, 0) != 0 ||
	    key_spec_parse(t->new_key, t->rsa_size, t->curve, &spec,
		&ignored) != 0)
		goto out;
	log_making(&spec);
	t->ahead = key_new(&spec, &ignored);
out:
	err_clear(&ignored);
}

static EVP_PKEY *
key_make(struct tool *t, const struct key_spec *spec, struct err *err)
{
	EVP_PKEY *key = t->ahead;

	t->ahead = NULL;
	if (key != NULL)
		return key;
	log_making(spec);
	return key_new(spec, err);
}

static int
key_flush(struct job *j, struct err *err)
{
	struct buf pem;
	int rc;

	buf_init(&pem, FILE_TEXT_MAX);
	rc = key_pem(j->key, &pem, err);
	if (rc == 0)
		rc = safefile_write(j->pending, pem.p, pem.len, 0600,
		    SAFEFILE_EXCLUSIVE, err);
	buf_release(&pem);
	j->key_waits = rc == 0;
	return rc;
}

/* The CA has the CSR: its key is at its own place, or where the document says;
 * from there it is copied. */
static int
key_find(struct job *j, struct err *err)
{
	const char *said = doc_str_find(j->doc, "key", "path", NULL);

	if (access(j->key_path, F_OK) == 0) {
		j->key = key_load(j->key_path, err);
		return j->key != NULL ? 0 : -1;
	}
	if (said == NULL)
		return err_set(err, ERR_noInput,
		    "the order %s is finalized already, but its key is "
		    "neither at %s nor at %s",
		    doc_str(j->order, "url"), j->key_path, j->pending);
	if ((j->key = key_load(said, err)) == NULL)
		return -1;
	return key_flush(j, err);
}

static int
key_new_for(struct tool *t, struct job *j, const struct key_spec *spec,
    int finalized, struct err *err)
{
	j->key_path = xstrdup(j->out[OUT_KEY]);
	j->pending = keyfile_waiting(j->key_path, doc_str(j->order, "url"));
	if (access(j->pending, F_OK) == 0) {
		log_info(LOGGER, "going on with the key %s", j->pending);
		j->key_waits = 1;
		j->key = key_load(j->pending, err);
		return j->key != NULL ? 0 : -1;
	}
	if (finalized)
		return key_find(j, err);
	if (access(j->key_path, F_OK) == 0 && !t->replace_key)
		return err_set(err, ERR_cannotCreate,
		    "%s holds another key: "
		    "move it away, or give --replace-key",
		    j->key_path);
	if ((j->key = key_make(t, spec, err)) == NULL)
		return -1;
	j->key_is_new = 1;
	return key_flush(j, err);
}

/* The key that is there: of --key, or of the lineage with --reuse-key; NULL: a
 * new one is wanted. Borrowed. */
static const char *
key_present(const struct tool *t, const struct job *j)
{
	return t->key != NULL ? t->key :
	    t->reuse_key ? doc_str_find(j->doc, "lineage", "privkey", NULL) :
			   NULL;
}

static int
key_use(struct tool *t, struct job *j, const char *path, struct err *err)
{
	struct key_spec want, has;
	int none;

	j->key_path = path_absolute(path);
	if ((j->key = key_load(j->key_path, err)) == NULL)
		return -1;
	if (!t->reuse_key)
		return 0;
	if ((none = key_spec_wanted(t, j->doc, &want, err)) < 0 ||
	    key_describe(j->key, &has, err) != 0)
		return -1;
	return none ? 0 : key_spec_allows(&want, &has, err);
}

int
key_is_taken(const struct tool *t, const struct job *j)
{
	const char *path = j->out[OUT_KEY];
	char *pending;
	int taken;

	if (path == NULL || key_present(t, j) != NULL || t->csr != NULL)
		return 0;
	pending = keyfile_waiting(path, doc_str(j->order, "url"));
	taken = access(path, F_OK) == 0 || access(pending, F_OK) == 0;
	free(pending);
	return taken;
}

static int
csr_from_file(struct job *j, const char *path, struct err *err)
{
	struct buf b;
	jv names = doc_none();
	int rc = -1;

	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(path, &b, err) != 0)
		goto out;
	j->csr = csr_read(b.p != NULL ? b.p : "", b.len, &j->csr_len, &names,
	    err);
	if (j->csr == NULL ||
	    (j->key = csr_public_key(j->csr, j->csr_len, err)) == NULL ||
	    order_names_check(j->order, names, err) != 0) {
		err->name = ERR_badData;
		err_prefix(err, "%s does not fit the order", path);
		goto out;
	}
	rc = 0;
out:
	doc_free(names);
	buf_release(&b);
	return rc;
}

static int
csr_from_key(struct tool *t, struct job *j, struct err *err)
{
	jv request = doc_get_kind(j->doc, "request", DOC_OBJECT);
	int staple = t->must_staple || doc_flag(request, "mustStaple", 0);

	doc_free(request);
	j->csr = csr_new(j->key, j->names, staple, &j->csr_len, err);
	return j->csr != NULL ? 0 : -1;
}

int
key_prepare(struct tool *t, struct job *j, int finalized)
{
	const char *csr = t->csr, *present;
	struct key_spec spec;
	int none;

	if (j->key != NULL)
		return 0;
	if (csr == NULL && t->key == NULL && t->new_key == NULL)
		csr = doc_str_find(j->doc, "request", "csr", NULL);
	if (csr != NULL)
		return csr_from_file(j, csr, &j->err);
	if ((present = key_present(t, j)) != NULL)
		return key_use(t, j, present, &j->err) == 0 ?
		    csr_from_key(t, j, &j->err) :
		    -1;
	if ((none = key_spec_wanted(t, j->doc, &spec, &j->err)) < 0)
		return -1;
	if (none || j->out[OUT_KEY] == NULL)
		return err_set(&j->err, ERR_usage,
		    "no key: give --new-key "
		    "with --key-out, --key or --csr");
	if (key_new_for(t, j, &spec, finalized, &j->err) != 0)
		return -1;
	return csr_from_key(t, j, &j->err);
}

void
key_discard(struct job *j)
{
	if (j->key_waits)
		unlink(j->pending);
	j->key_waits = j->key_is_new = 0;
	EVP_PKEY_free(j->key);
	j->key = NULL;
	free(j->csr);
	free(j->key_path);
	free(j->pending);
	j->csr = NULL;
	j->key_path = j->pending = NULL;
}
