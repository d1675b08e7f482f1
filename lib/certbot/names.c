#include "certbot/names.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/email.h"
#include "base/names.h"
#include "certbot/base_private.h"

char *
certbot_name_check(const char *name, struct certbot_error *e)
{
	struct err err = {0};
	char *normal = name_normalise(name, &err);

	if (normal == NULL)
		certbot__error(e, &err);
	return normal;
}

char *
certbot_name_public(const char *name, struct certbot_error *e)
{
	struct err err = {0};
	char *normal = name_public(name, &err);

	if (normal == NULL)
		certbot__error(e, &err);
	return normal;
}

void
certbot_names_filter(const char *const *names, struct certbot_list *valid)
{
	for (; *names != NULL; names++) {
		char *normal = certbot_name_public(*names, NULL);

		if (normal != NULL)
			certbot_list_add(valid, normal);
		free(normal);
	}
}

void
certbot_name_zones(const char *name, struct certbot_list *zones)
{
	const char *dot;

	for (;; name = dot + 1) {
		certbot_list_add(zones, name);
		dot = strchr(name, '.');
		if (dot == NULL)
			return;
	}
}

int
certbot_name_is_wildcard(const char *name)
{
	return strncmp(name, "*.", 2) == 0;
}

int
certbot_is_address(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 ||
	    inet_pton(AF_INET6, text, bytes) == 1;
}

int
certbot_is_email(const char *text)
{
	return email_is_valid(text);
}

int
certbot_is_staging(const char *url)
{
	return strstr(url, "staging") != NULL;
}

int
certbot_address_parse(struct certbot_address *a, const char *text,
    struct certbot_error *e)
{
	const char *end, *port;

	memset(a, 0, sizeof(*a));
	a->ipv6 = text[0] == '[';
	end = a->ipv6 ? strchr(text, ']') : strrchr(text, ':');
	if (a->ipv6 && end == NULL)
		return certbot_fail(e, CERTBOT_BAD_DATA,
		    "the address '%s' has no closing bracket", text);
	if (a->ipv6)
		end++;
	if (end == NULL)
		end = text + strlen(text);
	port = *end == ':' ? end + 1 : end;
	if (*end != ':' && *end != '\0')
		return certbot_fail(e, CERTBOT_BAD_DATA,
		    "the address '%s' has text behind its bracket", text);
	if ((size_t)(end - text) >= sizeof(a->host) ||
	    strlen(port) >= sizeof(a->port))
		return certbot_fail(e, CERTBOT_BAD_DATA,
		    "the address '%.60s...' is too long", text);
	memcpy(a->host, text, (size_t)(end - text));
	memcpy(a->port, port, strlen(port));
	return 0;
}

char *
certbot_address_exploded(const struct certbot_address *a)
{
	unsigned char b[16];
	char *inner;
	int ok;

	if (!a->ipv6)
		return xstrdup(a->host);
	inner = xstrndup(a->host + 1, strlen(a->host) - 2);
	ok = inet_pton(AF_INET6, inner, b) == 1;
	free(inner);
	if (!ok)
		return xstrdup(a->host);
	return xasprintf("%x:%x:%x:%x:%x:%x:%x:%x", b[0] << 8 | b[1],
	    b[2] << 8 | b[3], b[4] << 8 | b[5], b[6] << 8 | b[7],
	    b[8] << 8 | b[9], b[10] << 8 | b[11], b[12] << 8 | b[13],
	    b[14] << 8 | b[15]);
}

int
certbot_address_equal(const struct certbot_address *a,
    const struct certbot_address *b)
{
	char *x = certbot_address_exploded(a), *y = certbot_address_exploded(b);
	int same = strcmp(x, y) == 0 && strcmp(a->port, b->port) == 0;

	free(x);
	free(y);
	return same;
}

char *
certbot_address_text(const struct certbot_address *a)
{
	return xasprintf("%s%s%s", a->host, a->port[0] != '\0' ? ":" : "",
	    a->port);
}
