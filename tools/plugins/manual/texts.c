#include "texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static const char again[] =
    "(This must be set up in addition to the previous challenges; do not "
    "remove,\nreplace, or undo the previous challenge tasks yet.";
static const char again_dns[] =
    " Note that you might be\nasked to create multiple distinct TXT records "
    "with the same name. This is\npermitted by DNS standards.";

static int
is_type(jv all, size_t i, const char *type)
{
	jv c = doc_at(all, i);
	const char *own = doc_str(c, "type");
	int is = own != NULL && strcmp(own, type) == 0;

	doc_free(c);
	return is;
}

static int
is_last_dns(jv all, size_t i)
{
	for (size_t k = i + 1; k < doc_len(all); k++)
		if (is_type(all, k, "dns-01"))
			return 0;
	return 1;
}

static void
dns_text(struct buf *b, jv c, size_t http_before, size_t dns_before,
    int is_last)
{
	const char *name = doc_str_find(c, "identifier", "value", NULL);

	(void)buf_addf(b,
	    "Please deploy a DNS TXT record under the name:\n\n"
	    "_acme-challenge.%s.\n\nwith the following value:\n\n%s\n",
	    name, doc_str(c, "validation"));
	if (dns_before > 0)
		(void)buf_addf(b, "\n%s%s)\n", again, again_dns);
	else if (http_before > 0)
		(void)buf_addf(b, "\n%s)\n", again);
	if (is_last)
		(void)buf_addf(b,
		    "\nBefore continuing, verify the TXT record has been "
		    "deployed. Depending on the DNS\nprovider, this may take "
		    "some time, from a few seconds to multiple minutes. You "
		    "can\ncheck if it has finished deploying with aid of "
		    "online tools, such as the Google\nAdmin Toolbox: "
		    "https://toolbox.googleapps.com/apps/dig/#TXT/"
		    "_acme-challenge.%s.\nLook for one or more bolded line(s) "
		    "below the line ';ANSWER'. It should show the\nvalue(s) "
		    "you've just added.\n",
		    name);
}

static void
http_text(struct buf *b, jv c, size_t http_before)
{
	(void)buf_addf(b,
	    "Create a file containing just this data:\n\n%s\n\nAnd make it "
	    "available on your web server at this URL:\n\n"
	    "http://%s/.well-known/acme-challenge/%s\n",
	    doc_str(c, "validation"),
	    doc_str_find(c, "identifier", "value", NULL), doc_str(c, "token"));
	if (http_before > 0)
		(void)buf_addf(b, "\n%s)\n", again);
}

char *
manual_instructions(jv all, size_t i, size_t http_before, size_t dns_before)
{
	jv c = doc_at(all, i);
	struct buf b;

	buf_init(&b, 64 << 10);
	if (is_type(all, i, "dns-01"))
		dns_text(&b, c, http_before, dns_before, is_last_dns(all, i));
	else
		http_text(&b, c, http_before);
	doc_free(c);
	return buf_detach(&b);
}

char *
manual_hint(jv failed, int has_hook)
{
	int dns = 0, http = 0;
	const char *what;

	for (size_t i = 0; i < doc_len(failed); i++) {
		dns |= is_type(failed, i, "dns-01");
		http |= is_type(failed, i, "http-01");
	}
	what = dns && http ? "DNS TXT records and challenge files" :
	    dns		   ? "DNS TXT records" :
			     "challenge files";
	if (has_hook)
		return xasprintf("The Certificate Authority failed to verify "
				 "the %s created by the --manual-auth-hook. "
				 "Ensure that this hook is functioning "
				 "correctly%s. Refer to \"certbot --help "
				 "manual\" and the Certbot User Guide.",
		    what,
		    dns ? " and that it waits a sufficient duration of time "
			  "for DNS propagation" :
			  "");
	return xasprintf("The Certificate Authority failed to verify the "
			 "manually created %s. Ensure that you created these "
			 "in the correct location%s.",
	    what,
	    dns ? ", or try waiting longer for DNS propagation on the next "
		  "attempt" :
		  "");
}
