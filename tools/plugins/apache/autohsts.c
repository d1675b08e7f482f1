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
#include "autohsts.h"
#include "store/plugin_storage.h"

#define COMMENT "# DO NOT REMOVE - Managed by Certbot, " ID_MARK

const long autohsts_steps[AUTOHSTS_STEPS] = {60, 300, 900, 3600, 21600, 43200,
    86400};

jv
autohsts_state(struct apache *a, struct err *err)
{
	jv state = plugin_storage_get(guest_dir(a->g, "config"), "apache",
	    "autohsts", err);

	if (doc_is(state, DOC_NONE) && !err_is_set(err))
		state = doc_object();
	return state;
}

int
autohsts_keep(struct apache *a, jv state TAKES, struct err *err)
{
	return plugin_storage_put(guest_dir(a->g, "config"),
	    guest_dir(a->g, "work"), "apache", "autohsts", state, err);
}

double
autohsts_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

jv
autohsts_entry(long step)
{
	jv e = doc_set_int(doc_object(), "laststep", step);

	return doc_set(e, "timestamp", doc_number(autohsts_now()));
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

/* The last n checkpoints are undone, and so for the server. */
void
autohsts_undo(struct apache *a, long n)
{
	struct err ignored = {0};

	apache_owe_reload(a);
	(void)reverter_rollback(a->rev, n, &ignored);
	apache_forget(a);
	err_clear(&ignored);
	(void)server_reload(a, &ignored);
	err_clear(&ignored);
}

int
autohsts_save(struct apache *a, const char *title, struct err *err)
{
	struct err ignored = {0};

	if (apache_save(a, 0, err) == 0) {
		int made = reverter_unfinished(a->rev);

		if (made)
			apache_owe_reload(a);
		return reverter_finish(a->rev, title, err) == -1 ? -1 : made;
	}
	(void)apache_recover(a, &ignored);
	err_clear(&ignored);
	return -1;
}

int
autohsts_marked(const struct vhost *v, const char *id)
{
	char *mark = xasprintf(ID_MARK "%s", id);
	size_t len;
	const char *p = edit_bytes(v->file->edit, &len);
	int marked = !v->macro &&
	    memmem(p + v->node->start, v->node->close_start - v->node->start,
		mark, strlen(mark)) != NULL;

	free(mark);
	return marked;
}

/* --- a vhost that becomes two -------------------------------------------------- */

static size_t
id_length(const char *id)
{
	return strspn(id, "0123456789abcdefABCDEF");
}

char *
autohsts_twin(struct apache *a, const char *text, struct err *err)
{
	const char *mark = strstr(text, ID_MARK), *old;
	jv state, entry;
	char *id, *key, *out;

	if (mark == NULL)
		return xstrdup(text);
	old = mark + strlen(ID_MARK);
	state = autohsts_state(a, err);
	if (doc_is(state, DOC_NONE) || (id = new_id(err)) == NULL) {
		doc_free(state);
		return NULL;
	}
	key = xstrndup(old, id_length(old));
	entry = doc_get_kind(state, key, DOC_OBJECT);
	if (doc_is(entry, DOC_OBJECT))
		a->twins = doc_set(a->twins, id, doc_copy(entry));
	out = xasprintf("%.*s%s%s", (int)(old - text), text, id,
	    old + id_length(old));
	doc_free(entry);
	doc_free(state);
	free(key);
	free(id);
	return out;
}

int
autohsts_keep_twins(struct apache *a, struct err *err)
{
	jv state, ids;
	int rc;

	if (doc_len(a->twins) == 0)
		return 0;
	state = autohsts_state(a, err);
	if (doc_is(state, DOC_NONE))
		return -1;
	ids = doc_keys(a->twins);
	for (size_t i = 0; i < doc_len(ids); i++) {
		const char *id = doc_str_at(ids, i);
		state = doc_set(state, id,
		    doc_get_kind(a->twins, id, DOC_OBJECT));
	}
	doc_free(ids);
	rc = autohsts_keep(a, doc_take(&state), err);
	if (rc == 0)
		doc_move(&a->twins, doc_object());
	return rc;
}

/* --- enable ------------------------------------------------------------------ */

/* What enabling comes to, beside its checkpoint. */
struct enabling {
	jv state, seen;
	size_t found, there; /* vhosts; those that have it already */
};

static int
enable_vhost(struct apache *a, struct vref r, struct enabling *e,
    struct err *err)
{
	const struct vhost *v = vref_get(a, r);
	char *key = xasprintf("%s#%zu", r.file->path, r.ordinal), *id, *line;
	int again = doc_has(e->seen, key);

	e->seen = doc_set_flag(e->seen, key, 1);
	free(key);
	if (again)
		return 0;
	e->found++;
	if (header_find(v, HSTS) != NULL && autohsts_marked(v, "")) {
		e->there++;
		return 0;
	}
	if (header_find(v, HSTS) != NULL)
		return err_set(err, ERR_pluginFailed,
		    "The virtual host at %s:%u has a " HSTS
		    " header already: AutoHSTS cannot be enabled there",
		    r.file->path, v->node->line);
	id = new_id(err);
	if (id == NULL)
		return -1;
	line = xasprintf(COMMENT "%s", id);
	node_append(v->node, line);
	free(line);
	line = xasprintf("Header always set " HSTS " \"max-age=%ld\"",
	    autohsts_steps[0]);
	node_append(v->node, line);
	free(line);
	apache_note(a,
	    "Adding gradually increasing HSTS header with initial "
	    "value of %ld to VirtualHost in %s",
	    autohsts_steps[0], r.file->path);
	e->state = doc_set(e->state, id, autohsts_entry(0));
	free(id);
	return apache_changed(a, err);
}

static int
enable_names(struct apache *a, jv names, struct enabling *e, struct err *err)
{
	const struct vref *list;
	size_t n;

	if (module_enable(a, "headers", 0, err) == -1)
		return -1;
	for (size_t i = 0; i < doc_len(names); i++) {
		if (choose_tls(a, doc_str_at(names, i), 0, &list, &n, err) ==
		    -1)
			return -1;
		for (size_t k = 0; k < n; k++)
			if (enable_vhost(a, list[k], e, err) == -1)
				return -1;
	}
	if (e->found == 0)
		return err_set(err, ERR_pluginFailed,
		    "Certbot was not able to find SSL VirtualHost for the "
		    "names to enable AutoHSTS");
	return e->found > e->there ?
	    0 :
	    err_set(err, ERR_alreadyPresent, "AutoHSTS is enabled already");
}

/* What is kept comes first: an id that no vhost has does nothing, a vhost whose
 * id nobody keeps would stay as it is for ever. had: what was kept before; none. */
static int
enable_for_good(struct apache *a, jv had, jv *state, struct err *err)
{
	struct err ignored = {0};
	int made;

	if (autohsts_keep(a, doc_take(state), err) == -1) {
		(void)apache_recover(a, &ignored);
		err_clear(&ignored);
		return -1;
	}
	made = autohsts_save(a, "Enabling AutoHSTS", err);
	if (made != -1 && server_reload(a, err) == 0)
		return 0;
	if (made != -1)
		autohsts_undo(a, made);
	(void)autohsts_keep(a, doc_copy(had), &ignored);
	err_clear(&ignored);
	return -1;
}

int
autohsts_enable(struct apache *a, jv request, struct err *err)
{
	jv names = doc_get_kind(request, "names", DOC_ARRAY);
	struct enabling e = {.seen = doc_object(), .state = doc_none()};
	struct err ignored = {0};
	jv had = doc_none();
	int rc = apache_read(a, err);

	if (rc == 0)
		e.state = autohsts_state(a, err);
	if (doc_is(e.state, DOC_NONE))
		rc = -1;
	if (doc_len(e.state) > 0)
		doc_move(&had, doc_copy(e.state));
	if (rc == 0 && (rc = enable_names(a, names, &e, err)) == -1)
		(void)apache_recover(a, &ignored);
	if (rc == 0)
		rc = enable_for_good(a, had, &e.state, err);
	err_clear(&ignored);
	doc_free(had);
	doc_free(e.state);
	doc_free(e.seen);
	doc_free(names);
	return rc;
}
