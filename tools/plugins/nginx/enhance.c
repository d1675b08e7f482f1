#include "enhance.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "text.h"

enum { STAPLING_SINCE = 1003007 }; /* 1.3.7 */

/* A setting of the server itself is changed where it stands. 1: something is
 * new. */
static int
set(struct nginx *n, const struct server *s, const char *name, const char *word,
    struct buf *lines)
{
	struct place at;

	if (!conf_first(n->conf, s->at, name, &at)) {
		(void)buf_addf(lines, "%s %s;" MANAGED "\n", name, word);
		return 1;
	}
	if (strcmp(place_text(at, 1), word) == 0)
		return 0;
	directive_set(at, word);
	return 1;
}

static int
staple(struct nginx *n, const struct server *s, const char *chain,
    const char *word)
{
	struct place at;
	struct buf b;
	int changed;

	buf_init(&b, SIZE_MAX - 1);
	/* Roots that somebody else chose, for whatever end, are left. */
	if (conf_first(n->conf, s->at, "ssl_trusted_certificate", &at) &&
	    (!is_managed(at) || strcmp(place_text(at, 1), chain) == 0))
		changed = 0;
	else
		changed = set(n, s, "ssl_trusted_certificate", word, &b);
	changed |= set(n, s, "ssl_stapling", "on", &b);
	changed |= set(n, s, "ssl_stapling_verify", "on", &b);
	if (b.len > 0)
		block_append(s->at, b.p, 0);
	if (changed)
		(void)buf_addf(&n->notes, "OCSP stapling in %s\n",
		    s->at.file->path);
	buf_release(&b);
	return changed;
}

static int
enhance_stapling(struct nginx *n, const char *domain, const char *chain,
    struct err *err)
{
	struct picks p = {0};
	char *word;
	int rc;

	if (n->version > 0 && n->version < STAPLING_SINCE)
		return err_set(err, ERR_pluginFailed,
		    "Version 1.3.7 or greater of nginx is needed to enable OCSP stapling");
	if (chain == NULL)
		return err_set(err, ERR_pluginFailed,
		    "--chain-path is required to enable Online Certificate Status Protocol (OCSP) stapling on nginx >= 1.3.7.");
	word = text_word(chain, err);
	if (word == NULL)
		return -1;
	rc = choose_for_tls(n, domain, &p, err);
	for (size_t i = 0; rc == 0 && i < p.n; i++)
		(void)staple(n, &n->model->servers[p.list[i]], chain, word);
	picks_release(&p);
	free(word);
	return rc == 0 ? nginx_settle(n, err) : -1;
}

int
enhance(struct nginx *n, jv request, struct err *err)
{
	const char *what = doc_str(request, "enhancement");
	const char *option = doc_str(request, "option");
	const char *name = doc_str(request, "domain");
	char *domain = name == NULL ? NULL : name_normalise(name, err);
	int rc = -1;

	if (what == NULL || name == NULL)
		err_set(err, ERR_pluginFailed,
		    "the host named no enhancement or no domain");
	else if (domain == NULL)
		rc = -1;
	else if (strcmp(what, "redirect") == 0)
		rc = enhance_redirect(n, domain, err);
	else if (strcmp(what, "ensure-http-header") == 0)
		rc = enhance_header(n, domain, option, err);
	else if (strcmp(what, "staple-ocsp") == 0)
		rc = enhance_stapling(n, domain, option, err);
	else
		err_set(err, ERR_notSupported, "Unsupported enhancement: %s",
		    what);
	free(domain);
	return rc;
}
