/* descriptor.h - what a plugin says of itself, and where plugins are found
 * (design, section 4; certbot-plugin(7) has the members of the file). Starts
 * no plugin, but for `--describe` of one that has no descriptor file. */
#ifndef PLUGIN_DESCRIPTOR_H
#define PLUGIN_DESCRIPTOR_H

#include "base/doc.h"

enum plugin_type {
	PLUGIN_STRING, /* any text */
	PLUGIN_NUMBER, /* an integer >= 0 */
	PLUGIN_FLAG,   /* takes no value; true when given */
	PLUGIN_PATH,   /* a file or directory: made absolute */
	PLUGIN_DIR,    /* an existing directory: made absolute */
	PLUGIN_JSON,   /* a JSON object */
	PLUGIN_COMMAND /* for /bin/sh -c; the driver checks its first word unless
			* --disable-hook-validation */
};

/* One option. */
struct plugin_option {
	char *name;  /* in the plugin's config: "auth_hook" */
	char *flag;  /* long option without "--": "manual-auth-hook" */
	char *dest;  /* certbot's name in [renewalparams]: "manual_auth_hook" */
	jv aliases;  /* more long options, without "--": array of strings */
	char letter; /* 'w', or 0 */
	enum plugin_type type;
	char *metavar;	  /* as certbot's help shows it; NULL for a flag */
	char *help;	  /* one paragraph; "(default: ...)" in it is said
			   * instead of dflt */
	jv dflt;	  /* of this system; null: none ("None" in help) */
	int repeatable;	  /* the value is an array of such values */
	int hidden;	  /* not in help */
	int deprecated;	  /* accepted, without effect, never saved */
	int pairs_with_d; /* position among -d counts (spec 8.2); then the
			   * option named in pair_map takes {name: value} */
	char *pair_map;	  /* "map", or NULL */
	int saved;	  /* written to [renewalparams] (default 1) */
	int abbreviate;	  /* the driver takes a beginning of it, if it is one of
			   * certbot's own plugins (default 1) */
};

/* A plugin. */
struct plugin_desc {
	char *name;    /* "dns-cloudflare" */
	char *path;    /* absolute path of the executable */
	char *summary; /* short description, one line, no full stop */
	char *about;   /* long description, a paragraph or more */
	int authenticator, installer; /* kinds; at least one is 1 */
	int hidden;		      /* not offered in menus */
	int network;		      /* it connects to acme-net (ACME_NET) */
	int single;		      /* one challenge at a time */
	jv challenges; /* array of types in its order of preference */
	struct plugin_option *options; /* its own */
	size_t n_options;
	jv globals;   /* names of the global options that it uses, members of
			  * plugin_globals: ["http01_port"] */
	jv exclusive; /* what it needs alone, as written: "port:80",
			  * "server:/etc/nginx", "terminal"; a "{name}" inside
			  * stands for a value, see plugin_exclusive */
	jv raw;	      /* the whole descriptor, also members unknown here */
};

struct plugin_set {
	struct plugin_desc **list; /* by name */
	size_t n;
	jv refused; /* array of {"name","path","why"}: broken or unsafe ones */
};

/* All plugins, in this order of precedence for equal names:
 * $CERTBOT_PLUGIN_PATH (colon-separated directories), the installation's
 * plugin directory, executables certbot-plugin-NAME on PATH (not
 * certbot-plugin-check). A plugin is an executable NAME with NAME.json beside
 * it; a certbot-plugin-NAME without one is asked with --describe. When we are
 * root, one whose executable, descriptor or directory can be written by
 * somebody other than root and our own executable's owner is refused. Never
 * fails: what cannot be used is in refused. To be released with
 * plugin_set_release. */
void plugin_set_load(struct plugin_set *set);
void plugin_set_release(struct plugin_set *set);
/* certbot's older "distribution:entry point" names (spec 3.9) without their first
 * part ("certbot-route53:auth" is dns-route53); name itself where it is no such;
 * borrowed. */
const char *plugin_short_name(const char *name);
/* By name, an older one too. Borrowed; NULL. */
const struct plugin_desc *plugin_set_get(const struct plugin_set *set,
    const char *name);

/* One plugin by name, without reading the others. Errors noPlugin (text lists
 * where was looked), permission, badData. Owned: plugin_desc_free. */
struct plugin_desc *plugin_find(const char *name, struct err *err);
void plugin_desc_free(struct plugin_desc *d);

/* What `path --describe` prints within 10 s. Owned; none and badData, or why it
 * could not be run or did not end (proc_run). */
jv plugin_describe(const char *path, struct err *err);

/* A descriptor's JSON (borrowed) as a plugin of this name and path. badData
 * says which member is wrong. Unknown members are ignored. */
struct plugin_desc *plugin_desc_parse(jv json, const char *name,
    const char *path, struct err *err);

/* The default of an option row of a descriptor (borrowed) on a system with these
 * ids (array of strings: ID, then the words of ID_LIKE, of os-release(5)): the
 * first of them that is in "defaults", else "default", else null. Owned. */
jv plugin_default(jv row, jv ids);
/* Those ids of an os-release file; without one the name of the kernel. Owned. */
jv plugin_system_ids(const char *path);

/* The global options that plugins may use, those of certbot-plugin(7). A table;
 * flag and dest are the driver's. The default is in dflt_text/dflt_number. */
struct plugin_global {
	const char *name; /* = dest */
	const char *flag;
	enum plugin_type type;
	const char *metavar, *help;
	const char *dflt_text; /* NULL: none, or a number or flag */
	long dflt_number;
	int saved;
};
extern const struct plugin_global plugin_globals[]; /* ended by name NULL */
const struct plugin_global *plugin_global(const char *name); /* NULL */
int plugin_uses(const struct plugin_desc *d, const char *global);

/* The option that certbot calls dest; NULL. */
const struct plugin_option *plugin_option_dest(const struct plugin_desc *d,
    const char *dest);

/* The text that a user gave (NULL for a flag) as a value of this type:
 * number, absolute path, checked directory, parsed object. Owned; none and
 * err usage (certbot's texts: "DIR does not exist or is not a directory"). */
jv plugin_value(enum plugin_type type, const char *flag, const char *text,
    struct err *err);

/* From values by dest (an object such as [renewalparams] or the driver's
 * settings; texts of a renewal file such as "80", "True", "None" are taken,
 * one value for a repeatable option is a list of one) the "config" that
 * `init` hands to the plugin: every option by name and every global that it
 * uses, defaults filled in. Unknown members are ignored. Owned; none and
 * usage. */
jv plugin_config(const struct plugin_desc *d, jv by_dest, struct err *err);

/* What this plugin needs alone with this config: array of resource words with
 * their values in ("port:8080"). Two plugins with a common word must not run
 * at the same time. Owned. */
jv plugin_exclusive(const struct plugin_desc *d, jv config);
/* Of these, the value of "server:"; malloc'd, NULL when there is none. */
char *plugin_server(const struct plugin_desc *d, jv config);

#endif
