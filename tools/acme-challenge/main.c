/* acme-challenge - fulfils the authorizations of orders with a plugin, or shows,
 * answers or deactivates them (design, sections 1 and 4). */
#include <string.h>

#include "base/log.h"
#include "base/proc.h"
#include "challenge.h"

static const struct {
	const char *verb;
	stage_vector_fn *fn;
} verbs[] = {{"show", run_show}, {"answer", run_answer},
    {"deactivate", run_deactivate}};

static stage_vector_fn *
verb_function(const char *verb)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].verb, verb) == 0)
			return verbs[i].fn;
	return NULL;
}

static void
release(struct challenge *c)
{
	struct err err = {0};

	if (plugin_stop(c->plugin, &err) == -1)
		log_warning("acme-challenge", "%s", err_text(&err));
	err_clear(&err);
	err_clear(&c->plugin_err);
	acme_free(c->acme);
	net_close(c->net);
	plugin_desc_free(c->desc);
	doc_free(c->patterns);
	doc_free(c->given);
	doc_free(c->types);
	options_release();
}

static int
operands_ok(struct challenge *c, struct err *err)
{
	size_t n = doc_len(c->st.rest), first = 1;
	const char *second = doc_str_at(c->st.rest, 1);

	if (c->desc != NULL && second != NULL && strcmp(second, "check") == 0)
		first = 2;
	for (size_t i = first; i < n; i++) {
		const char *word = doc_str_at(c->st.rest, i);
		if (word != NULL && strcmp(word, "-") == 0)
			continue;
		err_set(err, ERR_usage,
		    "the operand \"%s\" is one too many; it is "
		    "acme-challenge PLUGIN [check], show, answer or "
		    "deactivate",
		    word == NULL ? "" : word);
		return 0;
	}
	return 1;
}

static void
run(struct challenge *c, struct err *err)
{
	const char *verb = stage_verb(&c->st);
	const char *second = doc_str_at(c->st.rest, 1);
	stage_vector_fn *fn = verb_function(verb);

	if (verb[0] == '\0') {
		err_set(err, ERR_usage,
		    "name a plugin, or one of show, answer, deactivate");
		return;
	}
	if (fn == NULL && c->desc == NULL)
		return; /* err says why */
	if (!operands_ok(c, err))
		return;
	if (c->desc != NULL && !c->desc->authenticator) {
		err_set(err, ERR_noPlugin,
		    "the plugin %s is no authenticator; 'certbot plugins "
		    "--authenticators' lists those",
		    c->desc->name);
		return;
	}
	(void)signals_catch();
	c->acme = acme_new(&c->st);
	if (c->desc != NULL && second != NULL && strcmp(second, "check") == 0)
		(void)run_check(c);
	else
		stage_run(&c->st, 0, fn == NULL ? run_plugin : fn, c);
}

int
main(int argc, char *argv[])
{
	static const char synopsis[] = "PLUGIN [check] [options]\n"
				       "show | answer | deactivate [options]";
	struct challenge c = {
	    .st = {.name = "acme-challenge",
		.usage = {.program = "acme-challenge",
		    .synopsis = synopsis,
		    .about = "Fulfil the challenges of the orders on standard "
			     "input."}},
	};
	const char *verb = options_verb(argc, argv);
	struct err err = {0};

	c.patterns = doc_array();
	c.given = doc_object();
	c.types = doc_array();
	if (verb != NULL && verb_function(verb) == NULL &&
	    strcmp(verb, "-") != 0)
		c.desc = plugin_find(verb, &err);
	if (options_begin(&c, argc, argv) == 0) {
		run(&c, &err);
		if (err_is_set(&err))
			stage_fail_first(&c.st, &err);
	}
	err_clear(&err);
	release(&c);
	return stage_end(&c.st);
}
