#include "system.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/safefile.h"
#include "lex.h"

static const struct system systems[] = {
    {.ids = " debian ubuntu linuxmint ",
	.files = "/etc/apache2/sites-available",
	.pattern = "*",
	.debian = 1},
    {.ids = " fedora ",
	.files = "/etc/httpd/conf.d",
	.pattern = "*.conf",
	.again = "restart",
	.options = "/etc/sysconfig/httpd",
	.variable = "OPTIONS",
	.read_files = 1,
	.use_bin = 1,
	.first_start = 1},
    {.ids = " centos cloudlinux ol oracle rhel redhatenterpriseserver amazon "
	    "scientific ",
	.files = "/etc/httpd/conf.d",
	.pattern = "*.conf",
	.again = "restart",
	.options = "/etc/sysconfig/httpd",
	.variable = "OPTIONS",
	.read_files = 1,
	.use_bin = 1},
    {.ids = " gentoo ",
	.files = "/etc/apache2/vhosts.d",
	.pattern = "*.conf",
	.again = "restart",
	.options = "/etc/conf.d/apache2",
	.variable = "APACHE2_OPTS",
	.read_files = 1,
	.modules_verb = 1},
    {.ids = " opensuse opensuse-leap opensuse-tumbleweed suse sles ",
	.files = "/etc/apache2/vhosts.d",
	.pattern = "*.conf"},
    {.ids = " arch ", .files = "/etc/httpd/conf", .pattern = "*.conf"},
    {.ids = " darwin ", .files = "/etc/apache2/other", .pattern = "*.conf"},
    {.ids = " void ", .files = "/etc/apache/extra", .pattern = "*.conf"},
    {.ids = " alpine ", .files = "/etc/apache2/conf.d", .pattern = "*.conf"},
    {.ids = "", .files = "/etc/apache2/sites-available", .pattern = "*"},
};

static const struct system *
by_id(const char *id)
{
	char *word = xasprintf(" %s ", id);
	const struct system *found = NULL;

	for (size_t k = 0; k + 1 < ARRAY_LEN(systems); k++)
		if (strstr(systems[k].ids, word) != NULL)
			found = &systems[k];
	free(word);
	return found;
}

/* The system's own id; then what it is like, of which the last says most. */
const struct system *
system_find(jv ids)
{
	const struct system *found = NULL;

	if (doc_len(ids) > 0)
		found = by_id(doc_str_at(ids, 0));
	for (size_t i = doc_len(ids); found == NULL && i > 1; i--)
		found = by_id(doc_str_at(ids, i - 1));
	return found != NULL ? found : &systems[ARRAY_LEN(systems) - 1];
}

void
system_defines_text(const char *text, jv *vars)
{
	char *bare = lex_word(&text), *word, *eq, *value;
	const char *s = bare;

	while (*s != '\0') {
		word = lex_word(&s);
		if (strcmp(word, "-D") == 0) {
			free(word);
			word = lex_word(&s);
			value = word;
		} else if (strncmp(word, "-D", 2) == 0) {
			value = word + 2;
		} else {
			free(word);
			continue;
		}
		eq = strchr(value, '=');
		if (eq != NULL)
			*eq = '\0';
		if (*value != '\0')
			*vars = doc_set(*vars, value,
			    doc_stringn(eq == NULL ? "" : eq + 1,
				eq == NULL ? 0 : strlen(eq + 1)));
		free(word);
	}
	free(bare);
}

void
system_defines(const struct system *s, jv *vars)
{
	struct buf b;
	struct err ignored = {0};
	char *save = NULL;
	size_t n;

	if (s->options == NULL)
		return;
	n = strlen(s->variable);
	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(s->options, &b, &ignored) == 0 && b.p != NULL)
		for (char *line = strtok_r(b.p, "\n", &save); line != NULL;
		     line = strtok_r(NULL, "\n", &save))
			if (strncmp(line, s->variable, n) == 0 &&
			    line[n] == '=')
				system_defines_text(line + n + 1, vars);
	err_clear(&ignored);
	buf_release(&b);
}
