/* ready-keys.so.c - preloaded: RSA keys of 2048 bits are taken, not made.
 *
 *	READY_KEYS=DIRECTORY READY_KEYS_TAKEN=FILE LD_PRELOAD=ready-keys.so COMMAND
 *
 * DIRECTORY/N is the Nth key, in DER. Each that is taken adds a byte to FILE, so
 * that none is taken twice; when there are no more, keys are made. For tests that
 * need many keys, whose making is not their subject (tests/lib.sh, ready_keys). */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_MAX = 4096 };

void *EVP_PKEY_Q_keygen(void *context, const char *query, const char *type,
    ...);

/* next: the file of a key that nobody has taken yet, or -1. */
static int
next(void)
{
	const char *keys = getenv("READY_KEYS"),
		   *taken = getenv("READY_KEYS_TAKEN");
	char path[KEY_MAX];
	long n = -1;
	int fd;

	if (keys == NULL || taken == NULL ||
	    (fd = open(taken, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
		 0644)) == -1)
		return -1;
	if (write(fd, "x", 1) == 1)
		n = (long)lseek(fd, 0, SEEK_CUR);
	close(fd);
	if (n < 1 ||
	    snprintf(path, sizeof(path), "%s/%ld", keys, n) >=
		(int)sizeof(path))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void *
ready(void)
{
	void *(*read_key)(void *, const unsigned char **, long) = NULL;
	unsigned char der[KEY_MAX];
	const unsigned char *p = der;
	void *symbol = dlsym(RTLD_DEFAULT, "d2i_AutoPrivateKey");
	int fd = next();
	ssize_t n = fd == -1 ? 0 : read(fd, der, sizeof(der));

	if (fd != -1)
		close(fd);
	memcpy(&read_key, &symbol, sizeof(symbol));
	return n > 0 && read_key != NULL ? read_key(NULL, &p, (long)n) : NULL;
}

void *
EVP_PKEY_Q_keygen(void *context, const char *query, const char *type, ...)
{
	void *(*make)(void *, const char *, const char *, ...) = NULL;
	void *symbol = dlsym(RTLD_NEXT, "EVP_PKEY_Q_keygen"), *key = NULL;
	va_list more;

	memcpy(&make, &symbol, sizeof(symbol));
	va_start(more, type);
	if (strcmp(type, "RSA") == 0) {
		size_t bits = va_arg(more, size_t);

		if (bits == 2048)
			key = ready();
		if (key == NULL)
			key = make(context, query, type, bits);
	} else {
		key = make(context, query, type, va_arg(more, char *));
	}
	va_end(more);
	return key;
}
