/* What a plugin that has died left in place: it is started once more, and told to
 * clean up after the other process. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "challenge.h"

/* Where the challenges of w can be seen: one text. malloc'd. */
static char *
places(const struct work *w)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < w->n_todo; i++) {
		jv s = w->todo[i].sent;
		const char *name = doc_str_find(s, "identifier", "value", NULL);
		const char *type = doc_str(s, "type");

		(void)buf_adds(&b, i == 0 ? "" : ", ");
		if (strcmp(type, "dns-01") == 0)
			(void)buf_addf(&b,
			    "the TXT record _acme-challenge.%s with the value "
			    "%s",
			    name, doc_str(s, "validation"));
		else if (strcmp(type, "http-01") == 0)
			(void)buf_addf(&b,
			    "http://%s/.well-known/acme-challenge/%s", name,
			    doc_str(s, "token"));
		else
			(void)buf_addf(&b, "the %s challenge for %s", type,
			    name);
	}
	(void)buf_adds(&b, "");
	return buf_detach(&b);
}

static void
say_left(struct challenge *c, const struct work *w, const struct err *err)
{
	char *list = places(w);

	log_error("acme-challenge",
	    "The plugin %s ended before it had cleaned up, and when it was "
	    "started again it could not do it, either (%s); this may be left "
	    "behind: %s",
	    c->desc->name, err_text(err), list);
	free(list);
}

/* Once for the documents that are being worked on. */
static int
start_again(struct challenge *c, struct err *err)
{
	struct err stopped = {0};

	if (c->again)
		return err_set(err, ERR_pluginFailed, "%s",
		    err_is_set(&c->plugin_err) ? err_text(&c->plugin_err) :
						 "it ended again");
	c->again = 1;
	log_warning("acme-challenge",
	    "The plugin %s ended before it had cleaned up: it is started again "
	    "for that",
	    c->desc->name);
	(void)host_close(c, &stopped);
	err_clear(&stopped);
	err_clear(&c->plugin_err);
	if (host_open(c, err) == 0)
		return 0;
	(void)host_close(c, &stopped);
	err_clear(&stopped);
	err_set(&c->plugin_err, ERR_pluginFailed, "%s", err_text(err));
	return -1;
}

void
left_remove(struct challenge *c, struct work *w)
{
	struct err err = {0};
	int rc = plugin_alive(c->plugin) ? 0 : start_again(c, &err);

	w->performed = 0;
	if (rc == 0) {
		/* A signal does not end it; time does. */
		plugin_hurry(c->plugin, PLUGIN_GRACE);
		rc = plugin_cleanup_left(c->plugin, host_sent(w, 0), &err);
		plugin_hurry(c->plugin, 0);
	}
	if (rc == -1)
		say_left(c, w, &err);
	err_clear(&err);
}

void
left_remove_all(struct challenge *c, struct work *works, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct work *w = &works[i];

		if (!w->done && w->performed &&
		    (w->by != c->starts || !plugin_alive(c->plugin)))
			left_remove(c, w);
	}
}
