/* AWS Signature Version 4, and Tencent's TC3, which is the same with other
 * constants. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "encode.h"
#include "sign.h"

static char *
canonical_request(const struct aws *a, char **names)
{
	jv keys = doc_keys(a->headers);
	char *target = url_target(a->url), *query, *hash;
	struct buf b;

	query = strchr(target, '?');
	if (query != NULL)
		*query++ = '\0';
	buf_init(&b, 8 << 20);
	buf_addf(&b, "%s\n%s\n%s\n", a->method, target,
	    query == NULL ? "" : query);
	for (size_t i = 0; i < doc_len(keys); i++) {
		const char *key = doc_str_at(keys, i);
		const char *value = doc_str(a->headers, key);
		buf_addf(&b, "%s:", key);
		if (a->tc3 && strcmp(key, "x-tc-action") == 0)
			for (; *value != '\0'; value++)
				buf_addc(&b,
				    (char)(*value >= 'A' && *value <= 'Z' ?
					    *value + 32 :
					    *value));
		else
			buf_adds(&b, value);
		buf_addc(&b, '\n');
	}
	*names = doc_join(keys, ";");
	hash = hash_hex("SHA256", a->body, a->body_n);
	buf_addf(&b, "\n%s\n%s", *names, hash);
	free(hash);
	free(target);
	doc_free(keys);
	return buf_detach(&b);
}

/* The key chain: each HMAC is the next one's key. */
static char *
signature(const struct aws *a, const char *date, const char *text)
{
	char *first = xasprintf("%s%s", a->tc3 ? "TC3" : "AWS4", a->secret);
	const char *steps[] = {date, a->tc3 ? NULL : a->region, a->service,
	    a->tc3 ? "tc3_request" : "aws4_request", text};
	unsigned char key[HASH_MAX], next[HASH_MAX];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		if (steps[i] == NULL)
			continue;
		n = hmac("SHA256", i == 0 ? (const void *)first : key,
		    i == 0 ? strlen(first) : n, steps[i], strlen(steps[i]),
		    next);
		memcpy(key, next, n);
	}
	wipe_free(first, strlen(first));
	return hex_encode(key, n);
}

char *
aws_authorization(const struct aws *a, char **canonical_hash)
{
	char *names, *request = canonical_request(a, &names);
	char *hash = hash_hex("SHA256", request, strlen(request));
	char *date = utc(a->when, a->tc3 ? UTC_DATE : UTC_DATE_BASIC);
	char *when = a->tc3 ? xasprintf("%lld", (long long)a->when) :
			      utc(a->when, UTC_BASIC);
	const char *name = a->tc3 ? "TC3-HMAC-SHA256" : "AWS4-HMAC-SHA256";
	char *scope = a->tc3 ?
	    xasprintf("%s/%s/tc3_request", date, a->service) :
	    xasprintf("%s/%s/%s/aws4_request", date, a->region, a->service);
	char *text = xasprintf("%s\n%s\n%s\n%s", name, when, scope, hash);
	char *sig = signature(a, date, text);
	char *all = xasprintf("%s Credential=%s/%s, SignedHeaders=%s, "
			      "Signature=%s",
	    name, a->key, scope, names, sig);

	if (canonical_hash != NULL)
		*canonical_hash = hash;
	else
		free(hash);
	free(names);
	free(request);
	free(date);
	free(when);
	free(scope);
	free(text);
	free(sig);
	return all;
}
