#include "base/jq.h"

#include <errno.h>
#include <fcntl.h>
#include <jq.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/proc.h"

enum { LINE_MAX_BYTES = 2 * DOC_MAX, OUT = 3, FILES_MAX = 4 };

struct jq_child {
	char *text, *what;
	pid_t pid; /* -1: not running */
	int in, out;
	struct buf buf;
};

/* --- in the child ----------------------------------------------------------- */

static void
limit(enum __rlimit_resource resource, rlim_t n)
{
	struct rlimit r = {n, n};

	(void)setrlimit(resource, &r);
}

/* Bytes of our address space now; the child begins with as much. */
static rlim_t
address_space(void)
{
	char text[64] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	long pages = 0;

	if (fd != -1) {
		ssize_t n = read(fd, text, sizeof(text) - 1);
		if (n > 0)
			pages = strtol(text, NULL, 10);
		close(fd);
	}
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void
confine(int in, int out, rlim_t space)
{
	static char *nothing[] = {NULL};
	int null = fcntl(open("/dev/null", O_RDWR), F_DUPFD, FILES_MAX);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Our words go to descriptor 3: libjq writes to 1 and 2 at times. */
	in = fcntl(in, F_DUPFD, FILES_MAX);
	if (dup2(out, OUT) == -1 || dup2(in, 0) == -1 || dup2(null, 1) == -1 ||
	    dup2(null, 2) == -1)
		_exit(70);
	closefrom(FILES_MAX);
	environ = nothing;
	if (chdir("/") == -1)
		_exit(70);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_CPU, JQ_CHILD_CPU);
	limit(RLIMIT_NOFILE, FILES_MAX); /* nothing more can be opened */
	if (!SANITIZED)
		limit(RLIMIT_AS, space + JQ_CHILD_MEMORY);
}

static void
keep_message(void *arg, jv message)
{
	char **first = arg;
	char *text = doc_text_of(message) != NULL ?
	    xstrdup(doc_text_of(message)) :
	    doc_text(message);

	text[strcspn(text, "\n")] = '\0'; /* the program follows */
	if (*first == NULL)
		*first = text;
	else
		free(text);
	doc_free(message);
}

static void
answer(const char *key, jv value TAKES)
{
	char *text = doc_text(doc_set(doc_object(), key, value));

	if (fd_write_all(OUT, text, strlen(text)) == -1 ||
	    fd_write_all(OUT, "\n", 1) == -1)
		_exit(74);
	free(text);
}

static void
answer_input(jq_state *jq, jv input TAKES)
{
	jv value, more;

	jq_start(jq, input, 0);
	value = jq_next(jq);
	if (!jv_is_valid(value)) {
		jv why = jv_invalid_has_msg(jv_copy(value)) ?
		    jv_invalid_get_msg(value) :
		    doc_string("the program has no output");
		if (!doc_is(why, DOC_STRING)) {
			char *text = doc_text(why);
			doc_move(&why, doc_string(text));
			free(text);
		}
		answer("error", why);
		return;
	}
	more = jq_next(jq);
	if (jv_is_valid(more)) {
		doc_free(value);
		answer("error", doc_string("the program has several outputs"));
	} else {
		answer("ok", value);
	}
	doc_free(more);
}

/* Lines in, lines out, until end of input. */
static void
serve(jq_state *jq)
{
	struct buf buf;
	struct err err = {0};
	char *end;

	buf_init(&buf, LINE_MAX_BYTES);
	for (;;) {
		end = buf.len == 0 ? NULL : memchr(buf.p, '\n', buf.len);
		if (end == NULL) {
			if (buf_read(&buf, 0) <= 0)
				_exit(0);
			continue;
		}
		answer_input(jq, doc_parse(buf.p, (size_t)(end - buf.p), &err));
		buf_drop(&buf, (size_t)(end - buf.p) + 1);
	}
}

static void
child(const char *text, int in, int out, rlim_t space)
{
	char *message = NULL;
	jq_state *jq;

	confine(in, out, space);
	jq = jq_init();
	if (jq == NULL)
		_exit(70);
	jq_set_error_cb(jq, keep_message, &message);
	if (!jq_compile(jq, text)) {
		answer("error",
		    doc_string(
			message == NULL ? "it does not compile" : message));
		_exit(0);
	}
	answer("ok", doc_null());
	serve(jq);
}

/* --- in the parent ------------------------------------------------------------ */

