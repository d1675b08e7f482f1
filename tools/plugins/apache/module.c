/* Modules that the work needs. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "apache.h"
#include "base/path.h"

int
module_loaded(const struct apache *a, const char *name)
{
	char *id = xasprintf("%s_module", name);
	int loaded = doc_has(a->shared, id);

	free(id);
	return loaded;
}

static int
is_dir_in_root(const struct apache *a, const char *name)
{
	char *path = path_join(a->server_root, name);
	struct stat st;
	int yes = stat(path, &st) == 0 && S_ISDIR(st.st_mode);

	free(path);
	return yes;
}

/* The undo command may be run by another program, which does not know the
 * server root. */
static jv
undo_command(const struct apache *a, const char *name)
{
	const char *const undo[] = {a->dismod, "-f", name};
	jv argv = doc_array();

	if (getenv("APACHE_CONFDIR") != NULL) {
		char *root = xasprintf("APACHE_CONFDIR=%s", a->server_root);
		argv = doc_push_str(doc_push_str(argv, "env"), root);
		free(root);
	}
	for (size_t i = 0; i < ARRAY_LEN(undo); i++)
		argv = doc_push_str(argv, undo[i]);
	return argv;
}

/* a2enmod NAME, undone by a2dismod -f NAME. */
static int
enable_one(struct apache *a, const char *name, int temporary, struct err *err)
{
	const char *const argv[] = {a->enmod, name, NULL};
	struct proc p = PROC_INIT;
	struct buf out;
	jv command = undo_command(a, name);
	int rc = reverter_undo_command(a->rev, temporary, command, err);

	doc_free(command);
	if (rc == -1)
		return -1;
	buf_init(&out, 1 << 16);
	p.argv = argv;
	p.err = PROC_NULL;
	rc = proc_run(&p, NULL, 0, &out, NULL, 60000, err);
	if (rc == 0 && proc_exit_code(&p) != 0)
		rc = err_set(err, ERR_misconfigured,
		    "Error while running %s %s.\n%s", a->enmod, name,
		    out.p == NULL ? "" : out.p);
	buf_release(&out);
	if (rc == -1)
		return -1;
	guest_log(a->g, LOG_INFO, SHOW_LOG, "Enabled Apache %s module", name);
	apache_note(a, "Enabled %s module in Apache", name);
	return 0;
}

int
module_enable(struct apache *a, const char *name, int temporary,
    struct err *err)
{
	static const char *const for_ssl[] = {"setenvif", "mime", "ssl"};
	static const char *const one[] = {NULL};
	const char *const *list = strcmp(name, "ssl") == 0 ? for_ssl : one;
	size_t n = list == for_ssl ? ARRAY_LEN(for_ssl) : 1;
	int rc = 0;

	if (module_loaded(a, name))
		return 0;
	if (!a->handle_modules || a->enmod == NULL || a->dismod == NULL)
		return err_set(err, ERR_misconfigured,
		    "Apache needs to have module \"%s\" active for the "
		    "requested installation options. Unfortunately Certbot is "
		    "unable to install or enable it for you. Please install "
		    "the module, and run Certbot again.",
		    name);
	if (!is_dir_in_root(a, "mods-available") ||
	    !is_dir_in_root(a, "mods-enabled"))
		return err_set(err, ERR_notSupported,
		    "Unsupported directory layout. You may try to enable mod "
		    "%s and try again.",
		    name);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const char *module = list[i] == NULL ? name : list[i];
		if (!module_loaded(a, module))
			rc = enable_one(a, module, temporary, err);
	}
	/* What the modules' own files say counts from now on. */
	if (rc == 0)
		rc = ctl_dump(a, err);
	if (rc == 0)
		rc = apache_changed(a, err);
	return rc;
}
