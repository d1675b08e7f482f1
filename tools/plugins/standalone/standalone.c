/* standalone - answers http-01 challenges by a web server of its own (spec
 * 8.1). It listens from the first challenge to the end of its input, because
 * after giving up root it could not bind again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "listen.h"
#include "plugin/guest.h"
#include "serve.h"

struct standalone {
	long port;
	char *address;
	struct server *server; /* NULL before the first challenge */
};

static int
standalone_init(struct guest *g, void *ctx, jv config, struct err *err)
{
	struct standalone *s = ctx;
	const char *address = doc_str(config, "http01_address");

	(void)g;
	s->port = 80;
	if (doc_has(config, "http01_port") &&
	    (doc_int(config, "http01_port", &s->port) == -1 || s->port < 0 ||
		s->port > 65535))
		return err_set(err, ERR_misconfigured,
		    "http01_port is no port number");
	free(s->address);
	s->address = strdup(address == NULL ? "" : address);
	return s->address == NULL ? -1 : 0;
}

/* Another program may be stopped while we ask. */
static int
bind_or_ask(struct guest *g, struct standalone *s, struct sockets *sockets,
    struct err *err)
{
	int why;

	while ((why = listen_bind(g, sockets, s->address, s->port, err)) != 0) {
		struct err asked = {0};
		jv question, value;
		int again;

		if (why != EADDRINUSE)
			return -1;
		question = doc_set_str(doc_object(), "kind", "yesno");
		question = doc_set_str(question, "text", err_text(err));
		question = doc_set(question, "choices",
		    doc_push_str(doc_push_str(doc_array(), "Retry"), "Cancel"));
		question = doc_set_flag(question, "default", 0);
		value = guest_interactive(g) ? guest_ask(g, question, &asked) :
					       (doc_free(question), doc_none());
		again = doc_equal(value, doc_bool(1));
		doc_free(value);
		if (strcmp(err_text(&asked), "EOFError") == 0)
			err_move(err, &asked);
		err_clear(&asked);
		if (!again)
			return -1;
		err_clear(err);
	}
	return 0;
}

static int
start(struct guest *g, struct standalone *s, struct err *err)
{
	struct sockets sockets = {0};

	if (listen_inherited(&sockets) == 0 &&
	    bind_or_ask(g, s, &sockets, err) == -1)
		return -1;
	if (listen_drop_root(guest_dir(g, "work"), err) == -1) {
		listen_close(&sockets);
		return -1;
	}
	s->server = server_start(g, &sockets, err);
	return s->server == NULL ? -1 : 0;
}

static int
standalone_perform(struct guest *g, void *ctx, jv all, size_t i,
    struct err *err)
{
	struct standalone *s = ctx;
	jv c = doc_at(all, i);
	int rc = -1;

	if (strcmp(doc_str(c, "type"), "http-01") != 0)
		err_set(err, ERR_notSupported,
		    "standalone performs http-01 challenges only");
	else if (s->server != NULL || start(g, s, err) == 0)
		rc = server_add(s->server, doc_str(c, "token"),
		    doc_str(c, "keyAuthorization"), err);
	doc_free(c);
	return rc;
}

static int
standalone_cleanup(struct guest *g, void *ctx, jv c, int last, struct err *err)
{
	struct standalone *s = ctx;

	(void)g;
	(void)last;
	(void)err;
	if (s->server != NULL)
		server_remove(s->server, doc_str(c, "token"));
	return 0;
}

static char *
standalone_hint(struct guest *g, void *ctx, jv failed)
{
	struct standalone *s = ctx;
	char *hint;

	(void)g;
	(void)failed;
	if (asprintf(&hint,
		"The Certificate Authority failed to download the challenge "
		"files from the temporary standalone webserver started by "
		"Certbot on %s%s%ld. Ensure that the listed domains point to "
		"this machine and that it can accept inbound connections from "
		"the internet.",
		s->address[0] == '\0' ? "port " : s->address,
		s->address[0] == '\0' ? "" : ":", s->port) == -1)
		return NULL;
	return hint;
}

static void
standalone_end(struct guest *g, void *ctx)
{
	struct standalone *s = ctx;

	(void)g;
	server_stop(s->server);
	s->server = NULL;
	free(s->address);
	s->address = NULL;
}

int
main(int argc, char *argv[])
{
	static const struct guest_ops ops = {.init = standalone_init,
	    .perform = standalone_perform,
	    .cleanup = standalone_cleanup,
	    .hint = standalone_hint,
	    .end = standalone_end};
	struct standalone s = {0};

	return guest_main(argc, argv, &ops, &s);
}
