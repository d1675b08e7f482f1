/* ini_marker.c - is a line of a file a section's? As ConfigObj's pattern for
 * such lines finds it, without going back more than needed. */
#include "base/ini_tree.h"

/* (\s*\])+ \s* (#.*)? $ at p. */
static int
marker_ends(struct ini_marker *m, const char *p, const char *end)
{
	const char *q = ini_skip(p, end);

	for (m->close = 0; q < end && *q == ']'; q = ini_skip(q + 1, end))
		m->close++;
	m->comment = q < end ? q : NULL;
	return m->close && (q == end || *q == '#');
}

/* The first place from p on where marker_ends; quote: behind that byte. NULL
 * if there is none. */
static const char *
marker_end(struct ini_marker *m, const char *p, const char *end, char quote)
{
	const char *q = p, *run;

	while (q < end) {
		if (*q != ']' && !ini_space(q, end)) {
			if (quote && *q == quote && marker_ends(m, q + 1, end))
				return q + 1;
			q++;
			continue;
		}
		if (!quote && marker_ends(m, q, end))
			return q;
		/* Nor does it end anywhere else in this run. */
		for (run = q;
		     run < end && (*run == ']' || ini_space(run, end));)
			run += *run == ']' ? 1 : ini_space(run, end);
		q = run;
	}
	return NULL;
}

/* The name at p, as the pattern "\s*\S.*?\s*" | '...' | [^'"\s].*? has it. */
static int
marker_name(struct ini_marker *m, const char *p, const char *end)
{
	const char *from = p;

	if (p == end)
		return 0;
	m->name.p = p;
	if (*p == '"' || *p == '\'') {
		from = ini_skip(p + 1, end);
		if (from == end)
			return 0;
		from++;
		m->name.end = marker_end(m, from, end, *p);
		return m->name.end != NULL;
	}
	for (from++; from < end && ((unsigned char)*from & 0xc0) == 0x80;)
		from++;
	m->name.end = marker_end(m, from, end, 0);
	return m->name.end != NULL;
}

int
ini_is_marker(struct ini_marker *m, const char *p, const char *end)
{
	const char *last = p, *q;

	m->open = 0;
	for (q = p; q < end && *q == '['; q = ini_skip(q + 1, end)) {
		last = q;
		m->open++;
	}
	if (marker_name(m, q, end))
		return 1;
	if (m->open == 1)
		return 0;
	m->open--;
	return marker_name(m, last, end);
}
