/* tabled - an authenticator and installer in C, over libcertbot-plugin.
 *
 *	cc -o tabled tabled.c $(pkg-config --cflags --libs certbot-plugin)
 *
 * The server that it serves has a table with one line for each site:
 *
 *	NAME DIRECTORY CERTIFICATE KEY WORDS
 *
 * in which "-" stands for nothing, and WORDS may have "redirect". Lines that
 * begin with "#" are comments. tabled.json beside the program describes it. */
#include <certbot/checkpoint.h>
#include <certbot/files.h>
#include <certbot/plugin.h>
#include <certbot/programs.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME, DIRECTORY, CERTIFICATE, KEY, WORDS, COLUMNS };
enum { COLUMN_MAX = 1024, TEXT_MAX = 1 << 20 };

static const char below[] = ".well-known/acme-challenge";

struct row {
	char column[COLUMNS][COLUMN_MAX];
};

struct server {
	const char *table;	   /* its path */
	struct certbot_list lines; /* as they are to be */
	int changed;
};

/* --- the table ----------------------------------------------------------------- */

static int
load(struct server *s, struct certbot_error *e)
{
	char *text = certbot_file_read(s->table, NULL, e), *line, *rest;

	if (text == NULL)
		return certbot_fail(e, CERTBOT_NO_INSTALLATION,
		    "there is no table at %s", s->table);
	certbot_list_release(&s->lines);
	s->changed = 0;
	for (rest = text; (line = strsep(&rest, "\n")) != NULL;)
		if (rest != NULL || *line != '\0')
			certbot_list_add(&s->lines, line);
	free(text);
	return 0;
}

/* Line i as columns. 0, or -1: it is no site's. */
static int
parse(const struct server *s, size_t i, struct row *r)
{
	const char *line = s->lines.v[i];

	memset(r, 0, sizeof(*r));
	if (line[0] == '#')
		return -1;
	return sscanf(line, "%1023s %1023s %1023s %1023s %1023s",
		   r->column[NAME], r->column[DIRECTORY],
		   r->column[CERTIFICATE], r->column[KEY],
		   r->column[WORDS]) == COLUMNS ?
	    0 :
	    -1;
}

static int
find(const struct server *s, const char *name, size_t *at, struct row *r,
    struct certbot_error *e)
{
	for (*at = 0; *at < s->lines.n; ++*at)
		if (parse(s, *at, r) == 0 && strcmp(r->column[NAME], name) == 0)
			return 0;
	return certbot_fail(e, CERTBOT_MISCONFIGURED,
	    "there is no site %s in %s: add a line for it", name, s->table);
}

static void
put(struct server *s, size_t at, const struct row *r)
{
	char line[COLUMNS * COLUMN_MAX];

	snprintf(line, sizeof(line), "%s %s %s %s %s", r->column[NAME],
	    r->column[DIRECTORY], r->column[CERTIFICATE], r->column[KEY],
	    r->column[WORDS]);
	if (strcmp(s->lines.v[at], line) == 0)
		return;
	free(s->lines.v[at]);
	s->lines.v[at] = strdup(line);
	s->changed = 1;
}

/* --- both kinds -------------------------------------------------------------------- */

static int
init(struct certbot_plugin *p, void *ctx, struct certbot_error *e)
{
	struct server *s = ctx;

	s->table = certbot_plugin_option(p, "table");
	if (s->table == NULL)
		return certbot_fail(e, CERTBOT_MISCONFIGURED,
		    "no table is named");
	return 0;
}

static int
prepare(struct certbot_plugin *p, void *ctx, struct certbot_error *e)
{
	(void)p;
	return load(ctx, e);
}

static void
end(struct certbot_plugin *p, void *ctx)
{
	struct server *s = ctx;

	(void)p;
	certbot_list_release(&s->lines);
}

/* --- authenticator ------------------------------------------------------------------- */

