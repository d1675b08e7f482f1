/* The files of a checkpoint that are lists of lines. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/safefile.h"
#include "store/reverter_private.h"

jv
reverter_lines(const char *dir, const char *name, struct err *err)
{
	char *path = path_join(dir, name), *p, *end;
	jv lines = doc_array();
	struct buf b;

	buf_init(&b, REVERTER_LIST_MAX);
	if (access(path, F_OK) == 0 && safefile_read(path, &b, err) < 0) {
		doc_free(lines);
		lines = doc_none();
	}
	for (p = b.p; p && *p != '\0'; p = end + (*end != '\0')) {
		end = p + strcspn(p, "\n");
		lines = doc_push(lines, doc_stringn(p, (size_t)(end - p)));
	}
	buf_release(&b);
	free(path);
	return lines;
}

static int
put(const char *path, const struct buf *b, struct err *err)
{
	return safefile_write(path, b->p ? b->p : "", b->len, 0644,
	    SAFEFILE_UMASK | SAFEFILE_KEEP_MODE, err);
}

int
reverter_write_lines(const char *dir, const char *name, jv lines,
    struct err *err)
{
	char *path = path_join(dir, name);
	struct buf b;
	int rc = 0;

	buf_init(&b, REVERTER_LIST_MAX);
	for (size_t i = 0; i < doc_len(lines) && rc == 0; i++)
		if (buf_adds(&b, doc_str_at(lines, i)) < 0 ||
		    buf_addc(&b, '\n') < 0)
			rc = err_set(err, ERR_badData,
			    "'%s' would be too large", path);
	if (rc == 0)
		rc = put(path, &b, err);
	buf_release(&b);
	free(path);
	return rc;
}

int
reverter_append(const char *dir, const char *name, const char *text, size_t len,
    struct err *err)
{
	char *path = path_join(dir, name);
	struct buf b;
	int rc = 0;

	buf_init(&b, REVERTER_LIST_MAX);
	if (access(path, F_OK) == 0)
		rc = safefile_read(path, &b, err);
	if (rc == 0 && buf_add(&b, text, len) < 0)
		rc = err_set(err, ERR_badData, "'%s' would be too large", path);
	if (rc == 0)
		rc = put(path, &b, err);
	buf_release(&b);
	free(path);
	return rc;
}

/* Line breaks as Python's splitlines() knows them: it reads these lists. */
static int
breaks_line(const char *s)
{
	return strpbrk(s, "\n\r\v\f\x1c\x1d\x1e") || strstr(s, "\xc2\x85") ||
	    strstr(s, "\xe2\x80\xa8") || strstr(s, "\xe2\x80\xa9");
}

int
reverter_check_paths(jv paths, struct err *err)
{
	for (size_t i = 0; i < doc_len(paths); i++) {
		const char *path = doc_str_at(paths, i);

		if (!path || path[0] != '/')
			return err_set(err, ERR_badData,
			    "'%s' cannot be in a checkpoint: it is no absolute path",
			    path ? path : "");
		if (breaks_line(path))
			return err_set(err, ERR_badData,
			    "'%s' cannot be in a checkpoint: it holds a line break",
			    path);
	}
	return 0;
}
