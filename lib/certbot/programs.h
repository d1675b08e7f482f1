/* certbot/programs.h - other programs: found, run, asked for their version. No
 * child gets certbot's locks, descriptors or signals. */
#ifndef CERTBOT_PROGRAMS_H
#define CERTBOT_PROGRAMS_H

#include "certbot/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct certbot_output {
	int status;	 /* exit status, or 128 + the signal */
	char *out, *err; /* malloc'd, at most 1 MiB each */
};

/* Runs argv (NULL-ended; the program is looked for in PATH) and waits. env:
 * "K=V" and "K" to remove, NULL-ended, on top of ours; NULL. timeout_ms <0:
 * none. 0 when it was run, whatever its status. *o must be released. */
int certbot_run(const char *const *argv, const char *const *env,
    long timeout_ms, struct certbot_output *o, struct certbot_error *e);
/* The same for a command of the user's: by /bin/sh -c. */
int certbot_run_shell(const char *command, const char *const *env,
    long timeout_ms, struct certbot_output *o, struct certbot_error *e);
void certbot_output_release(struct certbot_output *o);

/* Is it an executable file, or the name of one in PATH? */
int certbot_program_exists(const char *program);
/* The same, after /usr/sbin, /usr/local/bin and /usr/local/sbin were added to a
 * PATH without them: for servers' programs under cron. */
int certbot_program_find(const char *program);

/* Which version is the newer one? <0, 0, >0; numbers in them as numbers. */
int certbot_version_compare(const char *a, const char *b);
/* A variable of an os-release(5) file (NULL: the system's): "ID", "VERSION_ID",
 * "PRETTY_NAME", "ID_LIKE"; malloc'd, NULL when it has none. */
char *certbot_os_release(const char *variable, const char *file);

#ifdef __cplusplus
}
#endif

#endif
