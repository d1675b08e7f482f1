/* term.h - the terminal: certbot's frames and wrapping (spec 7.1). */
#ifndef BASE_TERM_H
#define BASE_TERM_H

#include <stdio.h>
#include "base/base.h"

/* 79 columns "- - - ... -". */
extern const char term_separator[];

/* WRAP of spec 7.1 at 80 columns; malloc'd, no newline at the end. */
char *term_wrap(const char *text);

/* A line from fd without its newline; malloc'd. NULL at end of file (errno 0)
 * or on error. At most 64 KiB. */
char *term_read_line(int fd);

#endif
