/* decide.c - the plan's errors become certbot's questions; the answer is an
 * option with which the stage runs again. */
#include "decide.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/names.h"
#include "crypto/key.h"
#include "driver.h"
#include "prompts.h"
#include "pump.h"
#include "revoked.h"
#include "screen.h"
#include "steps.h"

jv
lineages_show(const struct config *c, const char *name, struct err *err)
{
	jv args = step_certstore(c, "show");

	if (name != NULL)
		args = doc_push(args, doc_stringn(name, strlen(name)));
	return pump_stage_all(args, doc_none(), err);
}

jv
lineages_all(const struct config *c, struct err *err)
{
	jv all = pump_stage_all(step_certstore(c, "list"), doc_none(), err);
	jv names = doc_array();

	for (size_t i = 0; i < doc_len(all); i++) {
		jv one = doc_at(all, i);

		names = doc_push(names, doc_find(one, "lineage", "name", NULL));
		doc_free(one);
	}
	doc_free(all);
	if (!err_is_set(err) && doc_len(names) == 0)
		err_set(err, ERR_noLineage, "No existing certificates found.");
	if (!err_is_set(err))
		return names;
	doc_free(names);
	return doc_none();
}

jv
lineage_names(const struct config *c, const char *name)
{
	struct err err = {0};
	jv all = lineages_show(c, name, &err), one = doc_at(all, 0);
	jv names = doc_has(one, "error") ?
	    doc_none() :
	    doc_find(one, "certificate", "names", NULL);

	doc_free(one);
	doc_free(all);
	err_clear(&err);
	if (doc_is(names, DOC_ARRAY))
		return names;
	doc_free(names);
	return doc_array();
}

/* Texts of an error's array member, joined. */
static char *
joined(const struct err *why, const char *key, const char *sep)
{
	jv list = doc_get(why->members, key);
	char *text = doc_join(list, sep);

	doc_free(list);
	return text;
}

static int
ask_expand(struct config *c, const struct err *why, struct err *err)
{
	char *old = joined(why, "oldNames", ", ");
	char *new = joined(why, "newNames", ", ");
	char *all = doc_join(c->arguments, " ");
	char *text = xasprintf(
	    "You have an existing certificate that contains a portion of the domains you requested (ref: %s)\n\nIt contains these names: %s\n\nYou requested these names for the new certificate: %s.\n\nDo you want to expand and replace this existing certificate with the new certificate?",
	    doc_str(why->members, "conf"), old, new);
	int yes = prompt_yesno(text, "Expand", "Cancel", -1, "--expand", 1,
	    err);

	if (yes == 1)
		config_put(c, "expand", doc_bool(1));
	if (yes == 0) {
		screen_status(
		    "To obtain a new certificate that contains these names without replacing your existing certificate for %s, you must use the --duplicate option.\n\nFor example:\n\ncertbot --duplicate %s",
		    old, all);
		err_set(err, ERR_interrupted,
		    "User chose to cancel the operation and may reinvoke the client.");
	}
	free(text);
	free(all);
	free(new);
	free(old);
	return yes == 1 ? 0 : -1;
}

static int
ask_same(struct config *c, const struct err *why, struct err *err)
{
	static const char *const choices[] = {
	    "Keep the existing certificate for now",
	    "Renew & replace the certificate (may be subject to CA rate limits)"};
	jv q = doc_object(), box;
	char *text;
	long at = 0;

	text = xasprintf(
	    "You have an existing certificate that has exactly the same domains or certificate name you requested and isn't close to expiry.\n(ref: %s)\n\nWhat would you like to do?",
	    doc_str(why->members, "conf"));
	q = doc_set_str(q, "kind", "menu");
	q = doc_set_str(q, "text", text);
	q = doc_set(q, "choices", doc_list(choices, 2));
	q = doc_set_int(q, "default", 0);
	q = doc_set_flag(q, "force", 1);
	free(text);
	box = doc_set(doc_object(), "v", prompt_ask(q, err));
	if (err_is_set(err)) {
		if (err->has_members && doc_flag(err->members, "cancel", 0))
			err_set(err, ERR_interrupted,
			    "Operation canceled. You may re-run the client.");
		doc_free(box);
		return -1;
	}
	doc_int(box, "v", &at);
	doc_free(box);
	config_put(c, at == 1 ? "renew_by_default" : "reinstall", doc_bool(1));
	return 0;
}

