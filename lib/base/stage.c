/* stage.c - documents in, documents out. */
#include "base/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/names.h"
#include "base/proc.h"
#include "base/safefile.h"

enum { DEFAULT_TIMEOUT = 90, LINE_SHOWN = 4096, STATUS_LATER = 75 };

static const char *
from_environment(const char *const *names)
{
	for (; *names != NULL; names++) {
		const char *v = getenv(*names);

		if (v != NULL && *v != '\0')
			return v;
	}
	return NULL;
}

/* Paths of the common options are made absolute; they live to the end. */
static void
finish_options(struct stage *st)
{
	static const char *const bundles[] = { "REQUESTS_CA_BUNDLE",
		"CURL_CA_BUNDLE", "SSL_CERT_FILE", NULL };
	static const char *const servers[] = { "ACME_SERVER", NULL };
	const char **paths[] = { &st->account_dir, &st->ca_bundle, &st->trace,
		&st->config_dir, &st->work_dir };

	if (st->server == NULL)
		st->server = from_environment(servers);
	if (st->ca_bundle == NULL)
		st->ca_bundle = from_environment(bundles);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (*paths[i] != NULL)
			*paths[i] = path_absolute(*paths[i]);
}

int
stage_begin(struct stage *st, int argc, char *argv[])
{
	const struct opt common[] = {
		{ "server", 0, OPT_STRING, &st->server, "URL",
		  "the ACME server's directory (also ACME_SERVER)" },
		{ "account-dir", 0, OPT_STRING, &st->account_dir, "DIR",
		  "accounts in certbot's layout" },
		{ "ca-bundle", 0, OPT_STRING, &st->ca_bundle, "FILE",
		  "certificates that the server's TLS is checked against" },
		{ "no-verify-ssl", 0, OPT_FLAG, &st->no_verify_ssl, NULL,
		  "do not check the server's TLS certificate" },
		{ "timeout", 0, OPT_NUMBER, &st->timeout, "SECONDS",
		  "give up after this long (90)" },
		{ "trace", 0, OPT_STRING, &st->trace, "FILE",
		  "append requests and answers to this file" },
		{ "user-agent", 0, OPT_STRING, &st->user_agent, "TEXT",
		  "what the server is told of the client" },
		{ "again", 0, OPT_FLAG, &st->again, NULL,
		  "work on documents that failed before" },
		{ "verbose", 'v', OPT_COUNT, &st->verbose, NULL,
		  "say more; twice: all" },
		{ "quiet", 'q', OPT_FLAG, &st->quiet, NULL,
		  "say errors only" },
		OPT_END
	};
	static const struct opt none[] = { OPT_END };
	const struct opt *tables[] = { st->options != NULL ? st->options : none,
		common, NULL };
	struct err err = { 0 };
	int rc;

	st->timeout = DEFAULT_TIMEOUT;
	st->usage.program = st->name;
	signal(SIGPIPE, SIG_IGN);
	rc = opts_parse(argc, argv, tables, &st->usage, &st->rest, &err);
	log_begin(st->name, st->quiet ? -1 : st->verbose);
	if (rc == 0) {
		finish_options(st);
		return 0;
	}
	st->finished = 1;
	if (rc == -1)
		stage_fail_first(st, &err);
	return 1;
}

const char *
stage_verb(const struct stage *st)
{
	const char *verb = doc_str_at(st->rest, 0);

	return verb != NULL ? verb : "";
}

int
stage_reads(const struct stage *st)
{
	return doc_list_has(st->rest, "-");
}

/* A batch's status: 75 while only what can be tried again has failed, else the
 * first other one. */
static void
count_status(struct stage *st, int status)
{
	if (status == 0)
		return;
	if (st->status == 0 || (st->status == STATUS_LATER &&
	    status != STATUS_LATER))
		st->status = status;
}

static void
write_doc(struct stage *st, jv doc)
{
	char *text = doc_text(doc), *line = xasprintf("%s\n", text);
	static const char why[] = ": cannot write the document to standard output\n";

	st->emitted++;
	if (fd_write_all(STDOUT_FILENO, line, strlen(line)) != 0) {
		if (fd_write_all(STDERR_FILENO, st->name,
		    strlen(st->name)) == 0)
			fd_write_all(STDERR_FILENO, why, sizeof(why) - 1);
		_exit(74);
	}
	free(line);
	free(text);
	doc_free(doc);
}

