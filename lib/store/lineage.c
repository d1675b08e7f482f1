#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/safefile.h"
#include "crypto/cert.h"
#include "store/lineage_links.h"
#include "store/lineage_recover.h"

enum { VERSION_MAX = 99999999, SNAPSHOT_MS = 2000, SNAPSHOT_STEP_MS = 20 };

/* Numbers of one kind's files in a directory. */
struct numbers {
	long *v;
	size_t n, cap;
};

/* KIND<digits>.pem: the number, 0 when name has another form. */
static long
number_of(const char *name, int kind)
{
	size_t n = strlen(kind_names[kind]), digits;
	const char *p = name + n;

	if (strncmp(name, kind_names[kind], n) != 0)
		return 0;
	digits = strspn(p, "0123456789");
	if (digits == 0 || digits > 8 || strcmp(p + digits, ".pem") != 0)
		return 0;
	return strtol(p, NULL, 10);
}

static void
numbers_add(struct numbers *s, long v)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 8;
		s->v = xrealloc(s->v, s->cap * sizeof(*s->v));
	}
	s->v[s->n++] = v;
}

static int
numbers_have(const struct numbers *s, long v)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i] == v)
			return 1;
	return 0;
}

/* Numbers of the kinds in mask that dir has. */
static void
scan(const char *dir, unsigned mask, struct numbers s[KIND_COUNT])
{
	DIR *d = opendir(dir);
	struct dirent *e;
	long v;

	while (d && (e = readdir(d)))
		for (int k = 0; k < KIND_COUNT; k++)
			if ((mask & (1u << k)) &&
			    (v = number_of(e->d_name, k)) > 0)
				numbers_add(&s[k], v);
	if (d)
		closedir(d);
}

/* Kinds are looked for in the directory of their own target. */
static void
find_versions(struct lineage *l)
{
	struct numbers s[KIND_COUNT] = {{NULL, 0, 0}};
	char *dir[KIND_COUNT];
	unsigned done = 0, mask;
	long v;

	for (int k = 0; k < KIND_COUNT; k++)
		dir[k] = path_dir(l->target[k]);
	for (int k = 0; k < KIND_COUNT; k++) {
		if (done & (1u << k))
			continue;
		mask = 0;
		for (int i = k; i < KIND_COUNT; i++)
			if (!strcmp(dir[i], dir[k]))
				mask |= 1u << i;
		scan(dir[k], mask, s);
		done |= mask;
	}
	for (int k = 0; k < KIND_COUNT; k++)
		for (size_t i = 0; i < s[k].n; i++)
			if (s[k].v[i] > l->highest)
				l->highest = s[k].v[i];
	for (size_t i = 0; i < s[0].n; i++) {
		v = s[0].v[i];
		if (v > l->latest && numbers_have(&s[1], v) &&
		    numbers_have(&s[2], v) && numbers_have(&s[3], v))
			l->latest = v;
	}
	for (int k = 0; k < KIND_COUNT; k++) {
		l->version[k] = number_of(path_base(l->target[k]), k);
		free(s[k].v);
		free(dir[k]);
	}
}

/* What the links say, once the renewal file is read. */
static int
open_links(struct lineage *l, unsigned flags, struct err *err)
{
	if (flags & LINEAGE_LOCKED) {
		if (links_recover(&l->conf, err) < 0)
			return -1;
		store_clear_temporary(l->conf.archive_dir);
	}
	if (links_read(&l->conf, l->target, err) < 0)
		return -1;
	for (int k = 0; k < KIND_COUNT; k++)
		if (!(flags & LINEAGE_ANY_TARGET) &&
		    access(l->target[k], F_OK) < 0)
			return err_set(err, ERR_brokenLineage,
			    "target %s of symlink %s does not exist",
			    l->target[k], l->conf.live[k]);
	l->latest = l->highest = 0;
	find_versions(l);
	return 0;
}

int
lineage_open_from(struct lineage *l, const char *config_dir, const char *name,
    const char *path, unsigned flags, struct err *err)
{
	memset(l, 0, sizeof(*l));
	if (renewal_read_from(&l->conf, config_dir, name, path, err) < 0)
		return -1;
	return open_links(l, flags, err);
}

int
lineage_open(struct lineage *l, const char *config_dir, const char *name,
    unsigned flags, struct err *err)
{
	return lineage_open_from(l, config_dir, name, NULL, flags, err);
}

void
lineage_release(struct lineage *l)
{
	renewal_release(&l->conf);
	for (int k = 0; k < KIND_COUNT; k++) {
		free(l->target[k]);
		l->target[k] = NULL;
	}
}

static void
texts_init(struct lineage_texts *t)
{
	for (int k = 0; k < KIND_COUNT; k++)
		buf_init(&t->text[k], FILE_TEXT_MAX);
}

void
lineage_texts_release(struct lineage_texts *t)
{
	for (int k = 0; k < KIND_COUNT; k++)
		buf_release(&t->text[k]);
}

/* Is a move of the links going on, or has there been one since the opening,
 * well or badly ended? */
