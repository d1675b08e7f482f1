#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "vec.h"

/* The names, each once; ServerName first. */
static jv
names_of(const struct vhost *v)
{
	char *host = vhost_host(v);
	jv names = doc_array();

	if (host != NULL)
		names = doc_push_str(names, host);
	free(host);
	for (size_t i = 0; i < v->n_aliases; i++)
		if (!doc_list_has(names, v->aliases[i]))
			names = doc_push_str(names, v->aliases[i]);
	return names;
}

/* "default.conf | a.example | HTTPS | Enabled", in certbot's columns. */
static jv
line_of(const struct vhost *v)
{
	jv names = names_of(v), text;
	char *line = xasprintf("%-30.30s | %-21.21s | %-5s | %-7s",
	    path_base(v->file->path),
	    doc_len(names) > 1	    ? "Multiple Names" :
		doc_len(names) == 1 ? doc_str_at(names, 0) :
				      "",
	    v->ssl ? "HTTPS" : "", v->enabled ? "Enabled" : "");

	text = doc_stringn(line, strlen(line));
	free(line);
	doc_free(names);
	return text;
}

/* All of it; its empty line parts it from the next. */
static jv
description(const struct vhost *v, int last)
{
	jv names = names_of(v), text;
	char *joined = doc_join(names, ", ");
	struct buf b;

	buf_init(&b, DOC_MAX / 16);
	(void)buf_addf(&b, "File: %s\nAddresses: ", v->file->path);
	for (size_t i = 0; i < v->n_addrs; i++)
		(void)buf_addf(&b, "%s%s%s%s", i > 0 ? ", " : "",
		    v->addrs[i].host, *v->addrs[i].port != '\0' ? ":" : "",
		    v->addrs[i].port);
	(void)buf_addf(&b, "\nNames: %s\nHTTPS: %s\n%s", joined,
	    v->ssl ? "Yes" : "No", last ? "" : "\n");
	text = doc_stringn(b.p, b.len);
	buf_release(&b);
	free(joined);
	doc_free(names);
	return text;
}

/* The answer; none when cancelled (no error) or with err. */
static jv
asked(struct apache *a, const char *kind, const char *text, jv choices TAKES,
    struct err *err)
{
	jv q = doc_set_str(doc_object(), "kind", kind), value;

	q = doc_set_str(doc_set(q, "choices", choices), "text", text);
	value = guest_ask(a->g, doc_set_flag(q, "force", 1), err);
	if (err->has_members && doc_flag(err->members, "cancel", 0))
		err_clear(err);
	return value;
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
	jv value, choices = doc_array();

	for (size_t i = 0; i < a->conf.n_vhosts; i++)
		if (!a->conf.vhosts[i]->macro)
			VEC_ADD(all, count, a->conf.vhosts[i]);
	if (count == 0) {
		doc_free(choices);
		return 0;
	}
	if (!guest_interactive(a->g)) {
		free(all);
		doc_free(choices);
		return ambiguous(domain, err);
	}
	for (size_t i = 0; i < count; i++)
		choices = doc_push(choices, line_of(all[i]));
	text = xasprintf("We were unable to find a vhost with a ServerName or "
			 "Address of %s.\nWhich virtual host would you like "
			 "to choose?",
	    domain);
	value = asked(a, "menu", text, choices, err);
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
	jv value, choices;

	for (size_t i = 0; i < a->conf.n_vhosts; i++) {
		struct vhost *v = a->conf.vhosts[i];
		if (!v->macro && vhost_under(v, domain) &&
		    (v->ssl || (create && !has_tls(a, v, domain))))
			VEC_ADD(all, count, v);
	}
	if (count == 0)
		return 0;
	choices = doc_array();
	for (size_t i = 0; i < count; i++)
		choices = doc_push(choices,
		    description(all[i], i + 1 == count));
	value = asked(a, "checklist",
	    "Which VirtualHosts would you like to install the wildcard "
	    "certificate for?",
	    doc_copy(choices), err);
	for (size_t i = 0; i < count; i++)
		if (doc_list_has(value, doc_str_at(choices, i)))
			VEC_ADD(*list, *n, vref_of(all[i]));
	doc_free(choices);
	doc_free(value);
	free(all);
	return err_is_set(err) ? -1 : 0;
}
