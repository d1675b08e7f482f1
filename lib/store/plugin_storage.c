#include "store/plugin_storage.h"

#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/safefile.h"

static const char logger[] = "certbot.plugins.storage";

static jv
parse(const char *path, const struct buf *b, struct err *err)
{
	jv all;

	if (b->len == 0)
		return doc_object();
	all = doc_parse(b->p, b->len, NULL);
	if (doc_is(all, DOC_OBJECT))
		return all;
	doc_free(all);
	log_error(logger, "PluginStorage file %s is corrupted.", path);
	err_set(err, ERR_badData, "PluginStorage file %s is corrupted.", path);
	return doc_none();
}

/* The whole file; an empty object when it is not there. */
static jv
load(const char *path, struct err *err)
{
	struct err why = {0};
	struct buf b;
	jv all = doc_none();

	buf_init(&b, DOC_MAX);
	if (safefile_read(path, &b, &why) == 0) {
		all = parse(path, &b, err);
	} else if (why.name == ERR_noInput) {
		all = doc_object();
	} else {
		err_set(err, why.name,
		    "Could not read PluginStorage data file: %s : %s", path,
		    err_text(&why));
		log_error(logger, "%s", err_text(err));
	}
	err_clear(&why);
	buf_release(&b);
	return all;
}

jv
plugin_storage_get(const char *config_dir, const char *plugin, const char *key,
    struct err *err)
{
	char *path = path_join(config_dir, ".pluginstorage.json");
	jv all = load(path, err), value = doc_find(all, plugin, key, NULL);

	doc_free(all);
	free(path);
	return value;
}

static int
change(const char *path, const char *plugin, const char *key, jv value TAKES,
    struct err *err)
{
	jv all = load(path, err), own;
	char *text;
	int rc;

	if (!doc_is(all, DOC_OBJECT)) {
		doc_free(value);
		return -1;
	}
	own = doc_get_kind(all, plugin, DOC_OBJECT);
	if (!doc_is(own, DOC_OBJECT))
		own = doc_object();
	own = doc_is(value, DOC_NONE) ? doc_del(own, key) :
					doc_set(own, key, value);
	all = doc_set(all, plugin, own);
	text = doc_text_python(all, NULL);
	rc = safefile_write(path, text, strlen(text), 0600, SAFEFILE_KEEP_MODE,
	    err);
	free(text);
	doc_free(all);
	return rc;
}

int
plugin_storage_put(const char *config_dir, const char *work_dir,
    const char *plugin, const char *key, jv value, struct err *err)
{
	char *path = path_join(config_dir, ".pluginstorage.json");
	char *file = path_join(work_dir, ".store.lock");
	struct lock lock = LOCK_INIT;
	int rc = -1;

	if (safefile_mkdirs(work_dir, safefile_masked(0755), err) == 0 &&
	    safefile_mkdirs(config_dir, safefile_masked(0755), err) == 0 &&
	    lock_take_private(&lock, file, err) == 0)
		rc = change(path, plugin, key, doc_take(&value), err);
	lock_forget(&lock);
	doc_free(value);
	free(file);
	free(path);
	return rc;
}
