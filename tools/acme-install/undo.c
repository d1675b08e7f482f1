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
 * first; one that has ended has done so itself, or never will. */
static int
is_ready(struct install *in, const struct err *why)
{
	struct err err = {0};
	int ready = plugin_alive(in->plugin);

	if (ready && why->name == ERR_interrupted)
		ready = plugin_settle(in->plugin, &err) == 0;
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

static void
tell(const char *said)
{
	if (said != NULL)
		log_add(LOG_INFO, logger, SHOW_OUT, "%s", said);
}

void
undo_recover(struct install *in, const struct undo *u, const struct err *why,
    const char *said)
{
	struct err err = {0};
	int changed = u->written || reverter_unfinished(in->reverter);

	if (!is_ready(in, why))
		return;
	if (host_do(in, "recover", doc_object(), &err) < 0 ||
	    (changed && host_restart(in, &err) < 0))
		not_restored(&err);
	else
		tell(said);
	err_clear(&err);
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
undo_rollback(struct install *in, const struct undo *u, const struct err *why,
    const char *said)
{
	struct err err = {0};

	if (!is_ready(in, why))
		return;
	log_info(logger, "Rolling back to previous server configuration...");
	if (host_do(in, "recover", doc_object(), &err) < 0 ||
	    roll_back(in, u, &err) < 0 || host_restart(in, &err) < 0)
		not_restored(&err);
	else
		tell(said);
	err_clear(&err);
}