void
stage_emit(struct stage *st, jv doc)
{
	jv error = doc_get(doc, "error");

	if (doc_is(error, DOC_OBJECT))
		count_status(st, err_doc_exit_status(error));
	doc_free(error);
	write_doc(st, doc);
}

void
stage_fail(struct stage *st, jv doc, struct err *err)
{
	log_error(st->name, "%s", err_text(err));
	if (!doc_is(doc, DOC_OBJECT)) {
		doc_free(doc);
		doc = doc_set_int(doc_object(), "acme", 1);
	}
	doc = doc_set(doc, "error", err_to_doc(err, st->name));
	count_status(st, err_exit_status(err));
	err_clear(err);
	write_doc(st, doc);
}

void
stage_fail_first(struct stage *st, struct err *err)
{
	stage_fail(st, doc_none(), err);
}

/* --- input -------------------------------------------------------------------- */

struct input {
	struct stage *st;
	unsigned flags;
	stage_vector_fn *fn;
	void *ctx;
	jv docs[VECTOR_MAX];
	size_t n, seen;
	struct buf bytes;
};

static void
flush(struct input *in)
{
	size_t n = in->n;

	in->n = 0;
	if (n > 0)
		in->fn(in->ctx, in->st, in->docs, n);
}

/* A line that is no document becomes one with `line` and `error`. */
static void
garbage(struct stage *st, const char *line, size_t len, struct err *err)
{
	char *shown = xstrndup(line, len < LINE_SHOWN ? len : LINE_SHOWN);
	char *safe = text_printable(shown, 0);
	jv doc = doc_set_int(doc_object(), "acme", 1);

	doc = doc_set(doc, "line", doc_stringn(safe, strlen(safe)));
	free(safe);
	free(shown);
	stage_fail(st, doc, err);
}

/* --again: the error joins the earlier ones. */
static jv
again(jv doc)
{
	jv error = doc_get(doc, "error");
	jv earlier = doc_get_kind(doc, "earlierErrors", DOC_ARRAY);

	if (!doc_is(earlier, DOC_ARRAY))
		earlier = doc_array();
	doc = doc_set(doc, "earlierErrors", doc_push(earlier, error));
	return doc_del(doc, "error");
}

static void
take_line(struct input *in, const char *line, size_t len)
{
	struct err err = { 0 };
	const char *action;
	jv doc;

	if (strspn(line, " \t\r") >= len)
		return;
	in->seen++;
	doc = doc_parse(line, len, &err);
	if (doc_kind(doc) != DOC_NONE && !doc_is(doc, DOC_OBJECT))
		err_set(&err, ERR_badDocument,
		    "a document is a JSON object, not another value");
	if (err_is_set(&err)) {
		doc_free(doc);
		garbage(in->st, line, len, &err);
		return;
	}
	if (doc_has(doc, "error")) {
		if (!in->st->again) {
			stage_emit(in->st, doc);
			return;
		}
		doc = again(doc);
	}
	action = doc_str_find(doc, "plan", "action", NULL);
	if (action != NULL && strcmp(action, "keep") == 0 &&
	    (in->flags & STAGE_KEEP_TOO) == 0) {
		stage_emit(in->st, doc);
		return;
	}
	in->docs[in->n++] = doc;
	if (in->n == VECTOR_MAX)
		flush(in);
}

static void
take_lines(struct input *in)
{
	size_t start = 0;
	char *nl;

	while (start < in->bytes.len && (nl = memchr(in->bytes.p + start, '\n',
	    in->bytes.len - start)) != NULL) {
		*nl = '\0';
		take_line(in, in->bytes.p + start,
		    (size_t)(nl - in->bytes.p) - start);
		start = (size_t)(nl - in->bytes.p) + 1;
	}
	buf_drop(&in->bytes, start);
}

/* A line without end that is over the limit: said once, skipped to its end. */
static int
skip_long_line(struct input *in)
{
	struct err err = { 0 };
	char *nl = NULL;

	err_set(&err, ERR_badDocument,
	    "a line of standard input is over the limit of %d bytes",
	    (int)DOC_MAX);
	in->seen++;
	garbage(in->st, in->bytes.p, in->bytes.len, &err);
	while (nl == NULL) {
		buf_reset(&in->bytes);
		if (buf_read(&in->bytes, STDIN_FILENO) <= 0)
			return -1;
		nl = memchr(in->bytes.p, '\n', in->bytes.len);
	}
	buf_drop(&in->bytes, (size_t)(nl - in->bytes.p) + 1);
	return 0;
}

