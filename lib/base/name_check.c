#include <arpa/inet.h>
#include <ctype.h>
#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/names.h"

enum { LABEL_MAX = 63, INPUT_MAX = 4 * NAME_TEXT_MAX };

static const char star_fault[] = "'*' can stand only for the whole first label";

static int
is_address(const char *s)
{
	unsigned char addr[16];

	return inet_pton(AF_INET, s, addr) == 1 ||
	    inet_pton(AF_INET6, s, addr) == 1 || *s == '[';
}

static int
is_ascii(const char *s)
{
	while (*s && (unsigned char)*s < 0x80)
		s++;
	return !*s;
}

/* Why this can be no label, or NULL; public: of a public CA's certificate. */
static const char *
label_fault(const char *p, size_t n, int public)
{
	size_t i;

	if (!n)
		return "a label is empty";
	if (n > LABEL_MAX)
		return "a label is longer than 63 octets";
	for (i = 0; i < n; i++) {
		if (isalnum((unsigned char)p[i]) || p[i] == '-' ||
		    (p[i] == '_' && !public))
			continue;
		if (p[i] == '*')
			return star_fault;
		if (p[i] == '_')
			return "'_' is not allowed in names of hosts";
		if (p[i] == ' ')
			return "it has a blank";
		return "it has a character that names of hosts cannot have";
	}
	if (public && (p[0] == '-' || p[n - 1] == '-'))
		return "a label starts or ends with '-'";
	return NULL;
}

/* The same of a whole name in ASCII. */
static const char *
name_fault(const char *name, int public)
{
	const char *p = name_base(name), *why;
	size_t n, labels = p == name ? 0 : 1;

	if (strlen(name) > NAME_TEXT_MAX)
		return "it is longer than 253 octets";
	for (;; p += n + 1) {
		n = strcspn(p, ".");
		if ((why = label_fault(p, n, public)))
			return why;
		labels++;
		if (!p[n])
			break;
	}
	if (strspn(p, "0123456789") == n)
		return "its last label is a number";
	return public && labels < 2 ? "it has only one label" : NULL;
}

/* Why the name as given is of another kind, or NULL. */
static const char *
kind_fault(const char *name)
{
	if (!*name)
		return "it is empty";
	if (strlen(name) > INPUT_MAX)
		return "it is longer than 253 octets";
	if (strstr(name, "://"))
		return "it is a URL: give only the name of the host";
	if (is_address(name))
		return "it is an IP address";
	return NULL;
}

/* name, which is not ASCII, in A-labels; malloc'd. NULL and *why. */
static char *
to_ascii(const char *name, const char **why)
{
	const char *base = name_base(name);
	char *idn = NULL, *s;
	int r;

	r = idn2_to_ascii_8z(base, &idn, IDN2_NONTRANSITIONAL);
	if (r != IDN2_OK) {
		*why = idn2_strerror(r);
		return NULL;
	}
	if (strchr(idn, '*')) {
		idn2_free(idn);
		*why = star_fault;
		return NULL;
	}
	s = xasprintf("%s%s", base == name ? "" : "*.", idn);
	idn2_free(idn);
	return s;
}

static char *
normalise(const char *name, int public, struct err *err)
{
	const char *why = kind_fault(name);
	char *ascii = NULL, *s = NULL;

	if (!why && !is_ascii(name))
		ascii = to_ascii(name, &why);
	if (!why) {
		s = name_fold(ascii ? ascii : name);
		why = is_address(s) ? kind_fault(s) : name_fault(s, public);
	}
	if (why) {
		err_set(err, ERR_badData, "'%.300s' can be no DNS name: %s",
		    name, why);
		free(s);
		s = NULL;
	}
	free(ascii);
	return s;
}

char *
name_normalise(const char *name, struct err *err)
{
	return normalise(name, 0, err);
}

char *
name_public(const char *name, struct err *err)
{
	return normalise(name, 1, err);
}
