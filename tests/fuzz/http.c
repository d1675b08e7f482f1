/* What is read out of a server's headers: Link, Retry-After, URLs. The input's
 * lines are: base URL, Retry-After, then Link values. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "net/client.h"
#include "fuzz.h"

static void
check_url(const char *url)
{
	struct err err = {0};

	if (url_check(url, NET_PLAIN_LOOPBACK, "the URL", &err) == 0 &&
	    strncasecmp(url, "https://", 8) != 0 && !url_loopback(url))
		abort();
	err_clear(&err);
}

static void
check_links(const struct net_answer *a, const char *base)
{
	jv urls = net_links(a, "alternate", base);
	size_t i;

	for (i = 0; i < doc_len(urls); i++)
		check_url(doc_str_at(urls, i));
	doc_free(urls);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_answer a = {.status = 200, .headers = doc_object()};
	char *text = xstrndup((const char *)data, size), *rest = text, *line;
	const char *base = "https://ca.example/x/y?z";
	jv links = doc_array();
	size_t n = 0;
	long wait;

	while ((line = strsep(&rest, "\n"))) {
		jv value = doc_stringn(line, strlen(line));

		if (n == 0) {
			base = line;
			doc_free(value);
		} else if (n == 1) {
			a.headers = doc_set(a.headers, "retry-after", value);
		} else {
			links = doc_push(links, value);
		}
		n++;
	}
	a.headers = doc_set(a.headers, "link", links);
	wait = net_retry_after(&a);
	if (wait < -1 || wait > 366 * 24 * 3600)
		abort();
	check_url(base);
	check_links(&a, base);
	net_answer_release(&a);
	free(text);
	return 0;
}
