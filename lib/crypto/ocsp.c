#include "crypto/ocsp.h"

#include <string.h>

#include <openssl/ocsp.h>

#include "base/buf.h"
#include "crypto/ossl.h"

/* Both certificates and the request's name of the first. */
struct subject {
	X509 *cert, *issuer;
	OCSP_CERTID *id;
};

static void
subject_release(struct subject *s)
{
	OCSP_CERTID_free(s->id);
	X509_free(s->issuer);
	X509_free(s->cert);
}

static int
subject_read(struct subject *s, const char *cert, const char *issuer,
    struct err *err)
{
	*s = (struct subject){0};
	if (!(s->cert = ossl_cert(cert, strlen(cert), err)))
		return -1;
	if (!(s->issuer = ossl_cert(issuer, strlen(issuer), err)))
		return err_prefix(err, "the issuer");
	if (!(s->id = OCSP_cert_to_id(EVP_sha1(), s->cert, s->issuer)))
		return ossl_fail(err, ERR_badData,
		    "the issuer cannot be named in a request");
	return 0;
}

unsigned char *
ocsp_request(const char *cert, const char *issuer, size_t *len, struct err *err)
{
	OCSP_REQUEST *req = OCSP_REQUEST_new();
	unsigned char *der = NULL, *p;
	struct subject s;
	int n;

	if (!req)
		ossl_no_memory();
	if (subject_read(&s, cert, issuer, err) != 0)
		goto out;
	if (!OCSP_request_add0_id(req, s.id))
		ossl_no_memory();
	s.id = NULL;
	if ((n = i2d_OCSP_REQUEST(req, NULL)) <= 0)
		ossl_no_memory();
	p = der = xmalloc((size_t)n);
	i2d_OCSP_REQUEST(req, &p);
	*len = (size_t)n;
out:
	subject_release(&s);
	OCSP_REQUEST_free(req);
	return der;
}

/* Is cert the responder that the answer names? */
static int
is_responder(OCSP_BASICRESP *basic, X509 *cert)
{
	const ASN1_OCTET_STRING *hash;
	const X509_NAME *name;
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (!OCSP_resp_get0_id(basic, &hash, &name))
		return 0;
	if (name)
		return X509_NAME_cmp(name, X509_get_subject_name(cert)) == 0;
	return X509_pubkey_digest(cert, EVP_sha1(), md, &n) &&
	    ASN1_STRING_length(hash) == (int)n &&
	    memcmp(ASN1_STRING_get0_data(hash), md, n) == 0;
}

static X509 *
delegate(OCSP_BASICRESP *basic)
{
	const STACK_OF(X509) *certs = OCSP_resp_get0_certs(basic);
	int i;

	for (i = 0; i < sk_X509_num(certs); i++)
		if (is_responder(basic, sk_X509_value(certs, i)))
			return sk_X509_value(certs, i);
	return NULL;
}

/* Why delegated may not answer for issuer: NULL if it may; "" for a signature
 * that is wrong. */
static const char *
delegate_fault(X509 *delegated, X509 *issuer)
{
	if (!delegated)
		return "no matching responder certificate could be found";
	if (X509_NAME_cmp(X509_get_issuer_name(delegated),
		X509_get_subject_name(issuer)) != 0)
		return "responder certificate is not signed by the "
		       "certificate's issuer";
	if (!(X509_get_extension_flags(delegated) & EXFLAG_XKUSAGE) ||
	    !(X509_get_extended_key_usage(delegated) & XKU_OCSP_SIGN))
		return "responder is not authorized by issuer to sign OCSP "
		       "responses";
	return X509_verify(delegated, X509_get0_pubkey(issuer)) == 1 ? NULL :
								       "";
}

static int
signed_by(OCSP_BASICRESP *basic, X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);

	return key &&
	    ASN1_item_verify(ASN1_ITEM_rptr(OCSP_RESPDATA),
		OCSP_resp_get0_tbs_sigalg(basic),
		OCSP_resp_get0_signature(basic), OCSP_resp_get0_respdata(basic),
		key) == 1;
}

static const char *
signature_fault(OCSP_BASICRESP *basic, X509 *issuer)
{
	X509 *responder = issuer;
	const char *fault;

	if (!is_responder(basic, issuer)) {
		responder = delegate(basic);
		if ((fault = delegate_fault(responder, issuer)))
			return fault;
	}
	return signed_by(basic, responder) ? NULL : "";
}

/* The part of the answer that is about our serial number. */
static OCSP_SINGLERESP *
single_for(OCSP_BASICRESP *basic, const struct subject *s)
{
	ASN1_INTEGER *serial;
	int i;

	for (i = 0; i < OCSP_resp_count(basic); i++) {
		OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
		OCSP_CERTID *id = (OCSP_CERTID *)OCSP_SINGLERESP_get0_id(
		    single);

		if (OCSP_id_get0_info(NULL, NULL, NULL, &serial, id) &&
		    ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(s->cert)) ==
			0)
			return single;
	}
	return NULL;
}

