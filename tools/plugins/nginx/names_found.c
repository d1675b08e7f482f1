#include "names_found.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/names.h"

static jv
add(jv names, const char *text)
{
	char *name = text[0] == '*' || text[0] == '.' || text[0] == '~' ?
	    NULL :
	    name_public(text, NULL);

	if (name != NULL)
		names = doc_push_str(names, name);
	free(name);
	return names;
}

jv
names_found(const struct nginx *n)
{
	char host[256] = "";
	jv names = doc_array();

	(void)gethostname(host, sizeof(host) - 1);
	for (size_t i = 0; i < n->model->n; i++) {
		const struct server *s = &n->model->servers[i];

		for (size_t k = 0; k < s->n_names; k++) {
			const char *text = s->names[k].text;

			names = add(names,
			    strcmp(text, "$hostname") == 0 ? host : text);
		}
		for (size_t k = 0; k < s->n_listens; k++)
			if (!s->listens[k].is_unix && !s->listens[k].is_ipv6)
				names = add(names, s->listens[k].host);
	}
	return doc_sorted_set(names);
}
