/* A rollover that was cut off comes to its end before anything else is done with
 * the account. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "base/buf.h"
#include "base/safefile.h"
#include "store/account.h"

/* What is left when the new account is whole. */
static int
settle_whole(struct tool *t, const char *dir, const char *old_id,
    const char *server, struct err *err)
{
	struct err gone = {0};

	if (account_remove(t->stage->account_dir, server, old_id, &gone) != 0 &&
	    gone.name != ERR_noAccount) {
		err_move(err, &gone);
		return -1;
	}
	err_clear(&gone);
	if (rollover_follow(t, old_id, path_base(dir), err) != 0)
		return -1;
	return account_unmark(dir, err);
}

/* A rollover of the account old_id goes on, whatever account a document is
 * about. */
static int
settle_half(struct tool *t, const char *server, const char *old_id,
    struct err *err)
{
	const char *chosen = t->account;
	jv own = doc_set_str(doc_object(), "server", server);
	int rc;

	t->account = old_id;
	rc = rollover_account(t, &own, err);
	t->account = chosen;
	doc_free(own);
	return rc;
}

/* Who named the account old_id means new_id now. */
static int
rename_account(struct tool *t, jv *doc, const char *old_id, const char *new_id,
    struct err *err)
{
	const char *had = doc_str_find(*doc, "account", "id", NULL);

	if (t->account != NULL && strcmp(t->account, old_id) == 0) {
		free(t->settled);
		t->settled = xstrdup(new_id);
		t->account = t->settled;
	}
	if (had == NULL || strcmp(had, old_id) != 0)
		return 0;
	*doc = doc_del(*doc, "account");
	return account_attach(doc, t->stage->account_dir, t->stage->server,
	    new_id, err);
}

static int
is_there(const struct tool *t, const char *server, const char *id)
{
	struct err ignored = {0};
	jv entry = account_get(t->stage->account_dir, server, id, &ignored);
	int there = doc_is(entry, DOC_OBJECT);

	doc_free(entry);
	err_clear(&ignored);
	return there;
}

/* half: also one that the server may not have heard of. */
static int
settle(struct tool *t, jv *doc, const char *server, int half, struct err *err)
{
	char *old_id,
	    *dir = account_replacing(t->stage->account_dir, server, &old_id);
	char *regr = dir != NULL ? path_join(dir, "regr.json") : NULL;
	int whole = regr != NULL && access(regr, F_OK) == 0, rc = 0;

	half = half && dir != NULL && !whole && is_there(t, server, old_id);
	if (whole)
		rc = settle_whole(t, dir, old_id, server, err);
	else if (half)
		rc = settle_half(t, server, old_id, err);
	if (rc == 0 && (whole || half))
		rc = rename_account(t, doc, old_id, path_base(dir), err);
	free(regr);
	free(dir);
	free(old_id);
	return rc;
}

int
rollover_settle(struct tool *t, jv *doc, const char *server, struct err *err)
{
	return settle(t, doc, server, 1, err);
}

struct acme_session *
account_session(struct tool *t, jv *doc, struct err *err)
{
	const char *server = account_server(t, *doc, err);

	if (server == NULL ||
	    (t->stage->account_dir != NULL &&
		rollover_settle(t, doc, server, err) != 0))
		return NULL;
	return account_session_unsettled(t, doc, err);
}

int
verb_rollover(struct tool *t, jv *doc, struct err *err)
{
	const char *server = account_server(t, *doc, err);

	if (server == NULL || settle(t, doc, server, 0, err) != 0)
		return -1;
	return rollover_account(t, doc, err);
}
