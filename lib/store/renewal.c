#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/safefile.h"
#include "store/renewal.h"
#include "store/renewal_order.h"
#include "store/renewal_tools.h"

const char *const kind_names[KIND_COUNT] = {"cert", "privkey", "chain",
    "fullchain"};
const char renewal_version[] = "1.22.0";

static const char params_section[] = "renewalparams";

/* certbot writes NAME.conf.new, and a file name has 255 bytes at most. */
enum { NAME_FILE_MAX = 246 };

char *
renewal_path(const char *config_dir, const char *name)
{
	return xasprintf("%s/renewal/%s.conf", config_dir, name);
}

int
renewal_name_check(const char *name, struct err *err)
{
	if (strchr(name, '/'))
		return err_set(err, ERR_badData,
		    "The provided certname cannot be used as a lineage "
		    "name because it contains an illegal character (i.e. "
		    "filepath separator).");
	if (!name[0] || name[0] == '.')
		return err_set(err, ERR_badData,
		    "'%s' cannot name a certificate: it is empty or begins "
		    "with a dot",
		    name);
	if (strlen(name) > NAME_FILE_MAX)
		return err_set(err, ERR_badData,
		    "'%.40s...' cannot name a certificate: it is longer "
		    "than %d bytes",
		    name, NAME_FILE_MAX);
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(err, ERR_badData,
			    "'%s' cannot name a certificate: it holds a "
			    "control character",
			    name);
	return 0;
}

/* File names are sorted with their ending, as certbot sorts them: "a-0001.conf"
 * comes before "a.conf". */
static jv
without_ending(jv files TAKES)
{
	jv names = doc_array();

	for (size_t i = 0; i < doc_len(files); i++) {
		const char *file = doc_str_at(files, i);

		if (file)
			names = doc_push(names,
			    doc_stringn(file, strlen(file) - 5));
	}
	doc_free(files);
	return names;
}

jv
renewal_list(const char *config_dir, struct err *err)
{
	char *dir = path_join(config_dir, "renewal");
	jv names = doc_array();
	struct dirent *e;
	DIR *d = opendir(dir);
	size_t n;

	if (!d && errno != ENOENT) {
		err_sys(err, ERR_ioError, errno, "cannot list '%s'", dir);
		doc_move(&names, doc_none());
	}
	while (d && (e = readdir(d))) {
		n = strlen(e->d_name);
		if (e->d_name[0] != '.' && n > 5 &&
		    !strcmp(e->d_name + n - 5, ".conf"))
			names = doc_push(names, doc_stringn(e->d_name, n));
	}
	if (d)
		closedir(d);
	free(dir);
	return doc_is(names, DOC_NONE) ? names :
					 without_ending(doc_sorted_set(names));
}

static void
add_repr(struct buf *b, const char *s)
{
	char quote = strchr(s, '\'') && !strchr(s, '"') ? '"' : '\'';

	buf_addc(b, quote);
	for (; *s; s++) {
		if (*s == quote || *s == '\\')
			buf_addc(b, '\\');
		if (*s == '\n')
			buf_adds(b, "\\n");
		else
			buf_addc(b, *s);
	}
	buf_addc(b, quote);
}

/* A section as Python's repr of a dict shows it. */
static void
add_section_repr(struct buf *b, const struct ini *ini, const char *section)
{
	jv keys = ini_keys(ini, section), subs = ini_subsections(ini, section);
	char *path;
	jv val;

	buf_addc(b, '{');
	for (size_t i = 0; i < doc_len(keys); i++) {
		buf_adds(b, i ? ", " : "");
		add_repr(b, doc_str_at(keys, i));
		buf_adds(b, ": ");
		val = ini_get(ini, section, doc_str_at(keys, i));
		if (doc_is(val, DOC_STRING)) {
			add_repr(b, doc_text_of(val));
		} else {
			buf_addc(b, '[');
			for (size_t k = 0; k < doc_len(val); k++) {
				buf_adds(b, k ? ", " : "");
				add_repr(b, doc_str_at(val, k));
			}
			buf_addc(b, ']');
		}
		doc_free(val);
	}
	for (size_t i = 0; i < doc_len(subs); i++) {
		path = section[0] ?
		    xasprintf("%s\n%s", section, doc_str_at(subs, i)) :
		    xstrdup(doc_str_at(subs, i));
		buf_adds(b, i || doc_len(keys) ? ", " : "");
		add_repr(b, doc_str_at(subs, i));
		buf_adds(b, ": ");
		add_section_repr(b, ini, path);
		free(path);
	}
	buf_addc(b, '}');
	doc_free(subs);
	doc_free(keys);
}

static int
missing_reference(const struct renewal *r, struct err *err)
{
	struct buf b;

	buf_init(&b, 16384);
	add_section_repr(&b, r->ini, "");
	err_set(err, ERR_brokenLineage,
	    "renewal config file %s is missing a required file reference",
	    b.p ? b.p : "");
	buf_release(&b);
	return -1;
}

static int
read_paths(struct renewal *r, const char *config_dir, struct err *err)
{
	char *text;

	for (int k = 0; k < KIND_COUNT; k++) {
		text = ini_get_text(r->ini, "", kind_names[k]);
		if (!text)
			return missing_reference(r, err);
		r->live[k] = path_absolute(text);
		free(text);
	}
	text = ini_get_text(r->ini, "", "archive_dir");
	r->archive_dir = text ? path_absolute(text) :
				xasprintf("%s/archive/%s", config_dir, r->name);
	free(text);
	return 0;
}

/* Bytes that are no UTF-8 are no syntax error to certbot: its decoder's words,
 * without the path that is named around them. */
