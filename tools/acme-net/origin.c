#include <stdlib.h>
#include <string.h>

#include "service.h"

/* "scheme://host:port" in lower case and the trust; malloc'd, NULL. */
static char *
origin_key(const struct job *j)
{
	char *scheme = NULL, *host = NULL, *port = NULL, *key = NULL;
	CURLU *u = curl_url();

	if (u && !curl_url_set(u, CURLUPART_URL, j->url, 0) &&
	    !curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) &&
	    !curl_url_get(u, CURLUPART_HOST, &host, 0) &&
	    !curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT)) {
		char *p;

		for (p = host; *p; p++)
			if (*p >= 'A' && *p <= 'Z')
				*p = (char)(*p - 'A' + 'a');
		key = xasprintf("%s://%s:%s\n%d\n%s", scheme, host, port,
		    j->trust.verify, j->trust.ca ? j->trust.ca : "");
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return key;
}

int
origin_queue(struct service *sv, struct job *j)
{
	char *key = origin_key(j);
	struct origin *o;

	if (!key)
		return -1;
	LIST_FOREACH(o, &sv->origins, next)
		if (strcmp(o->key, key) == 0)
			break;
	if (o) {
		free(key);
	} else {
		o = xcalloc(1, sizeof(*o));
		o->key = key;
		TAILQ_INIT(&o->waiting);
		TAILQ_INIT(&o->running);
		LIST_INSERT_HEAD(&sv->origins, o, next);
	}
	free(j->host);
	key = strstr(o->key, "://") + 3;
	j->host = xstrndup(key, strcspn(key, "\n"));
	j->origin = o;
	TAILQ_INSERT_TAIL(&o->waiting, j, next);
	return 0;
}

static void
start_some(struct origin *o)
{
	struct job *j, *after;

	for (j = TAILQ_FIRST(&o->waiting); j && o->n_running < IN_FLIGHT_MAX;
	     j = after) {
		after = TAILQ_NEXT(j, next);
		if (j->client && net_client_backlog(j->client) > BACKLOG_MAX)
			continue;
		TAILQ_REMOVE(&o->waiting, j, next);
		if (transfer_start(j)) {
			j->origin = NULL;
			answer_broken(j, j->errbuf);
			continue;
		}
		TAILQ_INSERT_TAIL(&o->running, j, next);
		o->n_running++;
	}
}

void
origin_start_all(struct service *sv)
{
	struct origin *o;

	LIST_FOREACH(o, &sv->origins, next)
		start_some(o);
}

/* The host's name in an origin's key, and how long it is. */
static const char *
host_of(const struct origin *o, size_t *n)
{
	const char *host = strstr(o->key, "://") + 3;
	const char *end = strchr(host, '\n');

	while (*end != ':')
		end--;
	*n = (size_t)(end - host);
	return host;
}

static int
name_is_known(const struct job *j)
{
	const struct origin *o;
	size_t n, m;
	const char *name = host_of(j->origin, &n), *other;

	LIST_FOREACH(o, &j->sv->origins, next)
		if (o->is_known && (other = host_of(o, &m)) != NULL && m == n &&
		    memcmp(name, other, n) == 0)
			return 1;
	return 0;
}

int
origin_done(struct job *j, CURLcode rc)
{
	int known = name_is_known(j);

	if (rc == CURLE_OK)
		j->origin->is_known = 1;
	TAILQ_REMOVE(&j->origin->running, j, next);
	j->origin->n_running--;
	j->origin = NULL;
	return known;
}

void
origin_forget(struct service *sv, const struct net_client *c)
{
	struct job *j, *after;
	struct origin *o;

	LIST_FOREACH(o, &sv->origins, next) {
		TAILQ_FOREACH(j, &o->running, next)
			if (j->client == c)
				j->client = NULL;
		for (j = TAILQ_FIRST(&o->waiting); j; j = after) {
			after = TAILQ_NEXT(j, next);
			if (j->client != c)
				continue;
			TAILQ_REMOVE(&o->waiting, j, next);
			job_free(j);
		}
	}
}
