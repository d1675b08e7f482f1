/* help_layout.h - text in the lines of Python's argparse and textwrap (spec
 * 3.10): as wide as the terminal less two, help in column 24. */
#ifndef CERTBOT_HELP_LAYOUT_H
#define CERTBOT_HELP_LAYOUT_H

/* Print a heading "NAME:" after an empty line; below it about, a paragraph
 * indented by two (NULL: none). */
void layout_heading(const char *name, const char *about);

/* Print what is typed ("-d DOMAIN, --domains DOMAIN") and the help beside it,
 * or below it where it is too long. */
void layout_row(const char *typed, const char *help);

#endif
