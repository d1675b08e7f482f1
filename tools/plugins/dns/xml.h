/* xml.h - an XML document as a value: an element is an object with its
 * attributes as "@name", its text as "#text", and its children by name, each an
 * array; an element without attributes and children is its text. Without
 * namespaces' prefixes; no document type is taken. */
#ifndef DNS_XML_H
#define DNS_XML_H

#include "base/doc.h"

/* {"ROOT": element}; none and badData. */
jv xml_parse(const char *text, size_t n, struct err *err);

#endif
