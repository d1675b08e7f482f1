#include "ctl.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/proc.h"
#include "base/safefile.h"

enum {
	OUTPUT_MAX = 256 << 10,
	RUN_MS = 120000,   /* a test or a signal */
	RELOAD_MS = 60000, /* until new workers are there */
	POLL_MS = 20,
	LEAST_VERSION = 8048, /* 0.8.48 */
	LOG_TAIL = 16 << 10
};

int
ctl_find(struct nginx *n, struct err *err)
{
	const char *path = getenv("PATH");
	int found = 0;

	if (strchr(n->ctl, '/') != NULL)
		found = access(n->ctl, X_OK) == 0;
	while (!found && strchr(n->ctl, '/') == NULL && path != NULL &&
	    *path != '\0') {
		size_t len = strcspn(path, ":");
		char *try = xasprintf("%.*s/%s", (int)len, path, n->ctl);

		found = len > 0 && access(try, X_OK) == 0;
		free(try);
		path += len + (path[len] == ':');
	}
	if (found)
		return 0;
	return err_set(err, ERR_noInstallation,
	    "Could not find a usable '%s' binary. Ensure nginx exists, the binary is executable, and your PATH is set correctly.",
	    n->ctl);
}

/* Run argv; its output in out. The exit status, or -1 and err. */
static int
run(const char *const *argv, struct buf *out, struct err *err)
{
	struct proc p = PROC_INIT;
	struct buf errout;
	int rc;

	buf_init(&errout, OUTPUT_MAX);
	p.argv = argv;
	p.out = p.err = PROC_PIPE;
	rc = proc_run(&p, NULL, 0, out, &errout, RUN_MS, err);
	if (rc == 0) {
		(void)buf_add(out, errout.p == NULL ? "" : errout.p,
		    errout.len);
		rc = proc_exit_code(&p);
	}
	buf_release(&errout);
	return rc;
}

/* Run the binary on our configuration with these arguments. */
static int
run_ctl(struct nginx *n, const char *a, const char *b, struct buf *out,
    struct err *err)
{
	char *conf = path_join(n->root, "nginx.conf");
	const char *argv[] = {n->ctl, "-c", conf, a, b, NULL};
	int rc = run(argv, out, err);

	free(conf);
	return rc;
}

static const char *
text_of(const struct buf *b)
{
	return b->p == NULL ? "" : b->p;
}

int
ctl_test(struct nginx *n, struct err *err)
{
	struct buf out;
	int rc;

	buf_init(&out, OUTPUT_MAX);
	rc = run_ctl(n, "-t", NULL, &out, err);
	if (rc > 0)
		rc = err_set(err, ERR_misconfigured,
		    "Error while running %s -c %s/nginx.conf -t.\n\n%s", n->ctl,
		    n->root, text_of(&out));
	else if (rc < 0)
		err->name = ERR_misconfigured;
	buf_release(&out);
	return rc;
}

/* "1.22.1" as 1022001; 0 when there is no number. */
static long
version_number(const char *text)
{
	long v = 0;

	for (int i = 0; i < 3; i++) {
		char *end;
		long part = isdigit((unsigned char)*text) ?
		    strtol(text, &end, 10) :
		    0;

		if (!isdigit((unsigned char)*text))
			return i == 0 ? 0 : v * (i == 1 ? 1000000 : 1000);
		v = v * 1000 + (part > 999 ? 999 : part);
		text = *end == '.' ? end + 1 : end;
	}
	return v;
}

/* The value behind key in the text, up to a blank; malloc'd, NULL. */
static char *
value_behind(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	if (at == NULL)
		return NULL;
	at += strlen(key);
	return xstrndup(at, strcspn(at, " \n"));
}

static void
read_openssl(struct nginx *n, const char *text)
{
	char *v = value_behind(text, "running with OpenSSL ");
	size_t len;

	if (v == NULL)
		v = value_behind(text, "built with OpenSSL ");
	if (v == NULL) {
		guest_log(n->g, LOG_WARNING, SHOW_LOG,
		    "NGINX is not built with OpenSSL: its version is taken for an old one.");
		return;
	}
	n->openssl = version_number(v);
	len = strspn(v, "0123456789.");
	n->openssl_letter = islower((unsigned char)v[len]) ? v[len] : '\0';
	free(v);
}

static int
read_version(struct nginx *n, const char *text, struct err *err)
{
	char *product = value_behind(text, "nginx version: ");
	char *slash = product == NULL ? NULL : strchr(product, '/');

	n->version = slash == NULL ? 0 : version_number(slash + 1);
	if (n->version == 0) {
		free(product);
		return err_set(err, ERR_pluginFailed,
		    "Unable to find nginx version: '%s -V' does not say it",
		    n->ctl);
	}
	*slash = '\0';
	if (strcmp(product, "nginx") != 0)
		guest_log(n->g, LOG_WARNING, SHOW_LOG,
		    "NGINX derivative %s is not officially supported by certbot",
		    product);
	free(product);
	return 0;
}

static int
check_features(struct nginx *n, const char *text, struct err *err)
{
	if (strstr(text, " --with-http_ssl_module") == NULL)
		return err_set(err, ERR_pluginFailed,
		    "nginx build is missing SSL module (--with-http_ssl_module).");
	if (strstr(text, "TLS SNI support enabled") == NULL)
		return err_set(err, ERR_pluginFailed,
		    "nginx build doesn't support SNI");
	if (n->version < LEAST_VERSION)
		return err_set(err, ERR_notSupported,
		    "nginx version must be 0.8.48+");
	return 0;
}

