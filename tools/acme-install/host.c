/* The plugin: started once, asked in turn, ended. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/safefile.h"
#include "install.h"
#include "net/client.h"

/* Checkpoints are one process's at a time. */
static int
take_work(struct install *in, struct err *err)
{
	if (in->reverter != NULL)
		return 0;
	if (safefile_mkdirs(in->st.work_dir, safefile_masked(0755), err) < 0 ||
	    lock_take(&in->lock, in->st.work_dir, in->st.timeout, err) < 0)
		return -1;
	in->reverter = reverter_open(in->st.work_dir, 0, err);
	return in->reverter == NULL ? -1 : 0;
}

int
host_open(struct install *in, struct err *err)
{
	char *which;
	jv config;

	if (plugin_alive(in->plugin))
		return 0;
	host_close(in);
	if (take_work(in, err) < 0)
		return -1;
	if (in->desc->network && in->net == NULL &&
	    (in->net = net_open(err)) == NULL)
		return -1;
	config = plugin_config(in->desc, in->given, err);
	if (doc_is(config, DOC_NONE))
		return -1;
	which = plugin_server(in->desc, config);
	doc_move(&in->server,
	    unread_server(in->desc->name, which, doc_copy(config)));
	free(which);
	in->plugin = plugin_start(in->desc, err);
	if (in->plugin == NULL) {
		doc_free(config);
		return -1;
	}
	return plugin_init(in->plugin, config, &in->st, in->batch, err);
}

int
host_prepare(struct install *in, struct err *err)
{
	if (host_open(in, err) < 0)
		return -1;
	if (!in->prepared && host_do(in, "prepare", doc_object(), err) < 0)
		return -1;
	in->prepared = 1;
	return 0;
}

/* Before files are written or put back: from here on the server has to be told,
 * whoever is killed. Putting back does not wait for a disk that is full. */
static int
before_files(struct install *in, const char *op, jv request, struct err *err)
{
	int putting_back = strcmp(op, "rollback") == 0 ||
	    (strcmp(op, "recover") == 0 && reverter_unfinished(in->reverter));
	struct err why = {0};
	int rc = 0;

	if (putting_back ||
	    (strcmp(op, "save") == 0 && doc_str(request, "title") == NULL))
		rc = unread_mark(&in->unread, in->st.work_dir, in->server,
		    &why);
	if (rc == -1 && !putting_back) {
		err_move(err, &why);
		return -1;
	}
	err_clear(&why);
	return 0;
}

/* The server was told of its files, or people why not: err is what came of it.
 * Nothing, if the plugin never replied. */
static void
told(struct install *in, const struct err *err)
{
	if (plugin_alive(in->plugin) && err->name != ERR_interrupted)
		unread_clear(&in->unread);
}

void
host_take_lineage(struct install *in, jv doc)
{
	const char *lineage = doc_str_find(doc, "lineage", "name", NULL);

	if (lineage != NULL)
		unread_take_lineage(&in->unread, in->st.work_dir,
		    in->desc->name, lineage);
}

int
host_do(struct install *in, const char *op, jv request, struct err *err)
{
	jv reply;
	int rc;

	if (before_files(in, op, request, err) < 0) {
		doc_free(request);
		return -1;
	}
	reply = plugin_call(in->plugin, op, request, err);
	rc = doc_is(reply, DOC_NONE) ? -1 : 0;
	doc_free(reply);
	if (strcmp(op, "restart") == 0)
		told(in, err);
	return rc;
}

int
host_restart(struct install *in, struct err *err)
{
	if (host_do(in, "config-test", doc_object(), err) == 0)
		return host_do(in, "restart", doc_object(), err);
	told(in, err);
	return -1;
}

int
host_enhancements(struct install *in, struct err *err)
{
	jv reply, list;

	if (doc_is(in->enhancements, DOC_ARRAY))
		return 0;
	reply = plugin_call(in->plugin, "enhancements", doc_object(), err);
	if (doc_is(reply, DOC_NONE) && err->name != ERR_notSupported)
		return -1;
	err_clear(err);
	list = doc_get_kind(reply, "enhancements", DOC_ARRAY);
	if (!doc_is(list, DOC_ARRAY))
		list = doc_array();
	doc_move(&in->enhancements, list);
	doc_free(reply);
	return 0;
}

void
host_close(struct install *in)
{
	struct err err = {0};

	if (in->plugin != NULL && plugin_stop(in->plugin, &err) < 0)
		log_warning("acme-install", "%s", err_text(&err));
	in->plugin = NULL;
	in->prepared = 0;
	err_clear(&err);
}
