#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ocsp.h>

#include "crypto/ocsp.h"
#include "pki.h"

enum { DAY = 24 * 3600 };

static struct {
	EVP_PKEY *ca_key, *leaf_key, *responder_key;
	X509 *ca, *leaf, *other, *responder, *no_eku, *foreign, *false_ca;
	X509 *forged; /* as responder, signed by another key */
	char *leaf_pem, *ca_pem;
	time_t now;
} w;

static char *
pem_of(X509 *cert)
{
	X509 *const certs[] = {cert, NULL};

	return pki_pem(certs);
}

static int
setup(void **state)
{
	static const struct pki ca = {.cn = "CA", .serial = 1, .ca = 1};
	static const struct pki leaf = {.cn = "a", .serial = 77};
	static const struct pki other = {.cn = "b", .serial = 78};
	static const struct pki responder = {.cn = "R", .eku = "OCSPSigning"};
	static const struct pki no_eku = {.cn = "R", .eku = "serverAuth"};
	static const struct pki false_ca = {.cn = "C2", .serial = 1, .ca = 1};

	(void)state;
	w.ca_key = pki_key();
	w.leaf_key = pki_key();
	w.responder_key = pki_key();
	w.ca = pki_cert(&ca, w.ca_key, NULL, NULL);
	w.leaf = pki_cert(&leaf, w.leaf_key, w.ca, w.ca_key);
	w.other = pki_cert(&other, w.leaf_key, w.ca, w.ca_key);
	w.responder = pki_cert(&responder, w.responder_key, w.ca, w.ca_key);
	w.no_eku = pki_cert(&no_eku, w.responder_key, w.ca, w.ca_key);
	w.false_ca = pki_cert(&false_ca, w.leaf_key, NULL, NULL);
	w.foreign = pki_cert(&responder, w.responder_key, w.false_ca,
	    w.leaf_key);
	w.forged = pki_cert(&responder, w.responder_key, w.ca, w.leaf_key);
	w.leaf_pem = pem_of(w.leaf);
	w.ca_pem = pem_of(w.ca);
	w.now = time(NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	X509_free(w.ca);
	X509_free(w.leaf);
	X509_free(w.other);
	X509_free(w.responder);
	X509_free(w.no_eku);
	X509_free(w.foreign);
	X509_free(w.false_ca);
	X509_free(w.forged);
	EVP_PKEY_free(w.ca_key);
	EVP_PKEY_free(w.leaf_key);
	EVP_PKEY_free(w.responder_key);
	free(w.leaf_pem);
	free(w.ca_pem);
	return 0;
}

/* An answer: about subject of issuer, signed by signer with key. */
struct response {
	int status, reason;
	X509 *subject, *issuer, *signer;
	EVP_PKEY *key;
	long from, to; /* seconds from now; to 0: none */
	const EVP_MD *id_md;
	unsigned long flags;
};

static const struct response good = {.status = V_OCSP_CERTSTATUS_GOOD,
    .from = -60,
    .to = DAY};

/* DER of the answer that r describes (NULL: the usual); OPENSSL_malloc'd. */
static unsigned char *
respond(struct response r, int *len)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	X509 *issuer = r.issuer ? r.issuer : w.ca;
	X509 *signer = r.signer ? r.signer : w.ca;
	EVP_PKEY *key = r.key ? r.key : w.ca_key;
	OCSP_CERTID *id = OCSP_cert_to_id(r.id_md ? r.id_md : EVP_sha1(),
	    r.subject ? r.subject : w.leaf, issuer);
	ASN1_TIME *from = ASN1_GENERALIZEDTIME_set(NULL, w.now + r.from);
	ASN1_TIME *to = r.to ? ASN1_GENERALIZEDTIME_set(NULL, w.now + r.to) :
			       NULL;
	ASN1_TIME *when = ASN1_GENERALIZEDTIME_set(NULL, w.now - 3600);
	OCSP_RESPONSE *resp;
	unsigned char *der = NULL;

	assert_non_null(OCSP_basic_add1_status(basic, id, r.status, r.reason,
	    when, from, to));
	/* OpenSSL signs only with the key of the certificate */
	if (X509_check_private_key(signer, key) == 1) {
		assert_true(OCSP_basic_sign(basic, signer, key, EVP_sha256(),
		    NULL, r.flags));
	} else {
		X509 *copy = X509_dup(signer);

		X509_set_pubkey(copy, key);
		assert_true(OCSP_basic_sign(basic, copy, key, EVP_sha256(),
		    NULL, OCSP_NOCERTS));
		X509_free(copy);
	}
	resp = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	*len = i2d_OCSP_RESPONSE(resp, &der);
	OCSP_RESPONSE_free(resp);
	ASN1_TIME_free(when);
	ASN1_TIME_free(to);
	ASN1_TIME_free(from);
	OCSP_CERTID_free(id);
	OCSP_BASICRESP_free(basic);
	return der;
}

