#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/safefile.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "store/keyfile.h"

enum { HASH_BYTES = 8 };

char *
keyfile_waiting(const char *place, const char *order_url)
{
	unsigned char md[SHA256_DIGEST_LENGTH];
	char hex[2 * HASH_BYTES + 1];
	static const char digits[] = "0123456789abcdef";
	char *dir = path_dir(place), *name, *path;

	SHA256((const unsigned char *)order_url, strlen(order_url), md);
	for (int i = 0; i < HASH_BYTES; i++) {
		hex[2 * i] = digits[md[i] >> 4];
		hex[2 * i + 1] = digits[md[i] & 15];
	}
	hex[2 * HASH_BYTES] = '\0';
	name = xasprintf(".%s.order-%s", path_base(place), hex);
	path = path_join(dir, name);
	free(name);
	free(dir);
	return path;
}

/* The key in the file, if it is the certificate's. */
static EVP_PKEY *
try_file(const char *file, const char *pem, char **path, struct err *err)
{
	EVP_PKEY *key = key_load(file, err);

	if (key && cert_matches_key(pem, key)) {
		if (path)
			*path = xstrdup(file);
		return key;
	}
	if (key)
		err_set(err, ERR_badData,
		    "the key in '%s' is not the certificate's", file);
	EVP_PKEY_free(key);
	return NULL;
}

EVP_PKEY *
keyfile_find(jv doc, const char *place, char **path, struct err *err)
{
	const char *pem = doc_str_find(doc, "certificate", "fullchain", NULL);
	const char *url = doc_str_find(doc, "order", "url", NULL);
	const char *places[] = {place, doc_str_find(doc, "key", "path", NULL)};
	EVP_PKEY *key = NULL;
	struct err first = {0};
	char *waiting;

	for (size_t i = 0; i < ARRAY_LEN(places) && pem && !key; i++) {
		if (!places[i])
			continue;
		key = try_file(places[i], pem, path,
		    err_is_set(&first) ? NULL : &first);
		if (key || !url)
			continue;
		waiting = keyfile_waiting(places[i], url);
		if (access(waiting, F_OK) == 0)
			key = try_file(waiting, pem, path, NULL);
		free(waiting);
	}
	if (!key && err_is_set(&first) && err)
		err_move(err, &first);
	else if (!key)
		err_set(err, ERR_noInput, "the document names no %s",
		    pem ? "private key; give --key FILE" : "certificate");
	err_clear(&first);
	return key;
}
