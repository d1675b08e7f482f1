#include "crypto/jwk.h"

#include <string.h>

#include "base/doc_check.h"
#include "crypto/jwk_kind.h"
#include "crypto/ossl.h"

static const char *
skip_space(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

/* From the opening quote to behind the closing one; *in is what they hold. */
static const char *
skip_string(const char *s, struct jwk_span *in)
{
	const char *from = ++s;

	while (*s != '"')
		s += *s == '\\' ? 2 : 1;
	*in = (struct jwk_span){from, (size_t)(s - from)};
	return s + 1;
}

/* Behind a value of any kind, in text that doc_check has passed. */
static const char *
skip_value(const char *s)
{
	struct jwk_span in;
	int depth = 0;

	do {
		if (*s == '"') {
			s = skip_string(s, &in);
			continue;
		}
		if (*s == '{' || *s == '[')
			depth++;
		else if (*s == '}' || *s == ']')
			depth--;
		s++;
	} while (depth > 0 || !strchr(",}]", *s));
	return s;
}

static int
take_member(struct jwk_members *m, struct jwk_span name, const char *value,
    struct err *err)
{
	struct jwk_span in = {0};
	int i;

	for (i = 0; i < JWK_MEMBERS; i++)
		if (jwk_span_is(name, jwk_names[i]))
			break;
	if (i == JWK_MEMBERS)
		return 0;
	if (*value != '"')
		return jwk_no_member(i, "is no text", err);
	skip_string(value, &in);
	m->at[i] = in;
	return 0;
}

EVP_PKEY *
jwk_read_text(const char *text, size_t len, struct err *err)
{
	struct jwk_members m = {0};
	struct jwk_span name;
	const char *s;

	if (doc_check(text, len, err) != 0) {
		err_prefix(err, "the JWK");
		return NULL;
	}
	s = skip_space(text);
	if (*s != '{') {
		err_set(err, ERR_badData, "the JWK is no JSON object");
		return NULL;
	}
	s = skip_space(s + 1);
	while (*s != '}') {
		s = skip_space(skip_string(s, &name));
		s = skip_space(s + 1);
		if (take_member(&m, name, s, err) != 0)
			return NULL;
		s = skip_space(skip_value(s));
		if (*s == ',')
			s = skip_space(s + 1);
	}
	return jwk_key(&m, err);
}
