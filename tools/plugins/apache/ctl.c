/* The server's own programs: version, test, what it knows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apache.h"
#include "base/path.h"
#include "vec.h"

#define OUTPUT_MAX (16 << 20)
#define TIMEOUT_MS 120000

static int
run_program(const char *program, const char *const *args, struct buf *out,
    struct err *err)
{
	struct proc p = PROC_INIT;
	const char **argv = NULL;
	size_t n = 0;
	int rc;

	VEC_ADD(argv, n, program);
	for (size_t i = 0; args[i] != NULL; i++)
		VEC_ADD(argv, n, args[i]);
	VEC_ADD(argv, n, NULL);
	p.argv = argv;
	p.out = PROC_PIPE;
	p.err = PROC_PIPE;
	buf_init(out, OUTPUT_MAX);
	{
		struct buf more;
		buf_init(&more, OUTPUT_MAX);
		rc = proc_run(&p, NULL, 0, out, &more, TIMEOUT_MS, err);
		if (rc == 0 && more.len > 0)
			(void)buf_add(out, more.p, more.len);
		buf_release(&more);
	}
	free(argv);
	if (rc == -1)
		return -1;
	if (out->p == NULL)
		(void)buf_adds(out, "");
	return proc_exit_code(&p);
}

int
ctl_run(struct apache *a, const char *const *args, struct buf *out,
    struct err *err)
{
	return run_program(a->ctl, args, out, err);
}

/* For -v and dumps. */
static int
ask(struct apache *a, const char *const *args, struct buf *out, struct err *err)
{
	const char *program = a->sys->use_bin && a->bin != NULL ? a->bin :
								  a->ctl;

	return run_program(program, args, out, err);
}

int
ctl_check(struct apache *a, struct err *err)
{
	const char *path = getenv("PATH");
	char *list = xstrdup(path == NULL ? "" : path), *save = NULL;
	int found = strchr(a->ctl, '/') != NULL && access(a->ctl, X_OK) == 0;

	if (strchr(a->ctl, '/') == NULL) {
		for (char *dir = strtok_r(list, ":", &save);
		     dir != NULL && !found; dir = strtok_r(NULL, ":", &save)) {
			char *file = path_join(dir, a->ctl);
			found = access(file, X_OK) == 0;
			free(file);
		}
	}
	free(list);
	return found ? 0 :
		       err_set(err, ERR_noInstallation,
			   "Cannot find Apache executable %s", a->ctl);
}

int
ctl_version(struct apache *a, struct err *err)
{
	static const char *const args[] = {"-v", NULL};
	struct buf out;
	int status = ask(a, args, &out, err), *v = a->conf.version;
	const char *at = status == -1 ? NULL : strstr(out.p, "Apache/");
	int n = at == NULL ? 0 :
			     sscanf(at + 7, "%d.%d.%d", &v[0], &v[1], &v[2]);

	buf_release(&out);
	if (status == -1)
		return -1;
	if (n < 2)
		return err_set(err, ERR_pluginFailed,
		    "Unable to find Apache version with \"%s -v\"", a->ctl);
	if (v[0] < 2 || (v[0] == 2 && v[1] < 4))
		return err_set(err, ERR_notSupported,
		    "Apache Version %d.%d.%d not supported.", v[0], v[1], v[2]);
	return 0;
}

/* Of an Include in a circle httpd names every turn. */
static void
cut_middle(struct buf *out)
{
	static const size_t ends = 400;

	if (out->len > 2 * ends + 100) {
		memcpy(out->p + ends, " ... ", 5);
		memmove(out->p + ends + 5, out->p + out->len - ends, ends + 1);
		out->len = 2 * ends + 5;
	}
}

static int
test_once(struct apache *a, struct err *err)
{
	static const char *const args[] = {"configtest", NULL};
	struct buf out;
	int status = ctl_run(a, args, &out, err);

	if (status > 0) {
		while (out.len > 0 && out.p[out.len - 1] == '\n')
			out.p[--out.len] = '\0';
		cut_middle(&out);
		err_set(err, ERR_misconfigured,
		    "Error while running %s configtest.\n%s", a->ctl, out.p);
		status = -1;
	}
	buf_release(&out);
	return status;
}

int
ctl_test(struct apache *a, struct err *err)
{
	static const char *const start[] = {"restart", "httpd", NULL};
	struct err first = {0}, ignored = {0};
	struct buf out;
	int rc = test_once(a, &first);

	/* Fedora's own certificate is made when its service starts first. */
	if (rc == -1 && a->sys->first_start &&
	    run_program("systemctl", start, &out, &ignored) != -1) {
		buf_release(&out);
		err_clear(&first);
		rc = test_once(a, &first);
	}
	err_clear(&ignored);
	if (rc == -1)
		err_move(err, &first);
	err_clear(&first);
	return rc;
}

/* "  (*) ROOT-FILE" and, deeper, what it and the command line include; of their
 * own Includes reading learns by itself. */
