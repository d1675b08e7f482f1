#include "plugin/host_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

jv
plugin_learned(const struct plugin *p)
{
	return doc_copy(p->learned);
}

int
plugin_alive(const struct plugin *p)
{
	return p != NULL && !p->ended && !p->broken;
}

int
plugin_fd(const struct plugin *p)
{
	return p == NULL || p->ended ? -1 : p->proc.out_fd;
}

static int
gone(struct plugin *p, struct err *err)
{
	int code;

	while (p->proc.err_fd != -1) {
		int fd = p->proc.err_fd;
		size_t before = p->errout.len;
		host_read_errout(p);
		if (p->proc.err_fd == fd && p->errout.len <= before)
			break;
	}
	host_log_errout(p, 1);
	/* Its output ends a moment before it does. */
	if (p->pidfd != -1) {
		struct pollfd fd = {p->pidfd, POLLIN, 0};
		(void)poll(&fd, 1, ENDING_MS);
	}
	if (p->proc.pid > 0 && proc_poll(&p->proc)) {
		code = proc_exit_code(&p->proc);
		err_set(err, ERR_pluginFailed,
		    "plugin %s ended with status %d before it answered",
		    p->desc->name, code);
	} else {
		err_set(err, ERR_pluginFailed,
		    "plugin %s closed its output before it answered",
		    p->desc->name);
	}
	return err_member(err, "plugin", doc_string(p->desc->name));
}

static int
interrupted(struct err *err)
{
	return err_set(err, ERR_interrupted, "a signal ended the work");
}

/* Is the time that plugin_hurry gave it over? */
static int
too_late(struct plugin *p, struct err *err)
{
	if (p->until == 0 || clock_ms() < p->until)
		return 0;
	p->broken = 1;
	err_set(err, ERR_pluginFailed, "plugin %s did not reply in time",
	    p->desc->name);
	return 1;
}

static int
send_line(struct plugin *p, jv line TAKES, struct err *err)
{
	char *text = doc_text(line);
	size_t len = strlen(text), done = 0;
	int rc = -1;

	doc_free(line);
	text = xrealloc(text, len + 2);
	text[len++] = '\n';
	while (done < len) {
		ssize_t n = write(p->proc.in_fd, text + done, len - done);
		if (n >= 0) {
			done += (size_t)n;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR) {
			p->ended = 1;
			gone(p, err);
			goto out;
		}
		if (too_late(p, err))
			goto out;
		if (host_listen(p, 1, -1, p->deaf) == -1) {
			if (done > 0) /* nothing can follow half a line */
				p->broken = 1;
			interrupted(err);
			goto out;
		}
	}
	rc = 0;
out:
	wipe_free(text, len);
	return rc;
}

static int
answer(struct plugin *p, jv question TAKES, struct err *err)
{
	struct err asked = {0};
	jv id = doc_get(question, "id"), reply = doc_object(), value;

	if (!doc_is(id, DOC_NONE))
		reply = doc_set(reply, "id", doc_take(&id));
	doc_free(id);
	if (p->deaf) { /* nobody is there any more */
		doc_free(question);
		reply = doc_set_flag(reply, "cancel", 1);
		return send_line(p, doc_set(doc_object(), "answer", reply),
		    err);
	}
	value = ui_ask(question, &asked);
	if (!err_is_set(&asked)) {
		reply = doc_set(reply, "value",
		    doc_is(value, DOC_NONE) ? doc_null() : value);
	} else if (asked.has_members && doc_flag(asked.members, "cancel", 0)) {
		reply = doc_set_flag(reply, "cancel", 1);
	} else {
		reply = doc_set_str(reply, "error", err_text(&asked));
	}
	err_clear(&asked);
	return send_line(p, doc_set(doc_object(), "answer", reply), err);
}

/* Deal with what it has said, up to a reply: 1 and *reply; 0 more is needed. */
int
host_digest(struct plugin *p, int closed, jv *reply, struct err *err)
{
	struct err why = {0};
	jv out;

	for (;;) {
		switch (plugin_take_line(&p->in, &out, &why)) {
		case PLUGIN_MORE:
			return 0;
		case PLUGIN_LOG:
			host_log_entry(p, out);
			break;
		case PLUGIN_ASK:
			if (closed)
				doc_free(out);
			else if (answer(p, out, err) == -1)
				return -1;
			break;
		case PLUGIN_REPLY:
			if (reply != NULL) {
				*reply = out;
				return 1;
			}
			doc_free(out);
			break;
		case PLUGIN_BROKEN:
			p->broken = 1;
			err_set(err, ERR_pluginFailed, "plugin %s: %s",
			    p->desc->name, err_text(&why));
			err_clear(&why);
			return err_member(err, "plugin",
			    doc_string(p->desc->name));
		}
	}
}

