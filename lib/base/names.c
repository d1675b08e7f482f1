/* names.c - DNS names as certificates use them. */
#include "base/names.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { LABEL_MAX = 63 };

static char *
fail(struct err *err, const char *name, const char *why)
{
	err_set(err, ERR_badData, "'%s' can be no DNS name: %s", name, why);
	return NULL;
}

char *
name_fold(const char *name)
{
	char *s = xstrdup(name);
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (s[i] >= 'A' && s[i] <= 'Z')
			s[i] = (char)(s[i] - 'A' + 'a');
	if (n > 1 && s[n - 1] == '.')
		s[n - 1] = '\0';
	return s;
}

const char *
name_base(const char *name)
{
	return strncmp(name, "*.", 2) == 0 ? name + 2 : name;
}

static const char *
label_fault(const char *label, size_t n)
{
	if (n == 0)
		return "it has an empty label";
	if (n > LABEL_MAX)
		return "a label is longer than 63 octets";
	if (label[0] == '-' || label[n - 1] == '-')
		return "a label starts or ends with '-'";
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)label[i]) && label[i] != '-')
			return label[i] == '*' ?
			    "'*' stands elsewhere than as the whole first label" :
			    "it has a character other than letters, digits and '-'";
	return NULL;
}

static int
all_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return 0;
	return 1;
}

/* Of the name without "*.". */
static const char *
name_fault(const char *name)
{
	size_t labels = 0, n = 0;
	const char *p = name, *why;

	if (strlen(name) > NAME_TEXT_MAX)
		return "it is longer than 253 octets";
	for (;;) {
		n = strcspn(p, ".");
		why = label_fault(p, n);
		if (why != NULL)
			return why;
		labels++;
		if (p[n] == '\0')
			break;
		p += n + 1;
	}
	if (all_digits(p, n))
		return "its last label is all digits";
	return labels < 2 ? "it has one label only" : NULL;
}

static int
is_address(const char *name)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, bytes) == 1 ||
	    inet_pton(AF_INET6, name, bytes) == 1;
}

/* A-labels of an internationalised name; malloc'd; NULL and err. */
static char *
to_ascii(const char *name, struct err *err)
{
	char *ascii = NULL, *copy;
	int rc = idn2_to_ascii_8z(name, &ascii, IDN2_NFC_INPUT |
	    IDN2_NONTRANSITIONAL);

	if (rc != IDN2_OK)
		return fail(err, name, idn2_strerror(rc));
	copy = xstrdup(ascii);
	idn2_free(ascii);
	return copy;
}

static int
is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s > 0x7f)
			return 0;
	return 1;
}

char *
name_normalise(const char *name, struct err *err)
{
	int wild = strncmp(name, "*.", 2) == 0;
	char *base, *folded, *whole;
	const char *why;

	if (strstr(name, "://") != NULL)
		return fail(err, name, "it is a URL; give the name alone");
	if (is_address(name))
		return fail(err, name, "it is an IP address");
	base = is_ascii(name) ? xstrdup(name_base(name)) :
	    to_ascii(name_base(name), err);
	if (base == NULL)
		return NULL;
	folded = name_fold(base);
	free(base);
	why = name_fault(folded);
	if (why != NULL) {
		free(folded);
		return fail(err, name, why);
	}
	whole = xasprintf("%s%s", wild ? "*." : "", folded);
	free(folded);
	if (strlen(whole) > NAME_TEXT_MAX) {
		free(whole);
		return fail(err, name, "it is longer than 253 octets");
	}
	return whole;
}

int
name_matches(const char *pattern, const char *name)
{
	char *p = name_fold(pattern), *n = name_fold(name);
	size_t pl = strlen(p), nl = strlen(n);
	int yes = strcmp(p, "*") == 0 || strcmp(p, n) == 0;

	/* "*.x": "*.x" itself, and what ends with ".x" */
	if (!yes && strncmp(p, "*.", 2) == 0)
		yes = nl > pl - 1 && strcmp(n + nl - (pl - 1), p + 1) == 0;
	free(p);
	free(n);
	return yes;
}

int
names_subset(jv small, jv large)
{
	for (size_t i = 0; i < doc_len(small); i++) {
		const char *s = doc_str_at(small, i);

		if (s == NULL || !doc_list_has(large, s))
			return 0;
	}
	return 1;
}

int
names_equal(jv a, jv b)
{
	return names_subset(a, b) && names_subset(b, a);
}

jv
names_minus(jv a, jv b)
{
	jv out = doc_array();

	for (size_t i = 0; i < doc_len(a); i++) {
		const char *s = doc_str_at(a, i);

		if (s != NULL && !doc_list_has(b, s))
			out = doc_push_str(out, s);
	}
	return out;
}

char *
names_short(jv names)
{
	size_t n = doc_len(names);
	const char *a = doc_str_at(names, 0), *b = doc_str_at(names, 1);

	if (a == NULL)
		return xstrdup("");
	if (n == 1)
		return xstrdup(a);
	if (n == 2 && b != NULL)
		return xasprintf("%s and %s", a, b);
	return xasprintf("%s and %zu more domains", a, n - 1);
}
