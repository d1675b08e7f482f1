/* --debug-challenges: a person looks before the CA does. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "challenge.h"

static char *
what_to_see(const struct work *works, size_t n, const char *type)
{
	int dns = strcmp(type, "dns-01") == 0;
	struct buf b;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < works[i].n_todo; k++) {
			jv s = works[i].todo[k].sent;
			const char *name = doc_str_find(s, "identifier",
			    "value", NULL);

			if (works[i].done || err_is_set(&works[i].err) ||
			    strcmp(doc_str(s, "type"), type) != 0)
				continue;
			if (dns)
				(void)buf_addf(&b,
				    "\nFQDN: _acme-challenge.%s\nExpected "
				    "value: %s\n",
				    name, doc_str(s, "validation"));
			else
				(void)buf_addf(&b,
				    "\nURL: http://%s/.well-known/"
				    "acme-challenge/%s\nExpected value: %s\n",
				    name, doc_str(s, "token"),
				    doc_str(s, "validation"));
		}
	}
	(void)buf_adds(&b, "");
	return buf_detach(&b);
}

int
works_pause(struct challenge *c, const struct work *works, size_t n,
    struct err *err)
{
	char *urls = what_to_see(works, n, "http-01");
	char *records = what_to_see(works, n, "dns-01");
	struct err asked = {0};
	struct buf b;
	jv q;

	buf_init(&b, 2 << 20);
	(void)buf_adds(&b,
	    "Challenges loaded. Press continue to submit to "
	    "CA.\n");
	if (c->st.verbose == 0)
		(void)buf_adds(&b,
		    "Pass \"-v\" for more info about challenges.");
	if (c->st.verbose > 0 && urls != NULL && urls[0] != '\0')
		(void)buf_addf(&b,
		    "\nThe following URLs should be accessible from the "
		    "internet and return the value mentioned:\n%s",
		    urls);
	if (c->st.verbose > 0 && records != NULL && records[0] != '\0')
		(void)buf_addf(&b,
		    "\nThe following FQDNs should return a TXT resource record "
		    "with the value mentioned:\n%s",
		    records);
	q = doc_set_str(doc_object(), "kind", "pause");
	q = doc_set_flag(doc_set_str(q, "text", b.p), "default", 1);
	doc_free(ui_ask(q, &asked));
	free(urls);
	free(records);
	buf_release(&b);
	if (signals_caught() != 0)
		return err_set(err, ERR_interrupted, "a signal ended the work");
	if (err_is_set(&asked) && log_to_driver()) {
		err_move(err, &asked);
		return -1;
	}
	/* Nobody there to press a key: certbot goes on, too. */
	err_clear(&asked);
	return 0;
}
