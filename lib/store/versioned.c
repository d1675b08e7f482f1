#include "store/versioned.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/safefile.h"

#define FILE_MAX (256 * 1024)
#define HEX_LEN 64

/* hex[HEX_LEN + 1]: SHA-256 of the bytes with CR LF as LF. */
static int
digest(const struct buf *b, char *hex, struct err *err)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	struct buf text;
	int ok;

	buf_init(&text, FILE_MAX);
	for (size_t i = 0; i < b->len; i++)
		if (b->p[i] != '\r' || i + 1 == b->len || b->p[i + 1] != '\n')
			(void)buf_addc(&text, b->p[i]);
	ok = EVP_Digest(text.len > 0 ? text.p : "", text.len, md, &len,
	    EVP_sha256(), NULL);
	buf_release(&text);
	if (!ok || len != HEX_LEN / 2)
		return err_set(err, ERR_internal, "SHA-256 is not available");
	for (unsigned i = 0; i < len; i++) {
		hex[2 * i] = digits[md[i] >> 4];
		hex[2 * i + 1] = digits[md[i] & 15];
	}
	hex[HEX_LEN] = '\0';
	return 0;
}

/* Was this digest already noted? What cannot be read was not. */
static int
noted(const char *digest_file, const char *hex)
{
	struct buf b;
	struct err ignored = {0};
	int same;

	buf_init(&b, FILE_MAX);
	same = safefile_read(digest_file, &b, &ignored) == 0 &&
	    b.len >= HEX_LEN && memcmp(b.p, hex, HEX_LEN) == 0 &&
	    strspn(b.p + HEX_LEN, " \r\n") == b.len - HEX_LEN;
	err_clear(&ignored);
	buf_release(&b);
	return same;
}

static int
write_text(const char *path, const void *text, size_t len, struct err *err)
{
	char *real = realpath(path, NULL);
	int rc = safefile_write(real != NULL ? real : path, text, len,
	    safefile_masked(0644), SAFEFILE_KEEP_MODE, err);

	free(real);
	return rc;
}

static int
is_known(const char *const *known, const char *hex)
{
	for (; *known != NULL; known++)
		if (strcmp(*known, hex) == 0)
			return 1;
	return 0;
}

/* What is to be done about dest, whose new version has the digest wanted. */
static int
decide(const char *dest, const char *digest_file, const char *wanted,
    const char *const *known, int *what, struct err *err)
{
	struct buf old;
	struct stat st;
	char hex[HEX_LEN + 1];
	int rc;

	*what = VERSIONED_UPDATED;
	if (stat(dest, &st) == -1 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	buf_init(&old, FILE_MAX);
	rc = safefile_read(dest, &old, err);
	if (rc == 0)
		rc = digest(&old, hex, err);
	buf_release(&old);
	if (rc == -1)
		return -1;
	if (strcmp(hex, wanted) == 0)
		*what = VERSIONED_CURRENT;
	else if (!is_known(known, hex))
		*what = noted(digest_file, wanted) ? VERSIONED_CURRENT :
						     VERSIONED_KEPT;
	return 0;
}

int
versioned_install(const char *dest, const char *digest_file, const char *source,
    const char *const *known_sha256, int *what, struct err *err)
{
	struct buf text;
	char wanted[HEX_LEN + 1];
	int rc;

	buf_init(&text, FILE_MAX);
	rc = safefile_read(source, &text, err);
	if (rc == 0)
		rc = digest(&text, wanted, err);
	if (rc == 0)
		rc = decide(dest, digest_file, wanted, known_sha256, what, err);
	if (rc == 0 && *what == VERSIONED_UPDATED)
		rc = write_text(dest, text.p, text.len, err);
	if (rc == 0 && *what != VERSIONED_CURRENT)
		rc = write_text(digest_file, wanted, HEX_LEN, err);
	buf_release(&text);
	return rc;
}

char *
versioned_notice(const char *dest, const char *source)
{
	return xasprintf("%s has been manually modified; updated file saved to "
			 "%s. We recommend updating %s for security purposes.",
	    dest, source, dest);
}
