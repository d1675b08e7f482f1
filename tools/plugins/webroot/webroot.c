/* webroot - answers http-01 challenges by files below the document root of a
 * web server that runs already (spec 8.2). */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/safefile.h"
#include "place.h"
#include "plugin/guest.h"

static const char required[] =
    "Every requested domain must have a webroot when using the webroot "
    "plugin.";
static const char missing[] =
    "Missing parts of webroot configuration; please set either "
    "--webroot-path and --domains, or --webroot-map. Run with  --help webroot "
    "for examples.";

struct webroot {
	jv map;	    /* name -> directory */
	char *last; /* the last --webroot-path, or NULL */
	int said_last;
	jv known; /* directories, the most recently entered first */
	struct place *place;
};

static int
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
check_dir(const char *path, struct err *err)
{
	return is_dir(path) ?
	    0 :
	    err_set(err, ERR_misconfigured,
		"%s does not exist or is not a directory", path);
}

static void
know(struct webroot *w, const char *dir)
{
	jv known = doc_push_str(doc_array(), dir);

	for (size_t i = 0; i < doc_len(w->known); i++)
		if (strcmp(doc_str_at(w->known, i), dir) != 0)
			known = doc_push(known, doc_at(w->known, i));
	doc_move(&w->known, known);
}

/* Keys may hold several names, separated by commas. */
static int
add_to_map(struct webroot *w, const char *names, const char *dir,
    struct err *err)
{
	char *copy = xstrdup(names), *save = NULL;
	char *abs = path_absolute(dir);
	int rc = check_dir(abs, err);

	for (char *name = strtok_r(copy, ", \t", &save);
	     rc == 0 && name != NULL; name = strtok_r(NULL, ", \t", &save))
		w->map = doc_set_str(w->map, name, abs);
	if (rc == 0)
		know(w, abs);
	free(abs);
	free(copy);
	return rc;
}

static int
webroot_init(struct guest *g, void *ctx, jv config, struct err *err)
{
	struct webroot *w = ctx;
	jv map = doc_get_kind(config, "map", DOC_OBJECT);
	jv paths = doc_get_kind(config, "path", DOC_ARRAY);
	jv names = doc_keys(map);
	int rc = 0;

	w->map = doc_object();
	w->known = doc_array();
	w->place = place_new(g);
	for (size_t i = 0; rc == 0 && i < doc_len(names); i++) {
		const char *name = doc_str_at(names, i);
		const char *dir = doc_str(map, name);
		rc = dir == NULL ? err_set(err, ERR_misconfigured,
				       "the webroot of %s is no text", name) :
				   add_to_map(w, name, dir, err);
	}
	for (size_t i = 0; rc == 0 && i < doc_len(paths); i++) {
		const char *dir = doc_str_at(paths, i);
		if (dir == NULL || check_dir(dir, err) == -1) {
			rc = -1;
			break;
		}
		free(w->last);
		w->last = path_absolute(dir);
		know(w, w->last);
	}
	doc_free(map);
	doc_free(paths);
	doc_free(names);
	return rc;
}

static int
is_cancelled(const struct err *asked)
{
	return asked->has_members && doc_flag(asked->members, "cancel", 0);
}

/* The answer's text, malloc'd; NULL and err, which is not set where a person has
 * cancelled. */
static char *
ask_text(struct guest *g, jv question TAKES, struct err *err)
{
	struct err asked = {0};
	jv value = guest_ask(g, question, &asked);
	char *text = NULL;

	if (doc_text_of(value) != NULL)
		text = xstrdup(doc_text_of(value));
	else if (guest_ended(g))
		err_move(err, &asked);
	else if (strcmp(err_text(&asked), "EOFError") == 0 ||
	    strncmp(err_text(&asked), "Missing command line flag", 25) == 0)
		err_move(err, &asked);
	else if (!is_cancelled(&asked))
		err_set(err, ERR_misconfigured, "%s", missing);
	err_clear(&asked);
	doc_free(value);
	return text;
}

/* NULL without err: cancelled. */
static char *
ask_new(struct guest *g, const char *name, struct err *err)
{
	char *text = NULL, *expanded, *dir, *shown;

	for (;;) {
		jv q = doc_set_str(doc_object(), "kind", "input");
		shown = xasprintf("Input the webroot for %s:", name);
		q = doc_set_str(doc_set_str(q, "text", shown), "complete",
		    "directory");
		q = doc_set_flag(q, "force", 1);
		free(shown);
		text = ask_text(g, q, err);
		if (text == NULL)
			return NULL;
		expanded = path_expand(text);
		dir = path_absolute(expanded);
		free(expanded);
		if (is_dir(dir)) {
			free(text);
			return dir;
		}
		shown = xasprintf("%s does not exist or is not a directory",
		    text);
		q = doc_set_str(doc_object(), "kind", "pause");
		q = doc_set_flag(doc_set_str(q, "text", shown), "pause", 0);
		doc_free(guest_ask(g, doc_set_flag(q, "force", 1), err));
		free(shown);
		free(text);
		free(dir);
		if (err_is_set(err))
			return NULL;
	}
}

/* Menu of the known directories (spec 8.2): 0 for a new one, the number of one,
 * -1 and err. */
