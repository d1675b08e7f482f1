#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "vec.h"

/* "default.conf | a.example | HTTPS | Enabled" */
static char *
describe(const struct vhost *v)
{
	const char *names = v->n_aliases > 0 ? "Multiple Names" :
	    v->name != NULL		     ? v->name :
					       "";

	return xasprintf("%-30s | %-30s | %-5s | %s", path_base(v->file->path),
	    names, v->ssl ? "HTTPS" : "", v->enabled ? "Enabled" : "");
}

static jv
question(const char *kind, const char *text, struct vhost *const *list,
    size_t n)
{
	jv q = doc_set_str(doc_object(), "kind", kind);
	jv choices = doc_array();

	for (size_t i = 0; i < n; i++) {
		char *line = describe(list[i]);
		choices = doc_push(choices, doc_stringn(line, strlen(line)));
		free(line);
	}
	q = doc_set_str(doc_set(q, "choices", choices), "text", text);
	return doc_set_flag(q, "force", 1);
}

static long
number_of(jv value)
{
	jv box = doc_set(doc_object(), "n", doc_copy(value));
	long n = -1;

	(void)doc_int(box, "n", &n);
	doc_free(box);
	return n;
}

/* Would v on the port of HTTPS be where an enabled vhost is? */
static int
conflicts(const struct apache *a, const struct vhost *v)
{
	for (size_t i = 0; i < a->conf.n_vhosts; i++) {
		const struct vhost *o = a->conf.vhosts[i];

		for (size_t k = 0; o->enabled && k < o->n_addrs; k++)
			for (size_t m = 0; m < v->n_addrs; m++)
				if (addr_same_host(&v->addrs[m],
					&o->addrs[k]) &&
				    strcmp(o->addrs[k].port, a->https_port) ==
					0)
					return 1;
	}
	return 0;
}

static int
ambiguous(const char *domain, struct err *err)
{
	return err_set(err, ERR_misconfigured,
	    "Encountered vhost ambiguity when trying to find a vhost for %s "
	    "but was unable to ask for user guidance in non-interactive mode. "
	    "Certbot may need vhosts to be explicitly labelled with "
	    "ServerName or ServerAlias directives.",
	    domain);
}

int
ask_vhost(struct apache *a, const char *domain, struct vref **list, size_t *n,
    struct err *err)
{
	struct vhost **all = NULL;
	size_t count = 0;
	long which = -1;
	char *text;
	jv value;

	for (size_t i = 0; i < a->conf.n_vhosts; i++)
		if (!a->conf.vhosts[i]->macro)
			VEC_ADD(all, count, a->conf.vhosts[i]);
	if (count == 0)
		return 0;
	if (!guest_interactive(a->g)) {
		free(all);
		return ambiguous(domain, err);
	}
	text = xasprintf("We were unable to find a vhost with a ServerName or "
			 "Address of %s.\nWhich virtual host would you like "
			 "to choose?",
	    domain);
	value = guest_ask(a->g, question("menu", text, all, count), err);
	free(text);
	if (!doc_is(value, DOC_NONE))
		which = number_of(value);
	doc_free(value);
	if (which >= 0 && (size_t)which < count && !all[which]->ssl &&
	    conflicts(a, all[which]))
		err_set(err, ERR_pluginFailed,
		    "The selected vhost would conflict with other HTTPS "
		    "VirtualHosts within Apache. Please select another vhost "
		    "or add ServerNames to your configuration.");
	else if (which >= 0 && (size_t)which < count)
		VEC_ADD(*list, *n, vref_of(all[which]));
	free(all);
	return err_is_set(err) ? -1 : 0;
}

static size_t
labels(const char *s)
{
	size_t n = 1;

	for (; *s != '\0'; s++)
		n += *s == '.';
	return n;
}

/* Has the vhost a name that *.example.com covers? */
static int
name_under(const char *name, const char *wildcard)
{
	const char *dot = strchr(name, '.');

	return labels(name) == labels(wildcard) && dot != NULL &&
	    strcasecmp(dot, wildcard + 1) == 0;
}

static int
vhost_under(const struct vhost *v, const char *wildcard)
{
	char *host = vhost_host(v);
	int under = host != NULL && name_under(host, wildcard);

	free(host);
	for (size_t i = 0; i < v->n_aliases; i++)
		under |= name_under(v->aliases[i], wildcard);
	return under;
}

/* Is there a TLS vhost with the name of v? */
static int
has_tls(const struct apache *a, const struct vhost *v, const char *wildcard)
{
	char *host = vhost_host(v);
	int found = 0;

	for (size_t i = 0; host != NULL && i < a->conf.n_vhosts; i++) {
		const struct vhost *o = a->conf.vhosts[i];
		found |= o->ssl && !o->macro && vhost_under(o, wildcard) &&
		    vhost_serves(o, host) == 3;
	}
	free(host);
	return found;
}

int
ask_wildcard(struct apache *a, const char *domain, int create,
    struct vref **list, size_t *n, struct err *err)
{
	struct vhost **all = NULL;
	size_t count = 0;
	jv value;

	for (size_t i = 0; i < a->conf.n_vhosts; i++) {
		struct vhost *v = a->conf.vhosts[i];
		if (!v->macro && vhost_under(v, domain) &&
		    (v->ssl || (create && !has_tls(a, v, domain))))
			VEC_ADD(all, count, v);
	}
	if (count == 0)
		return 0;
	if (!guest_interactive(a->g)) {
		free(all);
		return ambiguous(domain, err);
	}
	value = guest_ask(a->g,
	    question("checklist",
		"Which VirtualHosts would you like to install the wildcard "
		"certificate for?",
		all, count),
	    err);
	for (size_t i = 0; i < count; i++) {
		char *line = describe(all[i]);
		if (doc_list_has(value, line))
			VEC_ADD(*list, *n, vref_of(all[i]));
		free(line);
	}
	doc_free(value);
	free(all);
	return err_is_set(err) ? -1 : 0;
}
