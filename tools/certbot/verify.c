/* verify.c - signatures and keys of thousands of lineages are work for all
 * processors: each gets a part of them. */
#include "verify.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "pump.h"
#include "screen.h"
#include "steps.h"
#include "store/renewal.h"

enum { PARTS_MAX = 64, PART_LEAST = 32 /* lineages */ };

/* A process and the lineages that it looks at. */
struct part {
	struct pass pass;
	jv docs; /* what it says of them */
};

static size_t
parts_for(size_t n)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t most = cpus < 1 ? 1 : (size_t)cpus;

	if (most > PARTS_MAX)
		most = PARTS_MAX;
	return n / PART_LEAST + 1 < most ? n / PART_LEAST + 1 : most;
}

static void
take(void *ctx, jv doc)
{
	struct part *p = ctx;

	p->docs = doc_push(doc_take(&p->docs), doc);
}

static jv
document(const struct config *c, const char *name)
{
	char *conf = renewal_path(config_str(c, "config_dir"), name);
	jv l = doc_set_str(doc_object(), "name", name);

	l = doc_set(l, "conf", doc_stringn(conf, strlen(conf)));
	free(conf);
	return doc_set(doc_set_int(doc_object(), "acme", 1), "lineage", l);
}

static void
part_start(struct part *p, const struct config *c, jv names, size_t from,
    size_t to)
{
	jv args = doc_push_str(step_certstore(c, "verify"), "-");

	p->docs = doc_array();
	p->pass = (struct pass){.doc = doc_array(),
	    .steps = doc_push(doc_array(), args),
	    .each = take,
	    .ctx = p,
	    .page = screen_page_now()};
	for (size_t i = from; i < to; i++)
		p->pass.doc = doc_push(doc_take(&p->pass.doc),
		    document(c, doc_str_at(names, i)));
	pass_start(&p->pass);
}

jv
lineages_verify(const struct config *c, struct err *err)
{
	jv names = renewal_list(config_str(c, "config_dir"), err);
	jv all = doc_array();
	size_t n = doc_len(names), parts = parts_for(n);
	struct part *list = xcalloc(parts, sizeof(*list));

	for (size_t i = 0; n > 0 && i < parts; i++)
		part_start(&list[i], c, names, n * i / parts,
		    n * (i + 1) / parts);
	for (size_t i = 0; n > 0 && i < parts; i++) {
		pass_wait(&list[i].pass);
		for (size_t k = 0; k < doc_len(list[i].docs); k++)
			all = doc_push(all, doc_at(list[i].docs, k));
		doc_free(doc_take(&list[i].docs));
		if (err_is_set(&list[i].pass.err) && !err_is_set(err))
			err_move(err, &list[i].pass.err);
		pass_release(&list[i].pass);
	}
	doc_free(names);
	free(list);
	return all;
}
