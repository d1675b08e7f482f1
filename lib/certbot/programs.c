#include "certbot/programs.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/proc.h"
#include "certbot/base_private.h"

int
certbot_run(const char *const *argv, const char *const *env, long timeout_ms,
    struct certbot_output *o, struct certbot_error *e)
{
	struct proc proc = PROC_INIT;
	struct err err = {0};
	struct buf out, errout;
	int rc;

	memset(o, 0, sizeof(*o));
	proc.argv = argv;
	proc.env = env;
	proc.out = proc.err = PROC_PIPE;
	buf_init(&out, FILE_TEXT_MAX);
	buf_init(&errout, FILE_TEXT_MAX);
	rc = proc_run(&proc, NULL, 0, &out, &errout, timeout_ms, &err);
	o->status = proc_exit_code(&proc);
	o->out = out.p != NULL ? buf_detach(&out) : xstrdup("");
	o->err = errout.p != NULL ? buf_detach(&errout) : xstrdup("");
	buf_release(&out);
	buf_release(&errout);
	rc = certbot__result(rc, e, &err);
	if (rc != 0 && e != NULL && e->type == CERTBOT_NOT_FOUND)
		e->type = CERTBOT_NO_PROGRAM;
	return rc;
}

int
certbot_run_shell(const char *command, const char *const *env, long timeout_ms,
    struct certbot_output *o, struct certbot_error *e)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};

	return certbot_run(argv, env, timeout_ms, o, e);
}

void
certbot_output_release(struct certbot_output *o)
{
	free(o->out);
	free(o->err);
	memset(o, 0, sizeof(*o));
}

static int
is_executable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, X_OK) == 0;
}

int
certbot_program_exists(const char *program)
{
	const char *path = getenv("PATH"), *end;
	char *dir, *full;
	int found = 0;

	if (strchr(program, '/') != NULL)
		return is_executable(program);
	for (; path != NULL && !found; path = *end != '\0' ? end + 1 : NULL) {
		end = strchrnul(path, ':');
		dir = xstrndup(path, (size_t)(end - path));
		full = path_join(dir[0] != '\0' ? dir : ".", program);
		found = is_executable(full);
		free(full);
		free(dir);
	}
	return found;
}

static void
add_to_path(const char *dir)
{
	const char *path = getenv("PATH");
	char *inside, *all, *wanted;

	if (path == NULL)
		path = "";
	inside = xasprintf(":%s:", path);
	wanted = xasprintf(":%s:", dir);
	if (strstr(inside, wanted) == NULL) {
		all = xasprintf("%s%s%s", path, path[0] != '\0' ? ":" : "",
		    dir);
		(void)setenv("PATH", all, 1);
		free(all);
	}
	free(wanted);
	free(inside);
}

int
certbot_program_find(const char *program)
{
	if (certbot_program_exists(program))
		return 1;
	add_to_path("/usr/sbin");
	add_to_path("/usr/local/bin");
	add_to_path("/usr/local/sbin");
	return certbot_program_exists(program);
}

/* The end of a run of digits, or of anything that is neither digit nor dot. */
static const char *
part_end(const char *s)
{
	int digit = isdigit((unsigned char)*s) != 0;

	while (*s != '\0' && *s != '.' &&
	    (isdigit((unsigned char)*s) != 0) == digit)
		s++;
	return s;
}

static const char *
skip_zeros(const char *s, const char *end)
{
	while (s + 1 < end && *s == '0')
		s++;
	return s;
}

/* Numbers by size, other parts by bytes, a number before a word. */
static int
compare_part(const char *a, const char *a_end, const char *b, const char *b_end)
{
	int x = a < a_end && isdigit((unsigned char)*a);
	int y = b < b_end && isdigit((unsigned char)*b);
	size_t n, m;
	int r;

	if (x != y)
		return a == a_end ? -1 : b == b_end ? 1 : y - x;
	if (x) {
		a = skip_zeros(a, a_end);
		b = skip_zeros(b, b_end);
	}
	n = (size_t)(a_end - a);
	m = (size_t)(b_end - b);
	if (x && n != m)
		return n < m ? -1 : 1;
	r = memcmp(a, b, n < m ? n : m);
	return r != 0 ? r : n < m ? -1 : n > m;
}

int
certbot_version_compare(const char *a, const char *b)
{
	int r = 0;

	while (r == 0 && (*a != '\0' || *b != '\0')) {
		const char *a_end = part_end(a), *b_end = part_end(b);

		r = compare_part(a, a_end, b, b_end);
		a = *a_end == '.' ? a_end + 1 : a_end;
		b = *b_end == '.' ? b_end + 1 : b_end;
	}
	return r;
}

char *
certbot_os_release(const char *variable, const char *file)
{
	FILE *f = fopen(file != NULL ? file : "/etc/os-release", "re");
	size_t n = strlen(variable), cap = 0, len;
	char *line = NULL, *value = NULL, *p;

	while (f != NULL && value == NULL && getline(&line, &cap, f) != -1) {
		p = line + strspn(line, " \t");
		if (strncmp(p, variable, n) != 0 || p[n] != '=')
			continue;
		p += n + 1;
		len = strcspn(p, "\r\n");
		if (len > 1 && (*p == '"' || *p == '\'') && p[len - 1] == *p) {
			p++;
			len -= 2;
		}
		value = xstrndup(p, len);
	}
	free(line);
	if (f != NULL)
		fclose(f);
	return value;
}
