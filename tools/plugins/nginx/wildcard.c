#include "wildcard.h"

#include <stdlib.h>
#include <string.h>

static void
add_word(struct buf *b, size_t *n, const char *text)
{
	(void)buf_addf(b, "%s%s", (*n)++ > 0 ? ", " : "", text);
}

/* "80", "[::]:443 ssl": as certbot has it. */
static void
add_listen(struct buf *b, size_t *n, const struct listen *l)
{
	add_word(b, n, l->at.file == NULL ? "80" : place_text(l->at, 1));
	(void)buf_addf(b, "%s%s", l->is_default ? " default_server" : "",
	    l->own_ssl ? " ssl" : "");
}

/* What the person chooses by; its empty line parts it from the next. */
static jv
description(const struct server *s, int last)
{
	struct buf b;
	size_t n = 0;
	jv text;

	buf_init(&b, DOC_MAX / 16);
	(void)buf_addf(&b, "File: %s\nAddresses: ", s->at.file->path);
	for (size_t i = 0; i < s->n_listens; i++)
		add_listen(&b, &n, &s->listens[i]);
	(void)buf_adds(&b, "\nNames: ");
	n = 0;
	for (size_t i = 0; i < s->n_names; i++)
		add_word(&b, &n, s->names[i].text);
	(void)buf_addf(&b, "\nHTTPS: %s\n%s",
	    server_listens(s, 1, 0) ? "Yes" : "No", last ? "" : "\n");
	text = doc_stringn(b.p, b.len);
	buf_release(&b);
	return text;
}

static int
is_candidate(const struct nginx *n, const struct server *s, int redirect)
{
	return !redirect || server_listens(s, 0, PLAIN_HTTP_PORT) ||
	    server_listens(s, 0, n->http01_port);
}

/* The names of a server, to know it again when the file was changed. */
static jv
identity(const struct server *s)
{
	jv id = doc_push_str(doc_array(), s->at.file->path);

	for (size_t i = 0; i < s->n_names; i++)
		id = doc_push(id,
		    doc_stringn(s->names[i].text, strlen(s->names[i].text)));
	return id;
}

/* The identities of what is chosen; none and err. */
static jv
ask(struct nginx *n, int redirect, struct err *err)
{
	jv choices = doc_array(), ids = doc_array(), chosen = doc_none();
	jv question, value;
	size_t count = n->model->n;

	while (count > 0 &&
	    !is_candidate(n, &n->model->servers[count - 1], redirect))
		count--;
	for (size_t i = 0; i < count; i++) {
		const struct server *s = &n->model->servers[i];

		if (!is_candidate(n, s, redirect))
			continue;
		choices = doc_push(choices, description(s, i + 1 == count));
		ids = doc_push(ids, identity(s));
	}
	question = doc_set_str(doc_object(), "kind", "checklist");
	question = doc_set_str(question, "text",
	    "Which server blocks would you like to modify?");
	question = doc_set_flag(question, "force", 1);
	question = doc_set(question, "choices", doc_copy(choices));
	value = guest_ask(n->g, question, err);
	if (err->has_members && doc_flag(err->members, "cancel", 0)) {
		err_clear(err); /* none is chosen */
		chosen = doc_array();
	} else if (!doc_is(value, DOC_NONE)) {
		chosen = doc_array();
		for (size_t i = 0; i < doc_len(choices); i++) {
			const char *text = doc_str_at(choices, i);

			if (text != NULL && doc_list_has(value, text))
				chosen = doc_push(chosen, doc_at(ids, i));
		}
	}
	doc_free(value);
	doc_free(choices);
	doc_free(ids);
	return chosen;
}

static int
is_chosen(jv chosen, const struct server *s)
{
	jv id = identity(s);
	int found = 0;

	for (size_t i = 0; !found && i < doc_len(chosen); i++) {
		jv one = doc_at(chosen, i);

		found = doc_equal(one, id);
		doc_free(one);
	}
	doc_free(id);
	return found;
}

int
wildcard_ask(struct nginx *n, const char *domain, int redirect, size_t **list,
    size_t *count, struct err *err)
{
	char *key = xasprintf("%s%s", redirect ? "redirect " : "", domain);
	jv chosen = doc_get_kind(n->chosen, key, DOC_ARRAY);

	if (doc_is(chosen, DOC_NONE)) {
		chosen = ask(n, redirect, err);
		if (!doc_is(chosen, DOC_NONE))
			n->chosen = doc_set(n->chosen, key, doc_copy(chosen));
	}
	free(key);
	if (doc_is(chosen, DOC_NONE))
		return -1;
	for (size_t i = 0; i < n->model->n; i++) {
		if (!is_candidate(n, &n->model->servers[i], redirect) ||
		    !is_chosen(chosen, &n->model->servers[i]))
			continue;
		*list = xrealloc(*list, (*count + 1) * sizeof(**list));
		(*list)[(*count)++] = i;
	}
	doc_free(chosen);
	return 0;
}
