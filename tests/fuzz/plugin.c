/* The plugin conversation, both ends: what a plugin sends is a log, a question,
 * a reply or refused; what a host sends is answered, and whatever was performed
 * is cleaned up once at the end. The first byte chooses the end. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/guest.h"
#include "plugin/host.h"
#include "fuzz.h"

enum { SIZE_MAX_TALK = 32 << 10 };

static void
from_plugin(const uint8_t *data, size_t size)
{
	struct buf in;
	enum plugin_line kind;

	buf_init(&in, PLUGIN_LINE_MAX);
	if (buf_add(&in, data, size) == -1)
		size = 0;
	do {
		struct err err = {0}, copy = {0};
		jv out, error;

		kind = plugin_take_line(&in, &out, &err);
		if ((kind == PLUGIN_BROKEN) != err_is_set(&err))
			abort();
		if (kind == PLUGIN_LOG && doc_str(out, "text") == NULL)
			abort();
		error = doc_get_kind(out, "error", DOC_OBJECT);
		if (kind == PLUGIN_REPLY && doc_is(error, DOC_OBJECT)) {
			(void)plugin_error(error, "x", &copy);
			if (!err_is_set(&copy))
				abort();
			doc_free(err_to_doc(&copy, "acme-challenge"));
		}
		err_clear(&copy);
		err_clear(&err);
		doc_free(error);
		doc_free(out);
	} while (kind != PLUGIN_MORE && kind != PLUGIN_BROKEN);
	buf_release(&in);
}

static long performed;

static int
perform(struct guest *g, void *ctx, jv all, size_t i, struct err *err)
{
	jv c = doc_at(all, i);
	const char *token = doc_str(c, "token");
	int rc = 0;

	(void)ctx;
	performed++;
	if (token[0] == '?') {
		jv v = guest_ask(g, doc_set_str(doc_object(), "text", token),
		    err);
		doc_free(v);
		rc = err_is_set(err) ? -1 : 0;
	} else if (token[0] == '!') {
		rc = err_set(err, ERR_pluginFailed, "%s", token);
	}
	doc_free(c);
	return rc;
}

static int
cleanup(struct guest *g, void *ctx, jv c, int last, struct err *err)
{
	(void)ctx;
	(void)err;
	performed--;
	if (doc_str(c, "token") == NULL || (last && performed != 0))
		abort();
	guest_log(g, LOG_INFO, SHOW_LOG, "%s", doc_str(c, "token"));
	return 0;
}

static int
wait_op(struct guest *g, void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	return guest_wait(g, NULL, 0, 1) == -2 ? -1 : 0;
}

static void
from_host(const uint8_t *data, size_t size)
{
	static const struct guest_ops ops = {.perform = perform,
	    .cleanup = cleanup,
	    .wait = wait_op};
	int in[2], out = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (pipe(in) == -1 || out == -1)
		abort();
	performed = 0;
	if (write(in[1], data, size) != (ssize_t)size)
		abort();
	close(in[1]);
	(void)guest_run(in[0], out, doc_none(), &ops, NULL);
	if (performed != 0)
		abort();
	close(in[0]);
	close(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > SIZE_MAX_TALK)
		return 0;
	if (data[0] & 1)
		from_plugin(data + 1, size - 1);
	else
		from_host(data + 1, size - 1);
	return 0;
}
