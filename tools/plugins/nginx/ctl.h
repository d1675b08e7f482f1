/* ctl.h - the nginx binary and the running server: test, version, reload
 * (spec installers B2, B3, B19, G12). */
#ifndef NGINX_CTL_H
#define NGINX_CTL_H

#include <sys/types.h>
#include "nginx.h"

/* Is the binary there? noInstallation. */
int ctl_find(struct nginx *n, struct err *err);
/* Does nginx take the files as they are? misconfigured with its own words. */
int ctl_test(struct nginx *n, struct err *err);
/* Version and what was compiled in; errors of B3. */
int ctl_version(struct nginx *n, struct err *err);
/* Reload; returns when workers with the new configuration serve and the old
 * ones take no more connections. A server that does not run is started by the
 * service manager if it is the manager's, else that is the error. */
int ctl_restart(struct nginx *n, struct err *err);

/* procs.c: the server's processes. */
struct workers {
	pid_t *list;
	size_t n;
};
/* The master process by its pid file; 0: it does not run. */
pid_t procs_master(struct nginx *n);
/* Worker processes of this master; list malloc'd. */
void procs_workers(pid_t master, struct workers *w);
/* Are there workers besides the old ones, and do the old take nothing more? */
int procs_replaced(pid_t master, const struct workers *old);
/* Absolute, of the configuration or compiled in; NULL when nginx does not say
 * where it is. A log that is no file ("stderr") is a path that nobody can open. */
char *procs_pid_file(struct nginx *n);
char *procs_error_log(struct nginx *n);

#endif
