#include "base/stage.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/proc.h"

enum {
	LINE_SHOWN = 4096,		/* of a line that is no document */
	INPUT_MAX = DOC_MAX + (1 << 17) /* one line and what came with it */
};

struct input {
	struct stage *st;
	struct buf b;
	size_t scanned; /* bytes of b that hold no newline */
	size_t line;	/* number of the line that is read, from 1 */
	size_t lines;	/* that were not blank */
	unsigned flags;
	int ended;
	int too_long;	  /* what is left of this line is skipped */
	struct err fault; /* why reading ended, if not at the end */
};

/* The first LINE_SHOWN characters, printable. */
static jv
shown_line(const char *text, size_t len)
{
	struct buf b;
	char *safe;
	jv v;

	buf_init(&b, 4 * LINE_SHOWN);
	for (size_t i = 0; i < len && i < LINE_SHOWN; i++)
		if (text[i] == '\0')
			(void)buf_adds(&b, "\\x00");
		else
			(void)buf_addc(&b, text[i]);
	v = doc_stringn(b.p != NULL ? b.p : "", b.len);
	buf_release(&b);
	safe = text_printable(doc_text_of(v), 0);
	doc_free(v);
	v = doc_stringn(safe, strnlen(safe, LINE_SHOWN));
	free(safe);
	return v;
}

static void
garbage(struct input *in, const char *text, size_t len, struct err *err)
{
	jv doc = doc_set_int(doc_object(), "acme", 1);

	if (len == 1 && *text == '{') {
		err_clear(err);
		err_set(err, ERR_badDocument,
		    "each is one line, as 'jq -c' writes it");
	}
	err_prefix(err, "line %zu of standard input is no document", in->line);
	doc = doc_set(doc, "line", shown_line(text, len));
	stage_fail(in->st, doc, err);
}

static int
is_kept(jv doc, unsigned flags)
{
	const char *action = doc_str_find(doc, "plan", "action", NULL);

	return !(flags & STAGE_KEEP_TOO) && action != NULL &&
	    strcmp(action, "keep") == 0;
}

/* With --again the error becomes one of the past. */
static jv
forgive(jv doc)
{
	jv past = doc_get_kind(doc, "earlierErrors", DOC_ARRAY);

	if (!doc_is(past, DOC_ARRAY))
		past = doc_array();
	past = doc_push(past, doc_get(doc, "error"));
	return doc_set(doc_del(doc, "error"), "earlierErrors", past);
}

/* A document that this stage has to work on; none when the line is dealt
 * with. */
static jv
take_document(struct input *in, const char *text, size_t len)
{
	struct err err = {0};
	jv doc = doc_parse(text, len, &err), error;
	long version;
	int status;

	if (!doc_is(doc, DOC_OBJECT)) {
		if (!err_is_set(&err))
			err_set(&err, ERR_badDocument,
			    "it is JSON, but no object");
		garbage(in, text, len, &err);
		goto passed;
	}
	if (doc_has(doc, "acme") &&
	    (doc_int(doc, "acme", &version) != 0 || version != 1)) {
		err_set(&err, ERR_badDocument,
		    "line %zu of standard input has a form of document that this version does not know",
		    in->line);
		stage_fail(in->st, doc_take(&doc), &err);
		goto passed;
	}
	error = doc_get(doc, "error");
	if (!doc_is(error, DOC_NONE) && !doc_is(error, DOC_NULL)) {
		/* What was no document is none now. */
		if (!in->st->again || doc_has(doc, "line")) {
			status = err_doc_exit_status(error);
			doc_free(error);
			stage_pass(in->st, text, len, status);
			goto passed;
		}
		doc = forgive(doc);
	}
	doc_free(error);
	if (!is_kept(doc, in->flags))
		return doc;
	if (in->st->again)
		stage_emit(in->st, doc_take(&doc));
	else
		stage_pass(in->st, text, len, 0);
passed:
	doc_free(doc);
	return doc_none();
}

