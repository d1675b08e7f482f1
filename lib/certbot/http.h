/* certbot/http.h - a provider's API, asked through acme-net(8): the process that
 * has the connections, and checks certificates, sizes and times. The plugin's
 * descriptor says "network": true; its host then names acme-net's socket. */
#ifndef CERTBOT_HTTP_H
#define CERTBOT_HTTP_H

#include "certbot/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct certbot_http_request {
	const char *method;	    /* "GET", "POST", ... */
	const char *url;	    /* https; http only to this machine */
	const char *const *headers; /* "Name: value", NULL-ended; NULL */
	const void *body;
	size_t len;
	long timeout_s; /* 0: 45 */
};

struct certbot_http_answer {
	int status;
	char *body; /* malloc'd, with a 0 behind it; at most 1 MiB */
	size_t len;
	char *content_type; /* malloc'd; NULL */
	long retry_after;   /* seconds that the server asks for; -1: none */
};

/* Sends a request, once, and waits for the answer: 0 whatever its status. Never
 * follows a redirect, never repeats a request by itself. Trusted are the
 * certificates that REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE names, else
 * the system's. *a must be released in any case. CERTBOT_FAILED, CERTBOT_TIMEOUT;
 * CERTBOT_BAD_DATA when the URL or a header cannot be sent. */
int certbot_http(const struct certbot_http_request *r,
    struct certbot_http_answer *a, struct certbot_error *e);
void certbot_http_release(struct certbot_http_answer *a);

#ifdef __cplusplus
}
#endif

#endif
