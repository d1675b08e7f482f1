#include "unfinished.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/safefile.h"
#include "plugins.h"
#include "pump.h"
#include "steps.h"
#include "store/unread.h"

static const char logger[] = "certbot.reverter";
static const char note_prefix[] = ".installer-";

static const char *const states[] = {"temp_checkpoint", "IN_PROGRESS"};

/* Files that are to be put back? */
static int
is_changed(const struct config *c)
{
	int any = 0;

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		char *dir = path_join(config_str(c, "work_dir"), states[i]);

		any |= access(dir, F_OK) == 0;
		free(dir);
	}
	return any;
}

static int
is_unfinished(const struct config *c)
{
	jv marks = unread_list(config_str(c, "work_dir"));
	int any = doc_len(marks) > 0;

	doc_free(marks);
	return any || is_changed(c);
}

static char *
note_file(const struct config *c, const char *plugin)
{
	return xasprintf("%s/%s%s.json", config_str(c, "work_dir"), note_prefix,
	    plugin);
}

static void
note_plugin(const struct config *c, const char *role)
{
	const char *name = config_str(c, role);
	const struct plugin_desc *d = name == NULL ?
	    NULL :
	    plugin_set_get(plugins_all(), name);
	struct err err = {0};
	char *file, *text;
	jv args;

	if (d == NULL || !d->installer)
		return;
	args = plugins_arguments(doc_array(), c, d->name);
	text = doc_text(args);
	file = note_file(c, d->name);
	if (safefile_write(file, text, strlen(text), 0600, 0, &err) < 0)
		log_debug(logger, "%s", err_text(&err));
	err_clear(&err);
	free(file);
	free(text);
	doc_free(args);
}

void
unfinished_note(const struct config *c)
{
	note_plugin(c, "authenticator");
	note_plugin(c, "installer");
}

/* Plugins with a note, by name. */
static jv
noted(const struct config *c)
{
	DIR *d = opendir(config_str(c, "work_dir"));
	size_t prefix = sizeof(note_prefix) - 1;
	jv names = doc_array();
	struct dirent *e;

	while (d && (e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (len > prefix + 5 &&
		    strncmp(e->d_name, note_prefix, prefix) == 0 &&
		    strcmp(e->d_name + len - 5, ".json") == 0)
			names = doc_push(names,
			    doc_stringn(e->d_name + prefix, len - prefix - 5));
	}
	if (d)
		closedir(d);
	return doc_sorted_set(names);
}

/* Is a file below root registered in one of the lists? */
static int
is_registered(const struct config *c, const char *root)
{
	static const char *const lists[] = {"FILEPATHS", "NEW_FILES"};
	char *below = xasprintf("%s/", root);
	int found = 0;

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
			char *file = xasprintf("%s/%s/%s",
			    config_str(c, "work_dir"), states[i], lists[k]);
			struct buf b;

			buf_init(&b, DOC_MAX);
			if (safefile_read(file, &b, NULL) == 0 && b.len > 0)
				found |= strstr(b.p, below) != NULL;
			buf_release(&b);
			free(file);
		}
	free(below);
	return found;
}

/* Without a note (the Python program has made them): the installers below
 * whose server root files are registered, else all. */
static jv
guessed(const struct config *c)
{
	const struct plugin_set *set = plugins_all();
	jv all = doc_array(), likely = doc_array();

	for (size_t i = 0; i < set->n; i++) {
		const struct plugin_desc *d = set->list[i];
		jv config, needs;

		if (!d->installer || d->hidden)
			continue;
		all = doc_push_str(all, d->name);
		config = plugin_config(d, c->values, NULL);
		needs = plugin_exclusive(d, config);
		for (size_t k = 0; k < doc_len(needs); k++) {
			const char *word = doc_str_at(needs, k);

			if (strncmp(word, "server:", 7) == 0 &&
			    is_registered(c, word + 7))
				likely = doc_push_str(likely, d->name);
		}
		doc_free(needs);
		doc_free(config);
	}
	if (doc_len(likely) == 0) {
		doc_free(likely);
		return all;
	}
	doc_free(all);
	return doc_sorted_set(likely);
}

/* With the options of the run that was killed, where they are known. */
static jv
noted_args(const struct config *c, const char *plugin)
{
	char *file = note_file(c, plugin);
	struct config plain;
	jv args, more = doc_read_file(file, NULL);

	config_init(&plain);
	plain.values = doc_copy(c->values);
	args = step_install(doc_is(more, DOC_ARRAY) ? &plain : c, plugin,
	    "recover");
	for (size_t i = 0; i < doc_len(more); i++)
		args = doc_push(args, doc_at(more, i));
	doc_free(more);
	config_release(&plain);
	free(file);
	return args;
}

/* An option as the mark has it; one that it has not, or that is off, is not
 * given. */
