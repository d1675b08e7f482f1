#include "store/unread.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/safefile.h"

static const char prefix[] = ".unread-";
static const char of_lineage[] = "lineage-";

static char *
path_of(const char *work, const char *plugin, const char *kind,
    const char *owner)
{
	return xasprintf("%s/%s%s@%s%s", work, prefix, plugin, kind, owner);
}

static void
own(struct unread *u, const char *path)
{
	if (!doc_is(u->files, DOC_ARRAY))
		u->files = doc_array();
	u->files = doc_push_str(doc_take(&u->files), path);
}

jv
unread_server(const char *plugin, const char *which, jv config)
{
	jv server = doc_set_str(doc_object(), "plugin", plugin);

	server = doc_set_str(server, "server", which == NULL ? "" : which);
	return doc_set(server, "config", config);
}

static int
write_mark(const char *path, jv server, struct err *err)
{
	char *text = doc_text_sorted(server);
	int rc = safefile_write(path, text, strlen(text), 0600, 0, err);

	free(text);
	return rc;
}

int
unread_mark(struct unread *u, const char *work, jv server, struct err *err)
{
	unsigned long long random;
	char owner[2 * sizeof(random) + 1], *path;
	int rc;

	for (size_t i = 0; i < doc_len(u->files); i++)
		if (access(doc_str_at(u->files, i), F_OK) == 0)
			return 0;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return err_set(err, ERR_internal, "no random bytes");
	snprintf(owner, sizeof(owner), "%016llx", random);
	path = path_of(work, doc_str(server, "plugin"), "", owner);
	rc = write_mark(path, server, err);
	if (rc == 0)
		own(u, path);
	free(path);
	return rc;
}

int
unread_mark_lineage(const char *work, jv server, const char *lineage,
    struct err *err)
{
	char *path = path_of(work, doc_str(server, "plugin"), of_lineage,
	    lineage);
	int rc = write_mark(path, server, err);

	free(path);
	return rc;
}

void
unread_move_lineage(const char *work, const char *plugin, const char *expected,
    const char *name)
{
	char *from = path_of(work, plugin, of_lineage, expected);
	char *to = path_of(work, plugin, of_lineage, name);

	(void)rename(from, to);
	free(to);
	free(from);
}

size_t
unread_take_lineage(struct unread *u, const char *work, const char *plugin,
    const char *lineage)
{
	char *path = path_of(work, plugin, of_lineage, lineage);
	size_t there = access(path, F_OK) == 0 ? 1 : 0;

	if (there)
		own(u, path);
	free(path);
	return there;
}

int
unread_same(jv a, jv b)
{
	const char *one = doc_str(a, "server"), *other = doc_str(b, "server");

	return strcmp(doc_str(a, "plugin"), doc_str(b, "plugin")) == 0 &&
	    (one == NULL || other == NULL || strcmp(one, other) == 0);
}

static size_t
take(struct unread *u, const char *work, jv server, int lineages)
{
	jv marks = unread_list(work);
	size_t n = 0;

	for (size_t i = 0; i < doc_len(marks); i++) {
		jv mark = doc_at(marks, i);
		const char *file = doc_str(mark, "file");
		const char *at = strchr(path_base(file), '@');
		int is_lineage = at != NULL &&
		    strncmp(at + 1, of_lineage, sizeof(of_lineage) - 1) == 0;

		if ((lineages || !is_lineage) && unread_same(mark, server)) {
			own(u, file);
			n++;
		}
		doc_free(mark);
	}
	doc_free(marks);
	return n;
}

size_t
unread_take(struct unread *u, const char *work, jv server)
{
	return take(u, work, server, 0);
}

size_t
unread_take_all(struct unread *u, const char *work, jv server)
{
	return take(u, work, server, 1);
}

int
unread_owed(const struct unread *u)
{
	return doc_len(u->files) > 0;
}

void
unread_clear(struct unread *u)
{
	for (size_t i = 0; i < doc_len(u->files); i++)
		(void)unlink(doc_str_at(u->files, i));
	unread_release(u);
}

void
unread_release(struct unread *u)
{
	doc_free(doc_take(&u->files));
}

static jv
mark_read(const char *work, const char *name)
{
	const char *plugin = name + sizeof(prefix) - 1;
	char *file = path_join(work, name);
	jv mark = doc_read_file(file, NULL);

	if (doc_str(mark, "server") == NULL)
		doc_move(&mark, doc_object());
	mark = doc_set(mark, "plugin",
	    doc_stringn(plugin, strcspn(plugin, "@")));
	mark = doc_set_str(mark, "file", file);
	free(file);
	return mark;
}

jv
unread_list(const char *work)
{
	DIR *d = opendir(work);
	jv names = doc_array(), marks = doc_array();
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (strncmp(e->d_name, prefix, sizeof(prefix) - 1) == 0)
			names = doc_push_str(names, e->d_name);
	if (d)
		closedir(d);
	names = doc_sorted_set(names);
	for (size_t i = 0; i < doc_len(names); i++)
		marks = doc_push(marks, mark_read(work, doc_str_at(names, i)));
	doc_free(names);
	return marks;
}
