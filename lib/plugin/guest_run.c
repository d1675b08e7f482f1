/* Requests, and the replies to them. */
#include "plugin/guest_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OP_MAX = 64 };

static jv
ok(void)
{
	return doc_set_flag(doc_object(), "ok", 1);
}

/* err as the "error" of a reply; err is cleared. */
static jv
error_object(struct err *err)
{
	static const struct {
		enum err_name name;
		const char *word;
	} words[] = {{ERR_noInstallation, "no-installation"},
	    {ERR_misconfigured, "misconfigured"},
	    {ERR_notSupported, "not-supported"},
	    {ERR_alreadyPresent, "already-present"},
	    {ERR_pluginFailed, "failed"}};
	jv e = err_to_doc(err, NULL);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (words[i].name == err->name) {
			e = doc_del(doc_del(e, "title"), "status");
			e = doc_set_str(e, "type", words[i].word);
		}
	}
	err_clear(err);
	return e;
}

static jv
failure(struct err *err)
{
	if (!err_is_set(err))
		err_set(err, ERR_pluginFailed, "the plugin gave no reason");
	return doc_set(doc_object(), "error", error_object(err));
}

static jv
result(int rc, struct err *err)
{
	if (rc == 0) {
		err_clear(err);
		return ok();
	}
	return failure(err);
}

static int
same_challenge(jv a, jv b)
{
	static const char *const keys[] = {"type", "token", "identifier",
	    "wildcard", "keyAuthorization"};
	int same = 1;

	for (size_t i = 0; same && i < ARRAY_LEN(keys); i++) {
		jv x = doc_get(a, keys[i]), y = doc_get(b, keys[i]);
		same = doc_equal(x, y);
		doc_free(x);
		doc_free(y);
	}
	return same;
}

/* Take it out of what is performed: 1 if it was there. */
static int
forget(struct guest *g, jv challenge)
{
	jv rest = doc_array();
	int found = 0;

	for (size_t i = 0; i < doc_len(g->performed); i++) {
		jv one = doc_at(g->performed, i);
		if (!found && same_challenge(one, challenge)) {
			found = 1;
			doc_free(one);
		} else {
			rest = doc_push(rest, one);
		}
	}
	doc_move(&g->performed, rest);
	return found;
}

static int
challenge_ok(jv c)
{
	static const char *const keys[] = {"type", "token", "keyAuthorization",
	    "validation"};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (doc_str(c, keys[i]) == NULL)
			return 0;
	return doc_str_find(c, "identifier", "value", NULL) != NULL;
}

static jv
op_perform(struct guest *g, jv request)
{
	jv all = doc_get_kind(request, "challenges", DOC_ARRAY);
	jv results = doc_array(), failed = doc_none();
	struct err err = {0};

	for (size_t i = 0; i < doc_len(all) && doc_is(failed, DOC_NONE); i++) {
		jv c = doc_at(all, i);
		int rc = -1;

		if (g->ops->perform == NULL) {
			err_set(&err, ERR_notSupported,
			    "this plugin performs no challenges");
		} else if (!challenge_ok(c)) {
			err_set(&err, ERR_pluginFailed,
			    "the host sent an incomplete challenge");
		} else {
			g->performed = doc_push(g->performed, doc_copy(c));
			rc = g->ops->perform(g, g->ctx, all, i, &err);
		}
		doc_free(c);
		if (rc == 0) {
			results = doc_push(results, ok());
			continue;
		}
		failed = failure(&err);
		results = doc_push(results, doc_copy(failed));
	}
	doc_free(all);
	if (doc_is(failed, DOC_NONE))
		failed = ok();
	return doc_set(failed, "results", results);
}

/* Undo the challenge at at of list: one of ours or, if left, one that a process
 * before us has left. */
static int
clean_one(struct guest *g, jv list, size_t at, int left, struct err *err)
{
	const struct guest_ops *o = g->ops;
	jv c = doc_at(list, at);
	int rc = 0;

	if (left && !challenge_ok(c))
		rc = err_set(err, ERR_pluginFailed,
		    "the host sent an incomplete challenge");
	else if (left && o->cleanup_left != NULL)
		rc = o->cleanup_left(g, g->ctx, list, at, err);
	else if (!left && forget(g, c) && o->cleanup != NULL)
		rc = o->cleanup(g, g->ctx, c, doc_len(g->performed) == 0, err);
	doc_free(c);
	return rc;
}

/* Clean up list: what of it is performed or, if left, all. The first failure is
 * reported, the rest is cleaned up all the same. */
