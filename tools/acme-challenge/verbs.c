/* What each subcommand does with a vector of documents. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "challenge.h"

static struct work *
begin_all(struct challenge *c, jv *docs TAKES, size_t n)
{
	struct work *works = xcalloc(n + 1, sizeof(*works));

	for (size_t i = 0; i < n; i++)
		work_begin(c, &works[i], docs[i]);
	return works;
}

/* Documents that are not decided get this error. */
static void
fail_rest(struct challenge *c, struct work *works, size_t n, struct err *err)
{
	jv why = err_to_doc(err, NULL);

	for (size_t i = 0; i < n; i++) {
		if (works[i].done)
			continue;
		if (!err_is_set(&works[i].err))
			(void)err_from_doc(&works[i].err, why);
		work_write(c, &works[i]);
	}
	doc_free(why);
	err_clear(err);
	free(works);
}

static void
name_leftovers(const struct work *works, size_t n, struct err *err)
{
	jv names = doc_array();
	char *list;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; works[i].performed && k < works[i].n_todo;
		     k++) {
			char *name = authorization_name(
			    works[i].authz[works[i].todo[k].authz]);
			names = doc_push_str(names, name);
			free(name);
		}
	}
	list = doc_join(names, ", ");
	log_error("acme-challenge", "%s; challenges may be left behind for: %s",
	    err_text(err), list);
	free(list);
	doc_free(names);
}

/* The plugin undoes what is there, over a network that is still there. */
static void
stop_plugin(struct challenge *c, struct work *works, size_t n)
{
	struct err err = {0};
	int performed = 0;

	for (size_t i = 0; i < n; i++)
		performed |= !works[i].done && works[i].performed;
	if (performed)
		log_info("certbot._internal.auth_handler",
		    "Cleaning up challenges");
	left_remove_all(c, works, n);
	if (host_close(c, &err) == -1) {
		if (err.has_members && doc_flag(err.members, "died", 0)) {
			left_remove_all(c, works, n);
			err_clear(&err);
			(void)host_close(c, &err);
		} else if (performed) {
			name_leftovers(works, n, &err);
		} else {
			log_warning("acme-challenge", "%s", err_text(&err));
		}
	}
	err_clear(&err);
}

static void
decided_plugin(struct challenge *c, struct work *w)
{
	work_cleanup(c, w);
	if (w->more && !err_is_set(&w->err))
		return; /* another round */
	if (!err_is_set(&w->err))
		w->doc = save_options(c, doc_take(&w->doc));
	work_write(c, w);
}

static void
decided_answer(struct challenge *c, struct work *w)
{
	work_write(c, w);
}

static int
any_todo(const struct work *works, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!err_is_set(&works[i].err) && works[i].n_todo > 0)
			return 1;
	return 0;
}

/* After a signal nothing is begun any more. */
static int
may_begin(struct err *err)
{
	if (signals_caught() == 0)
		return 1;
	err_set(err, ERR_interrupted, "a signal ended the work");
	return 0;
}

static int
go_round(struct challenge *c, struct work *works, size_t n, decided_fn *fn,
    struct err *err)
{
	if (!may_begin(err) || works_refresh(c, works, n, err) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!err_is_set(&works[i].err))
			work_choose(c, &works[i]);
		if (!may_begin(err))
			return -1;
	}
	if (c->desc != NULL && any_todo(works, n)) {
		if (works_perform(c, works, n, err) == -1)
			return -1;
		if (c->debug && any_todo(works, n) &&
		    works_pause(c, works, n, err) == -1)
			return -1;
	}
	return works_validate(c, works, n, fn, err);
}

/* With a plugin that can do one challenge at a time (one record for all names,
 * say) each is validated and cleaned up before the next. */
static int
go_through(struct challenge *c, struct work *works, size_t n, decided_fn *fn,
    struct err *err)
{
	if (c->desc == NULL || !c->desc->single)
		return go_round(c, works, n, fn, err);
	for (size_t i = 0; i < n; i++) {
		do {
			works[i].more = 0;
			if (go_round(c, &works[i], 1, fn, err) == -1)
				return -1;
		} while (works[i].more);
	}
	return 0;
}

void
run_plugin(void *ctx, struct stage *st, jv *docs TAKES, size_t n)
{
	struct challenge *c = ctx;
	struct work *works = begin_all(c, docs, n);
	struct err err = {0};

	(void)st;
	if (signals_caught() == 0)
		host_start(c);
	if (go_through(c, works, n, decided_plugin, &err) == 0) {
		free(works);
		return;
	}
	stop_plugin(c, works, n);
	fail_rest(c, works, n, &err);
}

void
run_answer(void *ctx, struct stage *st, jv *docs TAKES, size_t n)
{
	struct challenge *c = ctx;
	struct work *works = begin_all(c, docs, n);
	struct err err = {0};

	(void)st;
	if (go_through(c, works, n, decided_answer, &err) == 0)
		free(works);
	else
		fail_rest(c, works, n, &err);
}

