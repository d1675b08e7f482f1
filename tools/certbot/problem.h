/* problem.h - a server's problem in certbot's words (spec 5.13). */
#ifndef CERTBOT_PROBLEM_H
#define CERTBOT_PROBLEM_H

#include "base/doc.h"

/* "TYPE :: DESCRIPTION :: DETAIL :: TITLE", then a line "Problem for NAME: …"
 * of each subproblem; of an error that is not the server's its sentence.
 * malloc'd. */
char *problem_text(const struct err *err);

/* What is printed after "An unexpected error occurred:": "TITLE :: DETAIL", of
 * those that are there, else the description, else the type; then the
 * subproblems, and when the server will listen again. malloc'd. */
char *problem_fatal(const struct err *err);

#endif
