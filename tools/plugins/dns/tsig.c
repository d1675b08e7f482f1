/* Signatures of DNS messages (RFC 8945), over bytes. */
#include <ldns/ldns.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "encode.h"
#include "update.h"

enum { HEADER = 12, TYPE_TSIG = 250, CLASS_ANY = 255, NAME_WIRE_MAX = 255 };

const char *
tsig_algorithm(const char *word, const char **digest)
{
	static const struct {
		const char *word, *wire, *digest;
	} all[] = {{"HMAC-MD5", "HMAC-MD5.SIG-ALG.REG.INT.", "MD5"},
	    {"HMAC-SHA1", "hmac-sha1.", "SHA1"},
	    {"HMAC-SHA224", "hmac-sha224.", "SHA224"},
	    {"HMAC-SHA256", "hmac-sha256.", "SHA256"},
	    {"HMAC-SHA384", "hmac-sha384.", "SHA384"},
	    {"HMAC-SHA512", "hmac-sha512.", "SHA512"}};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (strcasecmp(all[i].word, word) != 0)
			continue;
		*digest = all[i].digest;
		return all[i].wire;
	}
	return NULL;
}

/* --- bytes --------------------------------------------------------------------------- */

static void
put16(struct buf *b, unsigned n)
{
	buf_addc(b, (char)(n >> 8));
	buf_addc(b, (char)n);
}

static void
put48(struct buf *b, int64_t n)
{
	for (int shift = 40; shift >= 0; shift -= 8)
		buf_addc(b, (char)(n >> shift));
}