static int
take_include(struct conf *c, const char *line, int *after_root)
{
	size_t deep = strspn(line, " ");
	const char *end = line[deep] == '(' ? strstr(line, ") /") : NULL;

	if (end == NULL)
		return 0;
	if (deep == 2)
		*after_root = 1;
	else if (deep == 4 && *after_root)
		VEC_ADD(c->listed, c->n_listed, xstrdup(end + 2));
	else if (deep == 4)
		VEC_ADD(c->before, c->n_before, xstrdup(end + 2));
	return 1;
}

/* "Define: NAME=VALUE", " ssl_module (shared)", "PidFile: \"...\"" */
static void
take_line(struct apache *a, char *line, int *after_root)
{
	size_t n = strlen(line);
	char *eq, *end;

	if (take_include(&a->conf, line, after_root))
		return;
	if (strncmp(line, "Define: ", 8) == 0) {
		line += 8;
		if (strncmp(line, "DUMP_", 5) == 0)
			return;
		eq = strchr(line, '=');
		if (eq != NULL)
			*eq++ = '\0';
		a->conf.initial = doc_set(a->conf.initial, line,
		    doc_stringn(eq == NULL ? "" : eq,
			eq == NULL ? 0 : strlen(eq)));
	} else if (strncmp(line, "PidFile: \"", 10) == 0 && n > 11) {
		line[n - 1] = '\0';
		free(a->pid_file);
		a->pid_file = xstrdup(line + 10);
	} else if (line[0] == ' ' && (end = strstr(line, "_module")) != NULL) {
		int is_static = strstr(end, "(static)") != NULL;
		end[7] = '\0';
		if (is_static)
			conf_add_module(&a->conf.statics, line + 1);
		a->shared = doc_set_flag(a->shared, line + 1, 1);
	}
}

int
ctl_dump(struct apache *a, struct err *err)
{
	static const char *const dump[] = {"-t", "-D", "DUMP_RUN_CFG", "-D",
	    "DUMP_MODULES", "-D", "DUMP_INCLUDES", NULL};
	static const char *const modules[] = {"modules", NULL};
	struct buf out;
	char *save = NULL;
	int after_root = 0;
	int status = a->sys->modules_verb ? ctl_run(a, modules, &out, err) :
					    ask(a, dump, &out, err);

	if (status != 0) {
		if (status > 0)
			err_set(err, ERR_misconfigured,
			    "Error while running %s -t -D DUMP_MODULES.\n%s",
			    a->ctl, out.p);
		buf_release(&out);
		return -1;
	}
	doc_move(&a->conf.initial, doc_object());
	doc_move(&a->conf.statics, doc_object());
	doc_move(&a->shared, doc_object());
	conf_unlist(&a->conf);
	for (char *line = strtok_r(out.p, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		take_line(a, line, &after_root);
	buf_release(&out);
	a->conf.ssl_to_come = !module_loaded(a, "ssl");
	system_defines(a->sys, &a->conf.initial);
	return 0;
}

/* Each unknown variable is defined under a name of ours, in the server's own
 * environment, and read back: nobody else knows what that holds. */
int
ctl_environment(struct apache *a, struct err *err)
{
	jv names = doc_keys(a->conf.unknown);
	const char **argv = NULL;
	char **own = NULL, *save = NULL;
	size_t n = 0, n_own = 0, asked = 0;
	struct buf out;
	int status = 0;

	VEC_ADD(argv, n, "-t");
	VEC_ADD(argv, n, "-D");
	VEC_ADD(argv, n, "DUMP_RUN_CFG");
	for (size_t i = 0; i < doc_len(names) && i < 100; i++) {
		const char *name = doc_str_at(names, i);
		if (doc_has(a->conf.environment, name) ||
		    strpbrk(name, " \"'\\\n<>") != NULL)
			continue;
		VEC_ADD(own, n_own,
		    xasprintf("Define ACME_TOOLS_%zu \"${%s}\"", i, name));
		VEC_ADD(argv, n, "-C");
		VEC_ADD(argv, n, own[n_own - 1]);
		a->conf.environment = doc_set(a->conf.environment, name,
		    doc_null());
		asked++;
	}
	VEC_ADD(argv, n, NULL);
	if (asked > 0 && !a->sys->modules_verb) {
		status = ask(a, argv, &out, err);
		for (char *line = status == 0 ? strtok_r(out.p, "\n", &save) :
						NULL;
		     line != NULL; line = strtok_r(NULL, "\n", &save)) {
			unsigned which;
			int used = 0;

			if (sscanf(line, "Define: ACME_TOOLS_%u=%n", &which,
				&used) < 1 ||
			    used == 0 || strncmp(line + used, "${", 2) == 0 ||
			    doc_str_at(names, which) == NULL)
				continue;
			a->conf.environment = doc_set(a->conf.environment,
			    doc_str_at(names, which),
			    doc_stringn(line + used, strlen(line + used)));
		}
		buf_release(&out);
	}
	for (size_t i = 0; i < n_own; i++)
		free(own[i]);
	free(own);
	free(argv);
	doc_free(names);
	return status == -1 ? -1 : (int)asked;
}
