/* The program around the conversation. */
#include "plugin/guest.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/safefile.h"

/* NAME.json beside the name under which we were started (a link gives another
 * plugin), else beside the executable itself. */
static jv
own_descriptor(const char *argv0, struct err *err)
{
	char *self = strchr(argv0, '/') != NULL ?
	    xstrdup(argv0) :
	    path_readlink("/proc/self/exe");
	char *file = xasprintf("%s.json", self == NULL ? argv0 : self);
	jv desc = doc_read_file(file, err);

	free(file);
	free(self);
	return desc;
}

static int
usage(const char *program)
{
	fprintf(stderr,
	    "usage: %s --describe\n"
	    "A plugin: acme-challenge(1) and acme-install(1) start it and "
	    "talk to it as certbot-plugin(7) says.\n",
	    path_base(program));
	return 64;
}

int
guest_main(int argc, char *argv[], const struct guest_ops *ops, void *ctx)
{
	struct err err = {0};
	int in, out, null, status;
	jv desc;
	char *text;

	if (argc > 2 || (argc == 2 && strcmp(argv[1], "--describe") != 0) ||
	    (argc == 1 && isatty(STDIN_FILENO)))
		return usage(argv[0]);
	desc = own_descriptor(argv[0], &err);
	if (doc_is(desc, DOC_NONE)) {
		fprintf(stderr, "%s: %s\n", path_base(argv[0]), err_text(&err));
		status = err_exit_status(&err);
		err_clear(&err);
		return status;
	}
	if (argc == 2) {
		text = doc_text(desc);
		status = puts(text) == EOF || fflush(stdout) == EOF ? 74 : 0;
		free(text);
		doc_free(desc);
		return status;
	}
	/* Nothing that we call may write into the conversation. */
	signal(SIGPIPE, SIG_IGN);
	in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (in == -1 || out == -1 || null == -1 ||
	    dup2(null, STDIN_FILENO) == -1 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) == -1) {
		perror("cannot set the conversation aside");
		doc_free(desc);
		return 70;
	}
	close(null);
	status = guest_run(in, out, desc, ops, ctx);
	doc_free(desc);
	return status;
}