/* "\n+ a\n+ b", or "\n(None)". */
static char *
listed(const struct err *why, const char *key, char sign)
{
	jv list = doc_sorted_set(doc_get(why->members, key));
	struct buf b;

	buf_init(&b, DOC_MAX);
	for (size_t i = 0; i < doc_len(list); i++)
		buf_addf(&b, "\n%c %s", sign, doc_str_at(list, i));
	if (doc_len(list) == 0)
		buf_adds(&b, "\n(None)");
	doc_free(list);
	return buf_detach(&b);
}

static int
ask_changed(struct config *c, const struct err *why, struct err *err)
{
	char *added = listed(why, "added", '+');
	char *removed = listed(why, "removed", '-');
	char *text = xasprintf(
	    "You are updating certificate %s to include new domain(s): %s\n\nYou are also removing previously included domain(s): %s\n\nDid you intend to make this change?",
	    doc_str(why->members, "lineage"), added, removed);
	int yes = prompt_yesno(text, "Update certificate", "Cancel", 1, NULL, 0,
	    err);

	free(text);
	free(removed);
	free(added);
	if (yes == 1)
		config_put(c, "renew_with_new_domains", doc_bool(1));
	if (yes == 0)
		err_set(err, ERR_configuration,
		    "Specified mismatched certificate name and domains.");
	return yes == 1 ? 0 : -1;
}

static const char *
upper(const char *type)
{
	return type != NULL && strcasecmp(type, "rsa") == 0 ? "RSA" : "ECDSA";
}

static void
key_change_refused(const struct err *why, struct err *err)
{
	err_set(err, ERR_keyType,
	    "Are you trying to change the key type of the certificate named %s from %s to %s? Please provide both --cert-name and --key-type on the command line to confirm the change you are trying to make.",
	    doc_str(why->members, "lineage"),
	    upper(doc_str(why->members, "keyTypeOld")),
	    upper(doc_str(why->members, "keyTypeNew")));
}

static int
ask_key_type(struct config *c, const struct err *why, struct err *err)
{
	const char *old = upper(doc_str(why->members, "keyTypeOld"));
	char *text = xasprintf(
	    "An %s certificate named %s already exists. Do you want to update its key type to %s?",
	    old, doc_str(why->members, "lineage"),
	    upper(doc_str(why->members, "keyTypeNew")));
	int yes = prompt_yesno(text, "Update key type",
	    "Keep existing key type", 0, NULL, 0, err);

	free(text);
	if (yes == 1) {
		config_put(c, "change_key_type", doc_bool(1));
	} else if (yes == 0 && config_is_set(c, "key_type")) {
		key_change_refused(why, err);
		return -1;
	} else if (yes == 0) {
		config_put(c, "key_type",
		    doc_string(strcmp(old, "RSA") == 0 ? "rsa" : "ecdsa"));
	}
	return yes == -1 ? -1 : 0;
}

/* 0: try again. */
static int
answer(struct config *c, struct err *why, struct err *err)
{
	switch (why->name) {
	case ERR_expand:
		return ask_expand(c, why, err);
	case ERR_sameNames:
		screen_status("Certificate not yet due for renewal");
		return ask_same(c, why, err);
	case ERR_changedNames:
		return ask_changed(c, why, err);
	case ERR_keyType:
		return ask_key_type(c, why, err);
	default:
		err_move(err, why);
		return -1;
	}
}

int
decide_pending_fixed(jv doc)
{
	jv plan = doc_get(doc, "plan");
	int fixed = doc_flag(plan, "pending", 0);

	doc_free(plan);
	return fixed;
}

