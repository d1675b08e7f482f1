#include "trials.h"

#include <stdlib.h>

#include "base/buf.h"
#include "pump.h"
#include "screen.h"
#include "steps.h"

enum { BESIDE = 8 };

/* A trial on its way: a process for each role, one after the other, for both may
 * want the same server. */
struct runner {
	const struct config *c;
	struct trial *t;
	unsigned left; /* roles */
	int runs, ended;
	struct pass pass;
	struct page page;
};

struct trial *
trials_new(size_t n)
{
	struct trial *list = xcalloc(n + 1, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		list[i].enhancements = doc_none();
	return list;
}

void
trials_free(struct trial *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		doc_free(list[i].enhancements);
		err_clear(&list[i].err);
	}
	free(list);
}

/* Its next process, or its end. */
static void
go_on(struct runner *r)
{
	static const struct pass unused;
	unsigned role = r->left & ROLE_AUTHENTICATOR ? ROLE_AUTHENTICATOR :
						       r->left & ROLE_INSTALLER;
	jv step;

	r->runs = role != 0 && !err_is_set(&r->t->err);
	r->ended = !r->runs;
	if (r->ended)
		return;
	r->left &= ~role;
	step = role == ROLE_AUTHENTICATOR ?
	    step_check(r->c, r->t->plugin) :
	    step_install(r->c, r->t->plugin, "check");
	r->pass = unused;
	r->pass.page = &r->page;
	r->pass.doc = doc_none();
	r->pass.steps = doc_push(doc_array(), step);
	(void)pass_start(&r->pass);
}

static void
take(struct runner *r)
{
	pass_wait(&r->pass);
	if (err_is_set(&r->pass.err))
		err_move(&r->t->err, &r->pass.err);
	else if (doc_is(r->pass.doc, DOC_OBJECT))
		doc_move(&r->t->enhancements,
		    doc_find(r->pass.doc, "installer", "enhancements", NULL));
	pass_release(&r->pass);
	go_on(r);
}

static int
any_ended(const struct runner *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].runs && list[i].pass.ended)
			return 1;
	return 0;
}

/* Those that run go on; the number of those that still do. */
static size_t
turn(struct runner *list, size_t n)
{
	size_t running = 0;

	if (!any_ended(list, n))
		pump_turn();
	for (size_t i = 0; i < n; i++) {
		struct page *before = screen_page(&list[i].page);

		if (list[i].runs && list[i].pass.ended)
			take(&list[i]);
		running += list[i].runs != 0;
		screen_page(before);
	}
	return running;
}

void
trials_run(const struct config *c, struct trial *list, size_t n)
{
	struct runner *all = xcalloc(n + 1, sizeof(*all));
	size_t begun = 0, shown = 0, running = 0;

	while (shown < n) {
		while (begun < n && running < BESIDE) {
			struct runner *r = &all[begun++];

			*r = (struct runner){.c = c,
			    .t = &list[begun - 1],
			    .left = list[begun - 1].roles,
			    .page = {.kept = doc_none()}};
			go_on(r);
			running += r->runs != 0;
		}
		if (running > 0)
			running = turn(all, begun);
		for (; shown < begun && all[shown].ended; shown++) {
			page_show(&all[shown].page);
			doc_free(doc_take(&all[shown].page.kept));
		}
	}
	free(all);
}
