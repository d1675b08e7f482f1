/* CSV as Python's csv module has it by default ("excel"): fields with a comma,
 * a quote or a line break stand in quotes, quotes are doubled. */
#include <string.h>

#include "store/reverter_private.h"

static int
field(struct buf *b, const char *s, int alone)
{
	int quoted = strpbrk(s, ",\"\r\n") != NULL || (alone && *s == '\0');

	if (!quoted)
		return buf_adds(b, s);
	if (buf_addc(b, '"') < 0)
		return -1;
	for (; *s != '\0'; s++) {
		if (*s == '"' && buf_addc(b, '"') < 0)
			return -1;
		if (buf_addc(b, *s) < 0)
			return -1;
	}
	return buf_addc(b, '"');
}

int
reverter_csv_row(struct buf *b, jv argv)
{
	size_t n = doc_len(argv);

	for (size_t i = 0; i < n; i++)
		if ((i && buf_addc(b, ',') < 0) ||
		    field(b, doc_str_at(argv, i), n == 1) < 0)
			return -1;
	return buf_adds(b, "\r\n");
}

/* What follows a field's last byte; p stands on it. */
static const char *
parse_field(const char *p, const char *end, struct buf *out)
{
	int quoted = p < end && *p == '"';

	p += quoted;
	for (; p < end; p++) {
		if (quoted && *p == '"') {
			if (p + 1 < end && p[1] == '"')
				p++;
			else {
				quoted = 0;
				continue;
			}
		} else if (!quoted && strchr(",\r\n", *p) && *p != '\0') {
			break;
		}
		(void)buf_addc(out, *p);
	}
	return p;
}

jv
reverter_csv_parse(const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	jv rows = doc_array(), row = doc_array();
	struct buf b;

	buf_init(&b, len + 1);
	while (p < end) {
		if (*p == '\r' || *p == '\n') {
			p++;
			continue;
		}
		buf_reset(&b);
		p = parse_field(p, end, &b);
		row = doc_push(row, doc_stringn(b.p ? b.p : "", b.len));
		if (p < end && *p == ',') {
			p++;
			if (p < end && *p != '\r' && *p != '\n')
				continue;
			row = doc_push_str(row, "");
		}
		rows = doc_push(rows, row);
		row = doc_array();
	}
	doc_free(row);
	buf_release(&b);
	return rows;
}
