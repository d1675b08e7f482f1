/* plugin.c - the conversation for plugins: what init said, and the operations
 * of authenticators. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "certbot/base_private.h"
#include "certbot/plugin_private.h"

/* Borrows from the document, which must outlive *c. */
static void
challenge_of(struct certbot_challenge *c, jv doc)
{
	memset(c, 0, sizeof(*c));
	c->type = doc_str(doc, "type");
	c->name = doc_str_find(doc, "identifier", "value", NULL);
	c->wildcard = doc_flag(doc, "wildcard", 0);
	c->token = doc_str(doc, "token");
	c->key_authorization = doc_str(doc, "keyAuthorization");
	c->validation = doc_str(doc, "validation");
}

/* rc 0, or e as err. */
static int
answer(int rc, const struct certbot_error *e, struct err *err)
{
	return rc == 0 ? 0 : certbot__err(err, e);
}

/* --- operations ---------------------------------------------------------------- */

static int
do_init(struct guest *g, void *ctx, jv config, struct err *err)
{
	struct certbot_plugin *p = ctx;
	struct certbot_error e = {0};

	p->guest = g;
	doc_move(&p->config, doc_copy(config));
	if (p->ops->init == NULL)
		return 0;
	return answer(p->ops->init(p, p->ctx, &e), &e, err);
}

static int
do_prepare(struct guest *g, void *ctx, struct err *err)
{
	struct certbot_plugin *p = ctx;
	struct certbot_error e = {0};

	p->guest = g;
	if (p->ops->prepare == NULL)
		return 0;
	return answer(p->ops->prepare(p, p->ctx, &e), &e, err);
}

static jv
do_preferences(struct guest *g, void *ctx, jv names, struct err *err)
{
	struct certbot_plugin *p = ctx;
	jv lists = doc_array();

	p->guest = g;
	for (size_t i = 0; i < doc_len(names); i++) {
		const char *name = doc_str_at(names, i);
		struct certbot_error e = {0};
		const char *const *types = p->ops->preferences(p, p->ctx,
		    name != NULL ? name : "", &e);

		if (types == NULL) {
			certbot__err(err, &e);
			doc_free(lists);
			return doc_none();
		}
		lists = doc_push(lists, certbot__array(types));
	}
	return lists;
}

static int
do_perform(struct guest *g, void *ctx, jv all, size_t i, struct err *err)
{
	struct certbot_plugin *p = ctx;
	struct certbot_error e = {0};
	struct certbot_challenge c;
	jv one = doc_at(all, i);
	int rc;

	p->guest = g;
	challenge_of(&c, one);
	rc = answer(p->ops->perform(p, p->ctx, &c, &e), &e, err);
	doc_free(one);
	return rc;
}

static int
do_wait(struct guest *g, void *ctx, struct err *err)
{
	struct certbot_plugin *p = ctx;
	struct certbot_error e = {0};

	p->guest = g;
	if (p->ops->wait == NULL)
		return 0;
	return answer(p->ops->wait(p, p->ctx, &e), &e, err);
}

static int
do_cleanup(struct guest *g, void *ctx, jv challenge, int last, struct err *err)
{
	struct certbot_plugin *p = ctx;
	struct certbot_error e = {0};
	struct certbot_challenge c;

	p->guest = g;
	if (p->ops->cleanup == NULL)
		return 0;
	challenge_of(&c, challenge);
	return answer(p->ops->cleanup(p, p->ctx, &c, last, &e), &e, err);
}

/* What another process has left: plugins are not told apart from it. */
static int
do_cleanup_left(struct guest *g, void *ctx, jv all, size_t i, struct err *err)
{
	jv one = doc_at(all, i);
	int rc = do_cleanup(g, ctx, one, i + 1 == doc_len(all), err);

	doc_free(one);
	return rc;
}

static char *
do_hint(struct guest *g, void *ctx, jv failed)
{
	struct certbot_plugin *p = ctx;
	size_t n = doc_len(failed);
	struct certbot_challenge *c = xcalloc(n > 0 ? n : 1, sizeof(*c));
	jv *held = xcalloc(n > 0 ? n : 1, sizeof(*held));
	char *text;

	p->guest = g;
	for (size_t i = 0; i < n; i++) {
		held[i] = doc_at(failed, i);
		challenge_of(&c[i], held[i]);
	}
	text = p->ops->hint(p, p->ctx, c, n);
	for (size_t i = 0; i < n; i++)
		doc_free(held[i]);
	free(held);
	free(c);
	return text;
}

