#include "base/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/path.h"
#include "base/proc.h"

enum { EXIT_AGAIN = 75, EXIT_IO = 74, TIMEOUT_S = 90 };

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *
stage_trust(void)
{
	static const char *const names[] = {"REQUESTS_CA_BUNDLE",
	    "CURL_CA_BUNDLE", "SSL_CERT_FILE"};
	const char *value = NULL;

	for (size_t i = 0; value == NULL && i < ARRAY_LEN(names); i++)
		value = environment(names[i]);
	return value;
}

static void
make_absolute(const char **path, char **owned)
{
	if (*path == NULL)
		return;
	*owned = path_absolute(*path);
	*path = *owned;
}

static int
parse(struct stage *st, int argc, char *argv[], struct err *err)
{
	static const struct opt none[] = {OPT_END};
	const struct opt common[] = {
	    {"server", 0, OPT_STRING, &st->server, "URL",
		"the ACME server's directory (else ACME_SERVER)"},
	    {"account-dir", 0, OPT_STRING, &st->account_dir, "DIR",
		"where the accounts are (certbot's accounts/)"},
	    {"ca-bundle", 0, OPT_STRING, &st->ca_bundle, "FILE",
		"certificates to trust instead of the system's"},
	    {"no-verify-ssl", 0, OPT_FLAG, &st->no_verify_ssl, NULL,
		"do not check the server's certificate (tests only)"},
	    {"timeout", 0, OPT_NUMBER, &st->timeout, "SECONDS",
		"how long to wait for the server or a lock (90)"},
	    {"again", 0, OPT_FLAG, &st->again, NULL,
		"work on documents that have an error, too"},
	    {"trace", 0, OPT_STRING, &st->trace, "FILE",
		"append what is sent and received to FILE"},
	    {"verbose", 'v', OPT_COUNT, &st->verbose, NULL,
		"say more on standard error; twice: still more"},
	    {"quiet", 'q', OPT_FLAG, &st->quiet, NULL,
		"say errors only on standard error"},
	    {"user-agent", 0, OPT_STRING, &st->user_agent, "TEXT",
		"what the server is told of the client"},
	    OPT_END,
	};
	const struct opt *tables[] = {st->options != NULL ? st->options : none,
	    common, NULL};
	int rc;

	if (st->usage.program == NULL)
		st->usage.program = st->name;
	st->timeout = TIMEOUT_S;
	rc = opts_parse(argc, argv, tables, &st->usage, &st->rest, err);
	if (rc != 0)
		return rc;
	if (st->server == NULL)
		st->server = environment("ACME_SERVER");
	if (st->ca_bundle == NULL)
		st->ca_bundle = stage_trust();
	make_absolute(&st->account_dir, &st->owned[0]);
	make_absolute(&st->ca_bundle, &st->owned[1]);
	make_absolute(&st->config_dir, &st->owned[2]);
	make_absolute(&st->work_dir, &st->owned[3]);
	make_absolute(&st->logs_dir, &st->owned[4]);
	make_absolute(&st->trace, &st->owned[5]);
	return 0;
}

int
stage_begin(struct stage *st, int argc, char *argv[])
{
	struct err err = {0};
	int rc;

	proc_hold_stdio();
	(void)signal(SIGPIPE, SIG_IGN);
	st->status = 0;
	st->rest = doc_none();
	rc = parse(st, argc, argv, &err);
	log_begin(st->name, st->quiet ? -1 : st->verbose);
	if (rc < 0)
		stage_fail_first(st, &err);
	st->finished = rc != 0;
	return rc != 0;
}

const char *
stage_verb(const struct stage *st)
{
	const char *verb = doc_str_at(st->rest, 0);

	return verb != NULL ? verb : "";
}

int
stage_reads(const struct stage *st)
{
	return doc_list_has(st->rest, "-");
}

/* The batch's status: 75 only if nothing worse is among the failures. */
static void
count(struct stage *st, int status)
{
	if (st->status == 0 || (st->status == EXIT_AGAIN && status != 0))
		st->status = status;
}

/* line ends with a newline. */
static void
put_line(struct stage *st, const char *line, size_t len)
{
	st->emitted++;
	if (st->broken || fd_write_all(STDOUT_FILENO, line, len) == 0)
		return;
	st->broken = 1;
	log_error(st->name, "cannot write standard output: %s",
	    strerror(errno));
}

static void
put_doc(struct stage *st, jv doc)
{
	char *text = doc_text(doc);
	size_t len = strlen(text);

	text[len] = '\n';
	put_line(st, text, len + 1);
	free(text);
	doc_free(doc);
}

void
stage_emit(struct stage *st, jv doc)
{
	jv error = doc_get_kind(doc, "error", DOC_OBJECT);

	if (doc_is(error, DOC_OBJECT))
		count(st, err_doc_exit_status(error));
	doc_free(error);
	put_doc(st, doc);
}

void
stage_pass(struct stage *st, const char *line, size_t len, int status)
{
	char *text = xasprintf("%.*s\n", (int)len, line);

	count(st, status);
	put_line(st, text, len + 1);
	free(text);
}

/* The driver tells people from the document; alone, we do, and in a batch
 * they must know which name it is about. */
static void
tell(struct stage *st, jv doc, const struct err *err)
{
	jv names = stage_names(doc);
	const char *name = doc_str_at(names, 0), *text = err_text(err);

	if (name == NULL || strstr(text, name) != NULL)
		log_add(log_to_driver() ? LOG_DEBUG : LOG_ERROR, st->name,
		    SHOW_LOG, "%s", text);
	else
		log_add(log_to_driver() ? LOG_DEBUG : LOG_ERROR, st->name,
		    SHOW_LOG, "%s: %s", name, text);
	doc_free(names);
}

void
stage_fail(struct stage *st, jv doc, struct err *err)
{
	if (!err_is_set(err))
		err_set(err, ERR_internal, "%s failed without saying why",
		    st->name);
	if (!doc_is(doc, DOC_OBJECT)) {
		doc_free(doc);
		doc = doc_set_int(doc_object(), "acme", 1);
	}
	tell(st, doc, err);
	count(st, err_exit_status(err));
	put_doc(st, doc_set(doc, "error", err_to_doc(err, st->name)));
	err_clear(err);
}

void
stage_fail_first(struct stage *st, struct err *err)
{
	stage_fail(st, doc_set_int(doc_object(), "acme", 1), err);
}

int
stage_end(struct stage *st)
{
	int status = st->status;

	if (close(STDOUT_FILENO) != 0 && !st->broken && errno != EBADF) {
		st->broken = 1;
		log_error(st->name, "cannot write standard output: %s",
		    strerror(errno));
	}
	if (st->broken)
		status = EXIT_IO;
	for (size_t i = 0; i < ARRAY_LEN(st->owned); i++)
		free(st->owned[i]);
	memset(st->owned, 0, sizeof(st->owned));
	st->account_dir = st->ca_bundle = st->trace = NULL;
	st->config_dir = st->work_dir = st->logs_dir = NULL;
	doc_free(st->rest);
	st->rest = doc_none();
	if (signals_caught() != 0)
		signals_die(signals_caught());
	return status;
}
