/* The names that the configuration has, for the question which to secure. */
#include <stdlib.h>
#include <string.h>

#include "apache.h"
#include "base/names.h"

/* Could a CA know it? Labels of letters, digits and hyphens, at least two, no
 * address. */
static int
is_name(const char *s)
{
	size_t label = 0, labels = 1;
	int digits_only = 1;

	if (strlen(s) > NAME_TEXT_MAX)
		return 0;
	for (const char *p = s;; p++) {
		char c = *p;

		if (c == '.' || c == '\0') {
			if (label == 0 || label > 63 || p[-1] == '-' ||
			    p[-(long)label] == '-')
				return 0;
			if (c == '\0')
				break;
			labels++;
			label = 0;
			continue;
		}
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '-'))
			return 0;
		digits_only &= c >= '0' && c <= '9';
		label++;
	}
	return labels >= 2 && !digits_only;
}

static jv
add(jv set, const char *name)
{
	char *low = xstrdup(name);
	size_t n = strlen(low);

	if (n > 1 && low[n - 1] == '.')
		low[n - 1] = '\0';
	for (char *p = low; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	if (is_name(low))
		set = doc_set_flag(set, low, 1);
	free(low);
	return set;
}

jv
apache_names(struct apache *a)
{
	jv set = doc_object(), names;

	for (size_t i = 0; i < a->conf.n_vhosts; i++) {
		const struct vhost *v = a->conf.vhosts[i];
		char *host = vhost_host(v);

		if (host != NULL)
			set = add(set, host);
		free(host);
		for (size_t k = 0; k < v->n_aliases; k++)
			set = add(set, v->aliases[k]);
		for (size_t k = 0; k < v->n_addrs; k++)
			set = add(set, v->addrs[k].host);
	}
	names = doc_keys(set);
	doc_free(set);
	return names;
}
