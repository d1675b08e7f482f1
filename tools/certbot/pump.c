/* pump.c - passes and what else is waited for, served by whoever waits. */
#include "pump.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "net/client.h"
#include "progress.h"
#include "screen.h"

static struct net *network;
static int signal_passed;
static struct pass *passes;   /* all that were started and not reaped */
static struct watch *watches; /* all */

int
pump_network(struct err *err)
{
	if (network == NULL)
		network = net_open(err);
	return network == NULL ? -1 : 0;
}

void
pump_network_end(void)
{
	net_close(network);
	network = NULL;
}

/* The current step gets the document. */
static void
pass_feed(struct pass *p)
{
	jv step = doc_at(p->steps, p->at);

	progress_stage(step, p->doc);
	doc_free(step);
	child_feed(&p->children[p->at], p->doc);
}

int
pass_start(struct pass *p)
{
	int sig = signals_caught();

	p->n = doc_len(p->steps);
	p->children = xcalloc(p->n + 1, sizeof(*p->children));
	p->at = 0;
	p->next = passes;
	passes = p;
	if (sig != 0) { /* nothing is begun any more */
		p->n = 0;
		p->ended = 1;
		return err_set(&p->err, ERR_interrupted,
		    "interrupted by signal %d (%s)", sig, strsignal(sig));
	}
	for (size_t i = 0; i < p->n; i++) {
		jv args = doc_at(p->steps, i);
		int rc = child_start(&p->children[i], args, &p->err);

		doc_free(args);
		if (rc != 0) {
			p->n = i + 1;
			p->ended = 1;
			return -1;
		}
	}
	if (p->n == 0)
		p->ended = 1;
	else
		pass_feed(p);
	return 0;
}

static void
pass_end(struct pass *p)
{
	progress_end();
	for (struct pass **at = &passes; *at != NULL; at = &(*at)->next)
		if (*at == p) {
			*at = p->next;
			break;
		}
	for (size_t i = 0; i < p->n; i++)
		child_end(&p->children[i]);
	free(p->children);
	p->children = NULL;
	p->n = 0;
	p->ended = 1;
}

/* The documents that have come; whoever waits meanwhile leaves this pass
 * alone. */
static void
pass_each(struct pass *p)
{
	p->busy = 1;
	child_each(&p->children[0], p->each, p->ctx);
	p->busy = 0;
}

/* The current step's output has ended. */
static void
pass_step(struct pass *p)
{
	struct child *c = &p->children[p->at];
	jv step = doc_at(p->steps, p->at), doc;

	if (p->each != NULL) {
		child_reap(c);
		pass_each(p);
		doc = doc_none();
	} else {
		doc = child_document(c, doc_str_at(step, 0), &p->err);
	}
	doc_free(step);
	if (doc_is(doc, DOC_OBJECT))
		doc_move(&p->doc, doc);
	if (!err_is_set(&p->err) && p->after != NULL)
		p->after(p->ctx, p, p->at, &p->err);
	p->at++;
	if (err_is_set(&p->err) || p->at == p->n)
		p->ended = 1;
	else
		pass_feed(p);
}

static void
pass_signal(int sig)
{
	for (struct pass *p = passes; p != NULL; p = p->next)
		for (size_t k = 0; k < p->n; k++)
			if (!p->children[k].ended &&
			    p->children[k].proc.pid > 0)
				kill(p->children[k].proc.pid, sig);
}

/* Which descriptor of which child is meant by a poll slot. */
struct slot {
	enum { SLOT_UP, SLOT_OUT, SLOT_IN, SLOT_WATCH } what;
	struct pass *pass;
	size_t child;
	struct watch *watch;
};

/* What one round polls. */
struct round {
	struct pollfd *fds;
	struct slot *slots;
	size_t n;
};

static void
round_add(struct round *r, int fd, short events, struct slot slot)
{
	if (fd == -1)
		return;
	r->fds[r->n] = (struct pollfd){fd, events, 0};
	r->slots[r->n++] = slot;
}

static void
round_add_pass(struct round *r, struct pass *p)
{
	for (size_t k = 0; k < p->n; k++) {
		struct child *c = &p->children[k];

		round_add(r, c->ui, POLLIN, (struct slot){SLOT_UP, p, k, NULL});
		if (k != p->at)
			continue;
		round_add(r, c->proc.out_fd, POLLIN,
		    (struct slot){SLOT_OUT, p, k, NULL});
		if (c->in != NULL)
			round_add(r, c->proc.in_fd, POLLOUT,
			    (struct slot){SLOT_IN, p, k, NULL});
	}
}

