/* apache.h - the plugin apache: what its parts share. The configuration is in
 * conf.h; the parts decide what is changed in it, save.c writes it. */
#ifndef APACHE_H
#define APACHE_H

#include "base/lock.h"
#include "base/proc.h"
#include "conf.h"
#include "plugin/guest.h"
#include "store/reverter.h"
#include "store/unread.h"
#include "system.h"

/* A virtual host by what stays when the files are parsed again. */
struct vref {
	struct file *file;
	size_t ordinal;
};

/* A TLS copy that was made in this run. */
struct made {
	struct vref copy, source;
};

/* What a domain was answered with in this run. */
struct chosen {
	char *domain;
	struct vref *list;
	size_t n;
};

struct apache {
	struct guest *g;
	jv server; /* which one it is (store/unread.h) */
	const struct system *sys;
	char *server_root, *logs_root, *challenge_dir, *ext, *ctl;
	char *vhost_root;     /* NULL: the user has given none */
	char *bin;	      /* NULL: not known */
	char *enmod, *dismod; /* NULL: there is none */
	char *http_port, *https_port;
	int handle_modules;
	char *options_path; /* CONFIG/options-ssl-apache.conf */
	struct conf conf;
	struct reverter *rev;
	struct unread owed; /* marks of what the server has not read */
	struct lock lock;
	int prepared, read;
	char *pid_file;		   /* of the dump or the files; NULL */
	jv shared;		   /* object: identifiers that the dump shows */
	struct buf notes;	   /* for the next save */
	jv twins;		   /* AutoHSTS by id, kept with the next save */
	struct made *made, *apart; /* apart: of separate_domain */
	size_t n_made, n_apart;
	struct chosen *chosen;
	size_t n_chosen;
	jv redirected; /* object: "path#ordinal" that has it since this run */
	int challenges_set, pending;
	int down; /* it was not running when it should reload */
};

/* --- ctl.c: the server's programs ------------------------------------------ */
/* Run ctl (or the program that the system's table names for it) with these
 * arguments (NULL-ended); *out gets both streams. The exit status; -1 and err
 * when it cannot be run. */
int ctl_run(struct apache *a, const char *const *args, struct buf *out,
    struct err *err);
int ctl_check(struct apache *a, struct err *err);   /* is it there? */
int ctl_version(struct apache *a, struct err *err); /* into conf.version */
/* configtest: misconfigured with the server's words. */
int ctl_test(struct apache *a, struct err *err);
/* Variables, modules, files, PidFile as the server says: into conf and shared. */
int ctl_dump(struct apache *a, struct err *err);
/* Ask the server for the variables that conf.unknown names. How many are new;
 * -1 and err. */
int ctl_environment(struct apache *a, struct err *err);

/* --- reload.c ---------------------------------------------------------------- */
/* Does the server run? 1 as well when nobody says where its PidFile is. */
int server_runs(const struct apache *a);
/* Test, reload, return when the new configuration is live. */
int server_reload(struct apache *a, struct err *err);

/* --- main.c ------------------------------------------------------------------ */
/* prepare, if the host did not ask for that: for what is done now and then. */
int apache_ready(struct apache *a, struct err *err);

