#include "xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
#define LINE_NUMBER XML_GetCurrentLineNumber64 /* the other is deprecated */
#else
#define LINE_NUMBER XML_GetCurrentLineNumber
#endif

enum { DEPTH_MAX = 32 };

struct xml {
	XML_Parser parser;
	jv open[DEPTH_MAX]; /* elements not yet closed; [0] is the document */
	struct buf text[DEPTH_MAX];
	char *names[DEPTH_MAX];
	int depth;
	const char *why;
};

static const char *
local(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon == NULL ? name : colon + 1;
}

static void
refuse(struct xml *x, const char *why)
{
	x->why = why;
	XML_StopParser(x->parser, XML_FALSE);
}

static void
begin(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct xml *x = ctx;
	jv e = doc_object();

	if (x->why != NULL || x->depth + 1 >= DEPTH_MAX) {
		doc_free(e);
		refuse(x, "it is nested too deeply");
		return;
	}
	for (; *attributes != NULL; attributes += 2) {
		char *key;

		if (strncmp(attributes[0], "xmlns", 5) == 0)
			continue;
		key = xasprintf("@%s", local(attributes[0]));
		e = doc_set_str(e, key, attributes[1]);
		free(key);
	}
	x->depth++;
	x->open[x->depth] = e;
	x->names[x->depth] = xstrdup(local(name));
	buf_init(&x->text[x->depth], DOC_MAX); /* as the whole text */
}

static void
characters(void *ctx, const XML_Char *s, int n)
{
	struct xml *x = ctx;

	if (x->depth > 0)
		(void)buf_add(&x->text[x->depth], s, (size_t)n);
}

static void
end(void *ctx, const XML_Char *name)
{
	struct xml *x = ctx;
	struct buf *b = &x->text[x->depth];
	char *own = x->names[x->depth];
	jv e, text, list;
	int blank;

	(void)name;
	if (x->why != NULL)
		return;
	e = doc_take(&x->open[x->depth]);
	text = b->p == NULL ? doc_string("") : doc_stringn(b->p, b->len);
	blank = b->p == NULL || strspn(b->p, " \r\n\t") == b->len;
	if (doc_len(e) == 0)
		doc_move(&e, text);
	else if (!blank)
		e = doc_set(e, "#text", text);
	else
		doc_free(text);
	buf_release(b);
	x->depth--;
	if (x->depth == 0) {
		x->open[0] = doc_set(doc_take(&x->open[0]), own, e);
	} else {
		list = doc_get_kind(x->open[x->depth], own, DOC_ARRAY);
		list = doc_push(doc_is(list, DOC_ARRAY) ? list : doc_array(),
		    e);
		x->open[x->depth] = doc_set(doc_take(&x->open[x->depth]), own,
		    list);
	}
	free(own);
}

static void
document_type(void *ctx, const XML_Char *name, const XML_Char *system,
    const XML_Char *public_id, int internal)
{
	(void)name;
	(void)system;
	(void)public_id;
	(void)internal;
	refuse(ctx, "it has a document type");
}

jv
xml_parse(const char *text, size_t n, struct err *err)
{
	struct xml x = {0};
	jv root = doc_none();

	x.open[0] = doc_object();
	x.parser = XML_ParserCreate(NULL);
	XML_SetUserData(x.parser, &x);
	XML_SetElementHandler(x.parser, begin, end);
	XML_SetCharacterDataHandler(x.parser, characters);
	XML_SetStartDoctypeDeclHandler(x.parser, document_type);
	if (n <= DOC_MAX &&
	    XML_Parse(x.parser, text, (int)n, 1) == XML_STATUS_OK)
		root = doc_take(&x.open[0]);
	else
		err_set(err, ERR_badData, "this is no XML: %s at line %lu",
		    x.why != NULL ? x.why :
			n > DOC_MAX ?
				    "it is too large" :
				    XML_ErrorString(XML_GetErrorCode(x.parser)),
		    (unsigned long)LINE_NUMBER(x.parser));
	for (; x.depth > 0; x.depth--) {
		doc_free(x.open[x.depth]);
		free(x.names[x.depth]);
		buf_release(&x.text[x.depth]);
	}
	doc_free(x.open[0]);
	XML_ParserFree(x.parser);
	return root;
}
