/* AutoHSTS, from run to run: the next step of each virtual host, and for good
 * when its certificate has been renewed at the last one (spec installers C13). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apache.h"
#include "autohsts.h"
#include "base/path.h"

#define MIN_INTERVAL 172800
#define PERMANENT 31536000L

static double
timestamp_of(jv e)
{
	jv v = doc_get_kind(e, "timestamp", DOC_NUMBER);
	char *text = doc_text(v);
	double t = doc_is(v, DOC_NUMBER) ? strtod(text, NULL) : 0;

	free(text);
	doc_free(v);
	return t;
}

/* The vhost whose section has the comment; NULL. */
static const struct vhost *
vhost_by_id(const struct apache *a, const char *id)
{
	for (size_t i = 0; i < a->conf.n_vhosts; i++)
		if (autohsts_marked(a->conf.vhosts[i], id))
			return a->conf.vhosts[i];
	return NULL;
}

/* The last argument of the header's directive becomes max-age=VALUE. */
static int
set_age(const struct vhost *v, long age, struct err *err)
{
	const struct entry *e = header_find(v, HSTS);
	char *name, *args;
	size_t n = 0;

	if (e == NULL || !node_within(e->node, v->node))
		return err_set(err, ERR_pluginFailed,
		    "Existing HSTS header not found in %s:%u", v->file->path,
		    v->node->line);
	while ((name = entry_arg(e, n)) != NULL) {
		int here = strcasecmp(name, HSTS) == 0;
		free(name);
		n++;
		if (here)
			break;
	}
	args = xasprintf("%sset " HSTS " \"max-age=%ld\"",
	    n > 2 ? "always " : "", age);
	node_set_args(e->node, args);
	free(args);
	return 0;
}

typedef int (*change_fn)(struct apache *a, const char *id, jv entry, jv request,
    jv *state, int *changed, struct err *err);

/* All is as it was: the files, for the server too, and what is kept. */
static void
put_back(struct apache *a, jv before TAKES, int changed)
{
	struct err ignored = {0};

	autohsts_undo(a, changed);
	(void)autohsts_keep(a, before, &ignored);
	err_clear(&ignored);
}

/* fn for each id of the state; one reload at the end. What fails for one vhost
 * keeps no other from its step; the first error is told. */
static int
for_each_id(struct apache *a, jv request, change_fn fn, struct err *err)
{
	jv state = autohsts_state(a, err), before = doc_copy(state);
	jv ids = doc_keys(state);
	int changed = 0, rc = doc_is(state, DOC_NONE) ? -1 : 0;

	for (size_t i = 0; i < doc_len(ids); i++) {
		const char *id = doc_str_at(ids, i);
		jv e = doc_get_kind(state, id, DOC_OBJECT);
		struct err one = {0};

		if (fn(a, id, e, request, &state, &changed, &one) == -1) {
			if (rc == 0)
				err_move(err, &one);
			rc = -1;
		}
		err_clear(&one);
		doc_free(e);
	}
	doc_free(ids);
	doc_free(state);
	if (changed > 0) {
		struct err one = {0};

		if (server_reload(a, &one) == -1) {
			put_back(a, doc_take(&before), changed);
			err_clear(err);
			err_move(err, &one);
			rc = -1;
		}
		err_clear(&one);
	}
	doc_free(before);
	return rc;
}

static int
forget_id(struct apache *a, const char *id, jv *state, struct err *err)
{
	guest_log(a->g, LOG_ERROR, SHOW_LOG,
	    "Could not find VirtualHost with id %s for AutoHSTS increment", id);
	*state = doc_del(*state, id);
	return autohsts_keep(a, doc_copy(*state), err);
}

static int
apply(struct apache *a, const char *id, long age, jv *state, jv next TAKES,
    int *changed, struct err *err)
{
	const struct vhost *v;
	char *title;
	int rc = apache_ready(a, err), made = 0;

	v = rc == 0 ? vhost_by_id(a, id) : NULL;
	if (rc == -1 || v == NULL) {
		doc_free(next);
		return rc == -1 ? -1 : forget_id(a, id, state, err);
	}
	title = xasprintf("Increasing HSTS max-age value to %ld for "
			  "VirtualHost in %s",
	    age, v->file->path);
	rc = set_age(v, age, err);
	if (rc == 0)
		rc = apache_changed(a, err);
	apache_note(a, "%s", title);
	if (rc == 0)
		made = autohsts_save(a, title, err);
	free(title);
	if (rc == -1 || made == -1) {
		doc_free(next);
		return -1;
	}
	*changed += made;
	*state = doc_is(next, DOC_NONE) ? doc_del(*state, id) :
					  doc_set(*state, id, next);
	return autohsts_keep(a, doc_copy(*state), err);
}

static int
update_one(struct apache *a, const char *id, jv entry, jv request, jv *state,
    int *changed, struct err *err)
{
	long last = 0;

	(void)request;
	(void)doc_int(entry, "laststep", &last);
	if (timestamp_of(entry) + MIN_INTERVAL > autohsts_now() || last < 0 ||
	    last + 1 >= AUTOHSTS_STEPS)
		return 0;
	return apply(a, id, autohsts_steps[last + 1], state,
	    autohsts_entry(last + 1), changed, err);
}

int
autohsts_update(struct apache *a, jv request, struct err *err)
{
	return for_each_id(a, request, update_one, err);
}

static int
deploy_one(struct apache *a, const char *id, jv entry, jv request, jv *state,
    int *changed, struct err *err)
{
	const char *path = doc_str_find(request, "lineage", "path", NULL);
	const struct vhost *v;
	const struct entry *e;
	char *have, *want;
	long last = 0;
	int same;

	(void)doc_int(entry, "laststep", &last);
	if (last + 1 < AUTOHSTS_STEPS || path == NULL)
		return 0;
	if (apache_ready(a, err) == -1)
		return -1;
	v = vhost_by_id(a, id);
	if (v == NULL)
		return forget_id(a, id, state, err);
	e = vhost_last(v, "SSLCertificateKeyFile");
	have = e == NULL ? NULL : entry_arg(e, 0);
	want = path_join(path, "privkey.pem");
	same = have != NULL && strcmp(have, want) == 0;
	free(have);
	free(want);
	return same ? apply(a, id, PERMANENT, state, doc_none(), changed, err) :
		      0;
}

int
autohsts_deploy(struct apache *a, jv request, struct err *err)
{
	return for_each_id(a, request, deploy_one, err);
}