static jv
plan_args(const struct config *c)
{
	jv args = step_plan(c);

	/* the driver looks itself, after its "Renewing…" line */
	args = doc_push_str(args, "--break-my-certs");
	if (config_flag(c, "change_key_type"))
		args = doc_push_str(args, "--change-key-type");
	args = doc_push_str(args, "--ask");
	return doc_push_str(args, "-");
}

/* The lineage of the same names, and whether its certificate is revoked: the
 * only case in which that is a reason (spec 4.3). What goes wrong here, the
 * plan says. */
static jv
look_up(const struct config *c, jv doc TAKES, jv names)
{
	struct err why = {0};
	jv out, list;
	const char *rule;

	if (!revoked_matters(c) || config_flag(c, "duplicate"))
		return doc;
	out = pump_stage(step_match(c),
	    doc_merge(doc_copy(doc), request_document(c, names)), &why);
	rule = doc_str_find(out, "match", "rule", NULL);
	if (!err_is_set(&why) && rule != NULL) {
		doc_move(&doc, doc_copy(out));
		if (strcmp(rule, "identical") == 0) {
			list = doc_push(doc_array(), doc_take(&doc));
			list = revoked_ask(list, REVOKED_NEWEST);
			doc = doc_at(list, 0);
			doc_free(list);
		}
	}
	err_clear(&why);
	doc_free(out);
	return doc;
}

jv
decide_plan(struct config *c, jv doc, struct err *err)
{
	struct err why = {0};
	int asked = 0;
	jv out, names = doc_find(doc, "request", "names", NULL);
	const char *action;

	doc = look_up(c, doc, names);
	for (;;) {
		jv in = doc_merge(doc_copy(doc), request_document(c, names));

		out = pump_stage(plan_args(c), in, &why);
		if (!err_is_set(&why))
			break;
		asked = asked || why.name == ERR_sameNames;
		doc_free(doc_take(&out));
		if (answer(c, &why, err) != 0)
			goto out;
		err_clear(&why);
	}
	action = doc_str_find(out, "plan", "action", NULL);
	if (action != NULL && strcmp(action, "keep") == 0 && !asked &&
	    !decide_pending_fixed(out))
		screen_status("Certificate not yet due for renewal");
out:
	err_clear(&why);
	doc_free(names);
	doc_free(doc);
	return out;
}

int
decide_guards(const struct config *c, jv doc, struct err *err)
{
	const char *server = doc_str_find(doc, "lineage", "server", NULL);
	jv names;
	char *text;

	if (doc_str_find(doc, "lineage", "path", NULL) == NULL ||
	    config_flag(c, "break_my_certs") ||
	    !server_is_test(config_str(c, "server")))
		return 0;
	if (server_is_test(server))
		return 0;
	names = doc_find(doc, "lineage", "names", NULL);
	text = doc_join(names, ", ");
	err_set(err, ERR_testCertificate,
	    "You've asked to renew/replace a seemingly valid certificate with a test certificate (domains: %s). We will not do that unless you use the --break-my-certs flag!",
	    text);
	free(text);
	doc_free(names);
	return -1;
}

int
decide_reuse(const struct config *c, jv doc, const char **path, struct err *err)
{
	EVP_PKEY *key;
	struct key_spec has, want;
	int rc;

	*path = NULL;
	if (!config_flag(c, "reuse_key") || config_flag(c, "new_key") ||
	    config_str(c, "csr") != NULL ||
	    doc_str_find(doc, "lineage", "privkey", NULL) == NULL)
		return 0;
	key = key_load(doc_str_find(doc, "lineage", "privkey", NULL), err);
	rc = key == NULL ? -1 : key_describe(key, &has, err);
	EVP_PKEY_free(key);
	if (rc == 0)
		rc = key_spec_parse(config_str(c, "key_type"),
		    config_int(c, "rsa_key_size"),
		    config_str(c, "elliptic_curve"), &want, err);
	if (rc == 0)
		rc = key_spec_allows(&want, &has, err);
	if (rc == 0)
		*path = doc_str_find(doc, "lineage", "privkey", NULL);
	return rc;
}