static unsigned
get16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* A name in wire form, in lower case or as it is. */
static int
put_name(struct buf *b, const char *name, int lower)
{
	ldns_rdf *rdf = ldns_dname_new_frm_str(name);

	if (rdf == NULL)
		return -1;
	if (lower)
		ldns_dname2canonical(rdf);
	buf_add(b, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
	ldns_rdf_deep_free(rdf);
	return 0;
}

/* The variables that are hashed after the message (RFC 8945 4.3.3). */
static int
put_variables(struct buf *b, const struct tsig *t, const char *algorithm,
    int64_t when, unsigned fudge, unsigned error, const unsigned char *other,
    unsigned other_n)
{
	if (put_name(b, t->name, 1) == -1)
		return -1;
	put16(b, CLASS_ANY);
	put16(b, 0);
	put16(b, 0);
	if (put_name(b, algorithm, 1) == -1)
		return -1;
	put48(b, when);
	put16(b, fudge);
	put16(b, error);
	put16(b, other_n);
	return buf_add(b, other, other_n);
}

int
tsig_sign(const struct tsig *t, unsigned char *wire, size_t *n,
    unsigned char mac[TSIG_MAC_MAX], size_t *mac_n)
{
	const char *digest, *name = tsig_algorithm(t->algorithm, &digest);
	struct buf b;
	size_t at;
	int rc = -1;

	buf_init(&b, DNS_WIRE_MAX);
	if (name == NULL || *n < HEADER || buf_add(&b, wire, *n) == -1 ||
	    put_variables(&b, t, name, t->now, TSIG_FUDGE, 0,
		(const unsigned char *)"", 0) == -1)
		goto out;
	*mac_n = hmac(digest, t->key, t->key_n, b.p, b.len, mac);
	buf_reset(&b);
	if (*mac_n == 0 || put_name(&b, t->name, 0) == -1)
		goto out;
	put16(&b, TYPE_TSIG);
	put16(&b, CLASS_ANY);
	put16(&b, 0);
	put16(&b, 0);
	at = b.len;
	put16(&b, 0); /* length, below */
	if (put_name(&b, name, 0) == -1)
		goto out;
	put48(&b, t->now);
	put16(&b, TSIG_FUDGE);
	put16(&b, (unsigned)*mac_n);
	buf_add(&b, mac, *mac_n);
	put16(&b, get16(wire)); /* original id */
	put16(&b, 0);
	put16(&b, 0);
	b.p[at] = (char)((b.len - at - 2) >> 8);
	b.p[at + 1] = (char)(b.len - at - 2);
	if (*n + b.len <= DNS_WIRE_MAX) {
		unsigned count = get16(wire + 10) + 1;
		memcpy(wire + *n, b.p, b.len);
		*n += b.len;
		wire[10] = (unsigned char)(count >> 8);
		wire[11] = (unsigned char)count;
		rc = 0;
	}
out:
	buf_release(&b);
	return rc;
}

/* --- an answer ------------------------------------------------------------------------- */

/* Past the name at `at`; 0 when it is broken. */
static size_t
skip_name(const unsigned char *wire, size_t n, size_t at)
{
	while (at < n) {
		if (wire[at] == 0)
			return at + 1;
		if ((wire[at] & 0xc0) == 0xc0)
			return at + 2 <= n ? at + 2 : 0;
		at += (size_t)wire[at] + 1;
	}
	return 0;
}

/* Past the record at `at`; its type and the place of its data. */
static size_t
skip_record(const unsigned char *wire, size_t n, size_t at, unsigned *type,
    size_t *data)
{
	at = skip_name(wire, n, at);
	if (at == 0 || at + 10 > n)
		return 0;
	*type = get16(wire + at);
	*data = at + 10;
	at += 10 + get16(wire + at + 8);
	return at <= n ? at : 0;
}

/* Where the last record of the message begins, and its data; 0. */
static size_t
last_record(const unsigned char *wire, size_t n, unsigned *type, size_t *data)
{
	size_t at = HEADER, begin = 0;
	unsigned count;

	if (n < HEADER)
		return 0;
	for (unsigned i = get16(wire + 4); i > 0; i--) {
		at = skip_name(wire, n, at);
		if (at == 0 || at + 4 > n)
			return 0;
		at += 4;
	}
	count = get16(wire + 6) + get16(wire + 8) + get16(wire + 10);
	for (unsigned i = 0; i < count; i++) {
		begin = at;
		at = skip_record(wire, n, at, type, data);
		if (at == 0)
			return 0;
	}
	return get16(wire + 10) == 0 ? 0 : begin;
}

static const char *
error_word(unsigned error)
{
	return error == 16 ? "BADSIG (the secret is wrong)" :
	    error == 17 ? "BADKEY (the key or its algorithm is unknown to the "
			  "server)" :
	    error == 18 ? "BADTIME (the clocks differ by more than 5 minutes)" :
			  "the server refuses the TSIG key";
}

const char *
tsig_verify(const struct tsig *t, const unsigned char *wire, size_t n,
    const unsigned char *mac, size_t mac_n)
{
	const char *digest = NULL,
		   *name = tsig_algorithm(t->algorithm, &digest);
	const char *wrong = "the answer's TSIG is broken";
	unsigned type = 0, fudge, size, error, other_n;
	size_t data = 0, begin = last_record(wire, n, &type, &data), at, len;
	unsigned char head[HEADER], want[HASH_MAX];
	int64_t when = 0;
	struct buf b;

	if (begin == 0 || type != TYPE_TSIG || name == NULL)
		return "the answer is not signed";
	at = skip_name(wire, n, data);
	if (at == 0 || at + 10 > n)
		return wrong;
	for (int i = 0; i < 6; i++)
		when = when << 8 | wire[at + (size_t)i];
	fudge = get16(wire + at + 6);
	size = get16(wire + at + 8);
	if (at + 10 + size + 6 > n)
		return wrong;
	error = get16(wire + at + 10 + size + 2);
	other_n = get16(wire + at + 10 + size + 4);
	if (at + 16 + size + other_n > n)
		return wrong;
	if (error != 0)
		return error_word(error);
	memcpy(head, wire, HEADER);
	memcpy(head, wire + at + 10 + size, 2); /* original id */
	len = get16(wire + 10) - 1u;
	head[10] = (unsigned char)(len >> 8);
	head[11] = (unsigned char)len;
	buf_init(&b, 2 * DNS_WIRE_MAX);
	put16(&b, (unsigned)mac_n);
	buf_add(&b, mac, mac_n);
	buf_add(&b, head, HEADER);
	buf_add(&b, wire + HEADER, begin - HEADER);
	if (put_variables(&b, t, name, when, fudge, error,
		wire + at + 16 + size, other_n) == 0) {
		len = hmac(digest, t->key, t->key_n, b.p, b.len, want);
		wrong = len != size ||
			CRYPTO_memcmp(want, wire + at + 10, len) != 0 ?
		    "the answer's TSIG does not fit the key" :
		    when - t->now > (int64_t)fudge ||
			t->now - when > (int64_t)fudge ?
		    "the answer's TSIG is of another time" :
		    NULL;
	}
	buf_release(&b);
	return wrong;
}
