/* ocsp.h - what a CA says of a certificate now (RFC 6960), asked and believed
 * as certbot does (spec 9.5): SHA-1 CertID, no nonce. No network here. */
#ifndef CRYPTO_OCSP_H
#define CRYPTO_OCSP_H

#include <time.h>
#include "base/err.h"

enum {
	OCSP_ANSWER_MAX = 64 << 10, /* bytes of an answer */
	OCSP_CLOCK_SKEW = 5 * 60    /* seconds that clocks may differ */
};

/* The request for the first certificate of cert, issued by the first of
 * issuer (both PEM): DER, malloc'd. It is sent by POST as
 * application/ocsp-request to the "ocsp" of cert_info. NULL and badData. */
unsigned char *ocsp_request(const char *cert, const char *issuer, size_t *len,
    struct err *err);

enum ocsp_state { OCSP_IS_GOOD, OCSP_IS_REVOKED, OCSP_IS_UNKNOWN };

struct ocsp_answer {
	enum ocsp_state state;
	time_t this_update;
	time_t next_update; /* 0: the CA names none */
	time_t revoked;	    /* since when; 0 unless revoked */
	int reason;	    /* CRLReason, RFC 5280 5.3.1; -1: none given */
};

/* Read the DER answer to that request at the time now. 0 and *answer, or -1
 * and err: badData (cert, issuer), protocol when the answer cannot be believed.
 * The texts are certbot's warnings, in which name stands for the certificate:
 * "Invalid OCSP response status for NAME: OCSPResponseStatus.TRY_LATER",
 * "Invalid OCSP response for NAME: REASON." and "Invalid signature on OCSP
 * response for NAME". */
int ocsp_check(const char *cert, const char *issuer, const char *name,
    const void *der, size_t len, time_t now, struct ocsp_answer *answer,
    struct err *err);

/* "good", "revoked", "unknown". Static. */
const char *ocsp_state_name(enum ocsp_state state);

#endif
