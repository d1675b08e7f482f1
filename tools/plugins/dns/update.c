/* RFC 2136 as actions of a provider file. */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dns.h"
#include "encode.h"
#include "lookup.h"

enum { UPDATE_MS = 15000, CLASS_NONE = 254 };

/* The "tsig" of arg: 1 filled, 0 there is none, -1 and err. */
static int
tsig_of(jv arg, struct tsig *t, struct err *err)
{
	jv v = doc_get_kind(arg, "tsig", DOC_OBJECT);
	const char *secret = doc_str(v, "secret"), *digest;
	unsigned char *key;

	memset(t, 0, sizeof(*t));
	if (!doc_is(v, DOC_OBJECT))
		return 0;
	t->name = doc_str(v, "name");
	t->algorithm = doc_str(v, "algorithm");
	t->now = (int64_t)time(NULL);
	key = secret == NULL ? NULL : base64_decode(secret, &t->key_n);
	t->key = key;
	if (key == NULL)
		err_set(err, ERR_misconfigured,
		    "the TSIG key's secret is no base64");
	else if (t->name == NULL || t->algorithm == NULL ||
	    tsig_algorithm(t->algorithm, &digest) == NULL)
		err_set(err, ERR_misconfigured, "Unknown algorithm: %s.",
		    t->algorithm == NULL ? "" : t->algorithm);
	doc_free(v); /* arg holds it, too */
	return err_is_set(err) ? -1 : 1;
}

static void
tsig_release(struct tsig *t)
{
	wipe_free((void *)(uintptr_t)t->key, t->key_n);
}

static int
port_of(jv arg)
{
	long port = DNS_PORT;

	(void)doc_int(arg, "port", &port);
	return port > 0 && port < 65536 ? (int)port : DNS_PORT;
}

jv
update_query(struct dns *d, jv arg, struct err *err)
{
	struct tsig t;
	int signed_too = tsig_of(arg, &t, err);
	struct lookup q = {.server = doc_str(arg, "server"),
	    .port = port_of(arg),
	    .name = doc_str(arg, "name"),
	    .type = doc_str(arg, "type"),
	    .tcp = 1,
	    .tsig = signed_too == 1 ? &t : NULL,
	    .ms = UPDATE_MS};
	jv answer = doc_none();

	if (signed_too == -1)
		goto out;
	if (q.server == NULL || q.name == NULL || q.type == NULL) {
		err_set(err, ERR_badData, "a query lacks a member");
		goto out;
	}
	answer = lookup(&q, err);
	if (doc_is(answer, DOC_NONE) && err->name == ERR_unreachable) {
		dns_log(d, LOG_DEBUG, SHOW_LOG,
		    "TCP query failed, fallback to UDP: %s", err_text(err));
		err_clear(err);
		q.tcp = 0;
		answer = lookup(&q, err);
	}
	if (doc_is(answer, DOC_NONE)) {
		answer = doc_set_str(doc_object(), "fault", err_text(err));
		err_clear(err);
	}
out:
	tsig_release(&t);
	return answer;
}

/* The TXT record to add, or with class NONE and TTL 0 to take away. */
static ldns_rr *
txt_record(jv arg, struct err *err)
{
	const char *name = doc_str(arg, "name"), *value = doc_str(arg, "value");
	long ttl = 120;
	ldns_rr *rr = NULL;
	char *text;

	(void)doc_int(arg, "ttl", &ttl);
	if (name == NULL || value == NULL || strpbrk(value, "\"\\\n") != NULL ||
	    strlen(value) > 255) {
		err_set(err, ERR_badData, "this is no value for a TXT record");
		return NULL;
	}
	text = xasprintf("%s. %ld IN TXT \"%s\"", name, ttl, value);
	if (ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL) != LDNS_STATUS_OK) {
		err_set(err, ERR_badData, "%s is no name for a TXT record",
		    name);
		rr = NULL;
	} else if (doc_flag(arg, "remove", 0)) {
		ldns_rr_set_class(rr, (ldns_rr_class)CLASS_NONE);
		ldns_rr_set_ttl(rr, 0);
	}
	free(text);
	return rr;
}

/* The message without TSIG; 0 or -1. */
static int
update_bytes(jv arg, uint16_t id, unsigned char *wire, size_t *n,
    struct err *err)
{
	const char *zone = doc_str(arg, "zone");
	ldns_rr *rr = txt_record(arg, err);
	ldns_rr_list *list = ldns_rr_list_new();
	ldns_rdf *z = zone == NULL ? NULL : ldns_dname_new_frm_str(zone);
	ldns_pkt *p = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;
	int rc = -1;

	if (rr != NULL && z != NULL) {
		ldns_rr_list_push_rr(list, rr);
		p = ldns_update_pkt_new(z, LDNS_RR_CLASS_IN, NULL, list, NULL);
	}
	if (p != NULL) {
		ldns_pkt_set_rd(p, 0);
		ldns_pkt_set_id(p, id);
		if (ldns_pkt2wire(&bytes, p, &len) == LDNS_STATUS_OK &&
		    len <= DNS_WIRE_MAX / 2) {
			memcpy(wire, bytes, len);
			*n = len;
			rc = 0;
		}
		ldns_pkt_free(p);
	} else {
		ldns_rdf_deep_free(z);
	}
	ldns_rr_list_deep_free(list);
	if (rc == -1 && !err_is_set(err))
		err_set(err, ERR_badData, "an update cannot be made");
	free(bytes);
	return rc;
}

jv
update_send(struct dns *d, jv arg, struct err *err)
{
	unsigned char *wire = xmalloc(DNS_WIRE_MAX), *answer = NULL;
	unsigned char mac[TSIG_MAC_MAX];
	const char *server = doc_str(arg, "server"), *wrong = NULL;
	size_t n = 0, answer_n = 0, mac_n = 0;
	struct tsig t;
	int signed_too = tsig_of(arg, &t, err);
	char *rcode;
	jv all = doc_none();

	(void)d;
	if (signed_too == -1 || server == NULL ||
	    update_bytes(arg, ldns_get_random(), wire, &n, err) == -1)
		goto out;
	if (signed_too == 1 && tsig_sign(&t, wire, &n, mac, &mac_n) == -1) {
		err_set(err, ERR_misconfigured,
		    "the update cannot be signed with the TSIG key");
		goto out;
	}
	answer = lookup_exchange(server, port_of(arg), 1, wire, n, &answer_n,
	    UPDATE_MS, err);
	if (answer == NULL) {
		all = doc_set_str(doc_object(), "fault", err_text(err));
		err_clear(err);
		goto out;
	}
	rcode = ldns_pkt_rcode2str((ldns_pkt_rcode)(answer[3] & 15));
	if (signed_too == 1)
		wrong = tsig_verify(&t, answer, answer_n, mac, mac_n);
	all = doc_set_str(doc_object(), "rcode", rcode == NULL ? "?" : rcode);
	all = doc_set_str(all, "tsig", wrong);
	free(rcode);
out:
	free(answer);
	free(wire);
	tsig_release(&t);
	return all;
}
