/* HSTS, upgrade-insecure-requests, OCSP stapling (spec installers C12). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apache.h"
#include "base/path.h"

#define HSTS "Strict-Transport-Security"
#define UIR "Upgrade-Insecure-Requests"
#define CSP "Content-Security-Policy"

static int
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

static int
has_word(const char *text, const char *word)
{
	size_t n = strlen(word);
	const char *p = text;

	while ((p = strcasestr(p, word)) != NULL) {
		if ((p == text || !is_word_byte(p[-1])) && !is_word_byte(p[n]))
			return 1;
		p += n;
	}
	return 0;
}

const struct entry *
header_find(const struct vhost *v, const char *text)
{
	for (size_t i = 0; i < v->n_entries; i++)
		if (node_is(v->entries[i].node, "Header") &&
		    has_word(v->entries[i].args, text))
			return &v->entries[i];
	return NULL;
}

static int
add_header(struct apache *a, struct vref r, const char *label)
{
	const struct vhost *v = vref_get(a, r);
	const char *line = "Header always set " HSTS " \"max-age=31536000\"";

	if (header_find(v, label) != NULL)
		return 0;
	/* A policy that is there stays in force beside the new one. */
	if (strcmp(label, UIR) == 0)
		line = header_find(v, CSP) != NULL ?
		    "Header always append " CSP " upgrade-insecure-requests" :
		    "Header always set " CSP " upgrade-insecure-requests";
	node_append(v->node, line);
	apache_note(a, "Adding %s header to ssl vhost in %s", label,
	    r.file->path);
	guest_log(a->g, LOG_INFO, SHOW_LOG,
	    "Adding %s header to ssl vhost in %s", label, r.file->path);
	return 1;
}

static int
header(struct apache *a, const struct vref *list, size_t n, const char *label,
    struct err *err)
{
	int added = 0;

	if (label == NULL ||
	    (strcmp(label, HSTS) != 0 && strcmp(label, UIR) != 0))
		return err_set(err, ERR_notSupported,
		    "the header \"%s\" is not supported by the Apache plugin",
		    label == NULL ? "" : label);
	if (module_enable(a, "headers", 0, err) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		added |= add_header(a, list[i], label);
	if (!added)
		return err_set(err, ERR_alreadyPresent, "Existing %s header",
		    label);
	return 0;
}

static int
has_cache(const struct apache *a)
{
	for (size_t i = 0; i < a->conf.n_main; i++)
		if (node_is(a->conf.main[i].node, "SSLStaplingCache"))
			return 1;
	return 0;
}

/* The cache belongs to the whole server: above the vhost, where the server
 * keeps what lives as long as it runs. */
static void
add_cache(struct apache *a, const struct vhost *v)
{
	char *dir = a->pid_file != NULL ? path_dir(a->pid_file) :
					  xstrdup("/var/run/apache2");
	char *line = xasprintf("SSLStaplingCache "
			       "shmcb:%s/stapling_cache(128000)",
	    dir);
	struct node *top = v->node;

	while (top->parent->name != NULL)
		top = top->parent;
	if (top != v->node && node_is(top, "IfModule"))
		node_prepend(top, line);
	else
		node_insert_before(top, line);
	free(line);
	free(dir);
}

static int
staple(struct apache *a, const struct vref *list, size_t n, struct err *err)
{
	if (module_enable(a, "socache_shmcb", 0, err) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct vhost *v = vref_get(a, list[i]);
		const struct entry *e = vhost_last(v, "SSLUseStapling");
		char *arg = e == NULL ? NULL : entry_arg(e, 0);
		int on = arg != NULL && strcasecmp(arg, "on") == 0;

		free(arg);
		if (!on && e != NULL && node_within(e->node, v->node))
			node_set_args(e->node, "on");
		else if (!on)
			node_append(v->node, "SSLUseStapling on");
		if (!on) {
			apache_note(a,
			    "Enabled OCSP Stapling on SSL Vhost in %s",
			    v->file->path);
			guest_log(a->g, LOG_INFO, SHOW_LOG,
			    "Enabled OCSP Stapling on SSL Vhost in %s",
			    v->file->path);
		}
		if (!has_cache(a))
			add_cache(a, v);
		if (apache_changed(a, err) == -1)
			return -1;
	}
	return 0;
}

static int
redirect(struct apache *a, const char *domain, const struct vref *list,
    size_t n, struct err *err)
{
	size_t already = 0;
	int rc = 0;

	if (module_enable(a, "rewrite", 0, err) == -1)
		return -1;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct err one = {0};

		rc = enhance_redirect(a, domain, list[i], &one);
		if (rc == -1 && one.name == ERR_alreadyPresent) {
			already++;
			rc = 0;
		}
		if (rc == -1 || already == n)
			err_move(err, &one);
		err_clear(&one);
		if (rc == 0)
			rc = apache_changed(a, err);
	}
	return already == n ? -1 : rc;
}

int
apache_enhance(struct apache *a, jv request, struct err *err)
{
	const char *domain = doc_str(request, "domain");
	const char *what = doc_str(request, "enhancement");
	const char *option = doc_str(request, "option");
	const struct vref *list;
	size_t n;
	int rc;

	if (domain == NULL || what == NULL)
		return err_set(err, ERR_pluginFailed,
		    "enhance: no domain or no enhancement");
	if (apache_read(a, err) == -1 ||
	    choose_tls(a, domain, 0, &list, &n, err) == -1)
		return -1;
	if (n == 0)
		return err_set(err, ERR_pluginFailed,
		    "Unable to find corresponding HTTPS virtual host for %s: "
		    "%s needs one",
		    domain, what);
	if (strcmp(what, "redirect") == 0)
		rc = redirect(a, domain, list, n, err);
	else if (strcmp(what, "ensure-http-header") == 0)
		rc = header(a, list, n, option, err);
	else if (strcmp(what, "staple-ocsp") == 0)
		rc = staple(a, list, n, err);
	else
		rc = err_set(err, ERR_notSupported,
		    "Unsupported enhancement: %s", what);
	return rc == 0 ? apache_changed(a, err) : -1;
}
