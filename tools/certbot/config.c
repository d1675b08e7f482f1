/* config.c - values by certbot's internal names. */
#include "config.h"

#include <string.h>

#include "options.h"

void
config_init(struct config *c)
{
	c->verb = "run";
	c->values = doc_object();
	c->set = doc_object();
	c->restored = doc_object();
	c->arguments = doc_array();
}

void
config_release(struct config *c)
{
	doc_free(doc_take(&c->values));
	doc_free(doc_take(&c->set));
	doc_free(doc_take(&c->restored));
	doc_free(doc_take(&c->arguments));
}

void
config_copy(struct config *to, const struct config *from)
{
	to->verb = from->verb;
	to->values = doc_copy(from->values);
	to->set = doc_copy(from->set);
	to->restored = doc_copy(from->restored);
	to->arguments = doc_copy(from->arguments);
}

jv
config_get(const struct config *c, const char *dest)
{
	const struct option *o;

	if (doc_has(c->values, dest))
		return doc_get(c->values, dest);
	o = options_by_dest(dest);
	return o == NULL ? doc_null() : option_default(o);
}

const char *
config_str(const struct config *c, const char *dest)
{
	const struct option *o;

	if (doc_has(c->values, dest))
		return doc_str(c->values, dest);
	o = options_by_dest(dest);
	return o == NULL || option_is_flag(o) ? NULL : o->fallback;
}

int
config_tri(const struct config *c, const char *dest)
{
	const struct option *o;
	jv v;
	int r;

	if (doc_has(c->values, dest)) {
		r = doc_flag(c->values, dest, 0);
		return doc_flag(c->values, dest, 1) == r ? r : -1;
	}
	o = options_by_dest(dest);
	v = o == NULL ? doc_null() : option_default(o);
	r = doc_is(v, DOC_BOOL) ? doc_equal(v, doc_bool(1)) : -1;
	doc_free(v);
	return r;
}

int
config_flag(const struct config *c, const char *dest)
{
	return config_tri(c, dest) == 1;
}

long
config_int(const struct config *c, const char *dest)
{
	jv box = doc_set(doc_object(), "v", config_get(c, dest));
	long n = 0;

	if (doc_int(box, "v", &n) != 0)
		n = 0;
	doc_free(box);
	return n;
}

jv
config_list(const struct config *c, const char *dest)
{
	jv v = config_get(c, dest);

	if (doc_is(v, DOC_ARRAY))
		return v;
	if (doc_is(v, DOC_STRING))
		return doc_push(doc_array(), v);
	doc_free(v);
	return doc_array();
}

void
config_put(struct config *c, const char *dest, jv val)
{
	c->values = doc_set(doc_take(&c->values), dest, val);
}

void
config_give(struct config *c, const char *dest, jv val)
{
	config_put(c, dest, val);
	c->set = doc_set_flag(doc_take(&c->set), dest, 1);
}

int
config_is_set(const struct config *c, const char *dest)
{
	static const struct {
		const char *dest, *by;
	} derived[] = {
	    {"account", "server"},
	    {"server", "staging"},
	    {"server", "dry_run"},
	    {"webroot_map", "webroot_path"},
	};

	if (doc_flag(c->set, dest, 0))
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(derived); i++)
		if (strcmp(derived[i].dest, dest) == 0 &&
		    config_is_set(c, derived[i].by))
			return 1;
	return 0;
}
