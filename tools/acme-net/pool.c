#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/proc.h"
#include "service.h"

struct pool *
pool_find(struct service *sv, const char *header, const char *of,
    const struct trust *trust)
{
	char *key = xasprintf("%d\n%s\n%s\n%s", trust->verify,
	    trust->ca ? trust->ca : "", of, header);
	struct pool *p;

	LIST_FOREACH(p, &sv->pools, next) {
		if (strcmp(p->key, key) == 0) {
			free(key);
			return p;
		}
	}
	p = xcalloc(1, sizeof(*p));
	p->key = key;
	p->header = xstrdup(header);
	p->of = xstrdup(of);
	TAILQ_INIT(&p->takers);
	LIST_INSERT_HEAD(&sv->pools, p, next);
	return p;
}

static void
drop_oldest(struct pool *p)
{
	free(p->values[0].text);
	p->n--;
	memmove(p->values, p->values + 1, p->n * sizeof(p->values[0]));
}

static void
give(struct net_client *c, uint64_t id, const char *value)
{
	jv head = doc_set_int(doc_object(), "id", (long)id);

	net_server_reply(c, doc_set_int(head, "status", 200), value,
	    strlen(value));
}

int
pool_take(struct pool *p, struct net_client *c, uint64_t id)
{
	int64_t oldest = clock_ms() - POOL_AGE_MS;
	struct taker *t;

	while (p->n && p->values[0].since < oldest)
		drop_oldest(p);
	if (p->n) {
		p->n--;
		give(c, id, p->values[p->n].text);
		free(p->values[p->n].text);
		return 0;
	}
	t = xcalloc(1, sizeof(*t));
	t->client = c;
	t->id = id;
	TAILQ_INSERT_TAIL(&p->takers, t, next);
	p->n_takers++;
	if (p->n_fetches >= p->n_takers)
		return 0;
	p->n_fetches++;
	return 1;
}

static void
taker_free(struct pool *p, struct taker *t)
{
	TAILQ_REMOVE(&p->takers, t, next);
	p->n_takers--;
	free(t);
}

void
pool_put(struct pool *p, const char *value)
{
	struct taker *t = TAILQ_FIRST(&p->takers);

	if (t) {
		give(t->client, t->id, value);
		taker_free(p, t);
		return;
	}
	if (p->n == POOL_MAX)
		drop_oldest(p);
	p->values[p->n].text = xstrdup(value);
	p->values[p->n++].since = clock_ms();
}

void
pool_fetched(struct pool *p, const char *fault, const char *reason,
    const struct job *j)
{
	struct taker *t;

	p->n_fetches--;
	while (p->n_takers > p->n_fetches) {
		t = TAILQ_FIRST(&p->takers);
		answer_fault(t->client, t->id, fault, reason, j);
		taker_free(p, t);
	}
}

void
pool_forget(struct service *sv, const struct net_client *c)
{
	struct taker *t, *after;
	struct pool *p;

	LIST_FOREACH(p, &sv->pools, next) {
		for (t = TAILQ_FIRST(&p->takers); t; t = after) {
			after = TAILQ_NEXT(t, next);
			if (t->client == c)
				taker_free(p, t);
		}
	}
}