static time_t
seconds(const ASN1_GENERALIZEDTIME *time)
{
	struct tm tm;

	return time && ASN1_TIME_to_tm(time, &tm) ? timegm(&tm) : 0;
}

static void
read_single(OCSP_SINGLERESP *single, struct ocsp_answer *a)
{
	ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *to = NULL;
	int status = OCSP_single_get0_status(single, &a->reason, &revoked,
	    &from, &to);

	a->state = status == V_OCSP_CERTSTATUS_GOOD ? OCSP_IS_GOOD :
	    status == V_OCSP_CERTSTATUS_REVOKED	    ? OCSP_IS_REVOKED :
						      OCSP_IS_UNKNOWN;
	if (a->state != OCSP_IS_REVOKED)
		a->reason = -1;
	a->this_update = seconds(from);
	a->next_update = seconds(to);
	a->revoked = seconds(revoked);
}

static const char *
basic_fault(OCSP_BASICRESP *basic, const struct subject *s, time_t now,
    struct ocsp_answer *a)
{
	OCSP_SINGLERESP *single = single_for(basic, s);
	const char *fault;

	if (!single)
		return "the certificate in response does not correspond to the "
		       "certificate in request";
	if ((fault = signature_fault(basic, s->issuer)))
		return fault;
	if (OCSP_id_issuer_cmp(OCSP_SINGLERESP_get0_id(single), s->id) != 0)
		return "the issuer does not correspond to issuer of the "
		       "certificate.";
	read_single(single, a);
	if (a->this_update == 0)
		return "param thisUpdate is not set.";
	if (a->this_update > now + OCSP_CLOCK_SKEW)
		return "param thisUpdate is in the future.";
	if (a->next_update != 0 && a->next_update < now - OCSP_CLOCK_SKEW)
		return "param nextUpdate is in the past.";
	return NULL;
}

/* As cryptography, and so certbot, names them (RFC 6960 4.2.1). */
static const char *
status_name(int status)
{
	static const char *const names[] = {"SUCCESSFUL", "MALFORMED_REQUEST",
	    "INTERNAL_ERROR", "TRY_LATER", "4", "SIG_REQUIRED", "UNAUTHORIZED"};

	return status >= 0 && (size_t)status < ARRAY_LEN(names) ?
	    names[status] :
	    "UNKNOWN";
}

static OCSP_RESPONSE *
response_of(const void *der, size_t len)
{
	const unsigned char *p = der;
	OCSP_RESPONSE *resp = NULL;

	if (len > 0 && len <= OCSP_ANSWER_MAX)
		resp = d2i_OCSP_RESPONSE(NULL, &p, (long)len);
	if (resp && p != (const unsigned char *)der + len) {
		OCSP_RESPONSE_free(resp);
		resp = NULL;
	}
	return resp;
}

/* The basic answer that der holds; NULL and err. */
static OCSP_BASICRESP *
basic_of(const void *der, size_t len, const char *name, struct err *err)
{
	OCSP_RESPONSE *resp = response_of(der, len);
	OCSP_BASICRESP *basic = NULL;
	int status = resp ? OCSP_response_status(resp) : -1;

	if (status == OCSP_RESPONSE_STATUS_SUCCESSFUL)
		basic = OCSP_response_get1_basic(resp);
	if (resp && status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		err_set(err, ERR_protocol,
		    "Invalid OCSP response status for %s: "
		    "OCSPResponseStatus.%s",
		    name, status_name(status));
	else if (!basic)
		err_set(err, ERR_protocol,
		    "Invalid OCSP response for %s: it cannot be read.", name);
	OCSP_RESPONSE_free(resp);
	return basic;
}

int
ocsp_check(const char *cert, const char *issuer, const char *name,
    const void *der, size_t len, time_t now, struct ocsp_answer *answer,
    struct err *err)
{
	OCSP_BASICRESP *basic = NULL;
	const char *fault;
	struct subject s;
	int rc = -1;

	*answer = (struct ocsp_answer){.state = OCSP_IS_UNKNOWN, .reason = -1};
	if (subject_read(&s, cert, issuer, err) != 0 ||
	    !(basic = basic_of(der, len, name, err)))
		goto out;
	fault = basic_fault(basic, &s, now, answer);
	if (!fault)
		rc = 0;
	else if (*fault)
		err_set(err, ERR_protocol, "Invalid OCSP response for %s: %s.",
		    name, fault);
	else
		err_set(err, ERR_protocol,
		    "Invalid signature on OCSP response for %s", name);
out:
	OCSP_BASICRESP_free(basic);
	subject_release(&s);
	ossl_start();
	return rc;
}

const char *
ocsp_state_name(enum ocsp_state state)
{
	static const char *const names[] = {"good", "revoked", "unknown"};

	return names[state];
}