static void
end_child(struct jq_child *c)
{
	if (c->in != -1)
		close(c->in);
	if (c->out != -1)
		close(c->out);
	c->in = c->out = -1;
	if (c->pid > 0) {
		(void)kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) == -1 && errno == EINTR)
			;
	}
	c->pid = -1;
	buf_reset(&c->buf);
}

/* The child's next line as an object; none and err. */
static jv
next_line(struct jq_child *c, long ms, struct err *err)
{
	int64_t deadline = clock_ms() + ms;
	char *end;
	jv line;

	while ((end = c->buf.len == 0 ?
		       NULL :
		       memchr(c->buf.p, '\n', c->buf.len)) == NULL) {
		struct pollfd p = {c->out, POLLIN, 0};
		int64_t left = deadline - clock_ms();
		int ready = left <= 0 ? 0 : poll(&p, 1, (int)left);

		if (ready == -1 && errno == EINTR)
			continue;
		if (ready == 0) {
			end_child(c);
			err_set(err, ERR_badData,
			    "%s: the jq program took more than %ld seconds",
			    c->what, ms / 1000);
			return doc_none();
		}
		if (buf_read(&c->buf, c->out) <= 0) {
			end_child(c);
			err_set(err, ERR_badData,
			    "%s: the jq program used more memory or processor "
			    "time than it may",
			    c->what);
			return doc_none();
		}
	}
	line = doc_parse(c->buf.p, (size_t)(end - c->buf.p), err);
	buf_drop(&c->buf, (size_t)(end - c->buf.p) + 1);
	if (doc_is(line, DOC_NONE))
		err_prefix(err, "%s: the jq program's output", c->what);
	return line;
}

static jv
take_answer(struct jq_child *c, long ms, struct err *err)
{
	jv line = next_line(c, ms, err), value;
	const char *why = doc_str(line, "error");

	if (why != NULL)
		err_set(err, ERR_badData, "%s: %s", c->what, why);
	value = doc_get(line, "ok");
	doc_free(line);
	return value;
}

static int
start_child(struct jq_child *c, struct err *err)
{
	int to[2] = {-1, -1}, from[2] = {-1, -1};
	rlim_t space = address_space();

	if (pipe2(to, O_CLOEXEC) == -1 || pipe2(from, O_CLOEXEC) == -1)
		goto fail;
	c->pid = fork();
	if (c->pid == 0)
		child(c->text, to[0], from[1], space);
	if (c->pid == -1)
		goto fail;
	close(to[0]);
	close(from[1]);
	c->in = to[1];
	c->out = from[0];
	doc_free(take_answer(c, JQ_CHILD_MS, err));
	if (!err_is_set(err))
		return 0;
	end_child(c);
	return -1;
fail:
	err_sys(err, ERR_internal, errno, "cannot start a process for %s",
	    c->what);
	for (int i = 0; i < 2; i++) {
		if (to[i] != -1)
			close(to[i]);
		if (from[i] != -1)
			close(from[i]);
	}
	return -1;
}

struct jq_child *
jq_child_new(const char *text, const char *what, struct err *err)
{
	struct jq_child *c = xcalloc(1, sizeof(*c));

	c->text = xstrdup(text);
	c->what = xstrdup(what);
	c->pid = c->in = c->out = -1;
	buf_init(&c->buf, LINE_MAX_BYTES);
	if (strlen(text) > JQ_CHILD_TEXT_MAX)
		err_set(err, ERR_badData, "%s: more than %d bytes", what,
		    JQ_CHILD_TEXT_MAX);
	else if (start_child(c, err) == 0)
		return c;
	jq_child_free(c);
	return NULL;
}

jv
jq_child_run(struct jq_child *c, jv input TAKES, long ms, struct err *err)
{
	char *text = doc_text(input);
	size_t n = strlen(text);
	int rc;

	doc_free(input);
	if (c->pid == -1 && start_child(c, err) == -1) {
		wipe_free(text, n);
		return doc_none();
	}
	text[n] = '\n'; /* over the final 0 */
	rc = fd_write_all(c->in, text, n + 1);
	wipe_free(text, n);
	if (rc == -1) {
		end_child(c);
		err_set(err, ERR_badData, "%s: the jq program ended", c->what);
		return doc_none();
	}
	return take_answer(c, ms == 0 ? JQ_CHILD_MS : ms, err);
}

void
jq_child_free(struct jq_child *c)
{
	if (c == NULL)
		return;
	end_child(c);
	buf_release(&c->buf);
	free(c->text);
	free(c->what);
	free(c);
}
