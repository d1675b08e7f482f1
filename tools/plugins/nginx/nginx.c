/* nginx - certificates for nginx's servers, and http-01 challenges answered by
 * nginx itself (design, section 4; spec installers B). */
#include "nginx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "ctl.h"
#include "deploy.h"
#include "enhance.h"
#include "files.h"
#include "http01.h"
#include "names_found.h"

static int
config_number(jv config, const char *name, long dflt, long most, long *out,
    struct err *err)
{
	*out = dflt;
	if (doc_has(config, name) &&
	    (doc_int(config, name, out) != 0 || *out < 0 || *out > most))
		return err_set(err, ERR_misconfigured,
		    "%s is no number from 0 to %ld", name, most);
	return 0;
}

static int
op_init(struct guest *g, void *ctx, jv config, struct err *err)
{
	struct nginx *n = ctx;
	const char *root = doc_str(config, "server_root");
	const char *ctl = doc_str(config, "ctl");

	n->g = g;
	doc_move(&n->server, unread_server("nginx", root, doc_copy(config)));
	free(n->root);
	free(n->ctl);
	n->root = path_absolute(root == NULL ? "/etc/nginx" : root);
	n->ctl = xstrdup(ctl == NULL ? "nginx" : ctl);
	if (guest_dir(g, "config") == NULL || guest_dir(g, "work") == NULL)
		return err_set(err, ERR_pluginFailed,
		    "the host named no directories");
	if (config_number(config, "https_port", 443, 65535, &n->https_port,
		err) != 0 ||
	    config_number(config, "http01_port", 80, 65535, &n->http01_port,
		err) != 0)
		return -1;
	return config_number(config, "sleep_seconds", 1, 3600,
	    &n->sleep_seconds, err);
}

/* What a run that was killed has left: undone, and the server told. */
static int
recover_left(struct nginx *n, struct err *err)
{
	struct err told = {0};
	size_t marks = unread_take(&n->owed, guest_dir(n->g, "work"),
	    n->server);

	if (nginx_reverter(n, err) != 0)
		return -1;
	if (marks == 0 && !reverter_unfinished(n->reverter))
		return 0;
	if (nginx_lock(n, err) != 0)
		return -1;
	nginx_owe_restart(n);
	if (reverter_recover(n->reverter, err) != 0)
		return -1;
	nginx_forget(n);
	if (nginx_read(n, err) != 0 || ctl_test(n, err) != 0)
		return -1;
	/* It may not run at all; what is on disk is right again. */
	if (ctl_restart(n, &told) != 0)
		guest_log(n->g, LOG_WARNING, SHOW_LOG, "%s", err_text(&told));
	err_clear(&told);
	unread_clear(&n->owed);
	return 0;
}

static int
op_prepare(struct guest *g, void *ctx, struct err *err)
{
	struct nginx *n = ctx;

	(void)g;
	if (ctl_find(n, err) != 0 || recover_left(n, err) != 0)
		return -1;
	/* Our files first: the configuration may include them, and one that is
	 * missing is no fault of its author. */
	if (ctl_version(n, err) != 0 || files_install(n, err) != 0)
		return -1;
	/* Before the test, whose words about files are not as clear. */
	nginx_forget(n);
	if (nginx_read(n, err) != 0 || ctl_test(n, err) != 0)
		return -1;
	return nginx_lock(n, err);
}

static int
op_perform(struct guest *g, void *ctx, jv all, size_t i, struct err *err)
{
	struct nginx *n = ctx;
	jv c = doc_at(all, i);
	int rc = nginx_read(n, err);

	(void)g;
	if (rc == 0)
		rc = http01_add(n, c, err);
	if (rc == 0)
		n->challenges_changed = 1;
	doc_free(c);
	return rc;
}

static int
op_wait(struct guest *g, void *ctx, struct err *err)
{
	struct nginx *n = ctx;

	(void)g;
	if (!n->challenges_changed)
		return 0;
	if (nginx_save(n, 1, NULL, err) != 0)
		return -1;
	n->challenges_changed = 0;
	if (ctl_test(n, err) != 0 || ctl_restart(n, err) != 0)
		return -1;
	return http01_probe(n, err);
}

static int
op_cleanup(struct guest *g, void *ctx, jv challenge, int last, struct err *err)
{
	struct nginx *n = ctx;

	(void)g;
	(void)challenge;
	if (!last)
		return 0;
	nginx_forget(n);
	if (nginx_reverter(n, err) != 0)
		return -1;
	if (!unread_owed(&n->owed) && !reverter_unfinished(n->reverter))
		return 0; /* nothing was written */
	nginx_owe_restart(n);
	if (reverter_revert_temporary(n->reverter, err) != 0)
		return -1;
	if (procs_master(n) != 0)
		return ctl_restart(n, err);
	unread_clear(&n->owed);
	return 0;
}

