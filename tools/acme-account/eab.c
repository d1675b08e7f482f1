#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "base/buf.h"
#include "base/safefile.h"
#include "crypto/b64.h"
#include "crypto/jws.h"

enum { EAB_KEY_MAX = 64 << 10 };

static int
key_text(const struct tool *t, struct buf *b, struct err *err)
{
	long n;

	if (t->eab_key_file != NULL)
		return safefile_read(t->eab_key_file, b, err);
	do
		n = buf_read(b, (int)t->eab_key_fd);
	while (n > 0);
	if (n < 0)
		return err_sys(err, ERR_noInput, errno,
		    "the external account's key cannot be read from "
		    "descriptor %ld",
		    t->eab_key_fd);
	return 0;
}

jv
eab_binding(const struct tool *t, EVP_PKEY *key, const char *url,
    struct err *err)
{
	int has_key = t->eab_key_file != NULL || t->eab_key_fd >= 0;
	unsigned char *mac = NULL;
	jv binding = doc_none();
	struct buf b;
	size_t len = 0;

	if (t->eab_kid == NULL && !has_key)
		return binding;
	if (t->eab_kid == NULL || !has_key) {
		err_set(err, ERR_usage,
		    "an external account needs both "
		    "--eab-kid and --eab-hmac-key-file (or -fd)");
		return binding;
	}
	buf_init(&b, EAB_KEY_MAX);
	if (key_text(t, &b, err) == 0)
		mac = b64url_decode_lenient(b.p != NULL ? b.p : "", &len, err);
	buf_release(&b);
	if (mac != NULL && len == 0)
		err_set(err, ERR_badData,
		    "the external account's key is empty");
	else if (mac != NULL)
		binding = jws_eab(key, t->eab_alg, t->eab_kid, mac, len, url,
		    err);
	wipe_free(mac, len);
	return binding;
}
