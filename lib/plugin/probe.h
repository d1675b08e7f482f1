/* probe.h - is a challenge answered? A request of our own to the server on this
 * machine, before the CA is asked (spec installers G15), for plugins that have
 * a web server answer http-01. */
#ifndef PLUGIN_PROBE_H
#define PLUGIN_PROBE_H

#include "plugin/guest.h"

/* Where the server listens in plaintext. */
struct probe {
	/* Numeric, IPv6 with or without brackets. "*" is asked at 127.0.0.1,
	 * "::" at ::1. */
	const char *address;
	long port;
	int proxy_protocol; /* it wants to hear of the client first */
	int silent;	    /* set here: it gave no answer, do not ask again */
};

/* GET the path of this http-01 challenge (borrowed) by its name at each of n
 * addresses, until one answers with the key authorization. Wrong answers are
 * asked for again until end (clock_ms): a reload may take its time. 0: it is
 * answered, or nobody can tell (no connection in time, no address that can be
 * asked, a redirect: logged). -1 and pluginFailed: it is not, and every address
 * says so. With guest_partial that is a warning, and 0. */
int probe_challenge(struct guest *g, struct probe *list, size_t n, jv challenge,
    int64_t end, struct err *err);

#endif