/* --- read.c ------------------------------------------------------------------ */
/* Dump and read the files, if that was not done yet. */
int apache_read(struct apache *a, struct err *err);
/* After the files on disk changed without us. */
void apache_forget(struct apache *a);
/* Parse again what was edited. */
int apache_changed(struct apache *a, struct err *err);
struct vhost *vref_get(struct apache *a, struct vref r);
struct vref vref_of(const struct vhost *v);
/* "FILE:LINE" of a node; malloc'd. */
char *node_place(const struct node *n);
void apache_note(struct apache *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* --- save.c ------------------------------------------------------------------ */
/* Write what was edited and planned, after recording it. */
int apache_save(struct apache *a, int temporary, struct err *err);
/* Undo (temporary, then in progress); forgets what was read. */
int apache_recover(struct apache *a, struct err *err);
/* Files are finished or put back, or those of a challenge changed, and the server
 * has yet to be told: note it, until server_reload has done so. */
void apache_owe_reload(struct apache *a);
/* Lock the server root; fine when it is locked already. */
int apache_lock(struct apache *a, struct err *err);

/* --- module.c ---------------------------------------------------------------- */
/* Have the server load a module ("ssl"), by a2enmod where that is; registers
 * the undo command first. misconfigured when that is not for us to do. */
int module_enable(struct apache *a, const char *name, int temporary,
    struct err *err);
int module_loaded(const struct apache *a, const char *name);

/* --- listen.c ---------------------------------------------------------------- */
int listen_ensure(struct apache *a, const char *port, int https,
    struct err *err);

/* --- choose.c ---------------------------------------------------------------- */
/* How well a vhost serves a name: 3 exactly, 2 by a wildcard, 1 by its address,
 * 0 not. */
int vhost_serves(const struct vhost *v, const char *domain);
/* ServerName without scheme and port, lower case; malloc'd. NULL. */
char *vhost_host(const struct vhost *v);
/* The TLS vhosts for a domain (borrowed until the next choice); with create
 * plaintext ones get a TLS copy. */
int choose_tls(struct apache *a, const char *domain, int create,
    const struct vref **list, size_t *n, struct err *err);
/* Do the two listen at one place? */
int addr_same_host(const struct addr *a, const struct addr *b);
int addr_any_port(const struct addr *a);

/* --- copy.c, site.c ------------------------------------------------------------ */
/* The TLS copy of a plaintext vhost: made, or the one that is there. */
int copy_vhost(struct apache *a, struct vref source, struct vref *copy,
    struct err *err);
/* In a fresh copy: what must not be there twice, or would lead in a circle,
 * becomes a comment. */
void copy_sift(struct apache *a, struct node *vhost,
    const struct vhost *source);
/* Have the server read the vhost's file. */
int site_enable(struct apache *a, struct file *f, struct err *err);

/* --- cover.c -------------------------------------------------------------------- */
/* names and those of the certificate in this file, if it is valid today. */
jv cover_add(jv names TAKES, const char *path);
/* What the certificates of the vhost cover, or else those of the main server
 * (owned array). *same: one of them is this one (a path; NULL: none is). */
jv cover_of(const struct apache *a, const struct vhost *v, const char *cert,
    int *same);
/* Is it a TLS copy that was made in this run? */
int cover_is_copy(const struct apache *a, const struct vhost *v);
/* Has another TLS vhost, which is none of this run's copies, this very name on an
 * address of v? Then a copy of v does not get it. */
int cover_elsewhere(const struct apache *a, const struct vhost *v,
    const char *name);
/* Names other than domain that another TLS vhost has, or that cert (a path) lacks
 * and another TLS vhost has a certificate for, go from a copy of this run: it
 * would take them away from that one. */
int cover_leave(struct apache *a, struct vref r, const char *domain,
    const char *cert, struct err *err);
/* A warning with the other names of the vhost that cert lacks. */
void cover_tell(struct apache *a, struct vref r, const char *cert);
/* A warning when httpd takes another vhost with another certificate than cert
 * for the domain: one before it with a pattern. */
void cover_order(struct apache *a, struct vref r, const char *domain,
    const char *cert);

/* --- separate.c --------------------------------------------------------------- */
/* Where cert (a path) lacks names of the TLS vhost that its own certificate
 * covers, the domain gets a vhost of its own beside it, which takes the place
 * of r in what was chosen for the domain. */
int separate_domain(struct apache *a, struct vref r, const char *domain,
    const char *cert, struct err *err);
/* misconfigured where the vhost's names stand in a file that it includes: they
 * are others' names, too. which: those that it cannot have beside domain. */
int separate_can(const struct vhost *v, const char *domain, const char *which,
    struct err *err);
/* The vhost loses this name (folded); if that was its ServerName another name
 * takes the place. */
void separate_drop_name(const struct vhost *v, const char *name);

/* --- options.c ------------------------------------------------------------------ */
/* Install or renew CONFIG/options-ssl-apache.conf. */
int options_install(struct apache *a, struct err *err);

/* --- the operations --------------------------------------------------------------- */
jv apache_names(struct apache *a);
int apache_deploy(struct apache *a, jv request, struct err *err);
int apache_enhance(struct apache *a, jv request, struct err *err);
int enhance_redirect(struct apache *a, const char *domain, struct vref tls,
    struct err *err);
int autohsts_enable(struct apache *a, jv request, struct err *err);
int autohsts_update(struct apache *a, jv request, struct err *err);
int autohsts_deploy(struct apache *a, jv request, struct err *err);
int http01_set(struct apache *a, jv challenges, struct err *err);
int http01_unset(struct apache *a, struct err *err);
/* When the files of all challenges are gone: their directory. */
void http01_sweep(struct apache *a);
/* probes.c: when that is in force: does the server answer? pluginFailed when it
 * certainly does not. */
int http01_probe(struct apache *a, jv challenges, struct err *err);
/* Is text in any argument of a Header directive, as a word? */
const struct entry *header_find(const struct vhost *v, const char *text);

#endif
