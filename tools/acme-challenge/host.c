/* The plugin's process. */
#include "challenge.h"
#include "plugin/flags.h"

int
host_open(struct challenge *c, struct err *err)
{
	jv config = plugin_config(c->desc, c->given, err);
	jv reply;

	if (doc_is(config, DOC_NONE))
		return -1;
	if (c->desc->network && c->net == NULL &&
	    (c->net = net_open(err)) == NULL) {
		doc_free(config);
		return -1;
	}
	c->plugin = plugin_start(c->desc, err);
	if (c->plugin == NULL) {
		doc_free(config);
		return -1;
	}
	c->starts++;
	if (c->again)
		plugin_hurry(c->plugin, PLUGIN_GRACE);
	if (plugin_init(c->plugin, config, &c->st, c->batch, err) == -1)
		return -1;
	reply = plugin_call(c->plugin, "prepare", doc_object(), err);
	if (doc_is(reply, DOC_NONE))
		return -1;
	doc_free(reply);
	return 0;
}

int
host_close(struct challenge *c, struct err *err)
{
	struct plugin *p = c->plugin;
	jv learned;

	if (p == NULL)
		return 0;
	learned = plugin_learned(p);
	c->given = plugin_flags_learn(c->desc, c->given, learned);
	doc_free(learned);
	c->plugin = NULL;
	return plugin_stop(p, err);
}

void
host_start(struct challenge *c)
{
	struct err stopped = {0};

	c->again = 0;
	if (plugin_alive(c->plugin))
		return;
	(void)host_close(c, &stopped);
	err_clear(&stopped);
	err_clear(&c->plugin_err);
	if (host_open(c, &c->plugin_err) == 0)
		return;
	(void)host_close(c, &stopped);
	err_clear(&stopped);
}

jv
host_sent(const struct work *w, int only_invalid)
{
	jv list = doc_array();

	for (size_t i = 0; i < w->n_todo; i++)
		if (!only_invalid || w->todo[i].invalid)
			list = doc_push(list, doc_copy(w->todo[i].sent));
	return list;
}
