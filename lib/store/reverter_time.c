/* Names of finished checkpoints: seconds since 1970 as Python writes them,
 * ever growing in the order of text (spec A6). */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/log.h"
#include "store/reverter_private.h"
#include "store/reverter_time.h"

enum { TIME_TEXT = 40 };

/* str() of a Python float: the shortest text that reads back the same. */
static char *
float_text(double v)
{
	char text[TIME_TEXT];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	return strchr(text, '.') ? xstrdup(text) : xasprintf("%s.0", text);
}

/* The last entry that begins with a digit; NULL when there is none. */
static char *
newest(const char *backups)
{
	DIR *d = opendir(backups);
	struct dirent *e;
	char *last = NULL;

	while (d && (e = readdir(d)))
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9' &&
		    (!last || strcmp(e->d_name, last) > 0)) {
			free(last);
			last = xstrdup(e->d_name);
		}
	if (d)
		closedir(d);
	return last;
}

char *
reverter_time_name(const char *backups)
{
	struct timespec now;
	char *text, *last = newest(backups), *later = NULL;

	clock_gettime(CLOCK_REALTIME, &now);
	text = float_text((double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
	if (last && strcmp(last, text) > 0) {
		later = float_text(strtod(last, NULL) + 1);
		log_warning(REVERTER_LOGGER,
		    "Current timestamp %s does not correspond to newest reverter checkpoint; your clock probably jumped. Time travelling to %s",
		    text, later);
	} else if (last && !strcmp(last, text)) {
		later = float_text(strtod(last, NULL) + 0.01);
	}
	free(last);
	if (!later)
		return text;
	free(text);
	return later;
}
