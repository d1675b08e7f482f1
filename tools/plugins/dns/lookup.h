/* lookup.h - questions to name servers, over ldns. Blocking, but never longer
 * than the time given. */
#ifndef DNS_LOOKUP_H
#define DNS_LOOKUP_H

#include "update.h"

enum { LOOKUP_MS = 2000, DNS_PORT = 53 };

struct lookup {
	const char *server; /* address */
	int port;
	const char *name, *type; /* "SOA", "TXT", ... */
	int recurse, tcp;
	const struct tsig *tsig; /* NULL */
	long ms;
};

/* {"rcode":"NOERROR","aa":BOOL,"answers":[{"name","type","data"}],
 * "authority":[...]}, names without final dot in lower case, the strings of a
 * TXT joined. UDP, TCP when the answer is cut. none and err (unreachable,
 * timeout, protocol). */
jv lookup(const struct lookup *q, struct err *err);

/* The wire format there and back: an answer of the same id, malloc'd; NULL and
 * err. */
unsigned char *lookup_exchange(const char *server, int port, int tcp,
    const unsigned char *wire, size_t n, size_t *answer_n, long ms,
    struct err *err);

/* Array of [address, port] of resolvers: of a list such as
 * "192.0.2.1,[2001:db8::1]:5353", or of /etc/resolv.conf. Owned. */
jv resolvers(const char *list);
/* Ask the resolvers in turn; -1 in *dead for good once none has answered. none
 * and err. */
jv resolve(jv servers, const char *name, const char *type, int *dead,
    struct err *err);
/* The data of the answers (borrowed) of a type at name (NULL: any): array. */
jv lookup_data(jv answer, const char *name, const char *type);

#endif
