/* certstore checkpoint - what plugins in any language register and undo. */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "certstore.h"
#include "store/reverter.h"

/* Operands from the third on: paths, or a command. */
static jv
operands(const struct certstore *t)
{
	jv list = doc_array();

	for (size_t i = 2; i < doc_len(t->st.rest); i++)
		list = doc_push(list, doc_at(t->st.rest, i));
	return list;
}

/* Paths as the formats want them. */
static jv
paths(const struct certstore *t)
{
	jv list = doc_array(), given = operands(t);

	for (size_t i = 0; i < doc_len(given); i++) {
		char *path = path_absolute(doc_str_at(given, i));

		list = doc_push(list, doc_stringn(path, strlen(path)));
		free(path);
	}
	doc_free(given);
	return list;
}

static int
add(struct certstore *t, struct reverter *r, struct err *err)
{
	jv list = paths(t);
	int rc = reverter_add(r, t->temporary, list, t->notes, err);

	doc_free(list);
	return rc;
}

static int
created(struct certstore *t, struct reverter *r, struct err *err)
{
	jv list = paths(t);
	int rc = reverter_created(r, t->temporary, list, err);

	doc_free(list);
	return rc;
}

static int
undo_command(struct certstore *t, struct reverter *r, struct err *err)
{
	jv argv = operands(t);
	int rc = reverter_undo_command(r, t->temporary, argv, err);

	doc_free(argv);
	return rc;
}

static int
finish(struct certstore *t, struct reverter *r, struct err *err)
{
	if (t->title == NULL)
		return err_set(err, ERR_usage,
		    "certstore checkpoint finish needs --title TEXT");
	return reverter_finish(r, t->title, err);
}

static int
revert(struct certstore *t, struct reverter *r, struct err *err)
{
	(void)t;
	return reverter_revert_temporary(r, err);
}

static int
recover(struct certstore *t, struct reverter *r, struct err *err)
{
	(void)t;
	return reverter_recover(r, err);
}

static int
rollback(struct certstore *t, struct reverter *r, struct err *err)
{
	return reverter_rollback(r, t->checkpoints, err);
}

static const struct {
	const char *name;
	int (*run)(struct certstore *t, struct reverter *r, struct err *err);
	int operands;
} verbs[] = {
    {"add", add, 1},
    {"created", created, 1},
    {"undo-command", undo_command, 1},
    {"finish", finish, 0},
    {"revert", revert, 0},
    {"recover", recover, 0},
    {"rollback", rollback, 0},
};

/* What there is to recover afterwards. */
static jv
state(const struct certstore *t, const struct reverter *r)
{
	jv c = doc_set_str(doc_object(), "work", t->work_dir);

	c = doc_set_flag(c, "unfinished", reverter_unfinished(r));
	return doc_set(doc_set_int(doc_object(), "acme", 1), "checkpoint", c);
}

jv
checkpoint_tool(struct certstore *t, struct err *err)
{
	const char *verb = doc_str_at(t->st.rest, 1);
	struct reverter *r;
	jv doc = doc_none();
	size_t i = 0;

	while (i < ARRAY_LEN(verbs) && (!verb || strcmp(verb, verbs[i].name)))
		i++;
	if (i == ARRAY_LEN(verbs)) {
		err_set(err, ERR_usage,
		    "certstore checkpoint is followed by add, created, undo-command, finish, revert, recover or rollback");
		return doc;
	}
	if (!verbs[i].operands && doc_len(t->st.rest) > 2) {
		err_set(err, ERR_usage,
		    "the operand \"%s\" is one too many for certstore checkpoint %s",
		    doc_str_at(t->st.rest, 2), verb);
		return doc;
	}
	r = reverter_open(t->work_dir, t->strict, err);
	if (r && verbs[i].run(t, r, err) == 0)
		doc = state(t, r);
	reverter_free(r);
	return doc;
}
