/* CONFIG/options-ssl-apache.conf: which version, and keeping it current (spec
 * installers D2, D4, D6). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apache.h"
#include "base/path.h"
#include "base/safefile.h"
#include "store/versioned.h"

#define BINARY_MAX (64 << 20)

/* Every version that certbot ever released, then ours. */
static const char *const known[] = {
    "2086bca02db48daf93468332543c60ac6acdb6f0b58c7bfdf578a5d47092f82a",
    "4844d36c9a0f587172d9fa10f4f1c9518e3bcfa1947379f155e16a70a728c21a",
    "5a922826719981c0a234b1fbcd495f3213e49d2519e845ea0748ba513044b65b",
    "4066b90268c03c9ba0201068eaa39abbc02acf9558bb45a788b630eb85dadf27",
    "f175e2e7c673bd88d0aff8220735f385f916142c44aa83b09f1df88dd4767a88",
    "cfdd7c18d2025836ea3307399f509cfb1ebf2612c87dd600a65da2a8e2f2797b",
    "80720bd171ccdc2e6b917ded340defae66919e4624962396b992b7218a561791",
    "c0c022ea6b8a51ecc8f1003d0a04af6c3f2bc1c3ce506b3c2dfc1f11ef931082",
    "717b0a89f5e4c39b09a42813ac6e747cfbdeb93439499e73f4f70a1fe1473f20",
    "0fcdc81280cd179a07ec4d29d3595068b9326b455c488de4b09f585d5dafc137",
    "86cc09ad5415cd6d5f09a947fe2501a9344328b1e8a8b458107ea903e80baa6c",
    "06675349e457eae856120cdebb564efe546f0b87399f2264baeb41e442c724c7",
    "007cd497a56a3bb8b6a2c1aeb4997789e7e38992f74e44cc5d13a625a738ac73",
    "61466bc2f98a623c02be8a5ee916ead1655b0ce883bdc936692076ea499ff5ce",
    "3fd812e3e87fe5c645d3682a511b2a06c8286f19594f28e280f17cd6af1301b5",
    "27155797e160fe43b6951354a0a0ca4d829e9e605b3b41fc223c20bf2f6cb3c6",
    "3a6881d0a7e5740b039ec550c916105259f53b577a3d38d0ed11bd675bfeab88",
    "5cc003edd93fb9cd03d40c7686495f8f058f485f75b5e764b789245a386e6daf",
    "34783b9e2210f5c4a23bced2dfd7ec289834716673354ed7c7abf69fe30192a3",
    "0f3d9c62d4274aca0406925dc4ee0919599c397e7463bce792a915b60060d004",
    "95f7367d4905a1cd0932a35ce476b4a639e2108dbd1eedf924a5ea9e51fecaf7",
    /* ours: the current version, the one for old servers */
    "41a44fd970d45c81e9c7b00a3952618323089e5dfdceab7ab145b7c7fac0c096",
    "fdef55df461f1cd4ebec2c99c689fd246708a4da4b72e5908762740603f6b522", NULL};

/* The file of mod_ssl, or the server itself when that is built in. */
static char *
ssl_object(const struct apache *a)
{
	const struct conf *c = &a->conf;

	for (size_t i = 0; i < c->n_main; i++) {
		const struct entry *e = &c->main[i];
		char *name = node_is(e->node, "LoadModule") ? entry_arg(e, 0) :
							      NULL;
		char *file = name != NULL && strcmp(name, "ssl_module") == 0 ?
		    entry_arg(e, 1) :
		    NULL;
		char *path = file == NULL ? NULL : conf_path(c, file);
		free(name);
		free(file);
		if (path != NULL)
			return path;
	}
	return a->bin == NULL ? NULL : xstrdup(a->bin);
}

/* "OpenSSL 3.0.11 " in the object: 1 when it is at least 1.1.0. */
static int
openssl_is_new(const char *path)
{
	struct buf b;
	struct err ignored = {0};
	const char *p, *end;
	int found = 0, major = 0, minor = 0;

	buf_init(&b, BINARY_MAX);
	if (safefile_read(path, &b, &ignored) == -1 || b.p == NULL) {
		err_clear(&ignored);
		buf_release(&b);
		return 0;
	}
	p = b.p;
	end = b.p + b.len;
	while (!found && p != NULL && p < end) {
		p = memmem(p, (size_t)(end - p), "OpenSSL ", 8);
		if (p == NULL)
			break;
		p += 8;
		found = sscanf(p, "%d.%d.", &major, &minor) == 2;
	}
	buf_release(&b);
	return found && (major > 1 || (major == 1 && minor >= 1));
}

static int
wants_old(const struct apache *a)
{
	const int *v = a->conf.version;
	char *object;
	int is_new;

	if (v[0] == 2 && v[1] == 4 && v[2] < 11)
		return 1;
	object = ssl_object(a);
	/* Where the module will only be enabled, Debian has it in its place. */
	if (object == NULL && a->handle_modules)
		object = xstrdup("/usr/lib/apache2/modules/mod_ssl.so");
	is_new = object != NULL && openssl_is_new(object);
	free(object);
	return !is_new;
}

int
options_install(struct apache *a, struct err *err)
{
	const char *config = guest_dir(a->g, "config");
	char *data = proc_data_dir(), *digest, *source, *notice;
	int what = VERSIONED_CURRENT, rc;

	digest = path_join(config,
	    ".updated-options-ssl-apache-conf-digest.txt");
	source = path_join(data,
	    wants_old(a) ? "options-ssl-apache-old.conf" :
			   "options-ssl-apache.conf");
	rc = versioned_install(a->options_path, digest, source, known, &what,
	    err);
	if (rc == 0 && what == VERSIONED_KEPT) {
		notice = versioned_notice(a->options_path, source);
		guest_log(a->g, LOG_WARNING, SHOW_LOG, "%s", notice);
		free(notice);
	}
	free(digest);
	free(source);
	free(data);
	return rc;
}
