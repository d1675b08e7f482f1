/* certstore storage - values that plugins keep from run to run. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certstore.h"
#include "store/plugin_storage.h"

/* The value given, or read from standard input: what must not be seen in a
 * list of processes. */
static jv
value_of(const struct certstore *t, struct err *err)
{
	const char *text = doc_str_at(t->st.rest, 4);
	struct buf b;
	jv value;
	long n;

	if (strcmp(text, "-") != 0)
		return doc_parse(text, strlen(text), err);
	buf_init(&b, DOC_MAX);
	while ((n = buf_read(&b, STDIN_FILENO)) > 0)
		;
	if (n < 0) {
		err_set(err, ERR_badData,
		    "the value on standard input is too large or cannot be read");
		value = doc_none();
	} else {
		value = doc_parse(b.p ? b.p : "", b.len, err);
	}
	buf_release(&b);
	return value;
}

static jv
result(const char *plugin, const char *key, jv value TAKES)
{
	jv s = doc_set_str(doc_object(), "plugin", plugin);

	s = doc_set_str(s, "key", key);
	s = doc_set(s, "value", value);
	return doc_set(doc_set_int(doc_object(), "acme", 1), "storage", s);
}

static jv
get(struct certstore *t, const char *plugin, const char *key, struct err *err)
{
	jv value = plugin_storage_get(t->config_dir, plugin, key, err);

	if (!doc_is(value, DOC_NONE))
		return result(plugin, key, value);
	if (!err_is_set(err))
		err_set(err, ERR_noInput,
		    "the plugin %s has stored nothing under %s in '%s'", plugin,
		    key, t->config_dir);
	return value;
}

static jv
put(struct certstore *t, const char *plugin, const char *key, struct err *err)
{
	jv value = value_of(t, err);

	if (doc_is(value, DOC_NONE) ||
	    plugin_storage_put(t->config_dir, t->work_dir, plugin, key,
		doc_copy(value), err) < 0) {
		doc_free(value);
		return doc_none();
	}
	return result(plugin, key, value);
}

jv
storage_tool(struct certstore *t, struct err *err)
{
	const char *verb = doc_str_at(t->st.rest, 1);
	const char *plugin = doc_str_at(t->st.rest, 2);
	const char *key = doc_str_at(t->st.rest, 3);
	size_t n = doc_len(t->st.rest);

	if (n == 4 && !strcmp(verb, "get"))
		return get(t, plugin, key, err);
	if (n == 5 && !strcmp(verb, "put"))
		return put(t, plugin, key, err);
	err_set(err, ERR_usage,
	    "it is certstore storage get PLUGIN KEY, or put PLUGIN KEY VALUE (JSON, or - to read it)");
	return doc_none();
}
