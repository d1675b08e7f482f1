/* email.h - what certbot takes for an e-mail address. */
#ifndef BASE_EMAIL_H
#define BASE_EMAIL_H

/* As certbot's util.safe_email: is text [a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+, ... */
int email_matches(const char *text);
/* ... and its dots are none in front and no two in a row? */
int email_is_valid(const char *text);

#endif
