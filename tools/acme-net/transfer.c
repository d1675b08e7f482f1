#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/proc.h"
#include "service.h"

static const char system_ca[] = "/etc/ssl/certs";

static size_t
on_read(char *to, size_t size, size_t n, void *ctx)
{
	struct job *j = ctx;
	size_t left = j->body_len - j->body_sent, take = size * n;

	if (take > left)
		take = left;
	memcpy(to, j->body + j->body_sent, take);
	j->body_sent += take;
	return take;
}

/* libcurl rewinds to send a request again on another connection. Whether a
 * request is repeated is not its decision. */
static int
on_seek(void *ctx, curl_off_t offset, int origin)
{
	struct job *j = ctx;

	(void)offset;
	(void)origin;
	return j->body_sent ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

static size_t
on_write(char *p, size_t size, size_t n, void *ctx)
{
	struct job *j = ctx;

	j->last = clock_ms();
	if (buf_add(&j->out, p, size * n) == 0)
		return size * n;
	j->broken = "its answer is too large";
	return 0;
}

static void
headers_reset(struct job *j)
{
	doc_move(&j->headers, doc_object());
	free(j->pool_value);
	j->pool_value = NULL;
	j->headers_done = 0;
	j->header_count = 0;
}

static void
header_add(struct job *j, const char *name, const char *value, size_t len)
{
	jv text = doc_stringn(value, len), old;

	if (j->pool && strcasecmp(name, j->pool->header) == 0) {
		if (!j->pool_value && len)
			j->pool_value = xstrndup(value, len);
		doc_free(text);
		return;
	}
	old = doc_get(j->headers, name);
	if (doc_is(old, DOC_STRING))
		text = doc_push(doc_push(doc_array(), old), text);
	else if (doc_is(old, DOC_ARRAY))
		text = doc_push(old, text);
	else if (strcmp(name, "link") == 0)
		text = doc_push(doc_array(), text);
	j->headers = doc_set(doc_take(&j->headers), name, text);
}

/* One line "Name: value", without its end. 0, or -1: no HTTP. */
static int
header_line(struct job *j, const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n), *end = line + n;
	size_t i, name_len;
	char name[128];

	for (i = 0; i < n; i++)
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') ||
		    line[i] == 127)
			return -1;
	name_len = colon ? (size_t)(colon - line) : 0;
	if (!name_len || name_len >= sizeof(name))
		return -1;
	for (i = 0; i < name_len; i++) {
		if ((unsigned char)line[i] >= 127)
			return -1;
		name[i] = line[i] >= 'A' && line[i] <= 'Z' ?
		    (char)(line[i] - 'A' + 'a') :
		    line[i];
	}
	name[name_len] = '\0';
	for (colon++; colon < end && (*colon == ' ' || *colon == '\t'); colon++)
		;
	while (end > colon && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	header_add(j, name, colon, (size_t)(end - colon));
	return 0;
}

static size_t
on_header(char *line, size_t size, size_t n, void *ctx)
{
	struct job *j = ctx;
	size_t len = size * n;

	if ((j->header_bytes += len) > HEADERS_MAX ||
	    ++j->header_count > HEADER_COUNT_MAX) {
		j->broken = "its answer has too many headers";
		return 0;
	}
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	if (!j->out.len && len >= 5 && strncmp(line, "HTTP/", 5) == 0) {
		headers_reset(j);
		j->first = clock_ms();
		/* Slowness counts from here on, not while the server thinks. */
		curl_easy_setopt(j->easy, CURLOPT_LOW_SPEED_LIMIT,
		    (long)SLOW_BYTES);
		curl_easy_setopt(j->easy, CURLOPT_LOW_SPEED_TIME,
		    (long)SLOW_SECONDS);
	} else if (!len) {
		j->headers_done = 1;
	} else if (!j->headers_done && header_line(j, line, len)) {
		j->broken = "its answer has a header that HTTP forbids";
		return 0;
	}
	return size * n;
}