static char *
op_hint(struct guest *g, void *ctx, jv failed)
{
	(void)g;
	(void)ctx;
	(void)failed;
	return xstrdup(
	    "The Certificate Authority failed to verify the temporary nginx configuration changes made by Certbot. Ensure the listed domains point to this nginx server and that it is accessible from the internet.");
}

static int
op_undo(struct nginx *n, const char *op, jv request, struct err *err)
{
	long checkpoints = 0;

	nginx_forget(n);
	if (nginx_lock(n, err) != 0 || nginx_reverter(n, err) != 0)
		return -1;
	n->unread = 1;
	if (strcmp(op, "recover") == 0)
		return reverter_recover(n->reverter, err);
	if (doc_int(request, "checkpoints", &checkpoints) != 0)
		return err_set(err, ERR_pluginFailed,
		    "the host said not how many checkpoints to undo");
	return reverter_rollback(n->reverter, checkpoints, err);
}

static int
op_restart(struct nginx *n, struct err *err)
{
	int down = procs_master(n) == 0;

	n->unread = 0;
	/* That was said; what has been put back since nobody has to read. */
	if (n->down && down)
		return 0;
	n->down = ctl_restart(n, err) != 0 && down;
	return err_is_set(err) ? -1 : 0;
}

static int
op_edit(struct nginx *n, const char *op, jv request, struct err *err)
{
	if (nginx_read(n, err) != 0)
		return -1;
	return strcmp(op, "deploy") == 0 ? deploy(n, request, err) :
					   enhance(n, request, err);
}

static jv
answer(int rc)
{
	return rc == 0 ? doc_object() : doc_none();
}

static jv
op_other(struct guest *g, void *ctx, const char *op, jv request,
    struct err *err)
{
	static const char *const enhancements[] = {"redirect",
	    "ensure-http-header", "staple-ocsp"};
	struct nginx *n = ctx;

	(void)g;
	if (strcmp(op, "deploy") == 0 || strcmp(op, "enhance") == 0)
		return answer(op_edit(n, op, request, err));
	if (strcmp(op, "recover") == 0 || strcmp(op, "rollback") == 0)
		return answer(op_undo(n, op, request, err));
	if (strcmp(op, "save") == 0)
		return answer(nginx_save(n, doc_flag(request, "temporary", 0),
		    doc_str(request, "title"), err));
	if (strcmp(op, "config-test") == 0)
		return answer(ctl_test(n, err));
	if (strcmp(op, "restart") == 0)
		return answer(op_restart(n, err));
	if (strcmp(op, "enhancements") == 0)
		return doc_set(doc_object(), "enhancements",
		    doc_list(enhancements, ARRAY_LEN(enhancements)));
	if (strcmp(op, "names") == 0)
		return nginx_read(n, err) != 0 ?
		    doc_none() :
		    doc_set(doc_object(), "names", names_found(n));
	if (strcmp(op, "renew-deploy") == 0 ||
	    strcmp(op, "generic-updates") == 0)
		return doc_object(); /* nginx follows the links in live/ */
	err_set(err, ERR_notSupported,
	    "the operation \"%.64s\" is not supported", op);
	return doc_none();
}

static void
op_end(struct guest *g, void *ctx)
{
	struct nginx *n = ctx;
	struct err err = {0};

	(void)g;
	/* The host has ended between the two. */
	if (n->unread && procs_master(n) > 0 &&
	    (ctl_test(n, &err) != 0 || op_restart(n, &err) != 0))
		fprintf(stderr, "%s\n", err_text(&err));
	err_clear(&err);
	nginx_forget(n);
	reverter_free(n->reverter);
	unread_release(&n->owed);
	lock_release(&n->lock);
	buf_release(&n->notes);
	doc_free(n->chosen);
	doc_free(n->server);
	free(n->root);
	free(n->ctl);
	free(n->prefix);
	free(n->pid_file);
	free(n->error_log);
}

int
main(int argc, char *argv[])
{
	static const struct guest_ops ops = {.init = op_init,
	    .prepare = op_prepare,
	    .perform = op_perform,
	    .wait = op_wait,
	    .cleanup = op_cleanup,
	    .hint = op_hint,
	    .other = op_other,
	    .end = op_end};
	struct nginx n = {.lock = LOCK_INIT};

	buf_init(&n.notes, 64 << 10);
	n.chosen = doc_object();
	n.server = doc_none();
	return guest_main(argc, argv, &ops, &n);
}
