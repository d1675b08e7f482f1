/* usage: served SOCKET PROGRAM [ARGUMENT...]
 *
 * What PROGRAM with these arguments does, by tests/helpers/served.py, which listens
 * at SOCKET; where it does not, or says no, PROGRAM itself is started. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* The standard files go with a byte; the rest is read in /proc by who serves. */
static int
ask(const char *path, char *answer, size_t size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fds[3] = {0, 1, 2};
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control = {0};
	char mark = 0;
	struct iovec byte = {&mark, 1};
	struct msghdr message = {.msg_iov = &byte,
	    .msg_iovlen = 1,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof(control.bytes)};
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	ssize_t n;

	if (s == -1 || strlen(path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, strlen(path));
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(&control.head), fds, sizeof(fds));
	if (connect(s, (struct sockaddr *)&address, sizeof(address)) == -1 ||
	    sendmsg(s, &message, MSG_NOSIGNAL) != 1)
		return -1;
	n = recv(s, answer, size - 1, 0);
	answer[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : 70;
}

/* give_terminal: it is the controlling one of a single session. */
static int
give_terminal(void)
{
	int given = 0;

	if (isatty(0) && getsid(0) == getpid()) {
		void (*was)(int) = signal(SIGHUP, SIG_IGN);

		given = ioctl(0, TIOCNOTTY) == 0;
		(void)signal(SIGHUP, was);
	}
	return given;
}

int
main(int argc, char *argv[])
{
	const struct rlimit none = {0, 0};
	char answer[32] = "";
	int failed, given, status;

	if (argc < 3)
		return 64;
	given = give_terminal();
	failed = ask(argv[1], answer, sizeof(answer));
	if (failed == -1 || strcmp(answer, "no") == 0) {
		if (given)
			(void)ioctl(0, TIOCSCTTY, 0);
		execv(argv[2], argv + 2);
		return 127;
	}
	if (failed != 0) {
		fprintf(stderr, "served: %s: who serves has gone\n", argv[1]);
		return failed;
	}
	status = atoi(answer);
	if (WIFSIGNALED(status)) {
		(void)setrlimit(RLIMIT_CORE, &none);
		raise(WTERMSIG(status));
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}