/* The file of a challenge; the directories for it are made. */
static int
place(const struct server *s, const struct certbot_challenge *c, char *path,
    size_t size, struct certbot_error *e)
{
	char dir[2 * COLUMN_MAX];
	struct row r;
	size_t at;

	if (find(s, c->name, &at, &r, e) != 0)
		return -1;
	snprintf(dir, sizeof(dir), "%s/%s", r.column[DIRECTORY], below);
	if ((size_t)snprintf(path, size, "%s/%s", dir, c->token) >= size)
		return certbot_fail(e, CERTBOT_FAILED, "the path is too long");
	return certbot_dir_make(dir, 0755, 0, e);
}

static int
perform(struct certbot_plugin *p, void *ctx, const struct certbot_challenge *c,
    struct certbot_error *e)
{
	char path[4 * COLUMN_MAX];

	if (place(ctx, c, path, sizeof(path), e) != 0)
		return -1;
	certbot_plugin_log(p, CERTBOT_INFO, "Writing %s", path);
	return certbot_file_write(path, c->key_authorization,
	    strlen(c->key_authorization), 0644, e);
}

static int
cleanup(struct certbot_plugin *p, void *ctx, const struct certbot_challenge *c,
    int last, struct certbot_error *e)
{
	char path[4 * COLUMN_MAX];

	(void)p;
	(void)last;
	if (place(ctx, c, path, sizeof(path), NULL) != 0)
		return 0; /* the site is gone, and its files */
	return certbot_file_remove(path, e);
}

static char *
hint(struct certbot_plugin *p, void *ctx,
    const struct certbot_challenge *failed, size_t n)
{
	const struct server *s = ctx;
	char text[COLUMN_MAX];

	(void)p;
	snprintf(text, sizeof(text),
	    "%zu files were put below the directories in %s, the first for %s. "
	    "Are these the directories that the server serves on port 80?",
	    n, s->table, n > 0 ? failed[0].name : "none");
	return strdup(text);
}

/* --- installer --------------------------------------------------------------------------- */

static int
names(struct certbot_plugin *p, void *ctx, struct certbot_list *list,
    struct certbot_error *e)
{
	const struct server *s = ctx;
	struct row r;

	(void)p;
	(void)e;
	for (size_t i = 0; i < s->lines.n; i++)
		if (parse(s, i, &r) == 0)
			certbot_list_add(list, r.column[NAME]);
	return 0;
}

static int
deploy(struct certbot_plugin *p, void *ctx, const char *name,
    const struct certbot_files *files, struct certbot_error *e)
{
	struct server *s = ctx;
	struct row r;
	size_t at;

	(void)p;
	if (find(s, name, &at, &r, e) != 0)
		return -1;
	if (files->fullchain == NULL)
		return certbot_fail(e, CERTBOT_MISCONFIGURED,
		    "the server wants the whole chain; give --fullchain-path");
	if (strlen(files->fullchain) >= COLUMN_MAX ||
	    strlen(files->key) >= COLUMN_MAX ||
	    strpbrk(files->fullchain, " \t\n") != NULL ||
	    strpbrk(files->key, " \t\n") != NULL)
		return certbot_fail(e, CERTBOT_NOT_SUPPORTED,
		    "the table has no place for the path %s", files->fullchain);
	snprintf(r.column[CERTIFICATE], COLUMN_MAX, "%s", files->fullchain);
	snprintf(r.column[KEY], COLUMN_MAX, "%s", files->key);
	put(s, at, &r);
	return 0;
}

static int
enhance(struct certbot_plugin *p, void *ctx, const char *name,
    const char *enhancement, const char *option, struct certbot_error *e)
{
	struct server *s = ctx;
	struct row r;
	size_t at;

	(void)p;
	(void)option;
	if (strcmp(enhancement, "redirect") != 0)
		return certbot_fail(e, CERTBOT_NOT_SUPPORTED,
		    "the server cannot do %s", enhancement);
	if (find(s, name, &at, &r, e) != 0)
		return -1;
	if (strcmp(r.column[WORDS], "redirect") == 0)
		return certbot_fail(e, CERTBOT_ALREADY_PRESENT,
		    "%s redirects already", name);
	snprintf(r.column[WORDS], COLUMN_MAX, "redirect");
	put(s, at, &r);
	return 0;
}