static int
bad_encoding(const struct renewal *r, struct err *err)
{
	size_t len = strlen(r->path);
	const char *text = err_text(err);
	char *own = xstrdup(
	    !strncmp(text, r->path, len) && !strncmp(text + len, ": ", 2) ?
		text + len + 2 :
		text);

	err_set(err, ERR_badData, "%s", own);
	free(own);
	return -1;
}

int
renewal_read(struct renewal *r, const char *config_dir, const char *name,
    struct err *err)
{
	return renewal_read_from(r, config_dir, name, NULL, err);
}

int
renewal_read_from(struct renewal *r, const char *config_dir, const char *name,
    const char *path, struct err *err)
{
	memset(r, 0, sizeof(*r));
	r->name = xstrdup(name);
	r->path = path ? xstrdup(path) : renewal_path(config_dir, name);
	if (renewal_name_check(name, err) < 0)
		return -1;
	if ((r->ini = ini_read(r->path, err)))
		return read_paths(r, config_dir, err);
	if (access(r->path, F_OK) < 0 && errno == ENOENT)
		return err_set(err, ERR_noLineage,
		    "No certificate found with name %s (expected %s).", name,
		    r->path);
	if (!err)
		return -1;
	if (err->has_members && doc_flag(err->members, "encoding", 0))
		return bad_encoding(r, err);
	if (err->name == ERR_badData)
		return err_set(err, ERR_brokenLineage, "error parsing %s",
		    r->path);
	return -1;
}

void
renewal_new(struct renewal *r, const char *config_dir, const char *name)
{
	memset(r, 0, sizeof(*r));
	r->name = xstrdup(name);
	r->path = renewal_path(config_dir, name);
	r->ini = ini_new();
	r->archive_dir = xasprintf("%s/archive/%s", config_dir, name);
	for (int k = 0; k < KIND_COUNT; k++)
		r->live[k] = xasprintf("%s/live/%s/%s.pem", config_dir, name,
		    kind_names[k]);
	ini_set(r->ini, "", "version", doc_string(renewal_version));
	ini_set(r->ini, "", "archive_dir", doc_string(r->archive_dir));
	for (int k = 0; k < KIND_COUNT; k++)
		ini_set(r->ini, "", kind_names[k], doc_string(r->live[k]));
	ini_set_initial_comment(r->ini, "# renew_before_expiry = 30 days");
	ini_add_section(r->ini, params_section);
	ini_set_section_comment(r->ini, params_section,
	    "\n# Options used in the renewal process");
}

void
renewal_release(struct renewal *r)
{
	ini_free(r->ini);
	free(r->name);
	free(r->path);
	free(r->archive_dir);
	for (int k = 0; k < KIND_COUNT; k++)
		free(r->live[k]);
	memset(r, 0, sizeof(*r));
}

jv
renewal_params(const struct renewal *r)
{
	return renewal_section_doc(r->ini, params_section);
}

int
renewal_has_params(const struct renewal *r)
{
	return ini_has_section(r->ini, params_section);
}

jv
renewal_tools(const struct renewal *r)
{
	return renewal_tools_get(r->ini);
}

char *
renewal_text(const struct renewal *r, const char *key)
{
	return ini_get_text(r->ini, "", key);
}

/* Take out of [renewalparams] what params does not have. */
static void
drop_others(struct ini *ini, jv params)
{
	jv keys = ini_keys(ini, params_section);
	jv subs = ini_subsections(ini, params_section);
	char *path;

	for (size_t i = 0; i < doc_len(keys); i++)
		if (!doc_has(params, doc_str_at(keys, i)))
			ini_del(ini, params_section, doc_str_at(keys, i));
	for (size_t i = 0; i < doc_len(subs); i++) {
		path = xasprintf("%s\n%s", params_section, doc_str_at(subs, i));
		ini_del_section(ini, path);
		free(path);
	}
	doc_free(subs);
	doc_free(keys);
}

static int
params_ok(jv params, struct err *err)
{
	jv keys = doc_keys(params);
	int rc = 0;

	for (size_t i = 0; i < doc_len(keys) && rc == 0; i++) {
		const char *key = doc_str_at(keys, i);
		jv one = doc_set(doc_object(), key, doc_get(params, key));

		if (!renewal_value_ok(one, 2))
			rc = err_set(err, ERR_badDocument,
			    "renewalparams.%s has a form that a renewal "
			    "file cannot hold",
			    key);
		doc_free(one);
	}
	doc_free(keys);
	return rc;
}

int
renewal_set(struct renewal *r, jv params, jv tools, struct err *err)
{
	jv order;

	if (params_ok(params, err) < 0)
		return -1;
	ini_set(r->ini, "", "version", doc_string(renewal_version));
	ini_set(r->ini, "", "archive_dir", doc_string(r->archive_dir));
	for (int k = 0; k < KIND_COUNT; k++)
		ini_set(r->ini, "", kind_names[k], doc_string(r->live[k]));
	if (!ini_has_section(r->ini, params_section))
		ini_add_section(r->ini, params_section);
	drop_others(r->ini, params);
	order = renewal_order(params);
	for (size_t i = 0; i < doc_len(order); i++)
		renewal_section_set(r->ini, params_section,
		    doc_str_at(order, i),
		    doc_get(params, doc_str_at(order, i)));
	doc_free(order);
	return renewal_tools_set(r->ini, tools, err);
}

int
renewal_write(const struct renewal *r, const char *to, struct err *err)
{
	char *text = ini_text(r->ini, err);
	int rc;

	if (!text)
		return err_prefix(err, "%s", r->path);
	rc = safefile_write(to ? to : r->path, text, strlen(text), 0644,
	    SAFEFILE_UMASK | SAFEFILE_KEEP_MODE, err);
	free(text);
	return rc;
}
