/* What certificates and requests have in common. */
#include "crypto/ossl.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/provider.h>

#include "base/buf.h"

enum {
	MEMO = 3,	    /* certificates that are remembered */
	DER_SEQUENCE = 0x30 /* first byte of one that is not text */
};

int
ossl_cn(const X509_NAME *name, char **cn)
{
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1), n, i;
	unsigned char *text = NULL;

	*cn = NULL;
	if (at < 0)
		return 0;
	n = ASN1_STRING_to_UTF8(&text,
	    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (n < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] == 0x7f) {
			OPENSSL_free(text);
			return -1;
		}
	*cn = (char *)text;
	return 0;
}

static int
add_dns(jv *names, const ASN1_STRING *s)
{
	const unsigned char *p = ASN1_STRING_get0_data(s);
	int n = ASN1_STRING_length(s), i;
	jv name;

	for (i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] >= 0x7f)
			return -1;
	if (n == 0)
		return -1;
	name = doc_stringn((const char *)p, (size_t)n);
	if (doc_list_has(*names, doc_text_of(name)))
		doc_free(name);
	else
		*names = doc_push(*names, name);
	return 0;
}

static int
add_ip(jv *names, const ASN1_STRING *s)
{
	int n = ASN1_STRING_length(s);
	char text[INET6_ADDRSTRLEN];

	if ((n != 4 && n != 16) ||
	    !inet_ntop(n == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(s),
		text, sizeof(text)))
		return -1;
	if (!doc_list_has(*names, text))
		*names = doc_push_str(*names, text);
	return 0;
}

static int
add_sans(jv *names, const GENERAL_NAMES *sans, int type)
{
	int i;

	for (i = 0; i < sk_GENERAL_NAME_num(sans); i++) {
		const GENERAL_NAME *san = sk_GENERAL_NAME_value(sans, i);

		if (san->type != type)
			continue;
		if ((type == GEN_DNS ? add_dns(names, san->d.dNSName) :
				       add_ip(names, san->d.iPAddress)) != 0)
			return -1;
	}
	return 0;
}

jv
ossl_names(const X509_NAME *subject, const GENERAL_NAMES *sans, struct err *err)
{
	jv names = doc_array();
	char *cn;

	if (ossl_cn(subject, &cn) != 0)
		goto bad;
	if (cn && *cn)
		names = doc_push_str(names, cn);
	OPENSSL_free(cn);
	if (sans &&
	    (add_sans(&names, sans, GEN_DNS) != 0 ||
		add_sans(&names, sans, GEN_IPADD) != 0))
		goto bad;
	return names;
bad:
	doc_free(names);
	err_set(err, ERR_badData, "a name in it has bytes that no name has");
	return doc_none();
}

/* A library context without algorithms has no decoder for a key. NULL: the
 * usual one. */
static OSSL_LIB_CTX *
keyless_context(void)
{
	static OSSL_LIB_CTX *ctx;

	if (!ctx &&
	    (!(ctx = OSSL_LIB_CTX_new()) || !OSSL_PROVIDER_load(ctx, "null")))
		ossl_no_memory();
	return ctx;
}

static X509 *
cert_of_der(const unsigned char *der, long n, OSSL_LIB_CTX *ctx)
{
	const unsigned char *p = der;
	X509 *cert = ctx ? X509_new_ex(ctx, NULL) : NULL;

	if (ctx && !cert)
		ossl_no_memory();
	/* d2i_X509 frees *cert when it fails */
	cert = d2i_X509(cert ? &cert : NULL, &p, n);

	if (cert && p != der + n) {
		X509_free(cert);
		cert = NULL;
	}
	return cert;
}

/* 1 and a certificate, 0 at the end, -1. */
static int
next_cert(BIO *bio, OSSL_LIB_CTX *ctx, X509 **cert)
{
	struct ossl_pem block;
	int got;

	*cert = NULL;
	while ((got = ossl_pem_next(bio, &block)) == 1) {
		if (strcmp(block.name, PEM_STRING_X509) == 0)
			break;
		ossl_pem_release(&block);
	}
	if (got != 1)
		return got;
	*cert = cert_of_der(block.der, block.len, ctx);
	ossl_pem_release(&block);
	return *cert ? 1 : -1;
}

static X509 *
first_cert(const void *bytes, size_t n, OSSL_LIB_CTX *ctx, struct err *err)
{
	X509 *cert;
	BIO *bio;
	int got;

	ossl_start();
	if (n > 0 && n <= FILE_TEXT_MAX &&
	    *(const unsigned char *)bytes == DER_SEQUENCE &&
	    (cert = cert_of_der(bytes, (long)n, ctx)) != NULL)
		return cert;
	ossl_start();
	bio = ossl_bio(bytes, n);
	got = next_cert(bio, ctx, &cert);
	BIO_free(bio);
	if (got == 0)
		err_set(err, ERR_badData, "there is no certificate");
	else if (got < 0)
		ossl_fail(err, ERR_badData, "the certificate cannot be read");
	return cert;
}

/* The last ones read: the questions about a certificate come one after the
 * other, and lineages share their issuer. */
static struct memo {
	void *bytes;
	size_t n;
	X509 *cert;
} memo[MEMO];

static X509 *
recall(const void *bytes, size_t n)
{
	struct memo found;

	for (size_t i = 0; i < MEMO; i++) {
		if (!memo[i].cert || memo[i].n != n ||
		    memcmp(memo[i].bytes, bytes, n) != 0)
			continue;
		found = memo[i];
		memmove(memo + 1, memo, i * sizeof(*memo));
		memo[0] = found;
		X509_up_ref(found.cert);
		return found.cert;
	}
	return NULL;
}

static void
remember(const void *bytes, size_t n, X509 *cert)
{
	free(memo[MEMO - 1].bytes);
	X509_free(memo[MEMO - 1].cert);
	memmove(memo + 1, memo, (MEMO - 1) * sizeof(*memo));
	memo[0].bytes = memcpy(xmalloc(n + 1), bytes, n);
	memo[0].n = n;
	memo[0].cert = cert;
	X509_up_ref(cert);
}

X509 *
ossl_cert(const void *bytes, size_t n, struct err *err)
{
	X509 *cert;

	ossl_start();
	cert = recall(bytes, n);
	if (!cert && (cert = first_cert(bytes, n, NULL, err)) != NULL)
		remember(bytes, n, cert);
	return cert;
}

X509 *
ossl_cert_keyless(const void *bytes, size_t n, struct err *err)
{
	ossl_start();
	return first_cert(bytes, n, keyless_context(), err);
}

STACK_OF(X509) *
    ossl_certs(const void *bytes, size_t n, int max, struct err *err)
{
	STACK_OF(X509) * certs;
	X509 *cert = NULL;
	BIO *bio;
	int got, count = 0;

	ossl_start();
	certs = sk_X509_new_null();
	bio = ossl_bio(bytes, n);
	while ((got = next_cert(bio, NULL, &cert)) == 1) {
		if (++count > max) {
			X509_free(cert);
			err_set(err, ERR_badData,
			    "there are more than %d certificates", max);
			goto fail;
		}
		if (!certs || !sk_X509_push(certs, cert))
			ossl_no_memory();
	}
	if (got == 0 && count > 0) {
		BIO_free(bio);
		return certs;
	}
	if (got == 0)
		err_set(err, ERR_badData, "there is no certificate");
	else
		err_set(err, ERR_badData, "certificate %d cannot be read: %s",
		    count + 1, ossl_reason());
fail:
	BIO_free(bio);
	sk_X509_pop_free(certs, X509_free);
	return NULL;
}
