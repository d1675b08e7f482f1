#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/doc.h"
#include "fuzz.h"

/* What was taken is taken again from a text of it, and means the same.
 * (What its own text means, that is: a number too large for libjq becomes its
 * largest there.) */
static void
again(jv v, char *text)
{
	struct err err = {0};
	char *own = doc_text(v);
	jv plain = doc_parse(own, strlen(own), &err);
	jv same = doc_parse(text, strlen(text), &err);

	must(!err_is_set(&err));
	must(doc_equal(plain, same));
	doc_free(same);
	doc_free(plain);
	free(own);
	free(text);
}

/* What was taken, libjq's own reader takes, too, and reads the same. */
static void
as_libjq(jv v, const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	jv theirs = jv_parse_sized(text, (int)size);

	must(jv_is_valid(theirs));
	must(doc_equal(v, theirs));
	doc_free(theirs);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0}, of_doc = {0};
	jv v = doc_parse((const char *)data, size, &err), doc;
	long n;

	must(doc_is(v, DOC_NONE) == err_is_set(&err));
	if (!err_is_set(&err)) {
		as_libjq(v, data, size);
		again(v, doc_text(v));
		again(v, doc_text_python(v, NULL));
		err_from_doc(&of_doc, v);
		must(err_is_set(&of_doc));
		must(err_exit_status(&of_doc) != 0);
		doc = err_to_doc(&of_doc, "stage");
		must(doc_is(doc, DOC_OBJECT));
		doc_free(doc);
		doc = doc_find(v, "order", "authorizations", NULL);
		free(doc_join(doc, ", "));
		doc_free(doc_sorted_set(doc));
		(void)doc_int(v, "acme", &n);
		doc_free(
		    doc_merge(doc_copy(v), doc_set_flag(doc_copy(v), "x", 1)));
	}
	err_clear(&of_doc);
	err_clear(&err);
	doc_free(v);
	return 0;
}