static void
believed(struct response r, struct ocsp_answer *answer)
{
	struct err err = {0};
	int len;
	unsigned char *der = respond(r, &len);

	if (ocsp_check(w.leaf_pem, w.ca_pem, "x.pem", der, (size_t)len, w.now,
		answer, &err) != 0)
		fail_msg("%s", err_text(&err));
	OPENSSL_free(der);
}

static void
refused_der(const void *der, int len, const char *text)
{
	struct ocsp_answer answer;
	struct err err = {0};

	assert_int_equal(ocsp_check(w.leaf_pem, w.ca_pem, "x.pem", der,
			     (size_t)len, w.now, &answer, &err),
	    -1);
	assert_int_equal(err.name, ERR_protocol);
	assert_string_equal(err_text(&err), text);
	err_clear(&err);
}

static void
refused(struct response r, const char *text)
{
	int len;
	unsigned char *der = respond(r, &len);

	refused_der(der, len, text);
	OPENSSL_free(der);
}

static void
test_request(void **state)
{
	size_t len = 0;
	unsigned char *der = ocsp_request(w.leaf_pem, w.ca_pem, &len, NULL);
	const unsigned char *p = der;
	OCSP_REQUEST *req = d2i_OCSP_REQUEST(NULL, &p, (long)len);
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), w.leaf, w.ca);
	struct err err = {0};

	(void)state;
	assert_non_null(req);
	assert_int_equal(OCSP_request_onereq_count(req), 1);
	assert_int_equal(
	    OCSP_id_cmp(OCSP_onereq_get0_id(OCSP_request_onereq_get0(req, 0)),
		id),
	    0);
	assert_int_equal(OCSP_REQUEST_get_ext_count(req), 0);
	OCSP_CERTID_free(id);
	OCSP_REQUEST_free(req);
	free(der);
	assert_null(ocsp_request(w.leaf_pem, "", &len, &err));
	assert_int_equal(err.name, ERR_badData);
	assert_null(ocsp_request("", w.ca_pem, &len, &err));
	err_clear(&err);
}

static void
test_states(void **state)
{
	struct ocsp_answer a;
	struct response r = good;

	(void)state;
	believed(r, &a);
	assert_int_equal(a.state, OCSP_IS_GOOD);
	assert_int_equal(a.this_update, w.now - 60);
	assert_int_equal(a.next_update, w.now + DAY);
	assert_int_equal(a.revoked, 0);
	assert_int_equal(a.reason, -1);
	r.status = V_OCSP_CERTSTATUS_REVOKED;
	r.reason = 1;
	r.to = 0;
	believed(r, &a);
	assert_int_equal(a.state, OCSP_IS_REVOKED);
	assert_int_equal(a.next_update, 0);
	assert_int_equal(a.revoked, w.now - 3600);
	assert_int_equal(a.reason, 1);
	r.status = V_OCSP_CERTSTATUS_UNKNOWN;
	believed(r, &a);
	assert_int_equal(a.state, OCSP_IS_UNKNOWN);
	assert_string_equal(ocsp_state_name(OCSP_IS_REVOKED), "revoked");
}