static jv
reply_or_error(struct plugin *p, jv reply TAKES, struct err *err)
{
	jv error, v = doc_get_kind(reply, "config", DOC_OBJECT);

	if (doc_is(v, DOC_OBJECT))
		p->learned = doc_merge(p->learned, doc_take(&v));
	doc_free(v);
	if (doc_flag(reply, "ok", 0))
		return reply;
	error = doc_get(reply, "error");
	plugin_error(error, p->desc->name, err);
	doc_free(error);
	v = doc_get(reply, "hint");
	if (doc_is(v, DOC_STRING))
		err_member(err, "hint", doc_take(&v));
	doc_free(v);
	v = doc_get_kind(reply, "results", DOC_ARRAY);
	if (doc_is(v, DOC_ARRAY))
		err_member(err, "results", doc_take(&v));
	doc_free(v);
	doc_free(reply);
	return doc_none();
}

/* Does op change what the plugin has to put back at end of input? */
static int
changes_server(const char *op)
{
	static const char *const ops[] = {"deploy", "enhance", "save",
	    "rollback", "recover", "renew-deploy", "generic-updates",
	    "auto-hsts-enable", "auto-hsts-update", "auto-hsts-deploy"};

	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (strcmp(op, ops[i]) == 0)
			return 1;
	return 0;
}

jv
plugin_call(struct plugin *p, const char *op, jv request TAKES, struct err *err)
{
	jv reply = doc_none();
	int r;

	request = doc_set_str(request, "op", op);
	if (!plugin_alive(p)) {
		doc_free(request);
		err_set(err, ERR_pluginFailed, "plugin %s has ended",
		    p->desc->name);
		return doc_none();
	}
	if (!p->deaf && signals_caught() != 0) { /* nothing is begun any more */
		doc_free(request);
		interrupted(err);
		return doc_none();
	}
	log_debug("plugin", "%s: %s", p->desc->name, op);
	p->performing |= changes_server(op);
	if (send_line(p, request, err) == -1)
		return doc_none();
	p->waiting = 1;
	for (;;) {
		r = host_digest(p, 0, &reply, err);
		if (r == -1)
			return doc_none();
		if (r == 1) {
			p->waiting = 0;
			return reply_or_error(p, reply, err);
		}
		if (p->ended) {
			gone(p, err);
			return doc_none();
		}
		if (too_late(p, err))
			return doc_none();
		if (host_listen(p, 0, -1, p->deaf) == -1) {
			interrupted(err);
			return doc_none();
		}
	}
}

void
plugin_hurry(struct plugin *p, int seconds)
{
	p->deaf = seconds > 0;
	p->until = seconds > 0 ? clock_ms() + seconds * 1000 : 0;
}

int
plugin_settle(struct plugin *p, struct err *err)
{
	int64_t deadline = clock_ms() + PLUGIN_GRACE * 1000;
	jv reply = doc_none();

	p->deaf = 1;
	while (p->waiting && plugin_alive(p) && clock_ms() < deadline) {
		if (host_digest(p, 0, &reply, err) == -1)
			return -1;
		if (!doc_is(reply, DOC_NONE))
			p->waiting = 0;
		else
			(void)host_listen(p, 0, 250, 1);
	}
	doc_free(reply);
	if (p->waiting || !plugin_alive(p))
		return err_set(err, ERR_pluginFailed,
		    "plugin %s did not come to rest", p->desc->name);
	return 0;
}

static jv
dirs_of(const struct stage *st)
{
	jv dirs = doc_set_str(doc_object(), "config", st->config_dir);

	dirs = doc_set_str(dirs, "work", st->work_dir);
	return doc_set_str(dirs, "logs", st->logs_dir);
}

