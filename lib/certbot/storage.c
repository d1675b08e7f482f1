/* storage.c - lib/store/plugin_storage for plugins. */
#include "certbot/storage.h"

#include <string.h>

#include "certbot/base_private.h"
#include "store/plugin_storage.h"

char *
certbot_storage_get(const char *config_dir, const char *plugin, const char *key,
    struct certbot_error *e)
{
	struct err err = {0};
	jv value = plugin_storage_get(config_dir, plugin, key, &err);
	char *text = NULL;

	if (!doc_is(value, DOC_NONE))
		text = doc_text(value);
	else if (err_is_set(&err))
		certbot__error(e, &err);
	else
		certbot_fail(e, CERTBOT_NOT_FOUND,
		    "nothing is stored for %s under %s", plugin, key);
	err_clear(&err);
	doc_free(value);
	return text;
}

int
certbot_storage_put(const char *config_dir, const char *work_dir,
    const char *plugin, const char *key, const char *json,
    struct certbot_error *e)
{
	struct err err = {0};
	jv value = doc_none();

	if (json != NULL) {
		value = doc_parse(json, strlen(json), &err);
		if (doc_is(value, DOC_NONE))
			return certbot__error(e, &err);
	}
	return certbot__result(
	    plugin_storage_put(config_dir, work_dir, plugin, key, value, &err),
	    e, &err);
}
