#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "decide.h"
#include "prompts.h"
#include "pump.h"
#include "steps.h"
#include "value.h"

/* The names in line join -d's; those that are none are told in bad. */
static void
take_names(struct config *c, const char *line, struct buf *bad)
{
	char *copy = xstrdup(line), *save = NULL;

	for (char *w = strtok_r(copy, ", \t", &save); w != NULL;
	     w = strtok_r(NULL, ", \t", &save)) {
		struct err why = {0};

		if (value_add_domains(c, w, &why) != 0)
			buf_addf(bad, "%s: %s\n", w, err_text(&why));
		err_clear(&why);
	}
	free(copy);
}

/* Bad names were typed: 1 to ask for all names again, 0 for none, -1. */
static int
ask_again(const char *bad, struct err *err)
{
	char *text = xasprintf(
	    "One or more of the entered domain names was not valid:\n\n%s\nWould you like to re-enter the names?",
	    bad);
	int yes = prompt_yesno(text, "Yes", "No", -1, NULL, 1, err);

	free(text);
	return yes;
}

/* Names out of what was typed. */
static int
ask_names(struct config *c, struct err *err)
{
	int again = 1;

	while (again == 1) {
		jv q = doc_object(), answer;
		struct buf bad;

		buf_init(&bad, DOC_MAX);
		q = doc_set_str(q, "kind", "input");
		q = doc_set_str(q, "text",
		    "Please enter the domain name(s) you would like on your certificate (comma and/or space separated)");
		q = doc_set_str(q, "flag", "--domains");
		q = doc_set_flag(q, "force", 1);
		answer = prompt_ask(q, err);
		if (err->has_members && doc_flag(err->members, "cancel", 0))
			err_clear(err);
		config_put(c, "domains", doc_array());
		if (doc_is(answer, DOC_STRING))
			take_names(c, doc_text_of(answer), &bad);
		again = bad.len > 0 ? ask_again(bad.p, err) : 0;
		if (bad.len > 0)
			config_put(c, "domains", doc_array());
		buf_release(&bad);
		doc_free(answer);
	}
	return err_is_set(err) ? -1 : 0;
}

/* Labels from the right, without the last: sites of one domain together. */
static int
by_domain(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	const char *p = strrchr(x, '.'), *q = strrchr(y, '.');
	int d = 0;

	while (d == 0 && p && q) {
		const char *i = p, *k = q;

		while (i > x && i[-1] != '.')
			i--;
		while (k > y && k[-1] != '.')
			k--;
		d = strncmp(i, k, (size_t)(p - i > q - k ? p - i : q - k));
		p = i > x ? i - 1 : NULL;
		q = k > y ? k - 1 : NULL;
	}
	if (d == 0)
		d = (p != NULL) - (q != NULL);
	return d != 0 ? d : strcmp(x, y);
}

/* The valid ones of what the server has, each once, in certbot's order. */
static jv
names_of_server(struct config *c, struct err *err)
{
	jv out = pump_stage(
	    step_install(c, config_str(c, "installer"), "names"), doc_none(),
	    err);
	jv found = doc_find(out, "installer", "names", NULL);
	jv valid = doc_array(), sorted = doc_array();
	const char **list = xcalloc(doc_len(found) + 1, sizeof(*list));

	for (size_t i = 0; i < doc_len(found); i++) {
		const char *name = doc_str_at(found, i);
		char *good = name ? value_domain(name, NULL) : NULL;

		if (good)
			valid = doc_push_str(valid, good);
		free(good);
	}
	valid = doc_sorted_set(valid);
	for (size_t i = 0; i < doc_len(valid); i++)
		list[i] = doc_str_at(valid, i);
	qsort(list, doc_len(valid), sizeof(*list), by_domain);
	for (size_t i = 0; i < doc_len(valid); i++)
		sorted = doc_push_str(sorted, list[i]);
	free(list);
	doc_free(valid);
	doc_free(found);
	doc_free(out);
	return sorted;
}

/* Which of the server's names? */
static int
choose_names(struct config *c, struct err *err)
{
	jv names = names_of_server(c, err), chosen;

	if (err_is_set(err) || doc_len(names) == 0) {
		doc_free(names);
		return err_is_set(err) ? -1 : ask_names(c, err);
	}
	chosen = prompt_checklist(
	    "Which names would you like to activate HTTPS for?\nWe recommend selecting either all domains, or all domains in a VirtualHost/server block.",
	    names, "--domains", err);
	if (err->has_members && doc_flag(err->members, "cancel", 0))
		err_clear(err);
	config_put(c, "domains",
	    doc_is(chosen, DOC_ARRAY) ? doc_copy(chosen) : doc_array());
	doc_free(chosen);
	return err_is_set(err) ? -1 : 0;
}

jv
names_of_request(struct config *c, struct err *err)
{
	jv names = config_list(c, "domains");

	if (doc_len(names) == 0 && config_str(c, "certname") != NULL)
		doc_move(&names, lineage_names(c, config_str(c, "certname")));
	if (doc_len(names) > 0)
		return names;
	doc_free(names);
	if (config_str(c, "installer") != NULL ? choose_names(c, err) != 0 :
						 ask_names(c, err) != 0)
		return doc_none();
	names = config_list(c, "domains");
	if (doc_len(names) > 0)
		return names;
	doc_free(names);
	if (config_str(c, "certname") != NULL)
		err_set(err, ERR_configuration,
		    "No certificate with name %s found. Use -d to specify domains, or run certbot certificates to see possible certificate names.",
		    config_str(c, "certname"));
	else
		err_set(err, ERR_configuration,
		    "Please specify --domains, --ip-address, or --installer that will help in domain names autodiscovery, or --cert-name for an existing certificate name.");
	return doc_none();
}