static long
ask_which(struct guest *g, struct webroot *w, const char *name, struct err *err)
{
	char *shown = xasprintf("Select the webroot for %s:", name);
	jv q = doc_set_str(doc_object(), "kind", "menu");
	jv choices = doc_push_str(doc_array(), "Enter a new webroot");
	struct err asked = {0};
	jv value;
	long n = -1;

	for (size_t i = 0; i < doc_len(w->known); i++)
		choices = doc_push(choices, doc_at(w->known, i));
	q = doc_set(doc_set_str(q, "text", shown), "choices", choices);
	q = doc_set_str(q, "flag", "--webroot-path");
	free(shown);
	value = guest_ask(g, doc_set_flag(q, "force", 1), &asked);
	if (is_cancelled(&asked)) {
		err_set(err, ERR_pluginFailed, "%s", required);
	} else if (err_is_set(&asked)) {
		err_move(err, &asked);
	} else {
		jv box = doc_set(doc_object(), "n", doc_copy(value));
		(void)doc_int(box, "n", &n);
		doc_free(box);
	}
	err_clear(&asked);
	doc_free(value);
	if (err_is_set(err))
		return -1;
	return n >= 1 && (size_t)n <= doc_len(w->known) ? n : 0;
}

/* Who cancels a new one is asked again. */
static char *
ask_known(struct guest *g, struct webroot *w, const char *name, struct err *err)
{
	char *dir = NULL;
	long n = 0;

	while (dir == NULL && !err_is_set(err)) {
		n = ask_which(g, w, name, err);
		if (n == 0)
			dir = ask_new(g, name, err);
		else if (n > 0)
			dir = xstrdup(doc_str_at(w->known, (size_t)n - 1));
	}
	return dir;
}

/* The directory for name, borrowed from w; NULL and err. */
static const char *
root_of(struct guest *g, struct webroot *w, const char *name, struct err *err)
{
	const char *dir = doc_str(w->map, name);
	char *asked;

	if (dir != NULL)
		return dir;
	if (w->last != NULL) {
		w->map = doc_set_str(w->map, name, w->last);
	} else {
		asked = doc_len(w->known) > 0 ? ask_known(g, w, name, err) :
						ask_new(g, name, err);
		if (asked == NULL && !err_is_set(err))
			err_set(err, ERR_pluginFailed, "%s", required);
		if (asked == NULL)
			return NULL;
		know(w, asked);
		w->map = doc_set_str(w->map, name, asked);
		free(asked);
	}
	guest_learned(g, "map", doc_copy(w->map));
	return doc_str(w->map, name);
}

static int
webroot_perform(struct guest *g, void *ctx, jv all, size_t i, struct err *err)
{
	struct webroot *w = ctx;
	jv c = doc_at(all, i);
	const char *name = doc_str_find(c, "identifier", "value", NULL);
	const char *root;
	int rc = -1;

	if (w->last != NULL && !w->said_last)
		guest_log(g, LOG_INFO, SHOW_LOG,
		    "Using the webroot path %s for all unmatched domains.",
		    w->last);
	w->said_last = 1;
	if (strcmp(doc_str(c, "type"), "http-01") != 0)
		err_set(err, ERR_notSupported,
		    "webroot performs http-01 challenges only");
	else if ((root = root_of(g, w, name, err)) != NULL)
		rc = place_add(w->place, root, name, doc_str(c, "token"),
		    doc_str(c, "keyAuthorization"), err);
	doc_free(c);
	return rc;
}

static int
webroot_cleanup(struct guest *g, void *ctx, jv c, int last, struct err *err)
{
	struct webroot *w = ctx;
	int rc;

	(void)g;
	rc = place_remove(w->place, doc_str(c, "token"), err);
	if (last)
		place_remove_dirs(w->place);
	return rc;
}

static int
webroot_cleanup_left(struct guest *g, void *ctx, jv all, size_t i,
    struct err *err)
{
	struct webroot *w = ctx;
	jv c = doc_at(all, i);
	const char *root = doc_str(w->map,
	    doc_str_find(c, "identifier", "value", NULL));
	int rc = 0;

	(void)g;
	root = root != NULL ? root : w->last;
	if (root != NULL)
		rc = place_remove_left(w->place, root, doc_str(c, "token"),
		    doc_str(c, "keyAuthorization"), err);
	if (i + 1 == doc_len(all))
		place_remove_dirs(w->place);
	doc_free(c);
	return rc;
}

static char *
webroot_hint(struct guest *g, void *ctx, jv failed)
{
	(void)g;
	(void)ctx;
	(void)failed;
	return xstrdup("The Certificate Authority failed to download the "
		       "temporary challenge files created by Certbot. Ensure "
		       "that the listed domains serve their content from the "
		       "provided --webroot-path/-w and that files created "
		       "there can be downloaded from the internet.");
}

static void
webroot_end(struct guest *g, void *ctx)
{
	struct webroot *w = ctx;

	(void)g;
	place_free(w->place);
	free(w->last);
	doc_free(w->map);
	doc_free(w->known);
}

int
main(int argc, char *argv[])
{
	static const struct guest_ops ops = {.init = webroot_init,
	    .perform = webroot_perform,
	    .cleanup = webroot_cleanup,
	    .cleanup_left = webroot_cleanup_left,
	    .hint = webroot_hint,
	    .end = webroot_end};
	struct webroot w = {0};

	return guest_main(argc, argv, &ops, &w);
}
