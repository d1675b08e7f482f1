/* text.h - changes of a configuration's text: as its author would write them,
 * with the indentation and line ends that are there, and nothing else moved. */
#ifndef NGINX_TEXT_H
#define NGINX_TEXT_H

#include "base/buf.h"
#include "conf.h"

#define MANAGED " # managed by Certbot"

/* Lines for a block: without indentation and line ends of their own; "\n"
 * between and behind them, "\t" at their front for each level deeper. */

/* Before the block's '}'. blank: an empty line first, unless there is one. */
void block_append(struct place block, const char *lines, int blank);
/* Behind its '{'. */
void block_prepend(struct place block, const char *lines);
/* In place of all that it holds. */
void block_replace(struct place block, const char *lines);
/* Text as it is (a whole block, from its first byte to its '}'), in lines of
 * its own behind this block or directive. */
void block_follow(struct place block, const char *text, size_t len);

/* Take the directive away: with its line when nothing else is on it, with our
 * marker behind it. */
void directive_remove(struct place p);
/* Its arguments, and the marker behind it unless it is there. */
void directive_set(struct place p, const char *arguments);
/* Add these words behind its last. */
void directive_extend(struct place p, const char *words);
/* Take this argument away, in whatever case it is spelled; the directive itself
 * when it has no other. Comments between its words stay. */
void directive_drop(struct place p, const char *word);
/* Put the text of the files that an include stands for in its place. */
void include_inline(struct place p);
/* All its words as they are spelled, one blank between; malloc'd. */
char *directive_words(struct place p);
/* Does our marker stand behind it? */
int is_managed(struct place p);

/* A path or other value as one word, quoted where it must be; malloc'd. NULL
 * and err when nginx has no way to write it ('$', control bytes). */
char *text_word(const char *value, struct err *err);

/* A copy of a block, to be changed before it is put somewhere: its text, and
 * offsets as in the file that it comes from. */
struct copy {
	struct place block;
	struct edit *edit;
};
void copy_begin(struct copy *c, struct place block);
void copy_remove(struct copy *c, struct place p); /* p directly in the block */
void copy_set(struct copy *c, struct place p, const char *arguments);
/* Lines before the first directive, or (at_end) before the '}'. */
void copy_add(struct copy *c, const char *lines, int at_end);
/* The text; borrowed until copy_end. */
const char *copy_text(struct copy *c, size_t *len);
void copy_end(struct copy *c);

#endif