static int
clean(struct guest *g, jv list, int left, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < doc_len(list); i++) {
		struct err one = {0};

		if (clean_one(g, list, i, left, &one) == -1) {
			rc = -1;
			if (!err_is_set(err))
				err_move(err, &one);
		}
		err_clear(&one);
	}
	return rc;
}

static jv
op_cleanup(struct guest *g, jv request)
{
	jv list = doc_get_kind(request, "challenges", DOC_ARRAY);
	jv failed = doc_get_kind(request, "failed", DOC_ARRAY);
	struct err err = {0};
	char *hint = NULL;
	jv answer;
	int rc;

	if (doc_len(failed) > 0 && g->ops->hint != NULL)
		hint = g->ops->hint(g, g->ctx, failed);
	rc = clean(g, list, doc_flag(request, "left", 0), &err);
	answer = result(rc, &err);
	answer = doc_set_str(answer, "hint", hint);
	free(hint);
	doc_free(list);
	doc_free(failed);
	return answer;
}

static jv
op_preferences(struct guest *g, jv request)
{
	jv names = doc_get_kind(request, "names", DOC_ARRAY);
	jv types = doc_get_kind(g->desc, "challenges", DOC_ARRAY);
	struct err err = {0};
	jv lists;

	if (g->ops->preferences != NULL) {
		lists = g->ops->preferences(g, g->ctx, names, &err);
	} else {
		lists = doc_array();
		for (size_t i = 0; i < doc_len(names); i++)
			lists = doc_push(lists, doc_copy(types));
	}
	doc_free(names);
	doc_free(types);
	if (doc_is(lists, DOC_NONE))
		return failure(&err);
	return doc_set(ok(), "preferences", lists);
}

static jv
op_init(struct guest *g, jv request)
{
	jv config = doc_get_kind(request, "config", DOC_OBJECT);
	struct err err = {0};
	long version = 0;
	int rc = 0;

	if (doc_is(config, DOC_NONE))
		config = doc_object();
	doc_move(&g->dirs, doc_get_kind(request, "dirs", DOC_OBJECT));
	g->interactive = doc_flag(request, "interactive", 0);
	if (doc_int(request, "version", &version) == -1 || version != 1)
		rc = err_set(&err, ERR_notSupported,
		    "this plugin speaks version 1 of the conversation");
	else if (g->ops->init != NULL)
		rc = g->ops->init(g, g->ctx, config, &err);
	doc_free(config);
	return result(rc, &err);
}

static jv
op_more_info(struct guest *g)
{
	static const char *const members[] = {"moreInfo", "about", "summary"};
	const char *info = NULL;

	for (size_t i = 0; info == NULL && i < ARRAY_LEN(members); i++)
		info = doc_str(g->desc, members[i]);
	return doc_set_str(ok(), "info", info);
}

static jv
other(struct guest *g, const char *op, jv request)
{
	struct err err = {0};
	jv answer = doc_none();

	if (g->ops->other != NULL)
		answer = g->ops->other(g, g->ctx, op, request, &err);
	else
		err_set(&err, ERR_notSupported,
		    "the operation \"%.*s\" is not supported", OP_MAX, op);
	if (doc_is(answer, DOC_NONE))
		return failure(&err);
	err_clear(&err);
	return doc_set_flag(answer, "ok", 1);
}

static jv
dispatch(struct guest *g, const char *op, jv request)
{
	const struct guest_ops *o = g->ops;
	struct err err = {0};
	int rc;

	if (strcmp(op, "init") == 0)
		return op_init(g, request);
	if (strcmp(op, "prepare") == 0) {
		rc = o->prepare == NULL ? 0 : o->prepare(g, g->ctx, &err);
		return result(rc, &err);
	}
	if (strcmp(op, "wait") == 0) {
		g->partial = doc_flag(request, "partial", 0);
		rc = o->wait == NULL ? 0 : o->wait(g, g->ctx, &err);
		return result(rc, &err);
	}
	if (strcmp(op, "perform") == 0)
		return op_perform(g, request);
	if (strcmp(op, "cleanup") == 0)
		return op_cleanup(g, request);
	if (strcmp(op, "more-info") == 0)
		return op_more_info(g);
	if (strcmp(op, "preferences") == 0 && o->perform != NULL)
		return op_preferences(g, request);
	return other(g, op, request);
}

/* An installer's operation before and after it is done: what has changed
 * something and is in no finished checkpoint is recovered at end of input. */
