/* pending.c - one directory for each configuration directory and lineage. */
#include "pending.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/safefile.h"

/* Hex of the first 16 octets of SHA-256 over both names. A lineage that is to be
 * made may end under another name (NAME-0001). */
static char *
hash_of(const char *config_dir, const char *lineage, int is_new)
{
	char *text = xasprintf("%s\n%s%s", config_dir, lineage,
	    is_new ? "\nnew" : "");
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	char *hex = xmalloc(33);

	EVP_Digest(text, strlen(text), md, &len, EVP_sha256(), NULL);
	for (size_t i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", md[i]);
	free(text);
	return hex;
}

static char *
dir_of(const struct config *c, const char *lineage, int is_new)
{
	char *hash = hash_of(config_str(c, "config_dir"), lineage, is_new);
	char *dir = xasprintf("%s/pending/%s", config_str(c, "work_dir"), hash);

	free(hash);
	return dir;
}

int
pending_open(struct pending *p, const struct config *c, const char *lineage,
    int is_new, struct err *err)
{
	*p = (struct pending){.temporary = config_flag(c, "dry_run")};
	if (p->temporary) {
		p->dir = xasprintf("%s/certbot-dry-run-XXXXXX",
		    path_temporary());
		if (mkdtemp(p->dir) == NULL || chmod(p->dir, 0700) != 0)
			return err_sys(err, ERR_cannotCreate, errno,
			    "cannot make a directory '%s'", p->dir);
	} else {
		p->dir = dir_of(c, lineage, is_new);
		if (safefile_mkdirs(p->dir, 0700, err) != 0)
			return -1;
	}
	p->key = path_join(p->dir, "privkey.pem");
	return 0;
}

jv
pending_load(const struct pending *p, jv request, const char *server)
{
	char *path = path_join(p->dir, "document.json");
	jv doc = access(path, R_OK) == 0 ? doc_read_file(path, NULL) :
					   doc_none();
	jv had = doc_get(doc, "request");
	const char *at = doc_str(doc, "server");

	free(path);
	if (doc_is(doc, DOC_OBJECT) && doc_equal(had, request) && at != NULL &&
	    strcmp(at, server) == 0) {
		doc_free(had);
		return doc_del(doc, "error");
	}
	doc_free(had);
	doc_free(doc);
	return doc_none();
}

int
pending_restart(const struct pending *p, struct err *err)
{
	if (safefile_remove_tree(p->dir, err) != 0)
		return -1;
	return safefile_mkdirs(p->dir, 0700, err);
}

void
pending_drop_key(const struct pending *p)
{
	unlink(p->key);
}

int
pending_keep(const struct pending *p, jv doc, struct err *err)
{
	char *path = path_join(p->dir, "document.json");
	char *text = doc_text(doc);
	int rc = safefile_write(path, text, strlen(text), 0600, 0, err);

	free(text);
	free(path);
	return rc;
}

void
pending_drop(struct pending *p)
{
	if (p->dir != NULL)
		safefile_remove_tree(p->dir, NULL);
}

void
pending_close(struct pending *p)
{
	if (p->temporary)
		pending_drop(p);
	else if (p->dir != NULL)
		rmdir(p->dir);
	free(p->dir);
	free(p->key);
	*p = (struct pending){0};
}

void
pending_forget(const struct config *c, const char *lineage)
{
	for (int is_new = 0; is_new < 2; is_new++) {
		char *dir = dir_of(c, lineage, is_new);

		safefile_remove_tree(dir, NULL);
		free(dir);
	}
}
