/* progress_stage.c - what each stage of a pass is waited for. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/stage.h"
#include "progress.h"

/* By program and, where it tells more, one of its first words. */
static const struct {
	const char *program, *word, *what;
} stages[] = {
    {"acme-account", NULL, "Asking the CA for the account"},
    {"acme-order", NULL, "Ordering the certificate"},
    {"acme-challenge", "deactivate", "Withdrawing authorizations"},
    {"acme-challenge", "check", "Asking the plugin whether it can work here"},
    {"acme-challenge", NULL, "Preparing challenges"},
    {"acme-finalize", NULL, "Waiting for the certificate"},
    {"acme-revoke", NULL, "Revoking the certificate"},
    {"acme-renewal", NULL, "Asking whether certificates are revoked"},
    {"acme-install", NULL, "Working on the server's configuration"},
    {"certstore", "verify", "Reading certificates"},
    {"certstore", "save", "Saving the certificate"},
};

/* The lineage that is worked on: its name, or the first one asked for. */
static char *about;

void
progress_about(jv doc)
{
	const char *name = doc_str_find(doc, "plan", "lineage", NULL);
	jv names = doc_is(doc, DOC_OBJECT) && name == NULL ?
	    doc_find(doc, "request", "names", NULL) :
	    doc_none();

	if (name == NULL)
		name = doc_str_at(names, 0);
	free(about);
	about = name == NULL ? NULL : xstrdup(name);
	doc_free(names);
}

static int
has_word(jv step, const char *word)
{
	for (size_t i = 1; word != NULL && i <= 2; i++) {
		const char *has = doc_str_at(step, i);

		if (has != NULL && strcmp(has, word) == 0)
			return 1;
	}
	return word == NULL;
}

void
progress_stage(jv step, jv doc)
{
	const char *program = doc_str_at(step, 0);

	progress_about(doc);
	for (size_t i = 0; program != NULL && i < ARRAY_LEN(stages); i++)
		if (strcmp(stages[i].program, program) == 0 &&
		    has_word(step, stages[i].word)) {
			progress_show(about, stages[i].what, 0, 0, NULL);
			return;
		}
}

void
progress_heard(jv message)
{
	const char *what = doc_str(message, "what");
	long done = 0, total = 0;

	doc_int(message, "done", &done);
	doc_int(message, "total", &total);
	if (what != NULL && done >= 0 && total >= 0)
		progress_show(about, what, (size_t)done, (size_t)total,
		    total == 1 ? "name" : "names");
}