int
plugin_init(struct plugin *p, jv config TAKES, const struct stage *st,
    int batch, struct err *err)
{
	jv request = doc_set_int(doc_object(), "version", PLUGIN_VERSION);
	jv reply;

	request = doc_set(request, "config", config);
	request = doc_set(request, "dirs", dirs_of(st));
	request = doc_set_flag(request, "interactive", !batch && ui_can_ask());
	reply = plugin_call(p, "init", request, err);
	if (doc_is(reply, DOC_NONE))
		return -1;
	doc_free(reply);
	return 0;
}

/* Each of n challenges has a result, and all are ok? */
static int
results_ok(struct plugin *p, jv results, size_t n, struct err *err)
{
	if (doc_is(results, DOC_NONE))
		return 0;
	if (doc_len(results) != n)
		return err_set(err, ERR_pluginFailed,
		    "plugin %s gave %zu results for %zu challenges",
		    p->desc->name, doc_len(results), n);
	for (size_t i = 0; i < n; i++) {
		jv one = doc_at(results, i);
		jv error = doc_get_kind(one, "error", DOC_OBJECT);
		if (doc_is(error, DOC_OBJECT))
			plugin_error(error, p->desc->name, err);
		else if (!doc_flag(one, "ok", 0))
			err_set(err, ERR_pluginFailed,
			    "plugin %s gave a result without \"ok\"",
			    p->desc->name);
		doc_free(one);
		doc_free(error);
		if (err_is_set(err))
			return -1;
	}
	return 0;
}

int
plugin_perform(struct plugin *p, jv challenges TAKES, jv *results,
    struct err *err)
{
	size_t n = doc_len(challenges);
	jv request = doc_set(doc_object(), "challenges", challenges);
	jv reply;
	int rc;

	*results = doc_none();
	p->performing = 1;
	reply = plugin_call(p, "perform", request, err);
	if (doc_is(reply, DOC_NONE)) {
		if (err->has_members)
			*results = doc_get_kind(err->members, "results",
			    DOC_ARRAY);
		return -1;
	}
	*results = doc_get_kind(reply, "results", DOC_ARRAY);
	doc_free(reply);
	rc = results_ok(p, *results, n, err);
	return rc;
}

int
plugin_cleanup(struct plugin *p, jv challenges TAKES, jv failed TAKES,
    char **hint, struct err *err)
{
	jv request = doc_set(doc_object(), "challenges", challenges);
	jv reply;
	const char *text;

	if (hint != NULL)
		*hint = NULL;
	if (doc_is(failed, DOC_ARRAY))
		request = doc_set(request, "failed", failed);
	reply = plugin_call(p, "cleanup", request, err);
	if (doc_is(reply, DOC_NONE))
		return -1;
	text = doc_str(reply, "hint");
	if (hint != NULL && text != NULL)
		*hint = xstrdup(text);
	doc_free(reply);
	return 0;
}

int
plugin_cleanup_left(struct plugin *p, jv challenges TAKES, struct err *err)
{
	jv request = doc_set(doc_object(), "challenges", challenges);
	jv reply;

	p->performing = 1;
	reply = plugin_call(p, "cleanup", doc_set_flag(request, "left", 1),
	    err);
	if (doc_is(reply, DOC_NONE))
		return -1;
	doc_free(reply);
	return 0;
}

jv
plugin_preferences(struct plugin *p, jv names TAKES, struct err *err)
{
	size_t n = doc_len(names);
	jv reply = plugin_call(p, "preferences",
	    doc_set(doc_object(), "names", names), err);
	jv lists;

	if (doc_is(reply, DOC_NONE))
		return reply;
	lists = doc_get_kind(reply, "preferences", DOC_ARRAY);
	doc_free(reply);
	if (doc_is(lists, DOC_NONE)) {
		lists = doc_array();
		for (size_t i = 0; i < n; i++)
			lists = doc_push(lists, doc_copy(p->desc->challenges));
		return lists;
	}
	if (doc_len(lists) == n)
		return lists;
	err_set(err, ERR_pluginFailed,
	    "plugin %s gave preferences for %zu names, not %zu", p->desc->name,
	    doc_len(lists), n);
	doc_free(lists);
	return doc_none();
}

int
plugin_drain(struct plugin *p, struct err *err)
{
	if (!plugin_alive(p))
		return gone(p, err);
	(void)host_listen(p, 0, 0, 1);
	if (host_digest(p, 0, NULL, err) == -1)
		return -1;
	return p->ended ? gone(p, err) : 0;
}
