#include <stdlib.h>
#include <string.h>

#include "enhance.h"
#include "redirects.h"
#include "text.h"

enum { ROUNDS_MAX = 64 };

/* "if (...)": this one name, or one label before the rest of a wildcard. */
static char *
condition(const char *domain)
{
	struct buf b;

	if (domain[0] != '*')
		return xasprintf("if ($host = %s)", domain);
	buf_init(&b, SIZE_MAX - 1);
	(void)buf_adds(&b, "if ($host ~ ^[^.]+");
	for (const char *p = domain + 1; *p != '\0'; p++)
		(void)buf_addf(&b, *p == '.' ? "\\%c" : "%c", *p);
	(void)buf_adds(&b, "$)");
	return buf_detach(&b);
}

static void
add_redirect(struct nginx *n, const struct server *s, const char *domain)
{
	char *head = condition(domain);
	char *lines = xasprintf("%s" REDIRECT_BODY "\n", head);

	block_prepend(s->at, lines);
	guest_log(n->g, LOG_INFO, SHOW_LOG,
	    "Redirecting all traffic on port %d to ssl in %s", PLAIN_HTTP_PORT,
	    s->at.file->path);
	(void)buf_addf(&n->notes, "Redirect from http to https for %s in %s\n",
	    domain, s->at.file->path);
	free(lines);
	free(head);
}

/* Is the name served with TLS at all? A redirect to nothing breaks it. */
static int
check_https(struct nginx *n, const char *domain, struct err *err)
{
	unsigned char *s = xcalloc(n->model->n, 1);
	int found = 0;

	model_serves(n->model, domain, 1, 0, s);
	for (size_t i = 0; i < n->model->n; i++)
		found |= s[i];
	free(s);
	if (found)
		return 0;
	return err_set(err, ERR_pluginFailed,
	    "Unable to find corresponding HTTPS host for enhancement: no server has TLS, install a certificate for '%s' first",
	    domain);
}

/* 0 done, 1 a server was split, choose again; -1 and err. */
static int
redirect_one(struct nginx *n, size_t i, const char *domain, struct err *err)
{
	const struct server *s = &n->model->servers[i];
	int rc;

	if (redirects_already(n->conf, s, domain)) {
		guest_log(n->g, LOG_INFO, SHOW_LOG,
		    "Traffic on port %d already redirecting to ssl in %s",
		    PLAIN_HTTP_PORT, s->at.file->path);
		return 0;
	}
	rc = split_server(n, i, err);
	if (rc == 0)
		add_redirect(n, s, domain);
	return rc;
}

int
enhance_redirect(struct nginx *n, const char *domain, struct err *err)
{
	struct picks p = {0};
	int rc = 1;

	for (int round = 0; rc == 1 && round < ROUNDS_MAX; round++) {
		picks_release(&p);
		rc = choose_for_redirect(n, domain, &p, err);
		if (rc == 0 && p.n > 0)
			rc = check_https(n, domain, err);
		/* What was split moves the others: from the start again. */
		for (size_t i = 0; rc == 0 && i < p.n; i++)
			rc = redirect_one(n, p.list[i], domain, err);
		if (rc == 1)
			continue;
		if (rc == 0 && p.n == 0)
			guest_log(n->g, LOG_INFO, SHOW_LOG,
			    "No matching insecure server blocks listening on port %d found.",
			    PLAIN_HTTP_PORT);
	}
	picks_release(&p);
	if (rc == 0)
		rc = nginx_settle(n, err);
	return rc == 0 ? split_reduce(n, err) : -1;
}