static void
test_times(void **state)
{
	struct ocsp_answer a;
	struct response r = good;

	(void)state;
	r.from = 299;
	believed(r, &a);
	r.from = 301;
	refused(r,
	    "Invalid OCSP response for x.pem: param thisUpdate is in the "
	    "future..");
	r.from = -DAY;
	r.to = -299;
	believed(r, &a);
	r.to = -301;
	refused(r,
	    "Invalid OCSP response for x.pem: param nextUpdate is in the "
	    "past..");
}

static void
test_delegated(void **state)
{
	struct ocsp_answer a;
	struct response r = good;

	(void)state;
	r.signer = w.responder;
	r.key = w.responder_key;
	believed(r, &a);
	r.flags = OCSP_RESPID_KEY;
	believed(r, &a);
	r.flags = OCSP_NOCERTS;
	refused(r,
	    "Invalid OCSP response for x.pem: no matching responder "
	    "certificate could be found.");
	r.flags = 0;
	r.signer = w.no_eku;
	refused(r,
	    "Invalid OCSP response for x.pem: responder is not authorized by "
	    "issuer to sign OCSP responses.");
	r.signer = w.foreign;
	refused(r,
	    "Invalid OCSP response for x.pem: responder certificate is not "
	    "signed by the certificate's issuer.");
	r.signer = w.forged;
	refused(r, "Invalid signature on OCSP response for x.pem");
}

static void
test_by_key(void **state)
{
	struct ocsp_answer a;
	struct response r = good;

	(void)state;
	r.flags = OCSP_RESPID_KEY;
	believed(r, &a);
}

static void
test_wrong(void **state)
{
	struct response r = good;

	(void)state;
	r.subject = w.other;
	refused(r,
	    "Invalid OCSP response for x.pem: the certificate in response "
	    "does not correspond to the certificate in request.");
	r = good;
	r.issuer = w.false_ca;
	refused(r,
	    "Invalid OCSP response for x.pem: the issuer does not correspond "
	    "to issuer of the certificate..");
	r = good;
	r.id_md = EVP_sha256();
	refused(r,
	    "Invalid OCSP response for x.pem: the issuer does not correspond "
	    "to issuer of the certificate..");
	r = good;
	r.key = w.leaf_key;
	refused(r, "Invalid signature on OCSP response for x.pem");
}

static void
test_not_successful(void **state)
{
	OCSP_RESPONSE *resp = OCSP_response_create(
	    OCSP_RESPONSE_STATUS_TRYLATER, NULL);
	unsigned char *der = NULL;
	int len = i2d_OCSP_RESPONSE(resp, &der);

	(void)state;
	refused_der(der, len,
	    "Invalid OCSP response status for x.pem: "
	    "OCSPResponseStatus.TRY_LATER");
	OPENSSL_free(der);
	OCSP_RESPONSE_free(resp);
	refused_der("", 0,
	    "Invalid OCSP response for x.pem: it cannot be read.");
	refused_der("<html>", 6,
	    "Invalid OCSP response for x.pem: it cannot be read.");
	/* successful, and nothing in it */
	refused_der("\x30\x03\x0a\x01\x00", 5,
	    "Invalid OCSP response for x.pem: it cannot be read.");
}

/* Without certificates in it, every byte of an answer counts. */
static void
test_changed(void **state)
{
	struct response r = good;
	struct ocsp_answer a;
	unsigned char *der;
	int len, i;

	(void)state;
	r.flags = OCSP_NOCERTS;
	believed(r, &a);
	der = respond(r, &len);
	for (i = 0; i < len; i++) {
		der[i] ^= 0x40;
		assert_int_equal(ocsp_check(w.leaf_pem, w.ca_pem, "x", der,
				     (size_t)len, w.now, &a, NULL),
		    -1);
		der[i] ^= 0x40;
	}
	assert_int_equal(ocsp_check(w.leaf_pem, w.ca_pem, "x", der,
			     (size_t)len - 1, w.now, &a, NULL),
	    -1);
	OPENSSL_free(der);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_request),
	    cmocka_unit_test(test_states),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_delegated),
	    cmocka_unit_test(test_by_key),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_not_successful),
	    cmocka_unit_test(test_changed),
	};

	return cmocka_run_group_tests_name("ocsp", tests, setup, teardown);
}
