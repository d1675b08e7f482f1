#include "net/frame.h"

#include <errno.h>
#include <string.h>

int
frame_add(struct buf *out, jv head TAKES, const void *body, size_t len)
{
	size_t before = out->len, n;
	char *line = NULL;
	int rc = -1;

	if (len > FRAME_BODY_MAX) {
		doc_free(head);
		errno = E2BIG;
		return -1;
	}
	head = doc_set_int(head, "length", (long)len);
	line = doc_text(head);
	n = strlen(line);
	if (n > FRAME_LINE_MAX) {
		errno = E2BIG;
		goto out;
	}
	if (buf_add(out, line, n) || buf_addc(out, '\n') ||
	    (len && buf_add(out, body, len))) {
		int saved = errno;

		out->len = before;
		if (out->p)
			out->p[before] = '\0';
		errno = saved;
		goto out;
	}
	rc = 0;
out:
	wipe_free(line, n);
	doc_free(head);
	return rc;
}

/* Bytes of the line without its newline; -1 while it is not whole. */
static long
line_length(const struct buf *in)
{
	size_t look = in->len;
	const char *nl;

	if (look > FRAME_LINE_MAX + 1)
		look = FRAME_LINE_MAX + 1;
	nl = look ? memchr(in->p, '\n', look) : NULL;
	return nl ? (long)(nl - in->p) : -1;
}

int
frame_take(struct buf *in, jv *head, char **body, size_t *len, struct err *err)
{
	long line = line_length(in), want = 0;
	jv doc;

	if (line < 0 && in->len > FRAME_LINE_MAX)
		return err_set(err, ERR_protocol,
		    "a message's line is longer than %d bytes", FRAME_LINE_MAX);
	if (line < 0)
		return 0;
	doc = doc_parse(in->p, (size_t)line, err);
	if (!doc_is(doc, DOC_OBJECT)) {
		doc_free(doc);
		return err_set(err, ERR_protocol,
		    "a message's line is no JSON object");
	}
	if (doc_has(doc, "length") &&
	    (doc_int(doc, "length", &want) || want < 0 ||
		want > FRAME_BODY_MAX)) {
		doc_free(doc);
		return err_set(err, ERR_protocol,
		    "a message's \"length\" is no number from 0 to %d",
		    FRAME_BODY_MAX);
	}
	if (in->len - (size_t)line - 1 < (size_t)want) {
		doc_free(doc);
		return 0;
	}
	*body = xmalloc((size_t)want + 1);
	memcpy(*body, in->p + line + 1, (size_t)want);
	(*body)[want] = '\0';
	*len = (size_t)want;
	*head = doc;
	buf_drop(in, (size_t)line + 1 + (size_t)want);
	return 1;
}