/* --- show ------------------------------------------------------------------- */

static jv
shown_challenges(jv authz, EVP_PKEY *key, struct err *err)
{
	jv list = doc_get_kind(authz, "challenges", DOC_ARRAY);

	for (size_t i = 0; i < doc_len(list); i++) {
		jv one = doc_at(list, i);
		const char *type = doc_str(one, "type");
		jv good = type == NULL ? doc_none() :
					 authorization_challenge(authz, type);

		doc_free(one);
		if (!doc_is(good, DOC_OBJECT)) {
			doc_free(good);
			continue; /* tokenless or unknown */
		}
		good = challenge_complete(good, key, err);
		if (doc_is(good, DOC_NONE))
			break;
		list = doc_put(list, i, good);
	}
	return list;
}

void
run_show(void *ctx, struct stage *st, jv *docs TAKES, size_t n)
{
	struct challenge *c = ctx;
	struct work *works = begin_all(c, docs, n);
	struct err err = {0};

	(void)st;
	if (works_refresh(c, works, n, &err) == -1) {
		fail_rest(c, works, n, &err);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct work *w = &works[i];

		for (size_t k = 0; !err_is_set(&w->err) && k < w->n_authz;
		     k++) {
			jv list = shown_challenges(w->authz[k], w->key,
			    &w->err);
			w->authz[k] = doc_set(doc_take(&w->authz[k]),
			    "challenges", list);
		}
		work_write(c, w);
	}
	free(works);
}

/* --- deactivate ---------------------------------------------------------------- */

static int
can_be_deactivated(jv authz)
{
	return is_open(authz) || strcmp(status_of(authz), "valid") == 0;
}

static void
deactivate_one(struct challenge *c, struct work *w, struct err *err)
{
	struct acme_call *calls = xcalloc(w->n_authz + 1, sizeof(*calls));
	size_t *which = xcalloc(w->n_authz + 1, sizeof(*which));
	size_t n = 0, done = 0;
	jv result;

	for (size_t i = 0; i < w->n_authz; i++) {
		if (!can_be_deactivated(w->authz[i]))
			continue;
		which[n] = i;
		calls[n] = (struct acme_call)ACME_CALL_INIT;
		calls[n].session = w->session;
		calls[n].url = doc_str(w->authz[i], "url");
		calls[n].payload = doc_set_str(doc_object(), "status",
		    "deactivated");
		calls[n++].flags = ACME_REPEATABLE;
	}
	if (n == 0 || acme_perform(c->acme, calls, n, err) == 0) {
		for (size_t i = 0; i < n; i++) {
			jv *a = &w->authz[which[i]];
			if (err_is_set(&calls[i].err)) {
				log_debug("acme-challenge", "%s: %s",
				    doc_str(*a, "url"),
				    err_text(&calls[i].err));
				continue;
			}
			*a = doc_set_str(doc_take(a), "status", "deactivated");
			done++;
		}
	}
	result = doc_set_int(doc_object(), "done", (long)done);
	result = doc_set_int(result, "failed", (long)(n - done));
	w->doc = doc_set(doc_take(&w->doc), "deactivated", result);
	for (size_t i = 0; i < n; i++) {
		doc_free(calls[i].payload);
		acme_call_release(&calls[i]);
	}
	free(calls);
	free(which);
}

void
run_deactivate(void *ctx, struct stage *st, jv *docs TAKES, size_t n)
{
	struct challenge *c = ctx;
	struct work *works = begin_all(c, docs, n);

	(void)st;
	for (size_t i = 0; i < n; i++) {
		if (!err_is_set(&works[i].err)) {
			struct err err = {0};
			deactivate_one(c, &works[i], &err);
			if (err_is_set(&err) && signals_caught() != 0)
				err_move(&works[i].err, &err);
			err_clear(&err);
		}
		work_write(c, &works[i]);
	}
	free(works);
}

/* --- check ----------------------------------------------------------------------- */

int
run_check(struct challenge *c)
{
	struct err err = {0};
	jv lists;

	host_start(c);
	if (c->plugin == NULL) {
		err_move(&err, &c->plugin_err);
	} else {
		lists = plugin_preferences(c->plugin, doc_array(), &err);
		doc_free(lists);
		if (!err_is_set(&err) && doc_len(c->types) > 0) {
			int any = 0;
			for (size_t i = 0; i < doc_len(c->types); i++)
				any |= doc_list_has(c->desc->challenges,
				    doc_str_at(c->types, i));
			if (!any)
				err_set(&err, ERR_noChallenge,
				    "None of the preferred challenges are "
				    "supported by the selected plugin");
		}
	}
	stop_plugin(c, NULL, 0);
	if (!err_is_set(&err))
		return 0;
	stage_fail_first(&c->st, &err);
	return -1;
}