static void
before_op(struct guest *g, const char *op)
{
	static const char *const changing[] = {"deploy", "enhance", "save",
	    "renew-deploy", "generic-updates", "auto-hsts-enable",
	    "auto-hsts-update", "auto-hsts-deploy"};

	for (size_t i = 0; i < ARRAY_LEN(changing); i++)
		g->unsaved |= strcmp(op, changing[i]) == 0;
}

static void
after_op(struct guest *g, const char *op, jv request, jv answer)
{
	static const char *const settling[] = {"recover", "rollback",
	    "renew-deploy", "generic-updates", "auto-hsts-enable",
	    "auto-hsts-update", "auto-hsts-deploy"};

	if (!doc_flag(answer, "ok", 0))
		return;
	for (size_t i = 0; i < ARRAY_LEN(settling); i++)
		if (strcmp(op, settling[i]) == 0)
			g->unsaved = 0;
	if (strcmp(op, "save") == 0 && doc_str(request, "title") != NULL)
		g->unsaved = 0;
}

static jv
answer_op(struct guest *g, const char *op, jv request)
{
	int had = g->unsaved;
	const char *type;
	jv answer;

	before_op(g, op);
	answer = dispatch(g, op, request);
	type = doc_str_find(answer, "error", "type", NULL);
	if (type != NULL && strcmp(type, "not-supported") == 0)
		g->unsaved = had;
	after_op(g, op, request, answer);
	return answer;
}

/* As a host does it: put the files back, then the server as it was. */
static int
recover_unsaved(struct guest *g)
{
	static const char *const ops[] = {"recover", "config-test", "restart"};
	int rc = 0;

	for (size_t i = 0; g->unsaved && rc == 0 && i < ARRAY_LEN(ops); i++) {
		jv request = doc_set_str(doc_object(), "op", ops[i]);
		jv answer = other(g, ops[i], request);

		if (!doc_flag(answer, "ok", 0)) {
			fprintf(stderr, "%s: %s\n", ops[i],
			    doc_str_find(answer, "error", "detail", NULL));
			rc = -1;
		}
		doc_free(answer);
		doc_free(request);
	}
	g->unsaved = 0;
	return rc;
}

static void
reply(struct guest *g, jv line TAKES)
{
	if (doc_len(g->learned) > 0) {
		line = doc_set(line, "config", doc_take(&g->learned));
		g->learned = doc_object();
	}
	guest_send(g, line);
}

static int
undo(struct guest *g)
{
	jv list = guest_performed(g);
	struct err err = {0};
	int rc = clean(g, list, 0, &err);

	if (rc == -1)
		fprintf(stderr, "%s\n", err_text(&err));
	err_clear(&err);
	doc_free(list);
	if (recover_unsaved(g) == -1)
		rc = -1;
	if (g->ops->end != NULL)
		g->ops->end(g, g->ctx);
	return rc;
}

/* What the library logs in a plugin goes through the host, too. */
static void
pass_log(void *ctx, jv entry TAKES)
{
	const char *show = doc_str(entry, "show");
	const char *text = doc_str(entry, "text");
	long level = LOG_INFO;

	(void)doc_int(entry, "level", &level);
	if (text != NULL && show != NULL)
		guest_log(ctx, (enum log_level)level,
		    strcmp(show, "out") == 0	 ? SHOW_OUT :
			strcmp(show, "err") == 0 ? SHOW_ERR :
						   SHOW_LOG,
		    "%s", text);
	doc_free(entry);
}

int
guest_run(int in, int out, jv desc, const struct guest_ops *ops, void *ctx)
{
	struct guest g = {.in = in, .out = out, .ops = ops, .ctx = ctx};
	int rc;

	g.desc = doc_copy(desc);
	g.performed = doc_array();
	g.dirs = doc_object();
	g.learned = doc_object();
	buf_init(&g.buf, DOC_MAX + 1);
	log_set_sink(pass_log, &g);
	for (;;) {
		jv request = guest_next(&g);
		const char *op = doc_str(request, "op");

		if (doc_is(request, DOC_NONE))
			break;
		if (op != NULL)
			reply(&g, answer_op(&g, op, request));
		else
			g.broken = g.ended = 1;
		doc_free(request);
	}
	rc = undo(&g);
	log_set_sink(NULL, NULL);
	buf_release(&g.buf);
	doc_free(g.desc);
	doc_free(g.performed);
	doc_free(g.dirs);
	doc_free(g.learned);
	return g.broken ? 76 : rc == -1 ? 70 : 0;
}
