/* echo-stage - the smallest stage: marks each document with the size of the
 * vector that it came in, and fails those that say "fail".
 *
 * --slow FILE: makes FILE once it has a vector, and waits until it is gone. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/proc.h"
#include "base/safefile.h"
#include "base/stage.h"

static struct tool {
	const char *slow, *expand, *ask;
	int keep_too, catch;
} tool;

static struct stage st = {.name = "echo-stage"};

static const struct opt options[] = {
    {"slow", 0, OPT_STRING, &tool.slow, "FILE",
	"make FILE, wait until it is gone"},
    {"expand", 0, OPT_STRING, &tool.expand, "TEXT", "expand %n in TEXT"},
    {"ask", 0, OPT_STRING, &tool.ask, "TEXT", "ask, and put in the answer"},
    {"keep-too", 0, OPT_FLAG, &tool.keep_too, NULL, "take kept ones"},
    {"catch", 0, OPT_FLAG, &tool.catch, NULL, "catch signals"},
    {"config-dir", 0, OPT_STRING, &st.config_dir, "DIR", "a directory"},
    OPT_END,
};

static void
wait_gone(const char *path)
{
	(void)safefile_write(path, "", 0, 0600, 0, NULL);
	while (access(path, F_OK) == 0 && wait_readable(NULL, 0, 10) != -2)
		;
}

static int
work(jv *doc, size_t n, struct err *err)
{
	const char *fail = doc_str(*doc, "fail");
	char *text;
	jv answer;

	if (fail != NULL && strcmp(fail, "later") == 0)
		return err_set(err, ERR_retryLater, "come back later");
	if (fail != NULL && strcmp(fail, "refused") == 0)
		return err_set(err, ERR_refused, "no, and never");
	if (tool.expand != NULL) {
		text = stage_expand(tool.expand, *doc, err);
		if (text == NULL)
			return -1;
		*doc = doc_set_str(*doc, "expanded", text);
		free(text);
	}
	if (tool.ask != NULL) {
		answer = ui_ask(
		    doc_set_str(doc_set_str(doc_object(), "kind", "input"),
			"text", tool.ask),
		    err);
		if (err_is_set(err))
			return -1;
		*doc = doc_set(*doc, "answer", answer);
	}
	*doc = doc_set_int(*doc, "vector", (long)n);
	return 0;
}

static void
vector(void *ctx, struct stage *s, jv *docs, size_t n)
{
	(void)ctx;
	if (tool.slow != NULL)
		wait_gone(tool.slow);
	for (size_t i = 0; i < n; i++) {
		struct err err = {0};

		log_info("echo", "document %zu of %zu", i + 1, n);
		if (signals_caught() != 0)
			err_set(&err, ERR_interrupted, "a signal came");
		if (err_is_set(&err) || work(&docs[i], n, &err) != 0)
			stage_fail(s, docs[i], &err);
		else
			stage_emit(s, docs[i]);
	}
}

static jv
settings(void)
{
	jv doc = doc_set_int(doc_object(), "acme", 1);

	doc = doc_set_str(doc, "server", st.server);
	doc = doc_set_str(doc, "accountDir", st.account_dir);
	doc = doc_set_str(doc, "caBundle", st.ca_bundle);
	doc = doc_set_str(doc, "configDir", st.config_dir);
	doc = doc_set_int(doc, "timeout", st.timeout);
	return doc_set_flag(doc, "reads", stage_reads(&st));
}

int
main(int argc, char *argv[])
{
	st.usage = (struct opts_usage){.program = "echo-stage",
	    .synopsis = "[OPTION...]\nsettings [OPTION...] [-]",
	    .about = "Passes documents on."};
	st.options = options;
	if (stage_begin(&st, argc, argv) != 0)
		return stage_end(&st);
	if (tool.catch)
		signals_catch();
	if (strcmp(stage_verb(&st), "settings") == 0)
		stage_emit(&st, settings());
	else
		stage_run(&st, tool.keep_too ? STAGE_KEEP_TOO : 0, vector,
		    NULL);
	return stage_end(&st);
}
