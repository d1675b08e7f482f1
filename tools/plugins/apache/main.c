/* apache - an authenticator and installer for Apache httpd (design, section 4;
 * spec installers C): the conversation. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "apache.h"
#include "base/path.h"
#include "plugin/descriptor.h"

static char *
text_or(jv config, const char *name, const char *otherwise)
{
	const char *s = doc_str(config, name);

	if (s != NULL && *s != '\0')
		return xstrdup(s);
	return otherwise == NULL ? NULL : xstrdup(otherwise);
}

/* "True", "yes", "1", true. */
static int
flag_of(jv config, const char *name)
{
	const char *s = doc_str(config, name);

	if (s == NULL)
		return doc_flag(config, name, 0);
	return strcasecmp(s, "true") == 0 || strcasecmp(s, "yes") == 0 ||
	    strcmp(s, "1") == 0;
}

static char *
port_of(jv config, const char *name, long otherwise)
{
	(void)doc_int(config, name, &otherwise);
	return xasprintf("%ld", otherwise);
}

/* Programs of the system, wherever the caller's PATH ends. */
static void
extend_path(void)
{
	const char *path = getenv("PATH");
	char *more = xasprintf("%s%s/usr/sbin:/usr/local/bin:/usr/local/sbin:"
			       "/usr/bin:/sbin:/bin",
	    path == NULL ? "" : path, path == NULL ? "" : ":");

	setenv("PATH", more, 1);
	free(more);
}

/* Debian's programs work on /etc/apache2 unless this tells them otherwise. */
static void
set_root(const struct apache *a)
{
	if (a->sys->debian && strcmp(a->server_root, "/etc/apache2") != 0)
		setenv("APACHE_CONFDIR", a->server_root, 1);
}

static void
set_conf(struct apache *a)
{
	struct conf *c = &a->conf;

	c->initial = doc_object();
	c->statics = doc_object();
	c->environment = doc_object();
	if (a->vhost_root != NULL) {
		c->extra_dir = xstrdup(a->vhost_root);
		c->extra_pattern = xstrdup(a->sys->pattern);
	} else if (a->sys->read_files) {
		c->extra_dir = path_join(a->server_root,
		    path_base(a->sys->files));
		c->extra_pattern = xstrdup(a->sys->pattern);
	}
}

static int
apache_init(struct guest *g, void *ctx, jv config, struct err *err)
{
	struct apache *a = ctx;
	jv ids = plugin_system_ids("/etc/os-release");
	const char *work = guest_dir(g, "work");

	a->g = g;
	a->server = unread_server("apache", doc_str(config, "server_root"),
	    doc_copy(config));
	a->sys = system_find(ids);
	doc_free(ids);
	extend_path();
	a->server_root = text_or(config, "server_root", "/etc/apache2");
	a->vhost_root = text_or(config, "vhost_root", NULL);
	a->logs_root = text_or(config, "logs_root", "/var/log/apache2");
	a->challenge_dir = text_or(config, "challenge_location",
	    a->server_root);
	a->ext = text_or(config, "le_vhost_ext", "-le-ssl.conf");
	a->ctl = text_or(config, "ctl", "apache2ctl");
	a->bin = text_or(config, "bin", NULL);
	a->enmod = text_or(config, "enmod", NULL);
	a->dismod = text_or(config, "dismod", NULL);
	a->handle_modules = flag_of(config, "handle_modules");
	a->http_port = port_of(config, "http01_port", 80);
	a->https_port = port_of(config, "https_port", 443);
	buf_init(&a->notes, 1 << 20);
	a->shared = doc_object();
	a->redirected = doc_object();
	a->twins = doc_object();
	set_root(a);
	set_conf(a);
	if (work == NULL || guest_dir(g, "config") == NULL)
		return err_set(err, ERR_misconfigured,
		    "the host names no configuration and work directory");
	a->options_path = path_join(guest_dir(g, "config"),
	    "options-ssl-apache.conf");
	a->rev = reverter_open(work, 0, err);
	return a->rev == NULL ? -1 : 0;
}

