/* host.h - the host's end of the plugin conversation (design, section 4): one
 * JSON object a line, one reply for each request; in between the plugin may
 * log and ask through us. Knows the conversation; what the operations do is
 * the caller's business. */
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include "base/buf.h"
#include "base/stage.h"
#include "plugin/descriptor.h"

enum {
	PLUGIN_VERSION = 1,	   /* of the conversation */
	PLUGIN_LINE_MAX = 4 << 20, /* bytes of one line of a plugin */
	PLUGIN_GRACE = 60,	   /* seconds to clean up after end of input */
	PLUGIN_GRACE_IDLE = 5	   /* when it never had anything to undo */
};

struct plugin; /* a running plugin */

/* Start the plugin (borrowed for the life of the result). Its standard input
 * and output are ours, its standard error is logged line by line (warning); INT,
 * TERM, HUP and QUIT are ignored in it, all other descriptors are closed but
 * ACME_STDIN's and, for one that uses http01_port, the sockets that systemd has
 * handed over (LISTEN_FDS; LISTEN_PID is then ours); lock and ACME_UI variables are dropped. NULL and noPlugin,
 * permission. */
struct plugin *plugin_start(const struct plugin_desc *desc, struct err *err);

/* Send one request (eaten; "op" set from op) and wait for its reply, passing
 * logs up and answering questions meanwhile. The reply {"ok":true,...}
 * (owned), or none and err: the plugin's own error (misconfigured,
 * noInstallation, notSupported, pluginFailed, with its "hint" and "results" as
 * members), pluginFailed when it ended or broke the conversation, interrupted
 * after a caught signal: one caught before is not sent, the reply to one that
 * was sent is still due (plugin_settle, or plugin_stop). No time limit: a
 * person may be asked, a zone may be slow. */
jv plugin_call(struct plugin *p, const char *op, jv request TAKES,
    struct err *err);

/* Before something is put back: wait up to PLUGIN_GRACE seconds for the reply
 * that is still due after `interrupted`, if any, and drop it; from now on
 * signals do not interrupt calls, and questions are cancelled (until
 * plugin_hurry(p, 0)). -1 and pluginFailed when the plugin does not come to
 * rest. */
int plugin_settle(struct plugin *p, struct err *err);

/* op "init": {"version","config","dirs","interactive"}. Eats config. The
 * directories are the stage's: absolute paths, absent ones left out. batch:
 * nobody may be asked; else it is interactive if somebody can be (ui_can_ask). */
int plugin_init(struct plugin *p, jv config TAKES, const struct stage *st,
    int batch, struct err *err);

/* op "perform" and "cleanup": challenges (eaten) are objects with type,
 * identifier, wildcard, token, keyAuthorization, validation. perform: 0 all
 * performed; -1 and err: results (owned, may be none) has for each challenge
 * {"ok":true} or {"error":{...}}. */
int plugin_perform(struct plugin *p, jv challenges TAKES, jv *results,
    struct err *err);
/* failed (eaten; none or an array): those that the CA did not accept; *hint
 * (malloc'd or NULL): what the plugin says of that to the user (spec 5.8). */
int plugin_cleanup(struct plugin *p, jv challenges TAKES, jv failed TAKES,
    char **hint, struct err *err);
/* The same for challenges that another process of this plugin has performed,
 * which died before it undid them: "left": true. */
int plugin_cleanup_left(struct plugin *p, jv challenges TAKES, struct err *err);
/* From now on signals do not interrupt calls, questions are cancelled, and a
 * reply that has not come after so many seconds is an error (pluginFailed, and
 * the plugin is not talked to any more). 0: as before. */
void plugin_hurry(struct plugin *p, int seconds);
/* op "preferences": array (one element for each name) of arrays of types, in
 * order. Owned; none and err. */
jv plugin_preferences(struct plugin *p, jv names TAKES, struct err *err);

/* Values by option name that the user gave in answers to the plugin ("config"
 * members of its replies), to be saved with the options. Owned object. */
jv plugin_learned(const struct plugin *p);

/* Does it still run, and has it not broken the conversation? */
int plugin_alive(const struct plugin *p);
/* For poll: readable when the plugin has something to say or has ended. */
int plugin_fd(const struct plugin *p);
/* Pass on what it has logged; never blocks. -1 and pluginFailed when it has
 * ended. */
int plugin_drain(struct plugin *p, struct err *err);

/* End of input: the plugin undoes what is still performed and exits. Waits for
 * it up to PLUGIN_GRACE seconds, PLUGIN_GRACE_IDLE if it never had to perform
 * or change anything (signals change nothing), still passing logs,
 * answering questions with an error; then kills it. Frees p (NULL is fine). 0;
 * -1 and pluginFailed when it was killed, or ended with another status than
 * 0: what it had performed may be left behind; err's member "died": true
 * when it died of a signal, without a chance to clean up. */
int plugin_stop(struct plugin *p TAKES, struct err *err);

/* One line of a plugin out of the bytes it sent (for host.c and the fuzzer). */
enum plugin_line {
	PLUGIN_MORE,  /* no whole line yet */
	PLUGIN_LOG,   /* {"log":{...}}: *out is the checked entry */
	PLUGIN_ASK,   /* {"ask":{...}}: *out is the question */
	PLUGIN_REPLY, /* {"ok":true,...} or {"error":{...}} */
	PLUGIN_BROKEN /* err says why */
};
enum plugin_line plugin_take_line(struct buf *in, jv *out, struct err *err);
/* An error object of a plugin (borrowed) as err. Always -1. */
int plugin_error(jv error, const char *name, struct err *err);

#endif
