#include "lookup.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/safefile.h"

enum { RESOLVERS_MAX = 4 };

static int
address(const char *server, int port, struct sockaddr_storage *to, socklen_t *n)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof(*to));
	if (inet_pton(AF_INET, server, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		*n = sizeof(*v4);
		return 0;
	}
	if (inet_pton(AF_INET6, server, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		*n = sizeof(*v6);
		return 0;
	}
	return -1;
}

unsigned char *
lookup_exchange(const char *server, int port, int tcp,
    const unsigned char *wire, size_t n, size_t *answer_n, long ms,
    struct err *err)
{
	struct timeval tv = {ms / 1000, (ms % 1000) * 1000};
	struct sockaddr_storage to;
	socklen_t to_n;
	ldns_buffer *q = ldns_buffer_new(n);
	ldns_status rc;
	uint8_t *answer = NULL;

	if (q == NULL || address(server, port, &to, &to_n) == -1) {
		ldns_buffer_free(q);
		err_set(err, ERR_misconfigured, "%s is no IP address", server);
		return NULL;
	}
	ldns_buffer_write(q, wire, n);
	rc = tcp ? ldns_tcp_send(&answer, q, &to, to_n, tv, answer_n) :
		   ldns_udp_send(&answer, q, &to, to_n, tv, answer_n);
	ldns_buffer_free(q);
	if (rc == LDNS_STATUS_OK && answer != NULL && *answer_n >= 12 &&
	    memcmp(answer, wire, 2) == 0)
		return answer;
	free(answer);
	err_set(err, ERR_unreachable,
	    "no answer from the name server %s port %d", server, port);
	return NULL;
}

/* --- packets ------------------------------------------------------------------------ */

static char *
name_text(const ldns_rdf *name)
{
	char *text = ldns_rdf2str(name);
	size_t n = text == NULL ? 0 : strlen(text);

	if (text == NULL)
		return xstrdup("");
	if (n > 1 && text[n - 1] == '.')
		text[n - 1] = '\0';
	for (char *p = text; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return text;
}

static char *
txt_text(const ldns_rr *rr)
{
	struct buf b;

	buf_init(&b, 64 << 10);
	buf_adds(&b, "");
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *f = ldns_rr_rdf(rr, i);
		if (ldns_rdf_size(f) > 0)
			buf_add(&b, ldns_rdf_data(f) + 1, ldns_rdf_size(f) - 1);
	}
	return buf_detach(&b);
}

static jv
records(const ldns_rr_list *list)
{
	jv all = doc_array();

	for (size_t i = 0; list != NULL && i < ldns_rr_list_rr_count(list);
	     i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		ldns_rr_type type = ldns_rr_get_type(rr);
		char *name = name_text(ldns_rr_owner(rr));
		char *kind = ldns_rr_type2str(type), *data;
		jv one = doc_set(doc_object(), "name",
		    doc_stringn(name, strlen(name)));

		data = type == LDNS_RR_TYPE_TXT ? txt_text(rr) :
		    ldns_rr_rd_count(rr) > 0 ? name_text(ldns_rr_rdf(rr, 0)) :
					       xstrdup("");
		one = doc_set_str(one, "type", kind == NULL ? "?" : kind);
		one = doc_set(one, "data", doc_stringn(data, strlen(data)));
		all = doc_push(all, one);
		free(name);
		free(kind);
		free(data);
	}
	return all;
}

static jv
answer_of(const unsigned char *wire, size_t n, int *cut, struct err *err)
{
	ldns_pkt *p = NULL;
	char *rcode;
	jv all;

	if (ldns_wire2pkt(&p, wire, n) != LDNS_STATUS_OK) {
		err_set(err, ERR_protocol, "a name server's answer is broken");
		return doc_none();
	}
	rcode = ldns_pkt_rcode2str(ldns_pkt_get_rcode(p));
	all = doc_set_str(doc_object(), "rcode", rcode == NULL ? "?" : rcode);
	all = doc_set_flag(all, "aa", ldns_pkt_aa(p));
	all = doc_set(all, "answers", records(ldns_pkt_answer(p)));
	all = doc_set(all, "authority", records(ldns_pkt_authority(p)));
	*cut = ldns_pkt_tc(p);
	free(rcode);
	ldns_pkt_free(p);
	return all;
}

/* The question's bytes, signed; 0 or -1. */
static int
question(const struct lookup *q, unsigned char *wire, size_t *n,
    unsigned char *mac, size_t *mac_n)
{
	ldns_rdf *name = ldns_dname_new_frm_str(q->name);
	ldns_rr_type type = ldns_get_rr_type_by_name(q->type);
	ldns_pkt *p = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;
	int rc = -1;

	if (name != NULL)
		p = ldns_pkt_query_new(name, type, LDNS_RR_CLASS_IN,
		    q->recurse ? LDNS_RD : 0);
	if (p == NULL)
		ldns_rdf_deep_free(name);
	if (p != NULL) {
		ldns_pkt_set_random_id(p);
		if (q->tsig == NULL) {
			ldns_pkt_set_edns_udp_size(p, 1232);
		}
		if (ldns_pkt2wire(&bytes, p, &len) == LDNS_STATUS_OK &&
		    len <= DNS_WIRE_MAX / 2) {
			memcpy(wire, bytes, len);
			*n = len;
			rc = q->tsig == NULL ?
			    0 :
			    tsig_sign(q->tsig, wire, n, mac, mac_n);
		}
	}
	free(bytes);
	ldns_pkt_free(p);
	return rc;
}

jv
lookup(const struct lookup *q, struct err *err)
{
	unsigned char *wire = xmalloc(DNS_WIRE_MAX), *answer;
	unsigned char mac[TSIG_MAC_MAX];
	const char *wrong = NULL;
	size_t n = 0, answer_n = 0, mac_n = 0;
	int cut = 0, tcp = q->tcp;
	jv all = doc_none();

	if (question(q, wire, &n, mac, &mac_n) == -1) {
		free(wire);
		err_set(err, ERR_badData, "\"%s\" cannot be asked for",
		    q->name);
		return all;
	}
	for (;;) {
		doc_move(&all, doc_none());
		answer = lookup_exchange(q->server, q->port, tcp, wire, n,
		    &answer_n, q->ms, err);
		if (answer == NULL)
			break;
		if (q->tsig != NULL)
			wrong = tsig_verify(q->tsig, answer, answer_n, mac,
			    mac_n);
		all = answer_of(answer, answer_n, &cut, err);
		free(answer);
		if (!cut || tcp)
			break;
		tcp = 1;
	}
	free(wire);
	if (wrong != NULL && doc_is(all, DOC_OBJECT))
		all = doc_set_str(all, "tsig", wrong);
	return all;
}

/* --- resolvers ------------------------------------------------------------------------ */

static jv
add_resolver(jv list, const char *text)
{
	size_t n = strlen(text);
	const char *colon = NULL;
	char *host;
	long port = DNS_PORT;
	jv one;

	if (text[0] == '[') {
		const char *end = strchr(text, ']');
		n = end == NULL ? n : (size_t)(end - text);
		host = xstrndup(text + 1, n == 0 ? 0 : n - 1);
		colon = end != NULL && end[1] == ':' ? end + 1 : NULL;
	} else {
		colon = strchr(text, ':');
		if (colon != NULL && strchr(colon + 1, ':') != NULL)
			colon = NULL; /* IPv6 */
		host = colon == NULL ? xstrdup(text) :
				       xstrndup(text, (size_t)(colon - text));
	}
	if (colon != NULL)
		port = strtol(colon + 1, NULL, 10);
	one = doc_push(doc_push_str(doc_array(), host),
	    doc_number((double)(port > 0 && port < 65536 ? port : DNS_PORT)));
	free(host);
	return doc_push(list, one);
}

jv
resolvers(const char *list)
{
	jv all = doc_array();
	struct buf b;
	struct err err = {0};
	char *save = NULL, *copy;

	if (list != NULL && list[0] != '\0') {
		copy = xstrdup(list);
		for (char *w = strtok_r(copy, ", ", &save); w != NULL;
		     w = strtok_r(NULL, ", ", &save))
			all = add_resolver(all, w);
		free(copy);
		return all;
	}
	buf_init(&b, 64 << 10);
	if (safefile_read("/etc/resolv.conf", &b, &err) == 0 && b.p != NULL)
		for (char *line = strtok_r(b.p, "\n", &save);
		     line != NULL && doc_len(all) < RESOLVERS_MAX;
		     line = strtok_r(NULL, "\n", &save)) {
			char *word, *rest = NULL;
			if (strncmp(line, "nameserver", 10) == 0 &&
			    (word = strtok_r(line + 10, " \t", &rest)) != NULL)
				all = add_resolver(all, word);
		}
	err_clear(&err);
	buf_release(&b);
	return all;
}

jv
resolve(jv servers, const char *name, const char *type, int *dead,
    struct err *err)
{
	struct lookup q = {.name = name,
	    .type = type,
	    .recurse = 1,
	    .ms = LOOKUP_MS};
	jv found = doc_none();

	for (size_t i = 0; i < doc_len(servers) && !*dead; i++) {
		jv one = doc_at(servers, i), box;
		const char *rcode;
		long port = DNS_PORT;

		box = doc_set(doc_object(), "port", doc_at(one, 1));
		(void)doc_int(box, "port", &port);
		doc_free(box);
		q.server = doc_str_at(one, 0);
		q.port = (int)port;
		err_clear(err);
		doc_move(&found, lookup(&q, err));
		doc_free(one);
		rcode = doc_str(found, "rcode");
		if (rcode != NULL &&
		    (strcmp(rcode, "NOERROR") == 0 ||
			strcmp(rcode, "NXDOMAIN") == 0))
			return found;
	}
	if (!doc_is(found, DOC_NONE))
		return found;
	*dead = 1;
	if (!err_is_set(err))
		err_set(err, ERR_unreachable,
		    "there is no name server to ask (see /etc/resolv.conf)");
	return found;
}

jv
lookup_data(jv answer, const char *name, const char *type)
{
	jv list = doc_get_kind(answer, "answers", DOC_ARRAY);
	jv all = doc_array();

	for (size_t i = 0; i < doc_len(list); i++) {
		jv one = doc_at(list, i);
		const char *its = doc_str(one, "name");
		const char *kind = doc_str(one, "type");
		if (its != NULL && kind != NULL && strcmp(kind, type) == 0 &&
		    (name == NULL || strcasecmp(its, name) == 0))
			all = doc_push(all, doc_get(one, "data"));
		doc_free(one);
	}
	doc_free(list);
	return all;
}
