#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/safefile.h"
#include "crypto/b64.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "revoke.h"

/* The certificate: --cert, else the document's own, else its lineage's. */
static int
cert_bytes(const struct tool *t, jv doc, struct buf *b, struct err *err)
{
	const char *pem = doc_str_find(doc, "certificate", "fullchain", NULL);
	const char *path = doc_str_find(doc, "lineage", "fullchain", NULL);

	if (t->cert != NULL)
		return safefile_read(t->cert, b, err);
	if (pem != NULL)
		return buf_adds(b, pem) == 0 ?
		    0 :
		    err_set(err, ERR_badDocument,
			"the document's certificate is too long");
	if (path != NULL)
		return safefile_read(path, b, err);
	return err_set(err, ERR_badDocument,
	    "the document has no certificate that could be revoked");
}

static int
key_check(const struct tool *t, const unsigned char *der, size_t len,
    EVP_PKEY *key, struct err *err)
{
	EVP_PKEY *of_cert = NULL;
	const unsigned char *p = der;
	X509 *x = d2i_X509(NULL, &p, (long)len);
	int same;

	if (x != NULL)
		of_cert = X509_get_pubkey(x);
	same = of_cert != NULL && key_same(of_cert, key);
	EVP_PKEY_free(of_cert);
	X509_free(x);
	if (same)
		return 0;
	return err_set(err, ERR_badData,
	    "verifying the certificate located at %s matches the private "
	    "key located at %s has failed: they do not belong together",
	    t->cert != NULL ? t->cert : "the document", t->key);
}

static struct acme_session *
session_of(struct tool *t, jv *doc, EVP_PKEY *cert_key, struct err *err)
{
	if (cert_key == NULL)
		return acme_session_attached(t->acme, doc, t->account, err);
	EVP_PKEY_up_ref(cert_key);
	return acme_session_of(t->acme, doc, cert_key, err);
}

static int
send_revocation(struct tool *t, struct acme_session *s, int by_cert,
    const unsigned char *der, size_t len, struct err *err)
{
	struct acme_call call = ACME_CALL_INIT;
	char *cert = b64url_encode(der, len);
	int rc;

	call.session = s;
	call.url = acme_session_url(s, "revokeCert");
	call.flags = ACME_TEXT | ACME_REPEATABLE | (by_cert ? ACME_JWK : 0);
	call.payload = doc_set_str(doc_object(), "certificate", cert);
	call.payload = doc_set_int(call.payload, "reason",
	    reason_code(t->reason, err));
	rc = acme_call_one(t->acme, &call, err);
	if (rc != 0 && call.ran_again > 0 &&
	    acme_err_is(err, "alreadyRevoked")) {
		log_info("acme-revoke",
		    "the first request took effect, "
		    "though its answer was lost");
		err_clear(err);
		rc = 0;
	}
	doc_free(call.payload);
	acme_call_release(&call);
	free(cert);
	return rc;
}

static int
revoke(struct tool *t, jv *doc, struct err *err)
{
	struct acme_session *s;
	unsigned char *der = NULL;
	EVP_PKEY *key = NULL;
	struct buf b;
	size_t len;
	char *now;
	jv done;
	int rc = -1;

	buf_init(&b, FILE_TEXT_MAX);
	if (cert_bytes(t, *doc, &b, err) != 0)
		goto out;
	if ((der = cert_der(b.p != NULL ? b.p : "", b.len, &len, err)) == NULL)
		goto out;
	if (t->key != NULL &&
	    ((key = key_load(t->key, err)) == NULL ||
		key_check(t, der, len, key, err) != 0))
		goto out;
	if ((s = session_of(t, doc, key, err)) == NULL)
		goto out;
	if (acme_session_url(s, "revokeCert") == NULL) {
		err_set(err, ERR_notSupported,
		    "the server's directory has no revokeCert");
		goto out;
	}
	rc = send_revocation(t, s, key != NULL, der, len, err);
	if (rc != 0)
		goto out;
	now = time_text((int64_t)time(NULL));
	done = doc_set_str(doc_object(), "time", now);
	done = doc_set_str(done, "reason", t->reason);
	*doc = doc_set(*doc, "revocation", done);
	free(now);
out:
	EVP_PKEY_free(key);
	free(der);
	buf_release(&b);
	return rc;
}

void
revoke_vector(void *ctx, struct stage *st, jv *docs TAKES, size_t n)
{
	struct err err = {0};
	size_t i;

	for (i = 0; i < n; i++) {
		if (revoke(ctx, &docs[i], &err) == 0)
			stage_emit(st, docs[i]);
		else
			stage_fail(st, docs[i], &err);
	}
}
