#include "crypto/cert.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/buf.h"
#include "crypto/b64.h"
#include "crypto/key.h"
#include "crypto/ossl.h"

static jv
add_serial(jv info, X509 *cert)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *hex = n ? BN_bn2hex(n) : NULL, *s = hex;
	char *text;

	if (!hex)
		ossl_no_memory();
	while (s[0] == '0' && s[1])
		s++;
	text = xstrdup(s);
	for (s = text; *s; s++)
		if (*s >= 'A' && *s <= 'F')
			*s = (char)(*s - 'A' + 'a');
	info = doc_set_str(info, "serial", text);
	free(text);
	OPENSSL_free(hex);
	BN_free(n);
	return info;
}

/* The members key and unix_key; 0, or -1 if it is no time. */
static int
add_time(jv *info, const ASN1_TIME *time, const char *key, const char *unix_key)
{
	struct tm tm;
	char text[40];
	time_t t;

	if (!ASN1_TIME_to_tm(time, &tm))
		return -1;
	t = timegm(&tm);
	if (!strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return -1;
	*info = doc_set_str(*info, key, text);
	*info = doc_set_int(*info, unix_key, (long)t);
	return 0;
}

static int
add_names(jv *info, X509 *cert, struct err *err)
{
	int critical = -1;
	GENERAL_NAMES *sans = X509_get_ext_d2i(cert, NID_subject_alt_name,
	    &critical, NULL);
	jv names;

	if (!sans && critical != -1)
		return err_set(err, ERR_badData,
		    "the certificate's subjectAltName cannot be read");
	names = ossl_names(X509_get_subject_name(cert), sans, err);
	GENERAL_NAMES_free(sans);
	if (doc_is(names, DOC_NONE))
		return err_prefix(err, "the certificate");
	*info = doc_set(*info, "names", names);
	return 0;
}

static jv
add_issuer(jv info, X509 *cert)
{
	const X509_NAME *name = X509_get_issuer_name(cert);
	char *cn = NULL, *line;
	BIO *bio;

	if (ossl_cn(name, &cn) == 0 && cn) {
		info = doc_set_str(info, "issuer", cn);
	} else {
		bio = ossl_bio_out();
		X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
		line = ossl_bio_text(bio);
		info = doc_set_str(info, "issuer", line);
		free(line);
	}
	OPENSSL_free(cn);
	return info;
}

static jv
add_key(jv info, X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	struct key_spec spec;

	if (!key || key_describe(key, &spec, NULL) != 0)
		return doc_set_str(info, "keyType", "unknown");
	if (spec.rsa_bits > 0)
		return doc_set_int(doc_set_str(info, "keyType", "rsa"),
		    "keySize", spec.rsa_bits);
	return doc_set_str(doc_set_str(info, "keyType", "ecdsa"), "curve",
	    spec.curve);
}

static jv
add_ocsp(jv info, X509 *cert)
{
	STACK_OF(OPENSSL_STRING) *urls = X509_get1_ocsp(cert);

	if (urls && sk_OPENSSL_STRING_num(urls) > 0) {
		const char *url = sk_OPENSSL_STRING_value(urls, 0);

		info = doc_set(info, "ocsp", doc_stringn(url, strlen(url)));
	}
	X509_email_free(urls);
	return info;
}

/* The authority's key id, and with the serial number the name by which a CA
 * knows the certificate (RFC 9773 4.1). X509_get0_authority_key_id would look at
 * all other extensions, too, and take digests. */
static jv
add_aki(jv info, X509 *cert)
{
	AUTHORITY_KEYID *aki_ext = X509_get_ext_d2i(cert,
	    NID_authority_key_identifier, NULL, NULL);
	const ASN1_OCTET_STRING *id = aki_ext ? aki_ext->keyid : NULL;
	const ASN1_INTEGER *serial = X509_get0_serialNumber(cert);
	unsigned char *der = NULL;
	int n = i2d_ASN1_INTEGER(serial, &der);
	char *aki, *octets, *ari;

	if (id && n > 2 && der[1] < 0x80) {
		aki = b64url_encode(ASN1_STRING_get0_data(id),
		    (size_t)ASN1_STRING_length(id));
		octets = b64url_encode(der + 2, (size_t)n - 2);
		ari = xasprintf("%s.%s", aki, octets);
		info = doc_set_str(info, "aki", aki);
		info = doc_set_str(info, "renewalId", ari);
		free(ari);
		free(octets);
		free(aki);
	}
	OPENSSL_free(der);
	AUTHORITY_KEYID_free(aki_ext);
	return info;
}

static jv
info_of(X509 *cert TAKES, int brief, struct err *err)
{
	jv info = doc_object();

	if (!cert)
		goto fail;
	info = add_serial(info, cert);
	if (add_time(&info, X509_get0_notBefore(cert), "notBefore",
		"notBeforeUnix") != 0 ||
	    add_time(&info, X509_get0_notAfter(cert), "notAfter",
		"notAfterUnix") != 0) {
		err_set(err, ERR_badData,
		    "the certificate's times cannot be read");
		goto fail;
	}
	if (add_names(&info, cert, err) != 0)
		goto fail;
	info = add_issuer(info, cert);
	if (!brief)
		info = add_key(info, cert);
	info = add_ocsp(info, cert);
	info = add_aki(info, cert);
	X509_free(cert);
	ERR_clear_error();
	return info;
fail:
	doc_free(info);
	X509_free(cert);
	return doc_none();
}

jv
cert_info(const char *pem, size_t len, struct err *err)
{
	return info_of(ossl_cert(pem, len, err), 0, err);
}

jv
cert_info_brief(const char *pem, size_t len, struct err *err)
{
	return info_of(ossl_cert_keyless(pem, len, err), 1, err);
}
