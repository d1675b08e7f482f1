/* prompts.c - certbot's five ways to ask. */
#include "prompts.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/term.h"
#include "progress.h"
#include "screen.h"

static struct {
	int never;  /* -n, -q, renew */
	int forced; /* --force-interactive */
	int warned;
} mode;

void
prompts_configure(const struct config *c)
{
	mode.never = config_flag(c, "noninteractive_mode") ||
	    config_flag(c, "quiet");
	mode.forced = config_flag(c, "force_interactive");
}

static void
put(const char *text)
{
	char *safe = text_printable(text, 1);

	progress_hide();
	fputs(safe, stdout);
	fflush(stdout);
	free(safe);
}

static char *
read_answer(struct err *err)
{
	char *line = term_read_line(STDIN_FILENO);

	if (line == NULL) {
		err_set(err, ERR_interrupted, "EOFError");
		err_member(err, "unexpected", doc_bool(1));
	}
	return line;
}

static void
cancelled(struct err *err)
{
	err_set(err, ERR_interrupted, "the question was cancelled");
	err_member(err, "cancel", doc_bool(1));
}

/* "Yes" is asked as "(Y)es". */
static char *
label_key(const char *label)
{
	return xasprintf("(%c)%s", label[0], label + 1);
}

static void
put_framed(jv q, const char *text)
{
	char *body = doc_flag(q, "wrap", 1) ? term_wrap(text) : xstrdup(text);

	put("\n");
	put(term_separator);
	put("\n");
	put(body);
	put("\n");
	put(term_separator);
	put("\n");
	free(body);
}

static jv
ask_yesno(jv q, const char *text, struct err *err)
{
	jv labels = doc_get_kind(q, "choices", DOC_ARRAY);
	const char *yes = doc_str_at(labels, 0), *no = doc_str_at(labels, 1);
	char *y = label_key(yes != NULL ? yes : "Yes");
	char *n = label_key(no != NULL ? no : "No");
	jv answer = doc_none();

	put_framed(q, text);
	for (;;) {
		char *line;
		int c;

		put(y);
		put("/");
		put(n);
		put(": ");
		line = read_answer(err);
		if (line == NULL)
			break;
		c = toupper((unsigned char)line[0]);
		free(line);
		if (c != 0 && c == toupper((unsigned char)y[1])) {
			answer = doc_bool(1);
			break;
		}
		if (c != 0 && c == toupper((unsigned char)n[1])) {
			answer = doc_bool(0);
			break;
		}
	}
	free(y);
	free(n);
	doc_free(labels);
	return answer;
}

static jv
ask_input(const char *text, struct err *err)
{
	char *message = xasprintf("%s (Enter 'c' to cancel):", text);
	char *wrapped = term_wrap(message), *line;
	jv answer = doc_none();

	put(wrapped);
	put(" ");
	line = read_answer(err);
	if (line != NULL && (strcmp(line, "c") == 0 || strcmp(line, "C") == 0))
		cancelled(err);
	else if (line != NULL)
		answer = doc_stringn(line, strlen(line));
	free(line);
	free(wrapped);
	free(message);
	return answer;
}

static void
put_entries(jv entries, const char *text)
{
	put("\n");
	put(text);
	put("\n");
	put(term_separator);
	put("\n");
	for (size_t i = 0; i < doc_len(entries); i++) {
		char *entry = xasprintf("%zu: %s", i + 1,
		    doc_str_at(entries, i));
		char *wrapped = term_wrap(entry);

		put(wrapped);
		put("\n");
		free(wrapped);
		free(entry);
	}
	put(term_separator);
	put("\n");
}

static jv
ask_menu(jv q, const char *text, struct err *err)
{
	jv entries = doc_get_kind(q, "choices", DOC_ARRAY);
	size_t n = doc_len(entries);
	char *prompt = n == 1 ?
	    xstrdup(
		"Press 1 [enter] to confirm the selection (press 'c' to cancel): ") :
	    xasprintf(
		"Select the appropriate number [1-%zu] then [enter] (press 'c' to cancel): ",
		n);
	jv answer = doc_none();

	put_entries(entries, text);
	for (;;) {
		char *line, *end;
		long chosen;

		put(prompt);
		line = read_answer(err);
		if (line == NULL)
			break;
		if (line[0] == 'c' || line[0] == 'C') {
			free(line);
			cancelled(err);
			break;
		}
		chosen = strtol(line, &end, 10);
		if (end != line && *end == '\0' && chosen >= 1 &&
		    (size_t)chosen <= n) {
			free(line);
			answer = doc_number((double)(chosen - 1));
			break;
		}
		free(line);
		put("\n** Invalid input **\n");
	}
	free(prompt);
	doc_free(entries);
	return answer;
}

/* Numbers of a checklist's answer as the chosen texts; none when it is bad. */
static jv
chosen_texts(jv entries, const char *line)
{
	jv texts = doc_array();
	size_t n = doc_len(entries);
	char *mark = xcalloc(n + 1, 1);
	int any = 0, good = 1;

	for (const char *p = line; good && *p != '\0';) {
		char *end;
		long k;

		p += strspn(p, ", \t");
		if (*p == '\0')
			break;
		k = strtol(p, &end, 10);
		good = end != p && k >= 1 && (size_t)k <= n &&
		    (*end == '\0' || strchr(", \t", *end) != NULL);
		if (good)
			mark[k - 1] = 1;
		any = 1;
		p = end;
	}
	for (size_t i = 0; good && i < n; i++)
		if (!any || mark[i])
			texts = doc_push(texts, doc_at(entries, i));
	free(mark);
	if (good)
		return texts;
	doc_free(texts);
	return doc_none();
}

