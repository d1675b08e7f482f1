/* flags.h - a plugin's options on the command line of its host: rows made from
 * the descriptor, joined to the host's own, and what was given. */
#ifndef PLUGIN_FLAGS_H
#define PLUGIN_FLAGS_H

#include "base/opts.h"
#include "plugin/descriptor.h"

struct plugin_flags;

/* The first operand of a command line (the plugin, or a subcommand) before
 * options are known; with_value: long options that may stand before it and take
 * a value, ended by NULL. Borrowed; NULL. */
const char *plugin_flags_first(int argc, char *const argv[],
    const char *const *with_value);

/* Rows: own (ended by OPT_END), then d's options by flag, alias and bare name,
 * and the global ones that it uses (d may be NULL). A name that is an own
 * option's or one of taken (ended by NULL) is left out. d is borrowed for the
 * life of the result. */
struct plugin_flags *plugin_flags_new(const struct plugin_desc *d,
    const struct opt *own, const char *const *taken);
const struct opt *plugin_flags_rows(const struct plugin_flags *f);
/* After parsing: the values that were given, by dest; owned; none and usage. */
jv plugin_flags_given(const struct plugin_flags *f, struct err *err);
void plugin_flags_free(struct plugin_flags *f); /* NULL is fine */

/* Of given and learned (by option name, from plugin_learned), what a renewal
 * keeps of this plugin, by dest; owned. */
jv plugin_flags_saved(const struct plugin_desc *d, jv given, jv learned);

/* given (eaten, by dest) with what was learned (by option name) put in. Owned. */
jv plugin_flags_learn(const struct plugin_desc *d, jv given TAKES, jv learned);

#endif
