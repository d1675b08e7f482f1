#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/safefile.h"
#include "crypto/cert.h"
#include "crypto/ocsp.h"
#include "renewal.h"

static const char logger[] = "certbot.ocsp";

enum { HTTP_DONE = 200 };

void
query_release(struct query *q)
{
	free(q->path);
	free(q->chain_path);
	free(q->cert);
	free(q->chain);
	free(q->url);
	free(q->der);
	free(q->why);
}

/* Why nothing is known, said to people as certbot does. */
static void because(struct query *q, enum log_level level, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static void
because(struct query *q, enum log_level level, const char *fmt, ...)
{
	va_list ap;

	free(q->why);
	va_start(ap, fmt);
	q->why = xvasprintf(fmt, ap);
	va_end(ap);
	log_add(level, logger, SHOW_LOG, "%s", q->why);
}

void
query_offline(struct query *q, const char *reason)
{
	because(q, LOG_INFO, "OCSP check failed for %s (are we offline?)",
	    q->path);
	log_debug(logger, "%s: %s", q->url, reason);
}

/* Where the lineage has this kind of file: the link, or of the newest version
 * the file itself; malloc'd, NULL when the document does not say. */
static char *
file_of(const struct tool *t, jv lineage, const char *kind)
{
	const char *link = doc_str(lineage, kind);
	const char *archive = doc_str(lineage, "archive");
	const char *live = doc_str(lineage, "path");
	long latest = 0;

	if (t->newest && archive != NULL &&
	    doc_int(lineage, "latest", &latest) == 0 && latest > 0)
		return xasprintf("%s/%s%ld.pem", archive, kind, latest);
	if (link != NULL)
		return xstrdup(link);
	return live != NULL ? xasprintf("%s/%s.pem", live, kind) : NULL;
}

/* The file as text; NULL and err. */
static char *
read_text(const char *path, struct err *err)
{
	struct buf b;
	char *text = NULL;

	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(path, &b, err) == 0)
		text = b.p != NULL ? buf_detach(&b) : xstrdup("");
	buf_release(&b);
	return text;
}

/* certbot's view of the URL: without blanks at its end, and it must name a
 * host. */
static int
responder_of(struct query *q, jv info)
{
	const char *url = doc_str(info, "ocsp"), *host;
	size_t len;

	if (url == NULL) {
		because(q, LOG_INFO, "Cannot extract OCSP URI from %s",
		    q->path);
		return -1;
	}
	for (len = strlen(url); len > 0 && isspace((unsigned char)url[len - 1]);
	     len--)
		;
	q->url = xstrndup(url, len);
	host = strstr(q->url, "://");
	if (host == NULL || host[3 + strspn(host + 3, "/")] == '\0') {
		because(q, LOG_INFO,
		    "Cannot process OCSP host from URL (%s) in certificate at %s",
		    q->url, q->path);
		return -1;
	}
	return 0;
}

/* Is there something to ask, and whom? 1, 0 and why, or -1 and err. */
static int
worth_asking(struct query *q, struct err *err)
{
	jv info;
	long end = 0;
	int rc = 0;

	q->cert = read_text(q->path, err);
	if (q->cert == NULL)
		return -1;
	info = cert_info(q->cert, strlen(q->cert), err);
	if (doc_is(info, DOC_NONE))
		rc = -1;
	else if (doc_int(info, "notAfterUnix", &end) == 0 && end <= time(NULL))
		q->why = xstrdup("the certificate has expired");
	else
		rc = responder_of(q, info) == 0;
	doc_free(info);
	return rc;
}

static int
write_request(struct query *q, struct err *err)
{
	q->chain = read_text(q->chain_path, err);
	if (q->chain != NULL)
		q->der = ocsp_request(q->cert, q->chain, &q->len, err);
	return q->der != NULL ? 0 : -1;
}

void
query_prepare(const struct tool *t, struct query *q)
{
	jv lineage = doc_get_kind(q->doc, "lineage", DOC_OBJECT);
	struct err err = {0};
	int rc;

	q->path = file_of(t, lineage, "cert");
	q->chain_path = file_of(t, lineage, "chain");
	doc_free(lineage);
	q->has_lineage = q->path != NULL && q->chain_path != NULL;
	if (!q->has_lineage)
		return;
	rc = worth_asking(q, &err);
	if (rc == 1 &&
	    url_check(q->url, NET_PLAIN_ANY, "the responder's URL", &err) != 0)
		query_offline(q, err_text(&err));
	else if (rc == 1)
		rc = write_request(q, &err);
	if (rc == -1) {
		because(q, LOG_WARNING,
		    "An error occurred determining the OCSP status of %s.",
		    q->path);
		log_debug(logger, "%s", err_text(&err));
	}
	err_clear(&err);
}

void
query_judge(struct query *q, const struct net_answer *a)
{
	static const char *const states[] = {"GOOD", "REVOKED", "UNKNOWN"};
	struct ocsp_answer says;
	struct err err = {0};
	char *since;

	if (a->status != HTTP_DONE) {
		because(q, LOG_INFO,
		    "OCSP check failed for %s (HTTP status: %d)", q->path,
		    a->status);
		return;
	}
	if (ocsp_check(q->cert, q->chain, q->path,
		a->body != NULL ? a->body : "", a->len, time(NULL), &says,
		&err) != 0) {
		because(q, LOG_WARNING, "%s", err_text(&err));
		err_clear(&err);
		return;
	}
	log_debug(logger,
	    "OCSP certificate status for %s is: OCSPCertStatus.%s", q->path,
	    states[says.state]);
	q->revoked = says.state == OCSP_IS_REVOKED;
	if (q->revoked) {
		since = time_text((int64_t)says.revoked);
		q->why = xasprintf("revoked since %s", since);
		free(since);
	} else if (says.state == OCSP_IS_UNKNOWN) {
		q->why = xstrdup("the responder does not know the certificate");
	}
}
