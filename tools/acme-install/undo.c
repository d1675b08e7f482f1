/* Putting back what a failed or interrupted phase has changed (spec installers
 * A10, E4; certbot's error handler). */
#include "base/log.h"
#include "install.h"

static const char logger[] = "certbot._internal.client";

void
undo_begin(struct install *in, struct undo *u)
{
	u->checkpoints = reverter_count(in->reverter);
	u->written = 0;
}

/* Can the plugin be asked to put things back? After a signal it comes to rest
 * first, and another does not end what follows; one that has ended has done so
 * itself, or never will. */
static int
is_ready(struct install *in)
{
	struct err err = {0};
	int ready = plugin_alive(in->plugin) &&
	    plugin_settle(in->plugin, &err) == 0;

	if (err_is_set(&err))
		log_error(logger, "%s", err_text(&err));
	err_clear(&err);
	return ready;
}

static void
not_restored(const struct err *why)
{
	log_error(logger,
	    "An error occurred and we failed to restore your config and restart your server. Please post to https://community.letsencrypt.org/c/help with details about your configuration and this error you received.");
	log_error("certbot._internal.error_handler",
	    "Encountered exception during recovery: %s", err_text(why));
}

/* It has been tried; err is eaten. */
static void
undo_end(struct install *in, struct err *err, const char *said)
{
	if (err_is_set(err))
		not_restored(err);
	else if (said != NULL)
		log_add(LOG_INFO, logger, SHOW_OUT, "%s", said);
	err_clear(err);
	plugin_hurry(in->plugin, 0);
}

void
undo_recover(struct install *in, const struct undo *u, const char *said)
{
	struct err err = {0};
	int changed = u->written || reverter_unfinished(in->reverter);

	if (!is_ready(in))
		return;
	if (host_do(in, "recover", doc_object(), &err) == 0 && changed)
		(void)host_restart(in, &err);
	undo_end(in, &err, said);
}

/* The checkpoints that were finished since. */
static int
roll_back(struct install *in, const struct undo *u, struct err *err)
{
	size_t now = reverter_count(in->reverter);

	if (now <= u->checkpoints)
		return 0;
	return host_do(in, "rollback",
	    doc_set_int(doc_object(), "checkpoints",
		(long)(now - u->checkpoints)),
	    err);
}

void
undo_rollback(struct install *in, const struct undo *u, const char *said)
{
	struct err err = {0};

	if (!is_ready(in))
		return;
	log_info(logger, "Rolling back to previous server configuration...");
	if (host_do(in, "recover", doc_object(), &err) == 0 &&
	    roll_back(in, u, &err) == 0)
		(void)host_restart(in, &err);
	undo_end(in, &err, said);
}