/* Checkpoints below the work directory. */
static struct certbot_checkpoints *
checkpoints(struct certbot_plugin *p, struct certbot_error *e)
{
	return certbot_checkpoint_open(certbot_plugin_dir(p, "work"), 0, e);
}

static int
write_table(struct server *s, struct certbot_error *e)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int rc;

	for (size_t i = 0; f != NULL && i < s->lines.n; i++)
		fprintf(f, "%s\n", s->lines.v[i]);
	if (f == NULL || fclose(f) != 0 || len > TEXT_MAX)
		rc = certbot_fail(e, CERTBOT_IO, "the table is too large");
	else
		rc = certbot_file_write(s->table, text, len, 0644, e);
	free(text);
	s->changed &= rc != 0;
	return rc;
}

/* First the old table is recorded, then the new one is written. */
static int
save(struct certbot_plugin *p, void *ctx, const char *title, int temporary,
    struct certbot_error *e)
{
	struct server *s = ctx;
	const char *const paths[] = {s->table, NULL};
	struct certbot_checkpoints *c = checkpoints(p, e);
	int rc = c != NULL ? 0 : -1;

	if (rc == 0 && s->changed) {
		rc = certbot_checkpoint_add(c, temporary, paths,
		    "Changed the table of sites\n", e);
		if (rc == 0)
			rc = write_table(s, e);
	}
	if (rc == 0 && title != NULL && !temporary)
		rc = certbot_checkpoint_finish(c, title, e);
	certbot_checkpoint_close(c);
	return rc;
}

static int
rollback(struct certbot_plugin *p, void *ctx, long n, struct certbot_error *e)
{
	struct certbot_checkpoints *c = checkpoints(p, e);
	int rc = c == NULL ? -1 : certbot_checkpoint_rollback(c, n, e);

	certbot_checkpoint_close(c);
	return rc == 0 ? load(ctx, e) : rc;
}

static int
recover(struct certbot_plugin *p, void *ctx, struct certbot_error *e)
{
	struct certbot_checkpoints *c = checkpoints(p, e);
	int rc = c == NULL ? -1 : certbot_checkpoint_recover(c, e);

	certbot_checkpoint_close(c);
	return rc == 0 ? load(ctx, e) : rc;
}

/* Every site's certificate and key must be there, or both be missing. */
static int
config_test(struct certbot_plugin *p, void *ctx, struct certbot_error *e)
{
	const struct server *s = ctx;
	struct row r;

	(void)p;
	for (size_t i = 0; i < s->lines.n; i++) {
		if (parse(s, i, &r) != 0)
			continue;
		for (int k = CERTIFICATE; k <= KEY; k++)
			if (strcmp(r.column[k], "-") != 0 &&
			    access(r.column[k], R_OK) != 0)
				return certbot_fail(e, CERTBOT_MISCONFIGURED,
				    "site %s: %s: %s", r.column[NAME],
				    r.column[k], strerror(errno));
	}
	return 0;
}

static int
restart(struct certbot_plugin *p, void *ctx, struct certbot_error *e)
{
	const char *command = certbot_plugin_option(p, "reload");
	struct certbot_output o;
	int rc;

	(void)ctx;
	if (command == NULL)
		return 0;
	rc = certbot_run_shell(command, NULL, 60000, &o, e);
	if (rc == 0 && o.status != 0)
		rc = certbot_fail(e, CERTBOT_MISCONFIGURED,
		    "%s ended with status %d: %s", command, o.status, o.err);
	certbot_output_release(&o);
	return rc;
}

int
main(int argc, char *argv[])
{
	static const char *const enhancements[] = {"redirect", NULL};
	static const struct certbot_plugin_ops ops = {
	    .init = init,
	    .prepare = prepare,
	    .end = end,
	    .perform = perform,
	    .cleanup = cleanup,
	    .hint = hint,
	    .enhancements = enhancements,
	    .names = names,
	    .deploy = deploy,
	    .enhance = enhance,
	    .save = save,
	    .rollback = rollback,
	    .recover = recover,
	    .config_test = config_test,
	    .restart = restart,
	};
	struct server server = {0};

	return certbot_plugin_main(argc, argv, &ops, &server);
}
