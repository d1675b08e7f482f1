/* usage: most-memory COMMAND... : the most memory it had, in KiB, on standard
 * output; what it prints is dropped. For tests/bench: what a large parent such as
 * python starts is counted with that parent's memory. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	struct rusage used;
	pid_t pid;
	int status, null;

	if (argc < 2)
		return 64;
	if ((pid = fork()) == 0) {
		null = open("/dev/null", O_RDWR);
		if (null != -1 && dup2(null, 1) != -1 && dup2(null, 2) != -1)
			execv(argv[1], argv + 1);
		_exit(127);
	}
	if (pid == -1 || wait4(pid, &status, 0, &used) == -1 ||
	    !WIFEXITED(status) || WEXITSTATUS(status) == 127)
		return 70;
	return printf("%ld\n", used.ru_maxrss) > 0 ? 0 : 74;
}