static void
round_fill(struct round *r)
{
	size_t most = 1;

	for (struct pass *p = passes; p != NULL; p = p->next)
		most += p->n + 2;
	for (struct watch *w = watches; w != NULL; w = w->next)
		most++;
	r->fds = xcalloc(most, sizeof(*r->fds));
	r->slots = xcalloc(most, sizeof(*r->slots));
	r->n = 0;
	for (struct pass *p = passes; p != NULL; p = p->next)
		if (!p->ended && !p->busy)
			round_add_pass(r, p);
	for (struct watch *w = watches; w != NULL; w = w->next)
		round_add(r, w->fd, POLLIN,
		    (struct slot){SLOT_WATCH, NULL, 0, w});
}

static int
pass_lives(const struct pass *p)
{
	for (const struct pass *at = passes; at != NULL; at = at->next)
		if (at == p)
			return !at->ended && !at->busy;
	return 0;
}

static int
watch_lives(const struct watch *w)
{
	for (const struct watch *at = watches; at != NULL; at = at->next)
		if (at == w)
			return 1;
	return 0;
}

static void
pass_serve(struct pass *p, const struct slot *s)
{
	struct child *c = &p->children[s->child];
	struct page *before = screen_page(p->page);

	if (s->what == SLOT_UP)
		progress_about(p->doc);
	if (s->what == SLOT_UP) {
		child_listen(c);
	} else if (s->what == SLOT_IN) {
		if (c->in != NULL)
			child_write(c);
	} else if (c->proc.out_fd != -1) {
		if (buf_read(&c->out, c->proc.out_fd) <= 0)
			pass_step(p);
		else if (p->each != NULL)
			pass_each(p);
	}
	screen_page(before);
}

/* A served slot may have ended others of the round. */
static void
slot_serve(const struct slot *s)
{
	if (s->what == SLOT_WATCH && watch_lives(s->watch))
		s->watch->ready(s->watch->ctx);
	else if (s->what != SLOT_WATCH && pass_lives(s->pass))
		pass_serve(s->pass, s);
}

void
pump_turn(void)
{
	struct round r;

	round_fill(&r);
	r.fds[r.n] = (struct pollfd){signal_passed ? -1 : signals_catch(),
	    POLLIN, 0};
	if (r.n == 0 && signal_passed)
		goto out;
	if (poll(r.fds, (nfds_t)r.n + 1, -1) == -1 && errno != EINTR)
		goto out;
	if (!signal_passed && signals_caught() != 0) {
		signal_passed = 1;
		pass_signal(signals_caught());
	}
	for (size_t i = 0; i < r.n; i++)
		if (r.fds[i].revents != 0)
			slot_serve(&r.slots[i]);
out:
	free(r.fds);
	free(r.slots);
}

void
pass_wait(struct pass *p)
{
	while (!p->ended)
		pump_turn();
	pass_end(p);
}

void
pass_release(struct pass *p)
{
	if (p->children != NULL)
		pass_end(p);
	doc_free(doc_take(&p->doc));
	doc_free(doc_take(&p->steps));
	err_clear(&p->err);
}

void
pump_watch(struct watch *w)
{
	w->next = watches;
	watches = w;
}

void
pump_unwatch(struct watch *w)
{
	for (struct watch **at = &watches; *at != NULL; at = &(*at)->next)
		if (*at == w) {
			*at = w->next;
			return;
		}
}

jv
pump_stage(jv args, jv doc, struct err *err)
{
	struct pass p = {.doc = doc, .page = screen_page_now()};
	jv out;

	p.steps = doc_push(doc_array(), args);
	if (pass_start(&p) == 0)
		pass_wait(&p);
	out = doc_take(&p.doc);
	if (err_is_set(&p.err))
		err_move(err, &p.err);
	pass_release(&p);
	return out;
}

void
pump_stage_each(jv args, jv doc, void (*each)(void *ctx, jv doc TAKES),
    void *ctx, struct err *err)
{
	struct pass p = {.doc = doc,
	    .page = screen_page_now(),
	    .each = each,
	    .ctx = ctx};

	p.steps = doc_push(doc_array(), args);
	if (pass_start(&p) == 0)
		pass_wait(&p);
	if (err_is_set(&p.err))
		err_move(err, &p.err);
	pass_release(&p);
}

static void
collect(void *ctx, jv doc)
{
	jv *all = ctx;

	*all = doc_push(doc_take(all), doc);
}

jv
pump_stage_all(jv args, jv doc, struct err *err)
{
	jv all = doc_array();

	pump_stage_each(args, doc, collect, &all, err);
	return all;
}
