#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/log_ui.h"
#include "base/proc.h"
#include "base/term.h"

/* Bytes from the driver that are no whole line yet. */
static struct buf down;

static jv
cancelled(struct err *err)
{
	err_set(err, ERR_interrupted, "the question was cancelled");
	err_member(err, "cancel", doc_bool(1));
	return doc_none();
}

/* --- the driver asks ------------------------------------------------------- */

/* The next line from the driver, as a value; none with err. */
static jv
read_down(struct err *err)
{
	int fd = log_ui_fd();
	char *end;
	jv v;

	for (;;) {
		end = down.p == NULL ? NULL : memchr(down.p, '\n', down.len);
		if (end != NULL)
			break;
		if (wait_readable(&fd, 1, -1) == -2) {
			err_set(err, ERR_interrupted,
			    "a signal ended the work");
			return doc_none();
		}
		if (buf_read(&down, fd) <= 0) {
			err_set(err, ERR_interrupted,
			    "the driver ended before it answered a question");
			return doc_none();
		}
	}
	v = doc_parse(down.p, (size_t)(end - down.p), err);
	buf_drop(&down, (size_t)(end - down.p) + 1);
	return v;
}

static jv
take_answer(jv answer, struct err *err)
{
	const char *text = doc_str(answer, "error");
	jv value = doc_none();

	if (doc_flag(answer, "cancel", 0))
		value = cancelled(err);
	else if (text != NULL)
		err_set(err, ERR_misconfigured, "%s", text);
	else if (doc_has(answer, "value"))
		value = doc_get(answer, "value");
	else
		value = doc_null();
	doc_free(answer);
	return value;
}

static jv
ask_driver(jv question, struct err *err)
{
	static long last;
	long id = ++last, got;

	if (down.max == 0)
		buf_init(&down, DOC_MAX);
	if (log_ui_send("ask", doc_set_int(question, "id", id)) != 0) {
		err_set(err, ERR_interrupted,
		    "the driver ended before it answered a question");
		return doc_none();
	}
	for (;;) {
		jv line = read_down(err), answer;

		if (doc_is(line, DOC_NONE))
			return doc_none();
		answer = doc_get_kind(line, "answer", DOC_OBJECT);
		doc_free(line);
		if (doc_int(answer, "id", &got) == 0 && got == id)
			return take_answer(answer, err);
		doc_free(answer);
	}
}

/* --- the terminal ---------------------------------------------------------- */

static void
put(int tty, const char *s)
{
	char *safe = text_printable(s, 1);

	(void)fd_write_all(tty, safe, strlen(safe));
	free(safe);
}

static void
put_choices(int tty, jv choices)
{
	for (size_t i = 0; i < doc_len(choices); i++) {
		const char *text = doc_str_at(choices, i);
		char *line = xasprintf("%zu: %s\n", i + 1,
		    text != NULL ? text : "");

		put(tty, line);
		free(line);
	}
}

/* The number of a choice from text, counted from 0; -1 when it is none. */
static long
choice_of(const char **text, size_t n)
{
	char *end;
	long k = strtol(*text, &end, 10);

	if (end == *text || k < 1 || (size_t)k > n ||
	    (*end != '\0' && strchr(", \t", *end) == NULL))
		return -1;
	*text = end;
	return k - 1;
}

/* "1,3 4" as the chosen texts, all for an empty line; none when it is bad. */
static jv
chosen(jv choices, const char *line)
{
	jv list = doc_array();
	long k;

	line += strspn(line, ", \t");
	if (*line == '\0') {
		doc_free(list);
		return doc_copy(choices);
	}
	while (*line != '\0') {
		k = choice_of(&line, doc_len(choices));
		if (k < 0) {
			doc_free(list);
			return doc_none();
		}
		list = doc_push(list, doc_at(choices, (size_t)k));
		line += strspn(line, ", \t");
	}
	return list;
}

/* The value that line means for this kind of question; none: ask again. */
static jv
understand(const char *kind, jv choices, const char *line)
{
	long k;

	if (strcmp(kind, "input") == 0)
		return doc_stringn(line, strlen(line));
	if (strcmp(kind, "checklist") == 0)
		return chosen(choices, line);
	if (strcmp(kind, "menu") == 0) {
		k = choice_of(&line, doc_len(choices));
		return k < 0 || *line != '\0' ? doc_none() :
						doc_number((double)k);
	}
	if (strcmp(kind, "pause") == 0)
		return doc_bool(1);
	if (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0)
		return doc_bool(1);
	if (strcasecmp(line, "n") == 0 || strcasecmp(line, "no") == 0)
		return doc_bool(0);
	return doc_none();
}

static const char *
hint(const char *kind)
{
	static const char *const hints[][2] = {
	    {"yesno", "(Y)es/(N)o: "},
	    {"menu", "Number ('c' to cancel): "},
	    {"checklist", "Numbers, nothing for all ('c' to cancel): "},
	    {"pause", "Press Enter to Continue"},
	};

	for (size_t i = 0; i < ARRAY_LEN(hints); i++)
		if (strcmp(kind, hints[i][0]) == 0)
			return hints[i][1];
	return "('c' to cancel): ";
}

/* A line when there is one; NULL at its end or after a signal. */
static char *
read_tty(int tty)
{
	return wait_readable(&tty, 1, -1) == 0 ? term_read_line(tty) : NULL;
}

static jv
ask_tty(int tty, jv question, struct err *err)
{
	const char *kind = doc_str(question, "kind");
	const char *text = doc_str(question, "text");
	jv choices = doc_get_kind(question, "choices", DOC_ARRAY);
	jv fallback = doc_get(question, "default"), value = doc_none();
	char *line;

	if (kind == NULL)
		kind = "input";
	while (doc_is(value, DOC_NONE)) {
		put(tty, text != NULL ? text : "");
		put(tty, "\n");
		if (strcmp(kind, "menu") == 0 || strcmp(kind, "checklist") == 0)
			put_choices(tty, choices);
		put(tty, hint(kind));
		line = read_tty(tty);
		if (line == NULL ||
		    (strcasecmp(line, "c") == 0 && strcmp(kind, "yesno") != 0 &&
			strcmp(kind, "pause") != 0)) {
			free(line);
			value = cancelled(err);
			break;
		}
		if (line[0] == '\0' && !doc_is(fallback, DOC_NONE) &&
		    !doc_is(fallback, DOC_NULL))
			value = doc_copy(fallback);
		else
			value = understand(kind, choices, line);
		free(line);
	}
	doc_free(fallback);
	doc_free(choices);
	return value;
}

static int
open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

int
ui_can_ask(void)
{
	int tty;

	if (log_ui_fd() != -1)
		return 1;
	tty = open_terminal();
	if (tty != -1)
		close(tty);
	return tty != -1;
}

jv
ui_ask(jv question, struct err *err)
{
	const char *text, *flag;
	jv value = doc_none();
	int tty;

	if (log_ui_fd() != -1)
		return ask_driver(question, err);
	tty = open_terminal();
	if (tty != -1) {
		value = ask_tty(tty, question, err);
		close(tty);
	} else {
		text = doc_str(question, "text");
		flag = doc_str(question, "flag");
		err_set(err, ERR_misconfigured,
		    "there is no terminal to ask: %s%s%s%s",
		    text != NULL ? text : "",
		    flag != NULL ? " (set it with " : "",
		    flag != NULL ? flag : "", flag != NULL ? ")" : "");
	}
	doc_free(question);
	return value;
}
