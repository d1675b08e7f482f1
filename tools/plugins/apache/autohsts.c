/* AutoHSTS: Strict-Transport-Security that grows from run to run (spec
 * installers C13). What is known of each vhost is kept under a random id, which
 * a comment in the vhost carries. */
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "apache.h"
#include "base/path.h"
#include "store/plugin_storage.h"

#define HSTS "Strict-Transport-Security"
#define COMMENT "# DO NOT REMOVE - Managed by Certbot, VirtualHost id: "
#define ID_MARK "VirtualHost id: "
#define MIN_INTERVAL 172800
#define PERMANENT 31536000L

static const long steps[] = {60, 300, 900, 3600, 21600, 43200, 86400};

static jv
state_get(struct apache *a, struct err *err)
{
	jv state = plugin_storage_get(guest_dir(a->g, "config"), "apache",
	    "autohsts", err);

	if (doc_is(state, DOC_NONE) && !err_is_set(err))
		state = doc_object();
	return state;
}

static int
state_put(struct apache *a, jv state TAKES, struct err *err)
{
	return plugin_storage_put(guest_dir(a->g, "config"),
	    guest_dir(a->g, "work"), "apache", "autohsts", state, err);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static jv
entry_make(long step)
{
	jv e = doc_set_int(doc_object(), "laststep", step);

	return doc_set(e, "timestamp", doc_number(now()));
}

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

static char *
new_id(struct err *err)
{
	unsigned char raw[16];
	char *id = xcalloc(1, 2 * sizeof(raw) + 1);

	if (RAND_bytes(raw, sizeof(raw)) != 1) {
		err_set(err, ERR_internal, "no random bytes");
		free(id);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(raw); i++)
		snprintf(id + 2 * i, 3, "%02x", raw[i]);
	return id;
}

/* The vhost whose section has the comment; NULL. */
static const struct vhost *
vhost_by_id(const struct apache *a, const char *id)
{
	char *mark = xasprintf(ID_MARK "%s", id);
	const struct vhost *found = NULL;

	for (size_t i = 0; found == NULL && i < a->conf.n_vhosts; i++) {
		const struct vhost *v = a->conf.vhosts[i];
		size_t len;
		const char *p = edit_bytes(v->file->edit, &len);

		if (!v->macro &&
		    memmem(p + v->node->start,
			v->node->close_start - v->node->start, mark,
			strlen(mark)) != NULL)
			found = v;
	}
	free(mark);
	return found;
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

/* Written, in a checkpoint of its own, and live; undone when it cannot be. */
static int
put_in_force(struct apache *a, const char *title, int reload, struct err *err)
{
	struct err ignored = {0};
	int rc = apache_save(a, 0, err);

	if (rc == 0)
		rc = reverter_finish(a->rev, title, err);
	else
		(void)apache_recover(a, &ignored);
	if (rc == 0 && reload && server_reload(a, err) == -1) {
		(void)reverter_rollback(a->rev, 1, &ignored);
		apache_forget(a);
		err_clear(&ignored);
		(void)server_reload(a, &ignored);
		rc = -1;
	}
	err_clear(&ignored);
	return rc;
}

/* --- enable ------------------------------------------------------------------ */

static int
enable_vhost(struct apache *a, struct vref r, jv *state, jv *done,
    struct err *err)
{
	const struct vhost *v = vref_get(a, r);
	char *key = xasprintf("%s#%zu", r.file->path, r.ordinal), *id, *line;
	int again = doc_has(*done, key);

	*done = doc_set_flag(*done, key, 1);
	free(key);
	if (again)
		return 0;
	if (header_find(v, HSTS) != NULL)
		return err_set(err, ERR_alreadyPresent,
		    "Existing " HSTS " header");
	id = new_id(err);
	if (id == NULL)
		return -1;
	line = xasprintf(COMMENT "%s", id);
	node_append(v->node, line);
	free(line);
	line = xasprintf("Header always set " HSTS " \"max-age=%ld\"",
	    steps[0]);
	node_append(v->node, line);
	free(line);
	apache_note(a,
	    "Adding gradually increasing HSTS header with initial "
	    "value of %ld to VirtualHost in %s",
	    steps[0], r.file->path);
	*state = doc_set(*state, id, entry_make(0));
	free(id);
	return apache_changed(a, err);
}

int
autohsts_enable(struct apache *a, jv request, struct err *err)
{
	jv names = doc_get_kind(request, "names", DOC_ARRAY), state, done;
	const struct vref *list;
	size_t n, found = 0;
	int rc = apache_read(a, err);

	state = rc == 0 ? state_get(a, err) : doc_none();
	done = doc_object();
	rc = doc_is(state, DOC_NONE) ? -1 : module_enable(a, "headers", 0, err);
	for (size_t i = 0; rc == 0 && i < doc_len(names); i++) {
		rc = choose_tls(a, doc_str_at(names, i), 0, &list, &n, err);
		for (size_t k = 0; rc == 0 && k < n; k++, found++)
			rc = enable_vhost(a, list[k], &state, &done, err);
	}
	if (rc == 0 && found == 0)
		rc = err_set(err, ERR_pluginFailed,
		    "Certbot was not able to find SSL VirtualHost for the "
		    "names to enable AutoHSTS");
	if (rc == 0)
		rc = put_in_force(a, "Enabling AutoHSTS", 1, err);
	if (rc == 0)
		rc = state_put(a, doc_take(&state), err);
	doc_free(state);
	doc_free(done);
	doc_free(names);
	return rc;
}

/* --- update and deploy ------------------------------------------------------- */

typedef int (*change_fn)(struct apache *a, const char *id, jv entry, jv request,
    jv *state, int *changed, struct err *err);

/* fn for each id of the state; one reload at the end. */
static int
for_each_id(struct apache *a, jv request, change_fn fn, struct err *err)
{
	jv state = state_get(a, err), ids = doc_keys(state);
	int changed = 0, rc = doc_is(state, DOC_NONE) ? -1 : 0;

	for (size_t i = 0; rc == 0 && i < doc_len(ids); i++) {
		const char *id = doc_str_at(ids, i);
		jv e = doc_get_kind(state, id, DOC_OBJECT);

		rc = fn(a, id, e, request, &state, &changed, err);
		doc_free(e);
	}
	doc_free(ids);
	doc_free(state);
	if (rc == 0 && changed)
		rc = server_reload(a, err);
	return rc;
}

static int
forget_id(struct apache *a, const char *id, jv *state, struct err *err)
{
	guest_log(a->g, LOG_ERROR, SHOW_LOG,
	    "Could not find VirtualHost with id %s for AutoHSTS increment", id);
	*state = doc_del(*state, id);
	return state_put(a, doc_copy(*state), err);
}

static int
apply(struct apache *a, const char *id, long age, jv *state, jv next TAKES,
    int *changed, struct err *err)
{
	const struct vhost *v;
	char *title;
	int rc = apache_read(a, err);

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
		rc = put_in_force(a, title, 0, err);
	free(title);
	if (rc == -1) {
		doc_free(next);
		return -1;
	}
	*changed = 1;
	*state = doc_is(next, DOC_NONE) ? doc_del(*state, id) :
					  doc_set(*state, id, next);
	return state_put(a, doc_copy(*state), err);
}

static int
update_one(struct apache *a, const char *id, jv entry, jv request, jv *state,
    int *changed, struct err *err)
{
	long last = 0;

	(void)request;
	(void)doc_int(entry, "laststep", &last);
	if (timestamp_of(entry) + MIN_INTERVAL > now() || last < 0 ||
	    last + 1 >= (long)ARRAY_LEN(steps))
		return 0;
	return apply(a, id, steps[last + 1], state, entry_make(last + 1),
	    changed, err);
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
	if (last + 1 < (long)ARRAY_LEN(steps) || path == NULL)
		return 0;
	if (apache_read(a, err) == -1)
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
