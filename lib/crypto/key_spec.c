/* What keys are asked for and what keys there are. */
#include "crypto/key.h"

#include <string.h>
#include <strings.h>

#include <openssl/core_names.h>

#include "crypto/ossl.h"

enum { RSA_BITS_MIN = 1024, RSA_BITS_DEFAULT = 2048, RSA_BITS_MAX = 16384 };

static const struct {
	const char *name, *nist, *alias;
} curves[] = {
    {"secp256r1", "P-256", "prime256v1"},
    {"secp384r1", "P-384", "secp384r1"},
    {"secp521r1", "P-521", "secp521r1"},
};

static const char *
curve_named(const char *text)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(curves); i++)
		if (strcasecmp(text, curves[i].name) == 0 ||
		    strcasecmp(text, curves[i].nist) == 0 ||
		    strcasecmp(text, curves[i].alias) == 0)
			return curves[i].name;
	return NULL;
}

static int
rsa_spec(long bits, struct key_spec *spec, struct err *err)
{
	if (bits == 0)
		bits = RSA_BITS_DEFAULT;
	if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
		return err_set(err, ERR_usage,
		    "Unsupported RSA key length: %ld", bits);
	spec->rsa_bits = (int)bits;
	return 0;
}

int
key_spec_parse(const char *type, long bits, const char *curve,
    struct key_spec *spec, struct err *err)
{
	*spec = (struct key_spec){0};
	if (strcasecmp(type, "rsa") == 0)
		return rsa_spec(bits, spec, err);
	if (strcasecmp(type, "ed25519") == 0)
		return err_set(err, ERR_notSupported,
		    "keys of type ed25519 are not made, since no CA takes "
		    "them; use rsa or ecdsa");
	if (strcasecmp(type, "ecdsa") != 0)
		return err_set(err, ERR_usage,
		    "Invalid key_type specified: %s.  Use [rsa|ecdsa]", type);
	spec->curve = curve_named(curve ? curve : curves[0].name);
	if (!spec->curve)
		return err_set(err, ERR_usage, "Unsupported elliptic curve: %s",
		    curve);
	return 0;
}

int
key_spec_from_doc(jv key, struct key_spec *spec, struct err *err)
{
	const char *type = doc_str(key, "type");
	long bits = 0;

	if (!type)
		return err_set(err, ERR_badDocument,
		    "the request's key has no \"type\"");
	if (doc_has(key, "size") &&
	    (doc_int(key, "size", &bits) != 0 || bits <= 0))
		return err_set(err, ERR_badDocument,
		    "the request's key has a \"size\" that is no number of "
		    "bits");
	return key_spec_parse(type, bits, doc_str(key, "curve"), spec, err);
}

jv
key_spec_to_doc(const struct key_spec *spec)
{
	jv doc = doc_object();

	if (spec->rsa_bits > 0)
		return doc_set_int(doc_set_str(doc, "type", "rsa"), "size",
		    spec->rsa_bits);
	return doc_set_str(doc_set_str(doc, "type", "ecdsa"), "curve",
	    spec->curve);
}

int
key_describe(EVP_PKEY *key, struct key_spec *spec, struct err *err)
{
	char name[64];

	*spec = (struct key_spec){0};
	if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
		spec->rsa_bits = EVP_PKEY_get_bits(key);
	else if (EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, name, sizeof(name), NULL) == 1)
		spec->curve = curve_named(name);
	if (spec->rsa_bits > 0 || spec->curve)
		return 0;
	return err_set(err, ERR_notSupported,
	    "keys of this kind cannot be used; use RSA, or ECDSA with "
	    "secp256r1, secp384r1 or secp521r1");
}

int
key_spec_allows(const struct key_spec *want, const struct key_spec *has,
    struct err *err)
{
	const char *option = NULL;

	if ((want->rsa_bits > 0) != (has->rsa_bits > 0))
		option = "--key-type";
	else if (want->rsa_bits != has->rsa_bits)
		option = "--rsa-key-size";
	else if (has->rsa_bits == 0 && strcmp(want->curve, has->curve) != 0)
		option = "--elliptic-curve";
	if (!option)
		return 0;
	return err_set(err, ERR_keyReuse,
	    "Unable to change the %s of this certificate because --reuse-key "
	    "is set. To stop reusing the private key, specify --no-reuse-key. "
	    "To change the private key this one time and then reuse it in "
	    "future, add --new-key.",
	    option);
}

const char *
key_type_name(EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
		return "RSA";
	return EVP_PKEY_is_a(key, "EC") ? "ECDSA" : "unknown";
}

int
key_same(EVP_PKEY *a, EVP_PKEY *b)
{
	int same = EVP_PKEY_eq(a, b) == 1;

	ossl_start();
	return same;
}
