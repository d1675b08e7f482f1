/* checkpoint.c - lib/store/reverter for plugins. */
#include "certbot/checkpoint.h"

#include <stdlib.h>

#include "base/buf.h"
#include "certbot/base_private.h"
#include "store/reverter.h"

struct certbot_checkpoints {
	struct reverter *r;
};

struct certbot_checkpoints *
certbot_checkpoint_open(const char *work_dir, int strict,
    struct certbot_error *e)
{
	struct err err = {0};
	struct reverter *r = reverter_open(work_dir, strict, &err);
	struct certbot_checkpoints *c;

	if (r == NULL) {
		certbot__error(e, &err);
		return NULL;
	}
	c = xcalloc(1, sizeof(*c));
	c->r = r;
	return c;
}

void
certbot_checkpoint_close(struct certbot_checkpoints *c)
{
	if (c != NULL)
		reverter_free(c->r);
	free(c);
}

int
certbot_checkpoint_add(struct certbot_checkpoints *c, int temporary,
    const char *const *paths, const char *notes, struct certbot_error *e)
{
	struct err err = {0};
	jv list = certbot__array(paths);
	int rc = reverter_add(c->r, temporary, list, notes, &err);

	doc_free(list);
	return certbot__result(rc, e, &err);
}

int
certbot_checkpoint_created(struct certbot_checkpoints *c, int temporary,
    const char *const *paths, struct certbot_error *e)
{
	struct err err = {0};
	jv list = certbot__array(paths);
	int rc = reverter_created(c->r, temporary, list, &err);

	doc_free(list);
	return certbot__result(rc, e, &err);
}

int
certbot_checkpoint_undo_command(struct certbot_checkpoints *c, int temporary,
    const char *const *argv, struct certbot_error *e)
{
	struct err err = {0};
	jv list = certbot__array(argv);
	int rc = reverter_undo_command(c->r, temporary, list, &err);

	doc_free(list);
	return certbot__result(rc, e, &err);
}

int
certbot_checkpoint_finish(struct certbot_checkpoints *c, const char *title,
    struct certbot_error *e)
{
	struct err err = {0};

	return certbot__result(reverter_finish(c->r, title, &err), e, &err);
}

int
certbot_checkpoint_revert_temporary(struct certbot_checkpoints *c,
    struct certbot_error *e)
{
	struct err err = {0};

	return certbot__result(reverter_revert_temporary(c->r, &err), e, &err);
}

int
certbot_checkpoint_recover(struct certbot_checkpoints *c,
    struct certbot_error *e)
{
	struct err err = {0};

	return certbot__result(reverter_recover(c->r, &err), e, &err);
}

int
certbot_checkpoint_rollback(struct certbot_checkpoints *c, long n,
    struct certbot_error *e)
{
	struct err err = {0};

	return certbot__result(reverter_rollback(c->r, n, &err), e, &err);
}

int
certbot_checkpoint_unfinished(const struct certbot_checkpoints *c)
{
	return reverter_unfinished(c->r);
}
