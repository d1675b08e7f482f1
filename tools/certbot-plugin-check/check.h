/* check.h - a plugin under test: started as a host starts it, talked to line by
 * line, with limits of time instead of patience. */
#ifndef CHECK_H
#define CHECK_H

#include "base/proc.h"
#include "plugin/host.h"

struct check {
	/* what the caller wants */
	struct plugin_desc *desc;
	jv config;		/* for init */
	jv types;		/* challenge types to perform, in turn */
	const char *domain;	/* identifier of the challenges */
	const char *performed;	/* command that succeeds while a challenge is
				 * there; NULL */
	const char *cleaned;	/* … once it is gone; NULL */
	const char *cert, *key; /* of an installer; NULL */
	const char *deployed;	/* command that succeeds while cert is used */
	const char *restored;	/* … while all is as before; NULL */
	const char *answer;	/* text for input questions; NULL */
	const char *dir;	/* config, work and logs directories */
	int verbose;
	/* results */
	unsigned run, failed;
};

/* How questions are answered. */
enum answering { ANSWER_DEFAULT, ANSWER_CANCEL };

struct talk {
	struct check *c;
	struct proc proc;
	struct buf in;
	enum answering answering;
	unsigned asked; /* questions so far */
	int ended;	/* its output has ended */
	char why[512];	/* the last failure */
};

/* Start the plugin in a process group of its own. 0, or -1 and why. */
int talk_start(struct talk *t, struct check *c);
/* Send one request (eaten) and take its reply within ms, answering questions.
 * none and why: no reply, a broken line, output after the reply. */
jv talk_call(struct talk *t, const char *op, jv request TAKES, long ms);
int talk_send(struct talk *t, const char *text); /* raw */
/* init: 0 when it is ok. */
int talk_init(struct talk *t);
/* init and prepare: 0 when both are ok. */
int talk_open(struct talk *t);
/* End of input; it must end with status 0 within ms. strict: the status
 * counts. */
int talk_close(struct talk *t, long ms, int strict);
/* Kill what is left; NULL-safe fields. */
void talk_kill(struct talk *t);

/* Challenge number i, with a token of its own for each run of the program. */
jv check_challenge(const struct check *c, unsigned i);
jv check_challenges(const struct check *c, unsigned n);
/* Do the commands --performed and --cleaned agree? 1, 0 and why; 1 without a
 * command. */
int check_is_there(struct check *c, jv challenges, char *why, size_t len);
int check_is_gone(struct check *c, jv challenges, char *why, size_t len);

/* The same for a command of an installer, which gets $CERTBOT_DOMAIN and
 * $CERTBOT_CERT; option is what it was given with. */
int check_command(struct check *c, const char *command, const char *option,
    char *why, size_t len);

/* One line of TAP. */
void check_ok(struct check *c, int ok, const char *what, const char *why);
void check_skip(struct check *c, const char *what, const char *why);

/* All cases; those of an installer. */
void cases_run(struct check *c);
void cases_installer(struct check *c);

#endif