static int
moved(const struct lineage *l)
{
	char *now[KIND_COUNT] = {NULL};
	int differs = 0, readable;

	if (!l->conf.live[KIND_COUNT - 1])
		return 0;
	if (links_moving(&l->conf))
		return 1;
	readable = links_read(&l->conf, now, NULL) == 0;
	for (int k = 0; k < KIND_COUNT; k++) {
		if (!l->target[k])
			differs |= readable;
		else
			differs |= !now[k] || strcmp(now[k], l->target[k]) != 0;
		free(now[k]);
	}
	return differs;
}

int
lineage_is_moving(const char *config_dir, const char *name)
{
	struct renewal r;
	int moving = renewal_read(&r, config_dir, name, NULL) == 0 &&
	    links_moving(&r);

	renewal_release(&r);
	return moving;
}

static int
snapshot_once(struct lineage *l, struct lineage_texts *t, unsigned kinds,
    const char *config_dir, const char *name, struct err *err)
{
	if (lineage_open(l, config_dir, name, 0, err) < 0)
		return -1;
	for (int k = 0; k < KIND_COUNT; k++)
		if ((kinds & (1u << k)) &&
		    safefile_read(l->target[k], &t->text[k], err) < 0)
			return -1;
	return 0;
}

int
lineage_snapshot(struct lineage *l, struct lineage_texts *t, unsigned kinds,
    const char *config_dir, const char *name, struct err *err)
{
	int64_t end = 0;
	int rc;

	texts_init(t);
	for (;;) {
		rc = snapshot_once(l, t, kinds, config_dir, name, err);
		if (!moved(l))
			return rc;
		if (!end)
			end = clock_ms() + SNAPSHOT_MS;
		if (clock_ms() >= end)
			return err_set(err, ERR_brokenLineage,
			    "a save of '%s' is unfinished: run certstore "
			    "fix %s",
			    name, name);
		err_clear(err);
		lineage_release(l);
		lineage_texts_release(t);
		poll(NULL, 0, SNAPSHOT_STEP_MS);
	}
}

char *
lineage_file(const struct lineage *l, enum store_kind kind, long version)
{
	char *dir = path_dir(l->target[kind]);
	char *path = xasprintf("%s/%s%ld.pem", dir, kind_names[kind], version);

	free(dir);
	return path;
}

int
lineage_pending(const struct lineage *l, struct err *err)
{
	long least = VERSION_MAX;

	for (int k = 0; k < KIND_COUNT; k++) {
		if (l->version[k] == 0)
			return err_set(err, ERR_brokenLineage,
			    "%s is required but missing for this "
			    "certificate.",
			    kind_names[k]);
		if (l->version[k] < least)
			least = l->version[k];
	}
	return least < l->latest;
}

/* New text of a link: in the style of the old one where that leads into the
 * archive directory, else relative. */
static char *
link_text(const struct lineage *l, int kind, long version)
{
	char *old = path_readlink(l->conf.live[kind]);
	char *live = path_dir(l->conf.live[kind]);
	char *there = path_dir(l->target[kind]);
	char *text, *dir;

	if (old && !strcmp(there, l->conf.archive_dir))
		dir = path_dir(old);
	else
		dir = path_relative(live, l->conf.archive_dir);
	text = xasprintf("%s/%s%ld.pem", dir, kind_names[kind], version);
	free(dir);
	free(there);
	free(live);
	free(old);
	return text;
}

int
lineage_deploy(struct lineage *l, long version, struct err *err)
{
	char *text[KIND_COUNT];
	int rc;

	for (int k = 0; k < KIND_COUNT; k++)
		text[k] = link_text(l, k, version);
	rc = links_move(&l->conf, text, l->target, err);
	for (int k = 0; k < KIND_COUNT; k++)
		free(text[k]);
	return rc < 0 ? -1 : open_links(l, LINEAGE_LOCKED, err);
}

static jv
copy_members(jv to TAKES, jv from, const char *const *keys)
{
	for (; *keys; keys++)
		if (doc_has(from, *keys))
			to = doc_set(to, *keys, doc_get(from, *keys));
	return to;
}

jv
lineage_doc(const struct lineage *l, jv info)
{
	static const char *const of_cert[] = {"names", "serial", "notBefore",
	    "notAfter", "issuer", "keyType", "keySize", "curve", NULL};
	jv params = renewal_params(&l->conf), d = doc_object();
	char *dir = path_dir(l->conf.live[KIND_CERT]);

	d = doc_set_str(d, "name", l->conf.name);
	d = doc_set_str(d, "path", dir);
	d = doc_set_str(d, "conf", l->conf.path);
	d = doc_set_str(d, "archive", l->conf.archive_dir);
	d = doc_set_int(d, "version", l->version[KIND_CERT]);
	d = doc_set_int(d, "latest", l->latest);
	for (int k = 0; k < KIND_COUNT; k++)
		d = doc_set_str(d, kind_names[k], l->conf.live[k]);
	d = doc_set_str(d, "server", doc_str(params, "server"));
	d = copy_members(d, info, of_cert);
	free(dir);
	doc_free(params);
	return d;
}
