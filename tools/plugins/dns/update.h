/* update.h - RFC 2136 and look-ups at name servers, as actions of a provider
 * file. Both borrow arg and give an owned object, or none and err. */
#ifndef DNS_UPDATE_H
#define DNS_UPDATE_H

#include "base/doc.h"

struct dns;

/* {"server":IP,"port":N,"name":...,"type":"SOA","tsig":{...}|null}: one query
 * with RD 0 over TCP, UDP where that fails: {"rcode":"NOERROR","aa":true,
 * "owners":[owner names of answers of that type]}. */
jv update_query(struct dns *d, jv arg, struct err *err);
/* {"server","port","zone","name","value","ttl","remove":BOOL,"tsig":{"name",
 * "secret","algorithm"}|null}: {"rcode":...}. */
jv update_send(struct dns *d, jv arg, struct err *err);

/* --- tsig.c (RFC 8945) -------------------------------------------------------- */

enum { TSIG_FUDGE = 300, TSIG_MAC_MAX = 64, DNS_WIRE_MAX = 65535 };

struct tsig {
	const char *name;      /* key name */
	const char *algorithm; /* "hmac-sha256", as a credential has it */
	const unsigned char *key;
	size_t key_n;
	int64_t now;
};

/* The algorithm's name on the wire for certbot's word ("HMAC-MD5", any case),
 * and OpenSSL's digest; NULL when it is unknown. Static. */
const char *tsig_algorithm(const char *word, const char **digest);
/* Sign the message of n bytes in wire (room for DNS_WIRE_MAX): a TSIG record is
 * appended. mac: the MAC, *mac_n bytes of it. 0 or -1. */
int tsig_sign(const struct tsig *t, unsigned char *wire, size_t *n,
    unsigned char mac[TSIG_MAC_MAX], size_t *mac_n);
/* Check an answer's TSIG against the request's MAC. NULL, or what is wrong. */
const char *tsig_verify(const struct tsig *t, const unsigned char *wire,
    size_t n, const unsigned char *mac, size_t mac_n);

#endif
