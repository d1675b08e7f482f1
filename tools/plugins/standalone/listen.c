#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_FD = 3, BACKLOG = 128, NOBODY = 65534 };

static int
is_listening_tcp(int fd)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockname(fd, (struct sockaddr *)&a, &n) == 0 &&
	    (a.ss_family == AF_INET || a.ss_family == AF_INET6) &&
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on;
}

size_t
listen_inherited(struct sockets *s)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	long who = pid == NULL ? -1 : strtol(pid, NULL, 10);
	long n = count == NULL ? 0 : strtol(count, NULL, 10);

	if (who != getpid() && who != getppid())
		return 0;
	for (int fd = FIRST_FD; fd < FIRST_FD + n && s->n < SOCKETS_MAX; fd++) {
		if (!is_listening_tcp(fd))
			continue;
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		s->fd[s->n++] = fd;
	}
	return s->n;
}

/* A listening socket, or -1 with errno (0: the name has no such address, *gai
 * says why). */
static int
bind_family(int family, const char *address, const char *port, int *gai)
{
	struct addrinfo hints = {.ai_family = family,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE};
	struct addrinfo *list = NULL;
	int fd, on = 1, saved;

	*gai = getaddrinfo(address[0] == '\0' ? NULL : address, port, &hints,
	    &list);
	if (*gai != 0) {
		errno = 0;
		return -1;
	}
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd != -1 &&
	    (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
		bind(fd, list->ai_addr, list->ai_addrlen) == -1 ||
		listen(fd, BACKLOG) == -1)) {
		saved = errno;
		close(fd);
		fd = -1;
		errno = saved;
	}
	freeaddrinfo(list);
	return fd;
}

static void
bind_error(struct err *err, long port, int why, int gai)
{
	if (why == EACCES)
		err_set(err, ERR_pluginFailed,
		    "Could not bind TCP port %ld because you don't have the "
		    "appropriate permissions (for example, you aren't running "
		    "this program as root).",
		    port);
	else if (why == EADDRINUSE)
		err_set(err, ERR_pluginFailed,
		    "Could not bind TCP port %ld because it is already in use "
		    "by another process on this system (such as a web "
		    "server). Please stop the program in question and then "
		    "try again.",
		    port);
	else if (why == 0)
		err_set(err, ERR_pluginFailed,
		    "Problem binding to port %ld: [Errno %d] %s", port, gai,
		    gai_strerror(gai));
	else
		err_set(err, ERR_pluginFailed,
		    "Problem binding to port %ld: [Errno %d] %s", port, why,
		    strerror(why));
}

int
listen_bind(struct guest *g, struct sockets *s, const char *address, long port,
    struct err *err)
{
	static const struct {
		int family;
		const char *name;
	} tries[] = {{AF_INET6, "IPv6"}, {AF_INET, "IPv4"}};
	char text[16];
	int why = 0, gai = 0, fd;

	snprintf(text, sizeof(text), "%ld", port);
	for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
		fd = bind_family(tries[i].family, address, text, &gai);
		why = fd == -1 ? errno : 0;
		if (fd != -1) {
			s->fd[s->n++] = fd;
			guest_log(g, LOG_DEBUG, SHOW_LOG,
			    "Successfully bound to %s:%ld using %s", address,
			    port, tries[i].name);
		} else if (s->n > 0) {
			guest_log(g, LOG_DEBUG, SHOW_LOG,
			    "Certbot wasn't able to bind to %s:%ld using %s, "
			    "this is often expected due to the dual stack "
			    "nature of IPv6 socket implementations.",
			    address, port, tries[i].name);
		} else {
			guest_log(g, LOG_DEBUG, SHOW_LOG,
			    "Failed to bind to %s:%ld using %s", address, port,
			    tries[i].name);
		}
	}
	if (s->n > 0)
		return 0;
	bind_error(err, port, why, gai);
	return why == 0 ? -1 : why;
}

void
listen_close(struct sockets *s)
{
	for (size_t i = 0; i < s->n; i++)
		close(s->fd[i]);
	s->n = 0;
}

int
listen_drop_root(const char *work, struct err *err)
{
	struct passwd *nobody;
	struct stat st;
	uid_t uid = NOBODY;
	gid_t gid = NOBODY;

	if (geteuid() != 0)
		return 0;
	if (work != NULL && stat(work, &st) == 0 && st.st_uid != 0) {
		uid = st.st_uid;
		gid = st.st_gid == 0 ? NOBODY : st.st_gid;
	} else if ((nobody = getpwnam("nobody")) != NULL &&
	    nobody->pw_uid != 0) {
		uid = nobody->pw_uid;
		gid = nobody->pw_gid;
	}
	if (setgroups(0, NULL) == -1 || setresgid(gid, gid, gid) == -1 ||
	    setresuid(uid, uid, uid) == -1)
		return err_sys(err, ERR_permission, errno,
		    "cannot become user %ld", (long)uid);
	if (setuid(0) != -1)
		return err_set(err, ERR_internal, "root was not given up");
	return 0;
}
