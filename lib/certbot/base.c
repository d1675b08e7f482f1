/* base.c - errors and lists of the public headers. */
#include "certbot/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "certbot/base_private.h"

/* Several of ours may stand for one of theirs; the first is the way back. */
static const struct {
	enum err_name name;
	enum certbot_error_type type;
} types[] = {
    {ERR_pluginFailed, CERTBOT_FAILED},
    {ERR_misconfigured, CERTBOT_MISCONFIGURED},
    {ERR_noInstallation, CERTBOT_NO_INSTALLATION},
    {ERR_notSupported, CERTBOT_NOT_SUPPORTED},
    {ERR_alreadyPresent, CERTBOT_ALREADY_PRESENT},
    {ERR_interrupted, CERTBOT_INTERRUPTED},
    {ERR_badData, CERTBOT_BAD_DATA},
    {ERR_usage, CERTBOT_BAD_DATA},
    {ERR_badDocument, CERTBOT_BAD_DATA},
    {ERR_noInput, CERTBOT_NOT_FOUND},
    {ERR_permission, CERTBOT_PERMISSION},
    {ERR_ioError, CERTBOT_IO},
    {ERR_cannotCreate, CERTBOT_IO},
    {ERR_locked, CERTBOT_LOCKED},
    {ERR_timeout, CERTBOT_TIMEOUT},
    {ERR_noLineage, CERTBOT_NO_LINEAGE},
    {ERR_brokenLineage, CERTBOT_BROKEN_LINEAGE},
    {ERR_misconfigured, CERTBOT_NO_ANSWER},
    {ERR_noInput, CERTBOT_NO_PROGRAM},
};

int
certbot_fail(struct certbot_error *e, enum certbot_error_type type,
    const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return -1;
	e->type = type;
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -1;
}

int
certbot__error(struct certbot_error *e, struct err *err)
{
	enum certbot_error_type type = CERTBOT_FAILED;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (types[i].name == err->name) {
			type = types[i].type;
			break;
		}
	}
	if (err->has_members && doc_flag(err->members, "cancel", 0))
		type = CERTBOT_CANCELLED;
	certbot_fail(e, type, "%s", err_text(err));
	err_clear(err);
	return -1;
}

int
certbot__err(struct err *err, const struct certbot_error *e)
{
	enum err_name name = ERR_pluginFailed;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (types[i].type == e->type) {
			name = types[i].name;
			break;
		}
	}
	return err_set(err, name, "%s",
	    e->text[0] != '\0' ? e->text : "the plugin gave no reason");
}

int
certbot__result(int rc, struct certbot_error *e, struct err *err)
{
	if (rc != 0)
		return certbot__error(e, err);
	err_clear(err);
	return 0;
}

void
certbot_list_add(struct certbot_list *l, const char *text)
{
	l->v = xrealloc(l->v, (l->n + 2) * sizeof(*l->v));
	l->v[l->n++] = xstrdup(text);
	l->v[l->n] = NULL;
}

int
certbot_list_has(const struct certbot_list *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], text) == 0)
			return 1;
	return 0;
}

void
certbot_list_release(struct certbot_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	l->v = NULL;
	l->n = 0;
}

void
certbot_free_secret(char *text)
{
	if (text != NULL)
		wipe_free(text, strlen(text));
}

jv
certbot__array(const char *const *texts)
{
	size_t n = 0;

	while (texts != NULL && texts[n] != NULL)
		n++;
	return doc_list(texts, n);
}

void
certbot__append(struct certbot_list *l, jv array)
{
	for (size_t i = 0; i < doc_len(array); i++)
		if (doc_str_at(array, i) != NULL)
			certbot_list_add(l, doc_str_at(array, i));
}
