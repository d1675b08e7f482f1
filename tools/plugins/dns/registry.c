/* A registry: a JSON file with what the provider gave for each domain once and
 * for all (acme-dns), {"example.com": {"username": ...}}. */
#include <stdlib.h>
#include <string.h>

#include "base/safefile.h"
#include "dns.h"

/* The row of the descriptor's credentials that is a registry; none. */
static jv
registry_row(const struct dns *d)
{
	jv rows = doc_get_kind(d->spec, "credentials", DOC_ARRAY);
	jv found = doc_none();

	for (size_t i = 0; i < doc_len(rows) && doc_is(found, DOC_NONE); i++) {
		jv row = doc_at(rows, i);
		if (doc_has(row, "registry"))
			doc_move(&found, doc_copy(row));
		doc_free(row);
	}
	doc_free(rows);
	return found;
}

/* The file's object; an empty one where there is no file. None and err. */
static jv
registry_file(const char *path, struct err *err)
{
	struct err why = {0};
	jv all = doc_read_file(path, &why);

	if (err_is_set(&why) && why.name == ERR_noInput) {
		doc_move(&all, doc_object());
	} else if (err_is_set(&why) || !doc_is(all, DOC_OBJECT)) {
		err_set(err, ERR_misconfigured,
		    "the registrations in %s cannot be read: %s", path,
		    err_is_set(&why) ? err_text(&why) : "it is no object");
		doc_move(&all, doc_none());
	}
	err_clear(&why);
	return all;
}

/* One member: a credential "DOMAIN/MEMBER", which the provider file sees only if
 * the descriptor says so. */
static jv
take_member(struct dns *d, jv shown TAKES, jv plain, const char *domain,
    const char *member, const char *value)
{
	char *key = xasprintf("%s/%s", domain, member);

	d->cred = doc_set_str(d->cred, key, value);
	free(key);
	if (doc_list_has(plain, member))
		return doc_set_str(shown, member, value);
	secret_add(d, value);
	return shown;
}

static void
take_all(struct dns *d, jv all, jv plain)
{
	jv domains = doc_keys(all), known = doc_object();

	for (size_t i = 0; i < doc_len(domains); i++) {
		const char *domain = doc_str_at(domains, i);
		jv one = doc_get_kind(all, domain, DOC_OBJECT);
		jv members = doc_is(one, DOC_OBJECT) ? doc_keys(one) :
						       doc_array();
		jv shown = doc_object();

		for (size_t k = 0; k < doc_len(members); k++) {
			const char *member = doc_str_at(members, k);
			const char *value = doc_str(one, member);
			if (value != NULL)
				shown = take_member(d, shown, plain, domain,
				    member, value);
		}
		known = doc_set(known, domain, shown);
		doc_free(members);
		doc_free(one);
	}
	d->shown = doc_set(d->shown, "registry", known);
	doc_free(domains);
}

int
registry_read(struct dns *d, struct err *err)
{
	jv row = registry_row(d), plain, all;
	const char *path = doc_is(row, DOC_OBJECT) ?
	    doc_str(d->cred, doc_str(row, "key")) :
	    NULL;

	if (path != NULL) {
		plain = doc_get_kind(row, "registry", DOC_ARRAY);
		all = registry_file(path, err);
		if (!doc_is(all, DOC_NONE))
			take_all(d, all, plain);
		doc_free(all);
		doc_free(plain);
	}
	doc_free(row);
	return err_is_set(err) ? -1 : 0;
}

int
registry_add(struct dns *d, jv more, struct err *err)
{
	jv row = registry_row(d), all;
	const char *path = doc_is(row, DOC_OBJECT) ?
	    doc_str(d->cred, doc_str(row, "key")) :
	    NULL;
	char *text, *file;
	struct lock l = LOCK_INIT;

	if (path == NULL) {
		doc_free(row);
		return err_set(err, ERR_badData,
		    "the descriptor names no registry to keep something in");
	}
	file = xasprintf("%s.lock", path);
	if (lock_take_private(&l, file, err) == 0) {
		all = registry_file(path, err);
		if (!doc_is(all, DOC_NONE)) {
			all = doc_merge(all, doc_copy(more));
			text = doc_text(all);
			(void)safefile_write(path, text, strlen(text), 0600,
			    SAFEFILE_KEEP_MODE, err);
			wipe_free(text, strlen(text));
		}
		doc_free(all);
		lock_release(&l);
	}
	free(file);
	doc_free(row);
	return err_is_set(err) ? -1 : registry_read(d, err);
}