static void
put_back(struct config *c, const char *dest, jv value TAKES)
{
	if (doc_is(value, DOC_NONE) || doc_is(value, DOC_NULL) ||
	    (doc_is(value, DOC_BOOL) && !doc_equal(value, doc_bool(1)))) {
		doc_free(value);
		c->values = doc_del(doc_take(&c->values), dest);
	} else {
		config_put(c, dest, value);
	}
}

static jv
marked_args(const struct config *c, const struct plugin_desc *d, jv config)
{
	struct config marked;
	jv args;

	config_init(&marked);
	doc_move(&marked.values, doc_copy(c->values));
	for (size_t i = 0; i < d->n_options; i++)
		put_back(&marked, d->options[i].dest,
		    doc_get(config, d->options[i].name));
	for (size_t i = 0; i < doc_len(d->globals); i++) {
		const char *name = doc_str_at(d->globals, i);

		put_back(&marked, name, doc_get(config, name));
	}
	args = step_install(&marked, d->name, "recover");
	config_release(&marked);
	return args;
}

/* config: of the server, as its mark has it, or none. 0 when it is done. */
static int
recover_with(const struct config *c, const char *plugin, jv config)
{
	const struct plugin_desc *d = plugin_set_get(plugins_all(), plugin);
	struct err err = {0};
	int changed = is_changed(c), rc;
	jv out;

	if (d == NULL)
		return -1;
	out = pump_stage(doc_is(config, DOC_OBJECT) ?
		marked_args(c, d, config) :
		noted_args(c, plugin),
	    doc_none(), &err);
	if (err_is_set(&err))
		log_error(logger,
		    changed ?
			"Changes of a run that was interrupted could not be undone by the %s plugin: %s" :
			"After a run that was interrupted the %s plugin could not reload its server: %s",
		    plugin, err_text(&err));
	else
		log_info(logger,
		    changed ?
			"Changes of a run that was interrupted were undone by the %s plugin" :
			"After a run that was interrupted the %s plugin reloaded its server",
		    plugin);
	rc = err_is_set(&err) ? -1 : 0;
	err_clear(&err);
	doc_free(out);
	return rc;
}

/* A server that has not read its files: by the plugin whose mark it is. */
static void
recover_server(const struct config *c, jv server)
{
	const char *plugin = doc_str(server, "plugin");
	jv config = doc_get(server, "config");
	struct unread marks = {0};

	unread_take_all(&marks, config_str(c, "work_dir"), server);
	if (plugin_set_get(plugins_all(), plugin) == NULL)
		log_warning(logger,
		    "A run was interrupted before the server of the plugin %s had read its configuration, and the plugin is not installed: reload the server.",
		    plugin);
	else if (recover_with(c, plugin, config) != 0)
		unread_release(&marks); /* the stage has seen to them */
	unread_clear(&marks);
	doc_free(config);
}

/* Each server once. */
static void
recover_marked(const struct config *c)
{
	jv marks = unread_list(config_str(c, "work_dir")), seen = doc_array();

	for (size_t i = 0; i < doc_len(marks); i++) {
		jv mark = doc_at(marks, i);
		int again = 0;

		for (size_t k = 0; !again && k < doc_len(seen); k++) {
			jv other = doc_at(seen, k);

			again = unread_same(mark, other);
			doc_free(other);
		}
		if (!again)
			recover_server(c, mark);
		seen = doc_push(seen, mark);
	}
	doc_free(seen);
	doc_free(marks);
}

/* Files that are still to be put back: by the plugins that are noted, or guessed,
 * or by none. */
static void
recover_changed(const struct config *c)
{
	jv plugins = noted(c);
	struct err err = {0};

	if (doc_len(plugins) == 0)
		doc_move(&plugins, guessed(c));
	for (size_t i = 0; i < doc_len(plugins) && is_changed(c); i++)
		(void)recover_with(c, doc_str_at(plugins, i), doc_none());
	if (doc_len(plugins) == 0) {
		jv args = doc_push_str(step_certstore(c, "checkpoint"),
		    "recover");

		doc_free(pump_stage(args, doc_none(), &err));
		if (!err_is_set(&err))
			log_warning(logger,
			    "Changes of a run that was interrupted were undone. No plugin for the server that they belong to is installed: reload it.");
	}
	if (err_is_set(&err))
		log_error(logger, "%s", err_text(&err));
	err_clear(&err);
	doc_free(plugins);
}

void
unfinished_recover(struct config *c)
{
	recover_marked(c);
	if (is_changed(c))
		recover_changed(c);
}

void
unfinished_end(const struct config *c)
{
	jv plugins;

	if (is_unfinished(c))
		return;
	plugins = noted(c);
	for (size_t i = 0; i < doc_len(plugins); i++) {
		char *file = note_file(c, doc_str_at(plugins, i));

		(void)unlink(file);
		free(file);
	}
	doc_free(plugins);
}
