#include <stdlib.h>
#include <string.h>

#include "acme/session.h"
#include "base/buf.h"

static int
links_take(jv *to, const struct acme_call *c, const struct net_answer *ans,
    const char *rel, enum net_plain plain, struct err *err)
{
	const char *url;
	size_t i;

	doc_move(to, net_links(ans, rel, c->url));
	for (i = 0; i < doc_len(*to); i++) {
		if ((url = doc_str_at(*to, i)) == NULL)
			return err_set(err, ERR_protocol,
			    "a link of %s is no URL", c->url);
		if (url_check(url, plain, rel, err) != 0)
			return err_prefix(err, "a link of %s", c->url);
	}
	return 0;
}

static int
body_take(struct acme_call *c, const struct net_answer *ans)
{
	if (c->flags & ACME_TEXT) {
		if (ans->body == NULL || strlen(ans->body) != ans->len)
			return err_set(&c->err, ERR_protocol,
			    "the server's answer to %s is no text", c->url);
		c->text = xstrndup(ans->body, ans->len);
		return 0;
	}
	if (ans->body == NULL || ans->len == 0)
		return 0;
	doc_move(&c->body, doc_parse(ans->body, ans->len, &c->err));
	if (err_is_set(&c->err)) {
		c->err.name = ERR_protocol;
		return err_prefix(&c->err,
		    "the server's answer to %s cannot be used", c->url);
	}
	return 0;
}

void
acme_accept(struct acme_call *c, const struct net_answer *ans)
{
	const char *location = net_header(ans, "location");
	enum net_plain plain = c->session != NULL ? c->session->plain :
						    acme_plain(c->url);

	c->status = ans->status;
	c->retry_after = net_retry_after(ans);
	if (location != NULL) {
		c->location = url_resolve(c->url, location);
		if (c->location == NULL) {
			err_set(&c->err, ERR_protocol,
			    "the server's answer "
			    "to %s has a Location that is no URL",
			    c->url);
			return;
		}
		if (url_check(c->location, plain, "Location", &c->err) != 0) {
			err_prefix(&c->err, "the server's answer to %s",
			    c->url);
			return;
		}
	}
	if (links_take(&c->alternates, c, ans, "alternate", plain, &c->err) ||
	    links_take(&c->next, c, ans, "next", plain, &c->err))
		return;
	body_take(c, ans);
}

void
acme_call_release(struct acme_call *c)
{
	err_clear(&c->err);
	doc_move(&c->body, doc_none());
	doc_move(&c->alternates, doc_none());
	doc_move(&c->next, doc_none());
	free(c->text);
	free(c->location);
	c->text = c->location = NULL;
}
