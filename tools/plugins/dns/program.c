/* The provider file: its process, and what it is given. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/proc.h"
#include "base/safefile.h"
#include "dns.h"

/* The common definitions on one line, so that lines of errors are those of the
 * provider file. */
static void
add_line(struct buf *b, char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		line += strspn(line, " \t");
		if (*line != '#') {
			buf_adds(b, line);
			buf_addc(b, ' ');
		}
	}
}

int
program_load(struct dns *d, struct err *err)
{
	const char *short_name = strncmp(d->name, "dns-", 4) == 0 ?
	    d->name + 4 :
	    d->name;
	char *data = proc_data_dir();
	char *common = path_join(data, "dns.jq");
	char *file = xasprintf("%s/providers/%s.jq", d->dir, short_name);
	struct buf all, b;
	int rc = -1;

	buf_init(&all, JQ_CHILD_TEXT_MAX);
	buf_init(&b, JQ_CHILD_TEXT_MAX);
	if (d->program != NULL) {
		rc = 0;
	} else if (safefile_read(common, &b, err) == 0) {
		add_line(&all, b.p);
		buf_reset(&b);
		if (safefile_read(file, &b, err) == 0) {
			buf_add(&all, b.p, b.len);
			d->program = jq_child_new(all.p, file, err);
			rc = d->program == NULL ? -1 : 0;
		}
	}
	buf_release(&all);
	buf_release(&b);
	free(data);
	free(common);
	free(file);
	return rc;
}

/* --- its input ---------------------------------------------------------------- */

/* "_acme-challenge.www" of "_acme-challenge.www.example.com" in example.com; ""
 * at the zone's own name. */
static char *
relative(const char *fqdn, jv zone)
{
	const char *name = doc_str(zone, "name");
	size_t n = strlen(fqdn), z = name == NULL ? 0 : strlen(name);

	if (name == NULL || z > n || strcasecmp(fqdn + n - z, name) != 0)
		return xstrdup(fqdn);
	return xstrndup(fqdn, z == n ? 0 : n - z - 1);
}

static jv
present(jv cred)
{
	return doc_keys(cred);
}

jv
program_input(struct dns *d, const struct task *t, const char *op)
{
	jv in = doc_object();
	const struct rec *r = t->rec;

	in = doc_set_str(in, "op", op);
	if (strcmp(op, t->op) != 0)
		in = doc_set_str(in, "failed", t->op);
	in = doc_set_str(in, "base", d->base);
	in = doc_set(in, "cred", doc_copy(d->shown));
	in = doc_set(in, "has", present(d->cred));
	in = doc_set(in, "config", doc_copy(d->config));
	in = doc_set(in, "session", doc_copy(d->session));
	in = doc_set(in, "kept", doc_copy(d->kept));
	in = doc_set(in, "state", doc_copy(t->state));
	in = doc_set(in, "last", doc_copy(t->last));
	in = doc_set_int(in, "now", (long)time(NULL));
	in = doc_set_int(in, "ttl", spec_number(d, "ttl", 120));
	in = doc_set(in, "values", doc_copy(t->values));
	in = doc_set(in, "value", doc_at(t->values, 0));
	in = doc_set(in, "guesses", doc_copy(t->guesses));
	in = doc_set(in, "guess", doc_at(t->guesses, t->guess));
	for (const char *const *key =
		 (const char *const[]){"value", "guess", NULL};
	     *key != NULL; key++)
		if (!doc_has(in, *key))
			in = doc_set(in, *key, doc_null());
	if (r != NULL) {
		char *rel = relative(r->fqdn, r->zone);
		in = doc_set_str(in, "domain", r->domain);
		in = doc_set_str(in, "fqdn", r->fqdn);
		in = doc_set_str(in, "rel", rel);
		in = doc_set(in, "zone", doc_copy(r->zone));
		in = doc_set(in, "added", doc_copy(r->added));
		free(rel);
	}
	return in;
}