static jv
ask_checklist(jv q, const char *text, struct err *err)
{
	jv entries = doc_get_kind(q, "choices", DOC_ARRAY), answer = doc_none();

	for (;;) {
		jv line;

		put_entries(entries, text);
		line = ask_input(
		    "Select the appropriate numbers separated by commas and/or spaces, or leave input blank to select all options shown",
		    err);
		if (!doc_is(line, DOC_STRING))
			break;
		answer = chosen_texts(entries, doc_text_of(line));
		doc_free(line);
		if (doc_is(answer, DOC_ARRAY))
			break;
		put("** Error - Invalid selection **\n");
	}
	doc_free(entries);
	return answer;
}

static jv
ask_pause(jv q, const char *text, struct err *err)
{
	char *line;

	put_framed(q, text);
	if (!doc_flag(q, "pause", 1)) /* only to be read */
		return doc_bool(1);
	put("Press Enter to Continue");
	line = read_answer(err);
	if (line == NULL)
		return doc_none();
	free(line);
	return doc_bool(1);
}

/* What could be chosen: "\nChoices: ['a', 'b']" of a menu, "\na? b?" of a
 * checklist; malloc'd; NULL. */
static char *
listed_choices(jv q, const char *kind)
{
	jv choices = doc_get_kind(q, "choices", DOC_ARRAY);
	int menu = strcmp(kind, "menu") == 0;
	char *joined = NULL, *list = NULL;

	if (menu || strcmp(kind, "checklist") == 0)
		joined = doc_join(choices, menu ? "', '" : "? ");
	if (joined != NULL)
		list = menu ? xasprintf("\nChoices: ['%s']", joined) :
			      xasprintf("\n%s?", joined);
	free(joined);
	doc_free(choices);
	return list;
}

/* Nobody may be asked: the default, or certbot's refusal. */
static jv
without_asking(jv q, const char *kind, const char *text, struct err *err)
{
	jv fallback = doc_get(q, "default");
	const char *flag = doc_str(q, "flag");
	char *list = NULL;

	if (doc_kind(fallback) != DOC_NONE && doc_kind(fallback) != DOC_NULL)
		return fallback;
	doc_free(fallback);
	if (strcmp(kind, "pause") == 0)
		return doc_bool(1);
	list = listed_choices(q, kind);
	err_set(err, ERR_configuration,
	    "Missing command line flag or config entry for this setting:\n%s%s%s%s%s",
	    text, list != NULL ? list : "",
	    flag != NULL ? "\n\n(You can set this with the " : "",
	    flag != NULL ? flag : "", flag != NULL ? " flag)" : "");
	free(list);
	return doc_none();
}

static int
may_ask(jv q)
{
	if (mode.never)
		return 0;
	if (doc_flag(q, "force", 0) || mode.forced ||
	    (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)))
		return 1;
	if (!mode.warned)
		log_warning("certbot._internal.display.obj",
		    "Skipped user interaction because Certbot doesn't appear to be running in a terminal. You should probably include --non-interactive or --force-interactive on the command line.");
	mode.warned = 1;
	return 0;
}

jv
prompt_ask(jv q, struct err *err)
{
	const char *kind = doc_str(q, "kind"), *text = doc_str(q, "text");
	jv answer = doc_none();

	if (kind == NULL || text == NULL) {
		err_set(err, ERR_badDocument,
		    "a question without kind or text");
	} else if (!may_ask(q)) {
		answer = without_asking(q, kind, text, err);
	} else {
		log_add(LOG_DEBUG, "certbot._internal.display.obj", SHOW_LOG,
		    "Notifying user: %s", text);
		if (strcmp(kind, "yesno") == 0)
			answer = ask_yesno(q, text, err);
		else if (strcmp(kind, "input") == 0)
			answer = ask_input(text, err);
		else if (strcmp(kind, "menu") == 0)
			answer = ask_menu(q, text, err);
		else if (strcmp(kind, "checklist") == 0)
			answer = ask_checklist(q, text, err);
		else
			answer = ask_pause(q, text, err);
	}
	doc_free(q);
	return answer;
}

int
prompt_yesno(const char *text, const char *yes, const char *no, int fallback,
    const char *flag, int force, struct err *err)
{
	const char *const labels[] = {yes, no};
	jv q = doc_object(), answer, box;
	int r;

	q = doc_set_str(q, "kind", "yesno");
	q = doc_set(q, "text", doc_stringn(text, strlen(text)));
	q = doc_set(q, "choices", doc_list(labels, 2));
	if (fallback >= 0)
		q = doc_set_flag(q, "default", fallback);
	q = doc_set_str(q, "flag", flag);
	q = doc_set_flag(q, "force", force);
	answer = prompt_ask(q, err);
	box = doc_set(doc_object(), "v", answer);
	r = err_is_set(err) ? -1 : doc_flag(box, "v", 0);
	doc_free(box);
	return r;
}

jv
prompt_checklist(const char *text, jv choices TAKES, const char *flag,
    struct err *err)
{
	jv q = doc_set_str(doc_object(), "kind", "checklist");

	q = doc_set_str(q, "text", text);
	q = doc_set(q, "choices", choices);
	if (flag != NULL)
		q = doc_set_str(q, "flag", flag);
	return prompt_ask(doc_set_flag(q, "force", 1), err);
}
