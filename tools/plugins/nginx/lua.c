#include "lua.h"

#include <stddef.h>

/* "[[" or "[=[" at p: the number of '=', else -1. */
static long
long_bracket(const char *p, const char *end)
{
	const char *q = p + 1;

	if (p >= end || *p != '[')
		return -1;
	while (q < end && *q == '=')
		q++;
	return q < end && *q == '[' ? q - p - 1 : -1;
}

/* Behind the closing "]]" or "]=]" of this level, or end. */
static const char *
skip_long(const char *p, const char *end, long level)
{
	for (; p < end; p++) {
		const char *q = p + 1;

		if (*p != ']')
			continue;
		while (q < end && *q == '=')
			q++;
		if (q < end && *q == ']' && q - p - 1 == level)
			return q + 1;
	}
	return end;
}

static const char *
skip_string(const char *p, const char *end)
{
	char quote = *p++;

	while (p < end && *p != quote)
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	return p < end ? p + 1 : end;
}

static const char *
skip_lua_comment(const char *p, const char *end)
{
	long level = long_bracket(p + 2, end);

	if (level >= 0)
		return skip_long(p + 2 + level + 2, end, level);
	while (p < end && *p != '\n')
		p++;
	return p;
}

const char *
lua_block_end(const char *p, const char *end)
{
	size_t depth = 0;

	while (p < end) {
		long level = long_bracket(p, end);

		if (level >= 0) {
			p = skip_long(p + level + 2, end, level);
		} else if (*p == '"' || *p == '\'') {
			p = skip_string(p, end);
		} else if (*p == '-' && p + 1 < end && p[1] == '-') {
			p = skip_lua_comment(p, end);
		} else {
			if (*p == '{')
				depth++;
			else if (*p == '}' && depth-- == 0)
				return p;
			p++;
		}
	}
	return NULL;
}
