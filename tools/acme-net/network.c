#include "network.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox.h"

/* Close all from 3 up but keep[0..n-1] (those of -1 are none). */
static void
close_others(const int *keep, size_t n)
{
	int low = 3;

	for (;;) {
		int next = -1;
		size_t i;

		for (i = 0; i < n; i++)
			if (keep[i] >= low && (next == -1 || keep[i] < next))
				next = keep[i];
		if (next == -1)
			break;
		if (next > low)
			close_range((unsigned)low, (unsigned)next - 1, 0);
		low = next + 1;
	}
	close_range((unsigned)low, ~0U, 0);
}

static int
std_to_null(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd == -1 || dup2(fd, 0) == -1 || dup2(fd, 1) == -1 ||
	    dup2(fd, 2) == -1)
		return -1;
	if (fd > 2)
		close(fd);
	return 0;
}

/* libcurl takes only http_proxy in lower case (as a CGI program must); what a
 * shell's user means by HTTP_PROXY is the same. */
static void
adjust_environment(void)
{
	const char *proxy = getenv("HTTP_PROXY");

	unsetenv("SSLKEYLOGFILE");
	if (proxy && !getenv("http_proxy") && !getenv("REQUEST_METHOD"))
		setenv("http_proxy", proxy, 1);
}

int
network_main(struct service *sv, int lifeline)
{
	const struct rlimit none = {0, 0};
	struct pollfd fds[2];
	int keep[3] = {lifeline, -1, -1};
	size_t n = net_server_fds(sv->server, fds, ARRAY_LEN(fds)), i;

	for (i = 0; i < n; i++)
		keep[i + 1] = fds[i].fd;
	if (std_to_null())
		return 70;
	close_others(keep, ARRAY_LEN(keep));
	/* Requests may hold credentials: no core file, no directory in use. */
	setrlimit(RLIMIT_CORE, &none);
	if (chdir("/"))
		return 70;
	adjust_environment();
	if (sandbox_enter(NULL))
		return 70;
	return service_run(sv, lifeline);
}