static void
set_trust(CURL *e, const struct trust *trust)
{
	const char *dir = system_ca, *file = NULL;
	struct stat st;

	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (!trust->verify) {
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
		curl_easy_setopt(e, CURLOPT_PROXY_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(e, CURLOPT_PROXY_SSL_VERIFYHOST, 0L);
	}
	if (trust->ca && stat(trust->ca, &st) == 0 && S_ISDIR(st.st_mode)) {
		dir = trust->ca;
	} else if (trust->ca) {
		dir = NULL;
		file = trust->ca;
	}
	curl_easy_setopt(e, CURLOPT_CAPATH, dir);
	curl_easy_setopt(e, CURLOPT_CAINFO, file);
	curl_easy_setopt(e, CURLOPT_PROXY_CAPATH, dir);
	curl_easy_setopt(e, CURLOPT_PROXY_CAINFO, file);
}

static void
add_line(struct job *j, const char *text)
{
	struct curl_slist *more = curl_slist_append(j->lines, text);

	if (more)
		j->lines = more;
}

static void
set_headers(struct job *j)
{
	jv keys = doc_keys(j->request_headers);
	int typed = 0;
	size_t i;

	for (i = 0; i < doc_len(keys); i++) {
		const char *name = doc_str_at(keys, i);
		const char *value = doc_str(j->request_headers, name);
		char *line = *value ? xasprintf("%s: %s", name, value) :
				      xasprintf("%s;", name);

		typed |= strcasecmp(name, "content-type") == 0;
		add_line(j, line);
		wipe_free(line, strlen(line));
	}
	doc_free(keys);
	if (!typed)
		add_line(j, "Content-Type:");
	add_line(j, "Expect:");
	curl_easy_setopt(j->easy, CURLOPT_HTTPHEADER, j->lines);
}

static void
set_method(struct job *j)
{
	CURL *e = j->easy;
	int post = strcmp(j->method, "POST") == 0;

	if (strcmp(j->method, "HEAD") == 0) {
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
		return;
	}
	if (strcmp(j->method, "GET") == 0 && !j->body_len) {
		curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
		return;
	}
	if (post || j->body_len || j->method[0] == 'P') {
		curl_easy_setopt(e, CURLOPT_POST, 1L);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)j->body_len);
		curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read);
		curl_easy_setopt(e, CURLOPT_READDATA, j);
		curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_seek);
		curl_easy_setopt(e, CURLOPT_SEEKDATA, j);
	}
	if (!post)
		curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, j->method);
}

static void
set_rest(struct job *j)
{
	const char *schemes = j->plain == NET_PLAIN_NEVER ? "https" :
							    "http,https";
	CURL *e = j->easy;

	curl_easy_setopt(e, CURLOPT_URL, j->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, schemes);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
	curl_easy_setopt(e, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT, j->timeout);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, j->timeout);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, j->errbuf);
	curl_easy_setopt(e, CURLOPT_PRIVATE, j);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, j);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, j);
}

int
transfer_start(struct job *j)
{
	j->easy = curl_easy_init();
	if (j->easy) {
		set_rest(j);
		set_trust(j->easy, &j->trust);
		set_method(j);
		set_headers(j);
		j->header_bytes = 0;
		j->first = j->last = 0;
		j->errbuf[0] = '\0';
		headers_reset(j);
		buf_reset(&j->out);
		if (!curl_multi_add_handle(j->sv->multi, j->easy))
			return 0;
	}
	snprintf(j->errbuf, sizeof(j->errbuf),
	    "libcurl cannot start the request");
	return -1;
}

void
transfer_stop(struct job *j)
{
	if (j->easy) {
		curl_multi_remove_handle(j->sv->multi, j->easy);
		curl_easy_cleanup(j->easy);
		j->easy = NULL;
	}
	curl_slist_free_all(j->lines);
	j->lines = NULL;
}