static int
is_blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" \t\r", text[i]) == NULL || text[i] == '\0')
			return 0;
	return 1;
}

/* One line without its newline; the document in it, or none. */
static jv
take_line(struct input *in, const char *text, size_t len)
{
	jv doc = doc_none();

	in->line++;
	if (in->too_long) {
		in->too_long = 0;
		return doc;
	}
	if (is_blank(text, len))
		return doc;
	in->lines++;
	return take_document(in, text, len);
}

/* A line that cannot end within the ceiling is garbage from here. */
static void
check_length(struct input *in)
{
	struct err err = {0};

	if (in->scanned <= DOC_MAX)
		return;
	if (!in->too_long) {
		in->line++;
		in->lines++;
		err_set(&err, ERR_badDocument, "it has more than %d bytes",
		    DOC_MAX);
		garbage(in, in->b.p, in->b.len, &err);
		in->line--;
		in->too_long = 1;
	}
	buf_drop(&in->b, in->scanned);
	in->scanned = 0;
}

/* The next document that is in the buffer: 1; 0 when there is none. */
static int
next_document(struct input *in, jv *doc)
{
	while (in->b.len > 0) {
		char *start = in->b.p, *nl;
		size_t len;

		nl = memchr(start + in->scanned, '\n', in->b.len - in->scanned);
		if (nl == NULL && !in->ended) {
			in->scanned = in->b.len;
			check_length(in);
			return 0;
		}
		len = nl != NULL ? (size_t)(nl - start) : in->b.len;
		*doc = take_line(in, start, len);
		buf_drop(&in->b, nl != NULL ? len + 1 : len);
		in->scanned = 0;
		if (!doc_is(*doc, DOC_NONE))
			return 1;
	}
	return 0;
}

/* Read what is there. With wait, wait for something first. 0 when there was
 * nothing. */
static int
read_more(struct input *in, int wait)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	int fd = STDIN_FILENO;
	long n;

	if (!wait && poll(&p, 1, 0) != 1)
		return 0;
	if (wait && wait_readable(&fd, 1, -1) == -2) {
		in->ended = 1;
		return 0;
	}
	n = buf_read(&in->b, STDIN_FILENO);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n < 0)
		err_sys(&in->fault, ERR_ioError, errno,
		    "cannot read standard input");
	if (n <= 0)
		in->ended = 1;
	return 1;
}

/* All documents that are there, at most VECTOR_MAX; waits for the first. */
static size_t
read_vector(struct input *in, jv *docs)
{
	size_t n = 0;

	while (n < VECTOR_MAX && signals_caught() == 0) {
		if (next_document(in, &docs[n]))
			n++;
		else if (in->ended || !read_more(in, n == 0))
			break;
	}
	return n;
}

void
stage_run(struct stage *st, unsigned flags, stage_vector_fn *fn, void *ctx)
{
	struct input in = {.st = st, .flags = flags};
	jv docs[VECTOR_MAX];
	size_t n;

	if (isatty(STDIN_FILENO)) {
		err_set(&in.fault, ERR_usage,
		    "%s %s reads documents from standard input, which is a terminal; see '%s -h'",
		    st->name, stage_verb(st), st->name);
		stage_fail_first(st, &in.fault);
		return;
	}
	buf_init(&in.b, INPUT_MAX);
	while (!st->broken && (n = read_vector(&in, docs)) > 0)
		fn(ctx, st, docs, n);
	if (err_is_set(&in.fault))
		stage_fail_first(st, &in.fault);
	else if (in.lines == 0 && signals_caught() == 0 && !st->broken) {
		err_set(&in.fault, ERR_noDocument,
		    "no document came on standard input: what stands before %s in the pipeline printed none",
		    st->name);
		stage_fail_first(st, &in.fault);
	}
	buf_release(&in.b);
}
