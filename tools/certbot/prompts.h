/* prompts.h - questions to the person (spec 7.1, 7.2): the driver's own, and
 * those that plugins send up. */
#ifndef CERTBOT_PROMPTS_H
#define CERTBOT_PROMPTS_H

#include "config.h"

/* Modes of the command line. */
void prompts_configure(const struct config *c);

/* Ask (design, section 1, "ask"): eats the question, gives the answer's value:
 * yesno a bool, input a string, menu the chosen index (number), checklist an
 * array of the chosen texts, pause true. "choices": yesno's two labels or the
 * entries; "wrap": false where certbot does not wrap. None and err:
 * `interrupted` with member "cancel" when cancelled; `configuration` with
 * certbot's text where nobody can be asked. */
jv prompt_ask(jv question TAKES, struct err *err);

/* A yes/no question. 1, 0, or -1 and err. fallback -1: none. */
int prompt_yesno(const char *text, const char *yes, const char *no,
    int fallback, const char *flag, int force, struct err *err);

/* A checklist on a terminal, whatever has come with the question; flag may be
 * NULL. The chosen texts; as prompt_ask. */
jv prompt_checklist(const char *text, jv choices TAKES, const char *flag,
    struct err *err);

#endif