/* Is more there at this moment? */
static int
more_now(void)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };

	return poll(&p, 1, 0) == 1;
}

static void
read_all(struct input *in)
{
	int fd = STDIN_FILENO;

	for (;;) {
		long n;

		if (!more_now()) {
			flush(in);
			if (wait_readable(&fd, 1, -1) == -2)
				return;
		}
		n = buf_read(&in->bytes, STDIN_FILENO);
		if (n == 0)
			break;
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n < 0 && (errno != E2BIG || skip_long_line(in) != 0))
			break;
		take_lines(in);
		if (signals_caught() != 0)
			break;
	}
	if (in->bytes.len > 0)
		take_line(in, in->bytes.p, in->bytes.len);
	flush(in);
}

void
stage_run(struct stage *st, unsigned flags, stage_vector_fn *fn, void *ctx)
{
	struct input *in = xcalloc(1, sizeof(*in));
	struct err err = { 0 };

	in->st = st;
	in->flags = flags;
	in->fn = fn;
	in->ctx = ctx;
	buf_init(&in->bytes, (size_t)DOC_MAX + 1);
	if (isatty(STDIN_FILENO)) {
		err_set(&err, ERR_usage,
		    "standard input is a terminal; give documents, as in: acme-order new -d NAME | %s",
		    st->name);
		stage_fail_first(st, &err);
	} else {
		read_all(in);
		if (in->seen == 0 && signals_caught() == 0) {
			err_set(&err, ERR_noDocument,
			    "no document came on standard input: what stands before %s in the pipeline printed none",
			    st->name);
			stage_fail_first(st, &err);
		}
	}
	buf_release(&in->bytes);
	free(in);
}

int
stage_end(struct stage *st)
{
	int failed = fflush(stdout) != 0 || close(STDOUT_FILENO) != 0;

	doc_free(doc_take(&st->rest));
	if (failed && errno != EBADF) {
		fprintf(stderr, "%s: cannot write to standard output: %s\n",
		    st->name, strerror(errno));
		count_status(st, 74);
	}
	if (signals_caught() != 0)
		signals_die(signals_caught());
	return st->status;
}

/* --- documents ----------------------------------------------------------------- */

jv
stage_names(jv doc)
{
	jv names = doc_find(doc, "request", "names", NULL), ids;

	if (doc_is(names, DOC_ARRAY))
		return names;
	doc_free(names);
	names = doc_array();
	ids = doc_find(doc, "order", "identifiers", NULL);
	for (size_t i = 0; i < doc_len(ids); i++) {
		jv id = doc_at(ids, i);

		names = doc_push(names, doc_get(id, "value"));
		doc_free(id);
	}
	doc_free(ids);
	return names;
}

/* The name that "%n" stands for; malloc'd; NULL. */
static char *
name_of(jv doc)
{
	const char *name = doc_str_find(doc, "plan", "lineage", NULL);
	jv names;
	char *copy = NULL;

	if (name == NULL)
		name = doc_str_find(doc, "lineage", "name", NULL);
	if (name != NULL)
		return xstrdup(name);
	names = stage_names(doc);
	if (doc_str_at(names, 0) != NULL)
		copy = xstrdup(name_base(doc_str_at(names, 0)));
	doc_free(names);
	return copy;
}

char *
stage_expand(const char *pattern, jv doc, struct err *err)
{
	const char *at = strstr(pattern, "%n");
	struct buf b;
	char *name;

	if (at == NULL)
		return xstrdup(pattern);
	name = name_of(doc);
	if (name == NULL) {
		err_set(err, ERR_badDocument,
		    "'%s' wants a name for %%n, and the document has none",
		    pattern);
		return NULL;
	}
	if (name[0] == '.' || name[0] == '\0' || strchr(name, '/') != NULL) {
		err_set(err, ERR_badDocument,
		    "the name '%s' cannot stand for %%n in '%s'", name,
		    pattern);
		free(name);
		return NULL;
	}
	buf_init(&b, DOC_MAX);
	while (at != NULL) {
		buf_add(&b, pattern, (size_t)(at - pattern));
		buf_adds(&b, name);
		pattern = at + 2;
		at = strstr(pattern, "%n");
	}
	buf_adds(&b, pattern);
	free(name);
	return buf_detach(&b);
}
