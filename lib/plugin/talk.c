/* Lines of a plugin, checked: pure functions over what it sent. */
#include "plugin/host.h"

#include <string.h>

#include "base/log.h"

static int
level_of(jv entry)
{
	static const struct {
		const char *word;
		int level;
	} words[] = {{"debug", LOG_DEBUG}, {"info", LOG_INFO},
	    {"warning", LOG_WARNING}, {"error", LOG_ERROR},
	    {"critical", LOG_CRITICAL}};
	const char *text = doc_str(entry, "level");
	long n;

	for (size_t i = 0; text != NULL && i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, text) == 0)
			return words[i].level;
	if (doc_int(entry, "level", &n) == 0 && n >= LOG_DEBUG &&
	    n <= LOG_CRITICAL)
		return (int)n;
	return LOG_INFO;
}

static enum plugin_line
take_log(jv entry TAKES, jv *out, struct err *err)
{
	const char *text = doc_is(entry, DOC_STRING) ? doc_text_of(entry) :
						       doc_str(entry, "text");
	const char *show = doc_str(entry, "show");
	jv checked;

	if (text == NULL) {
		doc_free(entry);
		err_set(err, ERR_pluginFailed, "it sent a log without text");
		return PLUGIN_BROKEN;
	}
	checked = doc_set_str(doc_object(), "text", text);
	checked = doc_set_int(checked, "level", level_of(entry));
	if (show != NULL &&
	    (strcmp(show, "out") == 0 || strcmp(show, "err") == 0))
		checked = doc_set_str(checked, "show", show);
	else
		checked = doc_set_str(checked, "show", "log");
	doc_free(entry);
	*out = checked;
	return PLUGIN_LOG;
}

static enum plugin_line
take_ask(jv question TAKES, jv *out, struct err *err)
{
	static const char *const kinds[] = {"yesno", "input", "menu",
	    "checklist", "pause"};
	const char *kind = doc_str(question, "kind");

	for (size_t i = 0; kind != NULL && i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i], kind) == 0 &&
		    doc_str(question, "text") != NULL) {
			*out = question;
			return PLUGIN_ASK;
		}
	}
	doc_free(question);
	err_set(err, ERR_pluginFailed,
	    "it sent a question without text or of an unknown kind");
	return PLUGIN_BROKEN;
}

static enum plugin_line
take_json(jv line TAKES, jv *out, struct err *err)
{
	if (doc_has(line, "log")) {
		jv entry = doc_get(line, "log");
		doc_free(line);
		return take_log(entry, out, err);
	}
	if (doc_has(line, "ask")) {
		jv question = doc_get(line, "ask");
		doc_free(line);
		return take_ask(question, out, err);
	}
	if (doc_flag(line, "ok", 0)) {
		*out = line;
		return PLUGIN_REPLY;
	}
	if (doc_has(line, "error")) {
		jv error = doc_get(line, "error");
		int good = doc_is(error, DOC_OBJECT);
		doc_free(error);
		if (good) {
			*out = line;
			return PLUGIN_REPLY;
		}
	}
	doc_free(line);
	err_set(err, ERR_pluginFailed,
	    "it sent a line that has none of \"ok\":true, \"error\":{...}, "
	    "\"log\", \"ask\"");
	return PLUGIN_BROKEN;
}

enum plugin_line
plugin_take_line(struct buf *in, jv *out, struct err *err)
{
	char *end = in->len == 0 ? NULL : memchr(in->p, '\n', in->len);
	size_t n;
	jv line;

	*out = doc_none();
	if (end == NULL) {
		if (in->len < PLUGIN_LINE_MAX)
			return PLUGIN_MORE;
		err_set(err, ERR_pluginFailed,
		    "it sent a line of more than %d bytes", PLUGIN_LINE_MAX);
		return PLUGIN_BROKEN;
	}
	n = (size_t)(end - in->p);
	line = doc_parse(in->p, n, err);
	buf_drop(in, n + 1);
	if (!doc_is(line, DOC_OBJECT)) {
		const char *why = err_is_set(err) ? err_text(err) :
						    "it is no object";
		char *copy = xstrdup(why);
		err_set(err, ERR_pluginFailed, "it sent a broken line: %s",
		    copy);
		wipe_free(copy, 0);
		doc_free(line);
		return PLUGIN_BROKEN;
	}
	return take_json(line, out, err);
}

static enum err_name
name_of(const char *type)
{
	static const struct {
		const char *word;
		enum err_name name;
	} words[] = {{"no-installation", ERR_noInstallation},
	    {"misconfigured", ERR_misconfigured},
	    {"not-supported", ERR_notSupported},
	    {"already-present", ERR_alreadyPresent}};

	for (size_t i = 0; type != NULL && i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, type) == 0)
			return words[i].name;
	return ERR_pluginFailed;
}

int
plugin_error(jv error, const char *name, struct err *err)
{
	const char *type = doc_str(error, "type");
	const char *detail = doc_str(error, "detail");
	jv keys, v;

	if (type != NULL && strncmp(type, "urn:", 4) == 0) {
		err_from_doc(err, error);
		return err_member(err, "plugin", doc_string(name));
	}
	err_set(err, name_of(type), "%s",
	    detail == NULL || detail[0] == '\0' ? "the plugin gave no reason" :
						  detail);
	keys = doc_keys(error);
	for (size_t i = 0; i < doc_len(keys); i++) {
		const char *key = doc_str_at(keys, i);
		if (key == NULL || strcmp(key, "type") == 0 ||
		    strcmp(key, "detail") == 0 || strcmp(key, "title") == 0 ||
		    strcmp(key, "status") == 0 || strcmp(key, "stage") == 0)
			continue;
		v = doc_get(error, key);
		err_member(err, key, v);
	}
	doc_free(keys);
	return err_member(err, "plugin", doc_string(name));
}
