/* Changes to a file by its nodes. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lex.h"
#include "tree.h"

/* text as a line of its own, at offset `at`, indented by n bytes at from. */
static void
put_line(struct file *f, size_t at, size_t from, size_t n, const char *more,
    const char *text)
{
	size_t len;
	const char *p = edit_bytes(f->edit, &len);
	const char *nl = lex_newline(p, len);
	const char *open = at == len ? lex_open_end(p, len) : "";
	char *line = xasprintf("%s%.*s%s%s%s", open, (int)n, p + from, more,
	    text, *open != '\0' && p[len - 1] != '\n' ? "" : nl);

	edit_insert(f->edit, at, line, strlen(line));
	f->dirty = 1;
	free(line);
}

/* How lines directly in section are indented: as the last (or first) one is;
 * in an empty section a little more than the section itself. */
static void
put_in(struct node *section, size_t at, const struct node *like,
    const char *text)
{
	size_t len, from = 0, n = 0;
	const char *p = edit_bytes(section->file->edit, &len), *more = "";

	if (like != NULL) {
		from = like->start;
		n = lex_indent(p, len, from);
	} else if (section->name != NULL) {
		from = section->start;
		n = lex_indent(p, len, from);
		more = n > 0 && p[from] == '\t' ? "\t" : "    ";
	}
	put_line(section->file, at, from, n, more, text);
}

void
node_append(struct node *section, const char *text)
{
	const struct node *like = section->n > 0 ?
	    section->child[section->n - 1] :
	    NULL;

	put_in(section, section->close_start, like, text);
}

void
node_prepend(struct node *section, const char *text)
{
	put_in(section, section->name == NULL ? 0 : section->end,
	    section->n > 0 ? section->child[0] : NULL, text);
}

void
node_insert_before(struct node *n, const char *text)
{
	size_t len;
	const char *p = edit_bytes(n->file->edit, &len);

	put_line(n->file, n->start, n->start, lex_indent(p, len, n->start), "",
	    text);
}

void
node_set_args(struct node *n, const char *args)
{
	size_t len, at, end = n->end;
	const char *p = edit_bytes(n->file->edit, &len);
	char *text;

	at = n->start + lex_indent(p, len, n->start) + (n->section ? 1 : 0);
	/* A name that is quoted or joined of two lines is written anew. */
	if (strncmp(p + at, n->name, strlen(n->name)) != 0)
		edit_insert(n->file->edit, at, n->name, strlen(n->name));
	else
		at += strlen(n->name);
	if (end > at && p[end - 1] == '\n')
		end--;
	if (end > at && p[end - 1] == '\r')
		end--;
	/* The blanks between name and argument stay. */
	while (at < end && lex_blank(p[at]))
		at++;
	text = xasprintf("%s%s%s", at > 0 && lex_blank(p[at - 1]) ? "" : " ",
	    args, n->section ? ">" : "");
	edit_replace(n->file->edit, at, end - at, text, strlen(text));
	n->file->dirty = 1;
	free(text);
}

void
node_remove(struct node *n)
{
	edit_replace(n->file->edit, n->start, n->end - n->start, NULL, 0);
	n->file->dirty = 1;
}
