/* certbot/base.h - what all headers of libcertbot-plugin share: errors, and
 * lists of texts. The library is for plugins in C (certbot-plugin(7)); which
 * function stands for which of certbot's own, says certbot-api(7).
 *
 * Rules of the library: every name begins with certbot_ or CERTBOT_. A function
 * that can fail returns 0 or -1 (or an object, or NULL) and fills *e, which may
 * be NULL. What is "malloc'd" is the caller's to free(3). All texts are UTF-8.
 * When memory is out, the process ends. Not for several threads. */
#ifndef CERTBOT_BASE_H
#define CERTBOT_BASE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What went wrong. The first five are what a plugin answers its host with; the
 * others come from the library, and reach the host, too: CANCELLED as FAILED,
 * NO_ANSWER as MISCONFIGURED, NO_PROGRAM as NOT_FOUND, the rest as they are. */
enum certbot_error_type {
	CERTBOT_OK,
	CERTBOT_FAILED,		 /* the work itself failed */
	CERTBOT_MISCONFIGURED,	 /* the server's or user's settings are wrong */
	CERTBOT_NO_INSTALLATION, /* there is nothing to work on */
	CERTBOT_NOT_SUPPORTED,	 /* recognised, but not supported */
	CERTBOT_ALREADY_PRESENT, /* the enhancement is there already */
	CERTBOT_CANCELLED,	 /* the user cancelled the question */
	CERTBOT_NO_ANSWER,	 /* nobody can be asked, and no default */
	CERTBOT_INTERRUPTED,	 /* the input ended: clean up and go */
	CERTBOT_BAD_DATA,	/* an argument, file or text has a wrong form */
	CERTBOT_NOT_FOUND,	/* a file is missing */
	CERTBOT_PERMISSION,	/* the system refused permission */
	CERTBOT_IO,		/* a file cannot be read or written */
	CERTBOT_LOCKED,		/* another program holds the lock */
	CERTBOT_TIMEOUT,	/* the time given has passed */
	CERTBOT_NO_LINEAGE,	/* there is no such certificate */
	CERTBOT_BROKEN_LINEAGE, /* a certificate's files do not fit together */
	CERTBOT_NO_PROGRAM	/* a program is not in PATH */
};

enum { CERTBOT_ERROR_MAX = 1024 };

/* Begin with struct certbot_error e = {0}. */
struct certbot_error {
	enum certbot_error_type type;
	char text[CERTBOT_ERROR_MAX]; /* one sentence for people */
};

/* Fills *e. Always -1. */
int certbot_fail(struct certbot_error *e, enum certbot_error_type type,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Texts in order. Begin with struct certbot_list l = {0}. */
struct certbot_list {
	char **v; /* n texts, then NULL; NULL when empty */
	size_t n;
};

/* Appends a copy. */
void certbot_list_add(struct certbot_list *l, const char *text);
/* Is this very text in it? */
int certbot_list_has(const struct certbot_list *l, const char *text);
/* Frees the texts; the list is empty again. */
void certbot_list_release(struct certbot_list *l);

/* Overwrites a text (a private key), then frees it. NULL is fine. */
void certbot_free_secret(char *text);

#ifdef __cplusplus
}
#endif

#endif
