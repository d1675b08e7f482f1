/* Names as -d and --ip-address take them (spec 3.7). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/names.h"
#include "value.h"

static int
is_ip_address(const char *text)
{
	char *address = name_address(text);

	free(address);
	return address != NULL;
}

/* Label by label, as spec 3.7 item 6. */
static int
check_labels(const char *name, struct err *err)
{
	for (const char *p = name;; p++) {
		size_t len = strcspn(p, ".");

		if (len == 0)
			return err_set(err, ERR_badData,
			    "Requested domain %s is not a FQDN because it contains an empty label.",
			    name);
		if (len > 63)
			return err_set(err, ERR_badData,
			    "Requested domain %s is not a FQDN because label %.*s is too long.",
			    name, (int)len, p);
		p += len;
		if (*p == '\0')
			return 0;
	}
}

static int
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text > 0x7f)
			return 0;
	return 1;
}

char *
value_domain(const char *text, struct err *err)
{
	char *name, *folded;
	const char *scheme = NULL;

	name = is_ascii(text) ? name_fold(text) : name_normalise(text, err);
	if (name == NULL)
		return NULL;
	folded = name;
	if (strncmp(folded, "http://", 7) == 0)
		scheme = "http://";
	else if (strncmp(folded, "https://", 8) == 0)
		scheme = "https://";
	if (scheme != NULL)
		err_set(err, ERR_badData,
		    "Requested name %s appears to be a URL, not a FQDN. Try again without the leading \"%s\".",
		    name, scheme);
	else if (is_ip_address(name))
		err_set(err, ERR_badData,
		    "Requested name %s is an IP address. The Let's Encrypt certificate authority will not issue certificates for a bare IP address.",
		    name);
	else if (strlen(name) > 255)
		err_set(err, ERR_badData,
		    "Requested domain %s is not a FQDN because it is too long.",
		    name);
	else if (check_labels(name, err) == 0)
		return name;
	free(name);
	return NULL;
}

/* Addresses come after names: the first name is what the certificate is called
 * after. */
static jv
names_join(jv all, const char *name)
{
	jv rest = doc_array(), out = doc_array();
	int address = is_ip_address(name);

	if (doc_list_has(all, name)) {
		doc_free(rest);
		doc_free(out);
		return all;
	}
	for (size_t i = 0; i < doc_len(all); i++)
		if (!address && is_ip_address(doc_str_at(all, i)))
			rest = doc_push(rest, doc_at(all, i));
		else
			out = doc_push(out, doc_at(all, i));
	out = doc_push_str(out, name);
	for (size_t i = 0; i < doc_len(rest); i++)
		out = doc_push(out, doc_at(rest, i));
	doc_free(rest);
	doc_free(all);
	return out;
}

int
value_add_address(struct config *c, const char *text, struct err *err)
{
	char *address = name_address(text);

	if (address == NULL)
		return err_set(err, ERR_badData,
		    "argument --ip-address: '%s' does not appear to be an IPv4 or IPv6 address",
		    text);
	config_give(c, "domains",
	    names_join(config_list(c, "domains"), address));
	free(address);
	return 0;
}

int
value_add_domains(struct config *c, const char *text, struct err *err)
{
	jv all = config_list(c, "domains");
	const char *p = text;
	int rc = 0;

	while (*text != '\0' && rc == 0) {
		size_t len = strcspn(p, ",");
		const char *start = p;
		char *word, *name;

		p += len;
		while (len > 0 && isspace((unsigned char)*start)) {
			start++;
			len--;
		}
		while (len > 0 && isspace((unsigned char)start[len - 1]))
			len--;
		word = xstrndup(start, len);
		name = value_domain(word, err);
		free(word);
		if (name == NULL)
			rc = -1;
		else
			all = names_join(all, name);
		free(name);
		if (*p == '\0')
			break;
		p++;
	}
	config_give(c, "domains", all);
	return rc;
}
