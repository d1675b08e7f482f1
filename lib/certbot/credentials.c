#include "certbot/credentials.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/ini.h"
#include "certbot/base_private.h"
#include "certbot/plugin.h"

struct certbot_credentials {
	char *path;
	struct ini *ini;
	jv asked; /* values that were handed out, by key */
};

struct certbot_credentials *
certbot_credentials_open(struct certbot_plugin *p, const char *path,
    struct certbot_error *e)
{
	struct certbot_credentials *c;
	struct err err = {0};
	struct stat st;
	struct ini *ini;

	if (stat(path, &st) == 0 && (st.st_mode & S_IRWXO) != 0 && p != NULL)
		certbot_plugin_log(p, CERTBOT_WARNING,
		    "Unsafe permissions on credentials configuration file: %s",
		    path);
	ini = ini_read(path, &err);
	if (ini == NULL) {
		certbot__error(e, &err);
		return NULL;
	}
	c = xcalloc(1, sizeof(*c));
	c->path = xstrdup(path);
	c->ini = ini;
	c->asked = doc_object();
	return c;
}

void
certbot_credentials_close(struct certbot_credentials *c)
{
	if (c == NULL)
		return;
	free(c->path);
	ini_free(c->ini);
	doc_free(c->asked);
	free(c);
}

const char *
certbot_credentials_get(struct certbot_credentials *c, const char *key)
{
	char *text;

	if (doc_str(c->asked, key) == NULL) {
		text = ini_get_text(c->ini, NULL, key);
		if (text != NULL && text[0] != '\0')
			c->asked = doc_set_str(c->asked, key, text);
		certbot_free_secret(text);
	}
	return doc_str(c->asked, key);
}

int
certbot_credentials_require(struct certbot_credentials *c,
    const char *const *keys, struct certbot_error *e)
{
	struct buf missing;
	int rc = 0;

	buf_init(&missing, CERTBOT_ERROR_MAX);
	for (; *keys != NULL; keys++)
		if (certbot_credentials_get(c, *keys) == NULL)
			(void)buf_addf(&missing, "%s%s",
			    missing.len > 0 ? ", " : "", *keys);
	if (missing.len > 0)
		rc = certbot_fail(e, CERTBOT_MISCONFIGURED,
		    "the credentials file %s does not set: %s", c->path,
		    missing.p);
	buf_release(&missing);
	return rc;
}