static void
read_path(char **out, const char *text, const char *key, const char *otherwise)
{
	free(*out);
	*out = value_behind(text, key);
	if (*out == NULL)
		*out = xstrdup(otherwise);
}

/* What "configure" was told, or what it takes by itself. */
static void
read_paths(struct nginx *n, const char *text)
{
	read_path(&n->prefix, text, " --prefix=", "/usr/local/nginx");
	read_path(&n->pid_file, text, " --pid-path=", "logs/nginx.pid");
	read_path(&n->error_log, text, " --error-log-path=", "logs/error.log");
}

int
ctl_version(struct nginx *n, struct err *err)
{
	struct buf out;
	int rc;

	buf_init(&out, OUTPUT_MAX);
	rc = run_ctl(n, "-V", NULL, &out, err);
	if (rc >= 0)
		read_paths(n, text_of(&out));
	if (rc >= 0)
		rc = read_version(n, text_of(&out), err);
	if (rc == 0)
		rc = check_features(n, text_of(&out), err);
	if (rc == 0)
		read_openssl(n, text_of(&out));
	buf_release(&out);
	return rc;
}

/* --- reload ------------------------------------------------------------------ */

/* Is this server the one that the service manager runs? */
static int
is_service(const struct nginx *n)
{
	const char *const argv[] = {"systemctl", "cat", "nginx.service", NULL};
	struct buf out;
	int rc;

	if (strcmp(n->root, "/etc/nginx") != 0 ||
	    access("/run/systemd/system", F_OK) != 0)
		return 0;
	buf_init(&out, OUTPUT_MAX);
	rc = run(argv, &out, NULL);
	buf_release(&out);
	return rc == 0;
}

static int
ask_service(const char *verb, struct err *err)
{
	const char *const argv[] = {"systemctl", verb, "nginx.service", NULL};
	struct buf out;
	int rc;

	buf_init(&out, OUTPUT_MAX);
	rc = run(argv, &out, err);
	if (rc > 0)
		rc = err_set(err, ERR_misconfigured,
		    "nginx restart failed: 'systemctl %s nginx.service' says:\n%s",
		    verb, text_of(&out));
	buf_release(&out);
	return rc;
}

static off_t
size_of(const char *path)
{
	struct stat st;

	return path != NULL && stat(path, &st) == 0 ? st.st_size : 0;
}

/* What the server has written to its log behind this place; malloc'd. */
static char *
log_since(const char *path, off_t from)
{
	char *text = xcalloc(LOG_TAIL + 1, 1);
	FILE *f = path == NULL ? NULL : fopen(path, "re");

	if (f != NULL) {
		if (fseeko(f, from, SEEK_SET) == 0)
			text[fread(text, 1, LOG_TAIL, f)] = '\0';
		fclose(f);
	}
	return text;
}

/* Has the server given up on the new configuration? It tries to bind several
 * times before. */
static int
has_refused(const char *log)
{
	const char *at = strstr(log, "[emerg]");

	if (strstr(log, "still could not bind()") != NULL)
		return 1;
	return at != NULL && strstr(log, "bind() to") == NULL;
}

/* Until the workers are new ones. */
static int
await(struct nginx *n, pid_t master, const struct workers *old,
    const char *log_path, off_t log_from, struct err *err)
{
	int64_t end = clock_ms() + RELOAD_MS;

	for (;;) {
		char *log = log_since(log_path, log_from);

		if (has_refused(log)) {
			(void)err_set(err, ERR_misconfigured,
			    "nginx goes on with its old configuration, it cannot use the new one:\n%s",
			    log);
			free(log);
			return -1;
		}
		free(log);
		if (procs_replaced(master, old))
			return 0;
		if (clock_ms() >= end)
			return err_set(err, ERR_misconfigured,
			    "nginx was told to reload, but has no new workers after %d seconds: look into its error log",
			    RELOAD_MS / 1000);
		if (guest_wait(n->g, NULL, 0, POLL_MS) == -2)
			usleep(POLL_MS * 1000); /* the host is gone: undoing */
	}
}

static int
reload(struct nginx *n, pid_t master, struct err *err)
{
	char *log = procs_error_log(n);
	off_t from = size_of(log);
	struct workers old = {0};
	struct buf out;
	int rc;

	procs_workers(master, &old);
	buf_init(&out, OUTPUT_MAX);
	rc = run_ctl(n, "-s", "reload", &out, err);
	if (rc > 0)
		rc = is_service(n) ?
		    ask_service("reload", err) :
		    err_set(err, ERR_misconfigured, "nginx restart failed:\n%s",
			text_of(&out));
	if (rc == 0 && old.n > 0)
		rc = await(n, master, &old, log, from, err);
	else if (rc == 0) /* one process for all: nothing tells when */
		(void)guest_wait(n->g, NULL, 0, n->sleep_seconds * 1000);
	buf_release(&out);
	free(old.list);
	free(log);
	return rc;
}

static int
reload_or_start(struct nginx *n, struct err *err)
{
	pid_t master = procs_master(n);
	char *pid_file;

	if (master > 0)
		return reload(n, master, err);
	if (is_service(n))
		return ask_service("start", err);
	pid_file = procs_pid_file(n);
	(void)err_set(err, ERR_misconfigured,
	    "nginx is not running: no process is named in '%s'; start it, and run this again",
	    pid_file == NULL ? "its pid file" : pid_file);
	free(pid_file);
	return -1;
}

int
ctl_restart(struct nginx *n, struct err *err)
{
	if (reload_or_start(n, err) != 0)
		return -1;
	unread_clear(&n->owed);
	return 0;
}
