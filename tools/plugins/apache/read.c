/* Reading the configuration, and what the parts share about it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apache.h"
#include "base/path.h"

static const char *const root_names[] = {"apache2.conf", "httpd.conf",
    "conf/httpd.conf"};

static int
find_root(struct apache *a, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(root_names); i++) {
		char *path = path_join(a->server_root, root_names[i]);
		if (access(path, F_OK) == 0) {
			free(a->conf.root_file);
			a->conf.root_file = path;
			return 0;
		}
		free(path);
	}
	return err_set(err, ERR_noInstallation,
	    "there is no apache2.conf, httpd.conf or conf/httpd.conf in %s "
	    "(--apache-server-root)",
	    a->server_root);
}

/* Shared modules whose LoadModule lies where we do not look. */
static int
adopt_modules(struct apache *a)
{
	jv names = doc_keys(a->shared);
	int found = 0;

	for (size_t i = 0; i < doc_len(names); i++) {
		const char *name = doc_str_at(names, i);
		if (!conf_has_module(&a->conf, name)) {
			conf_add_module(&a->conf.statics, name);
			found = 1;
		}
	}
	doc_free(names);
	return found;
}

/* Read; what reading shows to be unknown is asked for, and it is read again. */
static int
read_all(struct apache *a, struct err *err)
{
	struct err first = {0};
	int rc = conf_read(&a->conf, &first), asked;

	asked = ctl_environment(a, err);
	if (asked == -1) {
		err_clear(&first);
		return -1;
	}
	if (asked > 0) {
		err_clear(&first);
		rc = conf_read(&a->conf, &first);
	}
	if (rc == 0 && adopt_modules(a))
		rc = conf_read(&a->conf, &first);
	if (rc == -1)
		err_move(err, &first);
	err_clear(&first);
	return rc;
}

/* Where no dump tells it (Gentoo's) the files may. */
static void
find_pid_file(struct apache *a)
{
	for (size_t i = 0; i < a->conf.n_main; i++) {
		char *path = node_is(a->conf.main[i].node, "PidFile") ?
		    entry_arg(&a->conf.main[i], 0) :
		    NULL;
		if (path != NULL && path[0] == '/') {
			free(a->pid_file);
			a->pid_file = path;
		} else {
			free(path);
		}
	}
}

int
apache_read(struct apache *a, struct err *err)
{
	if (a->read)
		return 0;
	free(a->conf.server_root);
	a->conf.server_root = xstrdup(a->server_root);
	a->conf.https_port = a->https_port;
	if (find_root(a, err) == -1 || ctl_dump(a, err) == -1 ||
	    read_all(a, err) == -1)
		return -1;
	if (a->pid_file == NULL)
		find_pid_file(a);
	a->read = 1;
	return 0;
}

void
apache_forget(struct apache *a)
{
	conf_forget(&a->conf);
	for (size_t i = 0; i < a->n_chosen; i++) {
		free(a->chosen[i].domain);
		free(a->chosen[i].list);
	}
	free(a->chosen);
	free(a->made);
	free(a->apart);
	a->chosen = NULL;
	a->made = a->apart = NULL;
	a->n_chosen = a->n_made = a->n_apart = 0;
	doc_move(&a->redirected, doc_object());
	doc_move(&a->twins, doc_object());
	buf_reset(&a->notes);
	a->read = 0;
}

int
apache_changed(struct apache *a, struct err *err)
{
	return conf_changed(&a->conf, err);
}

struct vhost *
vref_get(struct apache *a, struct vref r)
{
	return conf_vhost(&a->conf, r.file, r.ordinal);
}

struct vref
vref_of(const struct vhost *v)
{
	return (struct vref){v->file, v->ordinal};
}

char *
node_place(const struct node *n)
{
	return xasprintf("%s:%u", n->file->path, n->line);
}

void
apache_note(struct apache *a, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)buf_addf(&a->notes, "%s\n", text);
}