static void
do_end(struct guest *g, void *ctx)
{
	struct certbot_plugin *p = ctx;

	p->guest = g;
	if (p->ops->end != NULL)
		p->ops->end(p, p->ctx);
}

int
certbot_plugin_main(int argc, char *argv[],
    const struct certbot_plugin_ops *ops, void *ctx)
{
	struct certbot_plugin p = {.ops = ops, .ctx = ctx};
	struct guest_ops own = {.init = do_init,
	    .prepare = do_prepare,
	    .wait = do_wait,
	    .cleanup = do_cleanup,
	    .cleanup_left = do_cleanup_left,
	    .other = certbot__install,
	    .end = do_end};
	int status;

	if (ops->perform != NULL)
		own.perform = do_perform;
	if (ops->preferences != NULL)
		own.preferences = do_preferences;
	if (ops->hint != NULL)
		own.hint = do_hint;
	p.config = doc_object();
	p.texts = doc_object();
	status = guest_main(argc, argv, &own, &p);
	doc_free(p.config);
	doc_free(p.texts);
	return status;
}

/* --- what init has said -------------------------------------------------------- */

/* The option's value, by its name with '-' or '_'. */
static jv
value_of(struct certbot_plugin *p, const char *name)
{
	char *key = xstrdup(name);
	jv value;

	for (char *c = key; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
	value = doc_get(p->config, key);
	free(key);
	return value;
}

/* malloc'd; NULL for null and an empty array. */
static char *
text_of(jv value)
{
	char *text = NULL;
	jv first;

	switch (doc_kind(value)) {
	case DOC_NONE:
	case DOC_NULL:
		break;
	case DOC_STRING:
		if (doc_text_of(value) != NULL)
			text = xstrdup(doc_text_of(value));
		break;
	case DOC_ARRAY:
		first = doc_at(value, 0);
		text = text_of(first);
		doc_free(first);
		break;
	default:
		text = doc_text(value);
	}
	return text;
}

const char *
certbot_plugin_option(struct certbot_plugin *p, const char *name)
{
	jv value;
	char *text;

	if (doc_str(p->texts, name) == NULL) {
		value = value_of(p, name);
		text = text_of(value);
		p->texts = doc_set_str(p->texts, name, text);
		free(text);
		doc_free(value);
	}
	return doc_str(p->texts, name);
}

void
certbot_plugin_options(struct certbot_plugin *p, const char *name,
    struct certbot_list *values)
{
	jv value = value_of(p, name);
	char *text;

	if (doc_is(value, DOC_ARRAY)) {
		for (size_t i = 0; i < doc_len(value); i++) {
			jv one = doc_at(value, i);

			text = text_of(one);
			if (text != NULL)
				certbot_list_add(values, text);
			free(text);
			doc_free(one);
		}
	} else if ((text = text_of(value)) != NULL) {
		certbot_list_add(values, text);
		free(text);
	}
	doc_free(value);
}

int
certbot_plugin_option_set(struct certbot_plugin *p, const char *name)
{
	jv value = value_of(p, name);
	jv box = doc_set(doc_object(), "v", value);
	int set = doc_flag(box, "v", 0);

	doc_free(box);
	return set;
}

const char *
certbot_plugin_name(struct certbot_plugin *p)
{
	return doc_str(p->guest->desc, "name");
}

char *
certbot_plugin_flag(struct certbot_plugin *p, const char *name)
{
	const char *own = certbot_plugin_name(p);
	char *flag = xasprintf("--%s-%s", own != NULL ? own : "", name);

	for (char *c = flag; *c != '\0'; c++)
		if (*c == '_')
			*c = '-';
	return flag;
}

const char *
certbot_plugin_dir(struct certbot_plugin *p, const char *which)
{
	return guest_dir(p->guest, which);
}

int
certbot_plugin_interactive(struct certbot_plugin *p)
{
	return guest_interactive(p->guest);
}

int
certbot_plugin_wait(struct certbot_plugin *p, int fd, long ms,
    struct certbot_error *e)
{
	int r = guest_wait(p->guest, &fd, fd >= 0, ms);

	if (r == -2)
		return certbot_fail(e, CERTBOT_INTERRUPTED,
		    "the input has ended");
	return r >= 0;
}
