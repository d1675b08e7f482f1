/* problem.c - see problem.h. */
#include "problem.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static void
part(struct buf *b, int *n, const char *text)
{
	if (text != NULL)
		buf_addf(b, "%s%s", (*n)++ > 0 ? " :: " : "", text);
}

/* One problem, with the name that it is about. */
static void
add_whole(struct buf *b, jv p)
{
	const char *type = doc_str(p, "type");
	const char *name = doc_str_find(p, "identifier", "value", NULL);
	int n = 0;

	if (name != NULL)
		buf_addf(b, "Problem for %s: ", name);
	part(b, &n, type);
	part(b, &n, type != NULL ? err_acme_description(type) : NULL);
	part(b, &n, doc_str(p, "detail"));
	part(b, &n, doc_str(p, "title"));
}

static void
add_subproblems(struct buf *b, jv p)
{
	jv list = doc_get_kind(p, "subproblems", DOC_ARRAY);

	for (size_t i = 0; i < doc_len(list); i++) {
		jv one = doc_at(list, i);

		buf_addc(b, '\n');
		add_whole(b, one);
		doc_free(one);
	}
	doc_free(list);
}

char *
problem_text(const struct err *err)
{
	struct buf b;
	jv p;

	if (err->name != ERR_acme)
		return xstrdup(err_text(err));
	buf_init(&b, DOC_MAX);
	p = err_to_doc(err, NULL);
	add_whole(&b, p);
	add_subproblems(&b, p);
	doc_free(p);
	return b.p != NULL ? buf_detach(&b) : xstrdup("");
}

char *
problem_fatal(const struct err *err)
{
	jv p = err_to_doc(err, NULL);
	const char *type = doc_str(p, "type");
	const char *said = type != NULL ? err_acme_description(type) : NULL;
	struct buf b;
	int n = 0;

	buf_init(&b, DOC_MAX);
	part(&b, &n, doc_str(p, "title"));
	part(&b, &n, doc_str(p, "detail"));
	if (n == 0)
		part(&b, &n, said != NULL ? said : err_text(err));
	add_subproblems(&b, p);
	if (err->retry_after > 0)
		buf_addf(&b, "\nThe server asks to come back in %ld seconds.",
		    err->retry_after);
	doc_free(p);
	return b.p != NULL ? buf_detach(&b) : xstrdup("");
}
