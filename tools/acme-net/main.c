/* acme-net - all HTTP of the stages, in one process. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/opts.h"
#include "base/proc.h"
#include "service.h"
#include "supervise.h"

static const struct opts_usage usage = {
    .program = "acme-net",
    .synopsis = "-- COMMAND [ARGUMENT]...",
    .about = "Runs COMMAND with one shared network process for all stages.",
};

/* Without COMMAND: a stage started us, its connection is standard input, and
 * it wants the socket's path on standard output. */
static int
run_for_stage(struct supervisor *sup)
{
	int first = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	struct err err = {0};

	if (supervise_open(sup, &err) ||
	    net_server_adopt(sup->service.server, first, &err) ||
	    supervise_fork(sup, 0, &err)) {
		printf("%s\n", err_text(&err));
		fflush(stdout);
		supervise_close(sup);
		err_clear(&err);
		return 69;
	}
	close(first);
	printf("%s\n", sup->path);
	fflush(stdout);
	supervise_network(sup);
	supervise_close(sup);
	return 0;
}

static int
run_command(struct supervisor *sup, const char *const *argv)
{
	struct err err = {0};
	int status;

	if (supervise_open(sup, &err) || supervise_fork(sup, 1, &err)) {
		fprintf(stderr, "acme-net: %s\n", err_text(&err));
		status = err_exit_status(&err);
	} else if (supervise_start(sup, argv, &err)) {
		/* as a shell does */
		fprintf(stderr, "acme-net: %s\n", err_text(&err));
		status = err.name == ERR_noInput ? 127 : 126;
	} else {
		status = supervise_command(sup);
	}
	err_clear(&err);
	supervise_network(sup);
	supervise_close(sup);
	return status;
}

static int
options(int argc, char *argv[])
{
	const struct opt *const none[] = {NULL};
	struct err err = {0};
	jv rest = doc_none();
	int rc = opts_parse(argc, argv, none, &usage, &rest, &err);

	if (rc == 0 && doc_len(rest)) {
		err_set(&err, ERR_usage, "write -- before the command");
		rc = -1;
	}
	doc_free(rest);
	if (rc < 0)
		fprintf(stderr, "acme-net: %s\n", err_text(&err));
	err_clear(&err);
	return rc;
}

static int
is_socket(int fd)
{
	socklen_t len = sizeof(int);
	int type;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_STREAM;
}

int
main(int argc, char *argv[])
{
	struct supervisor sup = {.lifeline = -1};
	int rc;

	proc_hold_stdio();
	if (argc > 2 && strcmp(argv[1], "--") == 0)
		return run_command(&sup, (const char *const *)argv + 2);
	rc = options(argc, argv);
	if (rc)
		return rc > 0 ? 0 : 64;
	if (argc > 1 || !is_socket(STDIN_FILENO)) {
		fprintf(stderr,
		    "acme-net: name the command to run: acme-net %s\n",
		    usage.synopsis);
		return 64;
	}
	return run_for_stage(&sup);
}
