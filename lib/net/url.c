#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "net/client.h"

enum { URL_MAX = 8192 };

/* A URL taken apart; pointers into the text. */
struct url {
	const char *scheme, *host, *port, *path;
	size_t scheme_len, host_len, port_len; /* host without brackets */
	int v6;
};

static size_t
scheme_length(const char *s)
{
	size_t n = 0;

	if (!isalpha((unsigned char)s[0]))
		return 0;
	while (isalnum((unsigned char)s[n]) || (s[n] && strchr("+-.", s[n])))
		n++;
	return s[n] == ':' ? n : 0;
}

static int
host_split(struct url *u, const char *p, size_t n)
{
	const char *end;

	u->v6 = n && p[0] == '[';
	if (u->v6) {
		if (!(end = memchr(p, ']', n)))
			return -1;
		u->host = p + 1;
		u->host_len = (size_t)(end - p) - 1;
		end++;
	} else {
		end = memchr(p, ':', n);
		if (!end)
			end = p + n;
		u->host = p;
		u->host_len = (size_t)(end - p);
	}
	u->port = NULL;
	u->port_len = 0;
	if (end < p + n) {
		if (*end != ':')
			return -1;
		u->port = end + 1;
		u->port_len = (size_t)(p + n - u->port);
	}
	return 0;
}

static int
url_split(struct url *u, const char *text)
{
	const char *p;

	u->scheme = text;
	u->scheme_len = scheme_length(text);
	if (!u->scheme_len || strncmp(text + u->scheme_len, "://", 3) != 0)
		return -1;
	p = text + u->scheme_len + 3;
	u->path = p + strcspn(p, "/?#");
	return host_split(u, p, (size_t)(u->path - p));
}

static int
host_ok(const struct url *u)
{
	unsigned char addr[16];
	char host[254];
	size_t i;

	if (!u->host_len || u->host_len >= sizeof(host))
		return 0;
	memcpy(host, u->host, u->host_len);
	host[u->host_len] = '\0';
	if (u->v6)
		return inet_pton(AF_INET6, host, addr) == 1;
	for (i = 0; i < u->host_len; i++)
		if (!isalnum((unsigned char)host[i]) && !strchr("-._", host[i]))
			return 0;
	return 1;
}

static int
port_ok(const struct url *u)
{
	long port = 0;
	size_t i;

	if (!u->port)
		return 1;
	if (!u->port_len || u->port_len > 5)
		return 0;
	for (i = 0; i < u->port_len; i++) {
		if (!isdigit((unsigned char)u->port[i]))
			return 0;
		port = port * 10 + (u->port[i] - '0');
	}
	return port >= 1 && port <= 65535;
}

static int
host_loopback(const struct url *u)
{
	unsigned char addr[16];
	char host[64];

	if (u->host_len >= sizeof(host))
		return 0;
	memcpy(host, u->host, u->host_len);
	host[u->host_len] = '\0';
	if (u->v6)
		return inet_pton(AF_INET6, host, addr) == 1 &&
		    memcmp(addr, &in6addr_loopback, sizeof(addr)) == 0;
	if (inet_pton(AF_INET, host, addr) == 1)
		return addr[0] == 127;
	return strcasecmp(host, "localhost") == 0;
}

int
url_loopback(const char *url)
{
	struct url u;

	return url_split(&u, url) == 0 && host_loopback(&u);
}

/* Why the URL cannot be used at all; NULL when it can. */
static const char *
url_fault(const char *url, struct url *u)
{
	const unsigned char *p;

	if (strlen(url) > URL_MAX)
		return "it is too long";
	for (p = (const unsigned char *)url; *p; p++)
		if (*p <= ' ' || *p >= 127 || *p == '\\')
			return "it holds characters that no URL may hold";
	p = (const unsigned char *)strstr(url, "://");
	if (!p || p == (const unsigned char *)url)
		return "it is no absolute URL with a host";
	if (memchr(p + 3, '@', strcspn((const char *)p + 3, "/?#")))
		return "it holds a user name";
	if (url_split(u, url))
		return "it is no absolute URL with a host";
	if (!host_ok(u) || !port_ok(u))
		return "its host or port is wrong";
	return NULL;
}

int
url_check(const char *url, enum net_plain plain, const char *what,
    struct err *err)
{
	const char *why;
	struct url u;

	if (!url)
		return err_set(err, ERR_protocol, "%s is missing", what);
	why = url_fault(url, &u);
	if (why)
		return err_set(err, ERR_protocol,
		    "%s \"%.200s\" is refused: %s", what, url, why);
	if (u.scheme_len == 5 && strncasecmp(url, "https", 5) == 0)
		return 0;
	if (u.scheme_len == 4 && strncasecmp(url, "http", 4) == 0 &&
	    (plain == NET_PLAIN_ANY ||
		(plain == NET_PLAIN_LOOPBACK && host_loopback(&u))))
		return 0;
	return err_set(err, ERR_protocol,
	    "%s \"%.200s\" is refused: it is not https", what, url);
}

/* Remove "." and ".." segments (RFC 3986 5.2.4), in place. */
static void
fold_dots(char *path)
{
	char *in = path, *out = path;

	while (*in) {
		size_t n = 1 + strcspn(in + 1, "/");

		if (n == 2 && in[1] == '.') {
			in += n;
			if (!*in)
				*out++ = '/';
		} else if (n == 3 && in[1] == '.' && in[2] == '.') {
			in += n;
			while (out > path && *--out != '/')
				;
			if (!*in)
				*out++ = '/';
		} else {
			memmove(out, in, n);
			out += n;
			in += n;
		}
	}
	*out = '\0';
}

/* prefix (scheme and authority), path and the rest from "?" on, joined. */
static char *
url_join(const char *prefix, size_t prefix_len, char *path, const char *tail)
{
	char *url;

	if (path[0] == '/')
		fold_dots(path);
	url = xasprintf("%.*s%s%s%s", (int)prefix_len, prefix,
	    path[0] == '/' || !path[0] ? "" : "/", path, tail);
	free(path);
	return url;
}

char *
url_resolve(const char *base, const char *ref)
{
	size_t dir, end, ref_path = strcspn(ref, "?#");
	struct url u;

	if (strlen(base) > URL_MAX || strlen(ref) > URL_MAX ||
	    url_split(&u, base))
		return NULL;
	if (scheme_length(ref))
		return xstrdup(ref);
	end = strcspn(u.path, "?#");
	if (strncmp(ref, "//", 2) == 0)
		return xasprintf("%.*s:%s", (int)u.scheme_len, base, ref);
	if (ref[0] == '/')
		return url_join(base, (size_t)(u.path - base),
		    xstrndup(ref, ref_path), ref + ref_path);
	if (!ref_path) {
		end = ref[0] == '?' ? end : strcspn(u.path, "#");
		return xasprintf("%.*s%s", (int)(u.path - base + (long)end),
		    base, ref);
	}
	for (dir = end; dir && u.path[dir - 1] != '/'; dir--)
		;
	return url_join(base, (size_t)(u.path - base),
	    xasprintf("%.*s%.*s", dir ? (int)dir : 1, dir ? u.path : "/",
		(int)ref_path, ref),
	    ref + ref_path);
}