static int
check_root(const struct apache *a, struct err *err)
{
	struct stat st;

	if (stat(a->server_root, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return err_set(err, ERR_noInstallation,
	    "Apache's configuration directory %s is not there "
	    "(--apache-server-root)",
	    a->server_root);
}

/* What a killed run has left is undone first: it may be why the test fails. */
int
apache_ready(struct apache *a, struct err *err)
{
	int recovered;
	size_t marks;

	if (a->prepared)
		return 0;
	if (ctl_check(a, err) == -1 || check_root(a, err) == -1 ||
	    apache_lock(a, err) == -1)
		return -1;
	marks = unread_take(&a->owed, guest_dir(a->g, "work"), a->server);
	recovered = marks > 0 || reverter_unfinished(a->rev);
	if (recovered)
		apache_owe_reload(a);
	if (recovered && apache_recover(a, err) == -1)
		return -1;
	if (ctl_test(a, err) == -1 || ctl_version(a, err) == -1 ||
	    apache_read(a, err) == -1 || options_install(a, err) == -1)
		return -1;
	if (recovered && server_runs(a) && server_reload(a, err) == -1)
		return -1;
	if (recovered)
		unread_clear(&a->owed);
	a->prepared = 1;
	return 0;
}

static int
apache_prepare(struct guest *g, void *ctx, struct err *err)
{
	(void)g;
	return apache_ready(ctx, err);
}

/* The work itself is done once for all, in wait. */
static int
apache_perform(struct guest *g, void *ctx, jv all, size_t i, struct err *err)
{
	struct apache *a = ctx;
	jv c = doc_at(all, i);
	int http = strcmp(doc_str(c, "type"), "http-01") == 0;

	(void)g;
	doc_free(c);
	a->pending = 1;
	return http ? 0 :
		      err_set(err, ERR_notSupported,
			  "apache performs http-01 challenges only");
}

static int
apache_wait(struct guest *g, void *ctx, struct err *err)
{
	struct apache *a = ctx;
	jv all;
	int rc;

	if (!a->pending)
		return 0;
	a->pending = 0;
	if (a->challenges_set) {
		apache_forget(a);
		apache_owe_reload(a);
		if (reverter_revert_temporary(a->rev, err) == -1)
			return -1;
	}
	all = guest_performed(g);
	rc = http01_set(a, all, err);
	if (rc == 0)
		rc = http01_probe(a, all, err);
	doc_free(all);
	return rc;
}

static int
apache_cleanup(struct guest *g, void *ctx, jv c, int last, struct err *err)
{
	(void)g;
	(void)c;
	return last ? http01_unset(ctx, err) : 0;
}

static char *
apache_hint(struct guest *g, void *ctx, jv failed)
{
	(void)g;
	(void)ctx;
	(void)failed;
	return xstrdup(
	    "The Certificate Authority failed to verify the temporary Apache "
	    "configuration changes made by Certbot. Ensure that the listed "
	    "domains point to this Apache server and that it is accessible "
	    "from the internet.");
}

/* --- installer ---------------------------------------------------------------- */

static void
tell_macros(struct apache *a)
{
	const struct conf *c = &a->conf;
	jv seen = doc_object();
	struct buf b;

	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < c->n_vhosts; i++) {
		const char *path = c->vhosts[i]->file->path;
		if (!c->vhosts[i]->macro || doc_has(seen, path))
			continue;
		seen = doc_set_flag(seen, path, 1);
		(void)buf_addf(&b, "%s\n", path);
	}
	if (b.len > 0)
		guest_log(a->g, LOG_INFO, SHOW_OUT,
		    "Apache mod_macro seems to be in use in file(s):\n%s\n"
		    "Unfortunately mod_macro is not yet supported",
		    b.p);
	buf_release(&b);
	doc_free(seen);
}

static jv
op_names(struct apache *a, struct err *err)
{
	if (apache_read(a, err) == -1)
		return doc_none();
	tell_macros(a);
	return doc_set(doc_object(), "names", apache_names(a));
}

static jv
op_enhancements(void)
{
	static const char *const all[] = {"redirect", "ensure-http-header",
	    "staple-ocsp", "auto-hsts"};

	return doc_set(doc_object(), "enhancements",
	    doc_list(all, ARRAY_LEN(all)));
}

static int
op_save(struct apache *a, jv request, struct err *err)
{
	const char *title = doc_str(request, "title");
	int temporary = doc_flag(request, "temporary", 0);

	if (apache_save(a, temporary, err) == -1)
		return -1;
	return title == NULL || temporary ? 0 :
					    reverter_finish(a->rev, title, err);
}

static int
op_rollback(struct apache *a, jv request, struct err *err)
{
	long n = 1;

	(void)doc_int(request, "checkpoints", &n);
	if (apache_lock(a, err) == -1)
		return -1;
	apache_forget(a);
	return reverter_rollback(a->rev, n, err);
}

static int
nothing(struct apache *a, jv request, struct err *err)
{
	(void)a;
	(void)request;
	(void)err;
	return 0;
}

static int
op_recover(struct apache *a, jv request, struct err *err)
{
	(void)request;
	return apache_recover(a, err);
}

static int
op_test(struct apache *a, jv request, struct err *err)
{
	(void)request;
	return ctl_test(a, err);
}

static int
op_restart(struct apache *a, jv request, struct err *err)
{
	int ran = server_runs(a);

	(void)request;
	/* That was said; what has been put back since nobody has to read. */
	if (a->down && !ran)
		return 0;
	a->down = !ran;
	return server_reload(a, err);
}

static const struct {
	const char *op;
	int (*fn)(struct apache *a, jv request, struct err *err);
} operations[] = {{"deploy", apache_deploy}, {"enhance", apache_enhance},
    {"save", op_save}, {"rollback", op_rollback}, {"recover", op_recover},
    {"config-test", op_test}, {"restart", op_restart},
    {"renew-deploy", nothing}, {"generic-updates", nothing},
    {"auto-hsts-enable", autohsts_enable},
    {"auto-hsts-update", autohsts_update},
    {"auto-hsts-deploy", autohsts_deploy}};

static jv
apache_other(struct guest *g, void *ctx, const char *op, jv request,
    struct err *err)
{
	struct apache *a = ctx;

	(void)g;
	if (strcmp(op, "names") == 0)
		return op_names(a, err);
	if (strcmp(op, "enhancements") == 0)
		return op_enhancements();
	for (size_t i = 0; i < ARRAY_LEN(operations); i++)
		if (strcmp(op, operations[i].op) == 0)
			return operations[i].fn(a, request, err) == 0 ?
			    doc_object() :
			    doc_none();
	err_set(err, ERR_notSupported, "the operation \"%.64s\" is not known",
	    op);
	return doc_none();
}

static void
apache_end(struct guest *g, void *ctx)
{
	struct apache *a = ctx;

	(void)g;
	apache_forget(a);
	conf_free(&a->conf);
	reverter_free(a->rev);
	unread_release(&a->owed);
	lock_release(&a->lock);
	free(a->server_root);
	free(a->vhost_root);
	free(a->logs_root);
	free(a->challenge_dir);
	free(a->ext);
	free(a->ctl);
	free(a->bin);
	free(a->enmod);
	free(a->dismod);
	free(a->http_port);
	free(a->https_port);
	free(a->options_path);
	free(a->pid_file);
	doc_free(a->shared);
	doc_free(a->redirected);
	doc_free(a->twins);
	doc_free(a->server);
	buf_release(&a->notes);
}

int
main(int argc, char *argv[])
{
	static const struct guest_ops ops = {.init = apache_init,
	    .prepare = apache_prepare,
	    .perform = apache_perform,
	    .wait = apache_wait,
	    .cleanup = apache_cleanup,
	    .hint = apache_hint,
	    .other = apache_other,
	    .end = apache_end};
	struct apache a = {.lock = LOCK_INIT};

	return guest_main(argc, argv, &ops, &a);
}
