/* plugin_ask.c - what a plugin says, and asks. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "certbot/base_private.h"
#include "certbot/plugin_private.h"

void
certbot_plugin_log(struct certbot_plugin *p, enum certbot_level level,
    const char *fmt, ...)
{
	static const enum log_level levels[] = {LOG_DEBUG, LOG_INFO,
	    LOG_WARNING, LOG_ERROR};
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	guest_log(p->guest, levels[level], SHOW_LOG, "%s", text);
	free(text);
}

void
certbot_plugin_notify(struct certbot_plugin *p, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	guest_log(p->guest, LOG_INFO, SHOW_OUT, "%s", text);
	free(text);
}

void
certbot_plugin_learned(struct certbot_plugin *p, const char *option,
    const char *value)
{
	char *key = xstrdup(option);

	for (char *c = key; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
	guest_learned(p->guest, key, doc_stringn(value, strlen(value)));
	p->texts = doc_del(doc_del(p->texts, option), key);
	p->config = doc_set(p->config, key, doc_stringn(value, strlen(value)));
	free(key);
}

/* The number of the fallback among the choices. */
static int
position(const struct certbot_question *q, size_t *at)
{
	for (size_t i = 0; q->choices != NULL && q->choices[i] != NULL; i++) {
		if (strcmp(q->choices[i], q->fallback) == 0) {
			*at = i;
			return 0;
		}
	}
	return -1;
}

static jv
fallback_of(const struct certbot_question *q, const char *kind)
{
	size_t at;

	if (strcmp(kind, "yesno") == 0)
		return doc_bool(strcasecmp(q->fallback, "yes") == 0);
	if (strcmp(kind, "menu") == 0)
		return position(q, &at) == 0 ? doc_number((double)at) :
					       doc_null();
	if (strcmp(kind, "checklist") == 0)
		return doc_push(doc_array(),
		    doc_stringn(q->fallback, strlen(q->fallback)));
	return doc_stringn(q->fallback, strlen(q->fallback));
}

/* The answer's value; none and e. */
static jv
ask(struct certbot_plugin *p, const char *kind,
    const struct certbot_question *q, const char *text, struct certbot_error *e)
{
	jv doc = doc_set_str(doc_object(), "kind", kind), value;
	struct err err = {0};
	int nobody;

	doc = doc_set(doc, "text", doc_stringn(text, strlen(text)));
	doc = doc_set_str(doc, "flag", q->flag);
	if (q->force)
		doc = doc_set_flag(doc, "force", 1);
	if (q->choices != NULL)
		doc = doc_set(doc, "choices", certbot__array(q->choices));
	if (q->fallback != NULL)
		doc = doc_set(doc, "default", fallback_of(q, kind));
	value = guest_ask(p->guest, doc, &err);
	if (!err_is_set(&err))
		return value;
	nobody = err.name == ERR_misconfigured;
	certbot__error(e, &err);
	if (nobody && e != NULL)
		e->type = CERTBOT_NO_ANSWER;
	return doc_none();
}

static int
bad_answer(struct certbot_error *e)
{
	return certbot_fail(e, CERTBOT_FAILED,
	    "the host's answer does not fit the question");
}

int
certbot_plugin_yesno(struct certbot_plugin *p, const struct certbot_question *q,
    int *yes, struct certbot_error *e)
{
	jv value = ask(p, "yesno", q, q->text, e), box;

	if (doc_is(value, DOC_NONE))
		return -1;
	box = doc_set(doc_object(), "v", value);
	*yes = doc_flag(box, "v", 0);
	doc_free(box);
	return 0;
}

int
certbot_plugin_input(struct certbot_plugin *p, const struct certbot_question *q,
    char **answer, struct certbot_error *e)
{
	char *text = xstrdup(q->text);
	int rc = -1;

	*answer = NULL;
	for (;;) {
		struct certbot_error why = {0};
		jv value = ask(p, "input", q, text, e);
		const char *given = doc_text_of(value);

		if (doc_is(value, DOC_NONE))
			break;
		if (given == NULL) {
			doc_free(value);
			bad_answer(e);
			break;
		}
		if (q->check == NULL || q->check(given, q->arg, &why) == 0) {
			*answer = xstrdup(given);
			doc_free(value);
			rc = 0;
			break;
		}
		/* A fallback that will not do would come for ever. */
		if (!certbot_plugin_interactive(p)) {
			doc_free(value);
			if (e != NULL)
				*e = why;
			break;
		}
		doc_free(value);
		free(text);
		text = xasprintf("%s\n\n%s", why.text, q->text);
	}
	free(text);
	return rc;
}

struct directory {
	const struct certbot_question *q;
};

static int
check_directory(const char *answer, void *arg, struct certbot_error *e)
{
	const struct directory *d = arg;
	struct stat st;

	if (stat(answer, &st) != 0 || !S_ISDIR(st.st_mode))
		return certbot_fail(e, CERTBOT_BAD_DATA,
		    "%s does not exist or is not a directory", answer);
	return d->q->check == NULL ? 0 : d->q->check(answer, d->q->arg, e);
}

int
certbot_plugin_directory(struct certbot_plugin *p,
    const struct certbot_question *q, char **answer, struct certbot_error *e)
{
	struct directory d = {q};
	struct certbot_question checked = *q;

	checked.check = check_directory;
	checked.arg = &d;
	return certbot_plugin_input(p, &checked, answer, e);
}

int
certbot_plugin_menu(struct certbot_plugin *p, const struct certbot_question *q,
    size_t *index, struct certbot_error *e)
{
	jv value = ask(p, "menu", q, q->text, e), box;
	size_t count = 0;
	long n = -1;
	int ok;

	if (doc_is(value, DOC_NONE))
		return -1;
	box = doc_set(doc_object(), "v", value);
	ok = doc_int(box, "v", &n) == 0;
	doc_free(box);
	while (q->choices[count] != NULL)
		count++;
	if (!ok || n < 0 || (size_t)n >= count)
		return bad_answer(e);
	*index = (size_t)n;
	return 0;
}

int
certbot_plugin_checklist(struct certbot_plugin *p,
    const struct certbot_question *q, struct certbot_list *chosen,
    struct certbot_error *e)
{
	jv value = ask(p, "checklist", q, q->text, e);

	if (doc_is(value, DOC_NONE))
		return -1;
	if (!doc_is(value, DOC_ARRAY)) {
		doc_free(value);
		return bad_answer(e);
	}
	certbot__append(chosen, value);
	doc_free(value);
	return 0;
}

int
certbot_plugin_pause(struct certbot_plugin *p, const struct certbot_question *q,
    struct certbot_error *e)
{
	jv value = ask(p, "pause", q, q->text, e);

	if (doc_is(value, DOC_NONE))
		return -1;
	doc_free(value);
	return 0;
}
