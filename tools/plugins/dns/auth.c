/* The schemes that a descriptor may name in "auth". */
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "crypto/key.h"
#include "dns.h"
#include "encode.h"
#include "sign.h"

enum { EXO2_SECONDS = 600 };

/* A member of the scheme, filled; NULL and err when it is missing. */
static char *
part(struct dns *d, jv scheme, const char *key, const char *dflt,
    struct err *err)
{
	const char *text = doc_str(scheme, key);

	return template_fill(d, text == NULL ? dflt : text, err);
}

static void
set_header(struct http *h, const char *name, const char *value)
{
	h->headers = doc_set_str(h->headers, name, value);
}

static const char *
body_text(const struct http *h)
{
	return h->body.p == NULL ? "" : h->body.p;
}

static int
by_headers(struct dns *d, jv scheme, struct http *h, struct err *err)
{
	jv want = doc_get_kind(scheme, "headers", DOC_OBJECT);
	jv keys = doc_keys(want);

	for (size_t i = 0; i < doc_len(keys) && !err_is_set(err); i++) {
		const char *key = doc_str_at(keys, i);
		char *v = template_fill(d, doc_str(want, key), err);
		if (v != NULL) {
			set_header(h, key, v);
			wipe_free(v, strlen(v));
		}
	}
	doc_free(keys);
	doc_free(want);
	return err_is_set(err) ? -1 : 0;
}

static int
by_basic(struct dns *d, jv scheme, struct http *h, struct err *err)
{
	char *user = part(d, scheme, "user", "{user}", err);
	char *password = user == NULL ?
	    NULL :
	    part(d, scheme, "password", "{password}", err);
	char *both, *b64, *value;

	if (password != NULL) {
		both = xasprintf("%s:%s", user, password);
		b64 = base64_encode(both, strlen(both));
		value = xasprintf("Basic %s", b64);
		secret_add(d, b64);
		set_header(h, "Authorization", value);
		wipe_free(both, strlen(both));
		wipe_free(b64, strlen(b64));
		wipe_free(value, strlen(value));
		wipe_free(password, strlen(password));
	}
	free(user);
	return err_is_set(err) ? -1 : 0;
}

static int64_t
now_of(struct dns *d)
{
	long offset = 0;

	(void)doc_int(d->session, "offset", &offset);
	return (int64_t)time(NULL) + offset;
}

static int
by_ovh(struct dns *d, jv scheme, struct http *h, struct err *err)
{
	char *key = part(d, scheme, "key", "{application_key}", err);
	char *secret = part(d, scheme, "secret", "{application_secret}", err);
	char *consumer = part(d, scheme, "consumer", "{consumer_key}", err);
	int64_t when = now_of(d);
	char *text, *sig;

	if (key != NULL && secret != NULL && consumer != NULL) {
		sig = ovh_signature(secret, consumer, h->method, h->url,
		    body_text(h), when);
		text = xasprintf("%lld", (long long)when);
		set_header(h, "X-Ovh-Application", key);
		set_header(h, "X-Ovh-Consumer", consumer);
		set_header(h, "X-Ovh-Timestamp", text);
		set_header(h, "X-Ovh-Signature", sig);
		free(text);
		free(sig);
	}
	free(key);
	free(consumer);
	if (secret != NULL)
		wipe_free(secret, strlen(secret));
	return err_is_set(err) ? -1 : 0;
}

static int
by_dnsme(struct dns *d, jv scheme, struct http *h, struct err *err)
{
	char *key = part(d, scheme, "key", "{api_key}", err);
	char *secret = part(d, scheme, "secret", "{secret_key}", err);
	char *date, *mac;

	if (key != NULL && secret != NULL) {
		date = utc(now_of(d), UTC_HTTP);
		mac = hmac_hex("SHA1", secret, date);
		set_header(h, "x-dnsme-apiKey", key);
		set_header(h, "x-dnsme-requestDate", date);
		set_header(h, "x-dnsme-hmac", mac);
		free(date);
		free(mac);
	}
	free(key);
	if (secret != NULL)
		wipe_free(secret, strlen(secret));
	return err_is_set(err) ? -1 : 0;
}

static int
by_exo2(struct dns *d, jv scheme, struct http *h, struct err *err)
{
	char *key = part(d, scheme, "key", "{api_key}", err);
	char *secret = part(d, scheme, "secret", "{api_secret}", err);
	int64_t expires = now_of(d) + EXO2_SECONDS;
	char *path, *sig, *all;

	if (key != NULL && secret != NULL) {
		path = url_target(h->url);
		path[strcspn(path, "?")] = '\0';
		sig = exo2_signature(secret, h->method, path, body_text(h), "",
		    expires);
		all = xasprintf("EXO2-HMAC-SHA256 credential=%s,expires=%lld,"
				"signature=%s",
		    key, (long long)expires, sig);
		set_header(h, "Authorization", all);
		free(path);
		free(sig);
		free(all);
	}
	free(key);
	if (secret != NULL)
		wipe_free(secret, strlen(secret));
	return err_is_set(err) ? -1 : 0;
}

static int
by_acs1(struct dns *d, jv scheme, jv request, struct http *h, struct err *err)
{
	char *key = part(d, scheme, "key", "{access_key}", err);
	char *secret = part(d, scheme, "secret", "{access_key_secret}", err);
	jv p = doc_get_kind(request, "query", DOC_OBJECT);
	unsigned char random[16];
	char *nonce, *when, *query;

	if (key == NULL || secret == NULL || RAND_bytes(random, 16) != 1) {
		free(key);
		free(secret);
		doc_free(p);
		return err_is_set(err) ?
		    -1 :
		    err_set(err, ERR_internal, "there are no random numbers");
	}
	nonce = hex_encode(random, sizeof(random));
	when = utc(now_of(d), UTC_EXTENDED);
	p = doc_set_str(doc_is(p, DOC_OBJECT) ? p : doc_object(), "AccessKeyId",
	    key);
	p = doc_set_str(p, "SignatureMethod", "HMAC-SHA1");
	p = doc_set_str(p, "SignatureVersion", "1.0");
	p = doc_set_str(p, "SignatureNonce", nonce);
	p = doc_set_str(p, "Timestamp", when);
	p = doc_set_str(p, "Format", "JSON");
	query = acs1_query(h->method, p, secret);
	free(h->url);
	h->url = xasprintf("%s/?%s", d->base, query);
	free(query);
	free(nonce);
	free(when);
	free(key);
	wipe_free(secret, strlen(secret));
	doc_free(p);
	return 0;
}

static int
by_oci(struct dns *d, jv scheme, struct http *h, struct err *err)
{
	char *id = part(d, scheme, "id", "{tenancy}/{user}/{fingerprint}", err);
	char *pem = part(d, scheme, "key", "{private_key}", err);
	EVP_PKEY *key = pem == NULL ? NULL : key_read(pem, strlen(pem), err);
	int with_body = strcmp(h->method, "GET") != 0 &&
	    strcmp(h->method, "DELETE") != 0;
	const char *type = doc_str(h->headers, "Content-Type");
	char *date = utc(now_of(d), UTC_HTTP), *text, *sig, *all, *sum;
	unsigned char out[HASH_MAX];

	if (id != NULL && key != NULL) {
		text = oci_string(h->method, h->url, date,
		    type == NULL ? "application/json" : type,
		    with_body ? body_text(h) : NULL, h->body.len);
		sig = rsa_sha256(key, text, err);
		all = xasprintf("Signature version=\"1\",keyId=\"%s\","
				"algorithm=\"rsa-sha256\",headers=\"(request-"
				"target) date host%s\",signature=\"%s\"",
		    id,
		    with_body ?
			" x-content-sha256 content-type content-length" :
			"",
		    sig == NULL ? "" : sig);
		set_header(h, "Date", date);
		set_header(h, "Authorization", all);
		if (with_body) {
			sum = base64_encode(out,
			    hash("SHA256", body_text(h), h->body.len, out));
			set_header(h, "x-content-sha256", sum);
			free(sum);
		}
		free(text);
		free(sig);
		free(all);
	}
	EVP_PKEY_free(key);
	free(date);
	free(id);
	if (pem != NULL)
		wipe_free(pem, strlen(pem));
	return err_is_set(err) ? -1 : 0;
}

/* Headers that are signed: lower case. */
static jv
signed_headers(const struct http *h, const char *host, const char *const *names)
{
	jv all = doc_set_str(doc_object(), "host", host);
	jv keys = doc_keys(h->headers);

	for (size_t i = 0; i < doc_len(keys); i++)
		for (size_t k = 0; names[k] != NULL; k++)
			if (strcasecmp(names[k], doc_str_at(keys, i)) == 0)
				all = doc_set(all, names[k],
				    doc_get(h->headers, doc_str_at(keys, i)));
	doc_free(keys);
	return all;
}

static int
by_aws(struct dns *d, jv scheme, struct http *h, int tc3, struct err *err)
{
	static const char *const amz[] = {"content-type", "x-amz-date",
	    "x-amz-security-token", "x-amz-target", NULL};
	static const char *const tc[] = {"content-type", "x-tc-action", NULL};
	char *key = part(d, scheme, "key", "{access_key}", err);
	char *secret = part(d, scheme, "secret", "{secret_key}", err);
	char *region = part(d, scheme, "region", "us-east-1", err);
	char *token = doc_has(scheme, "token") ?
	    part(d, scheme, "token", "", err) :
	    value_of(d,
		doc_has(d->session, "access_key") ? "session.token" : "token");
	char *host = url_host(h->url), *when;
	struct aws a = {.tc3 = tc3, .when = now_of(d)};

	if (key != NULL && secret != NULL && region != NULL) {
		when = tc3 ? xasprintf("%lld", (long long)a.when) :
			     utc(a.when, UTC_BASIC);
		set_header(h, tc3 ? "X-TC-Timestamp" : "X-Amz-Date", when);
		if (token != NULL)
			set_header(h,
			    tc3 ? "X-TC-Token" : "X-Amz-Security-Token", token);
		a.key = key;
		a.secret = secret;
		a.region = region;
		a.service = doc_str(scheme, "service");
		a.method = h->method;
		a.url = h->url;
		a.body = body_text(h);
		a.body_n = h->body.len;
		a.headers = signed_headers(h, host, tc3 ? tc : amz);
		free(when);
		when = aws_authorization(&a, NULL);
		set_header(h, "Authorization", when);
		free(when);
		doc_free(a.headers);
	}
	free(host);
	free(key);
	free(region);
	free(token);
	if (secret != NULL)
		wipe_free(secret, strlen(secret));
	return err_is_set(err) ? -1 : 0;
}

static int
apply(struct dns *d, jv scheme, jv request, struct http *h, struct err *err)
{
	const char *name = doc_str(scheme, "scheme");

	if (name == NULL || strcmp(name, "headers") == 0)
		return by_headers(d, scheme, h, err);
	if (strcmp(name, "basic") == 0)
		return by_basic(d, scheme, h, err);
	if (strcmp(name, "ovh") == 0)
		return by_ovh(d, scheme, h, err);
	if (strcmp(name, "dnsme") == 0)
		return by_dnsme(d, scheme, h, err);
	if (strcmp(name, "exo2") == 0)
		return by_exo2(d, scheme, h, err);
	if (strcmp(name, "acs1") == 0)
		return by_acs1(d, scheme, request, h, err);
	if (strcmp(name, "oci") == 0)
		return by_oci(d, scheme, h, err);
	if (strcmp(name, "sigv4") == 0 || strcmp(name, "tc3") == 0)
		return by_aws(d, scheme, h, name[0] == 't', err);
	return strcmp(name, "none") == 0 ?
	    0 :
	    err_set(err, ERR_badData, "the scheme \"%s\" is unknown", name);
}

int
sign_request(struct dns *d, jv request, struct http *h, struct err *err)
{
	jv schemes = doc_get(d->spec, "auth");
	jv more = doc_get_kind(request, "sign", DOC_OBJECT);
	int rc = 0;

	if (doc_is(schemes, DOC_OBJECT))
		schemes = doc_push(doc_array(), schemes);
	/* The first whose credentials are all there. */
	for (size_t i = 0; i < doc_len(schemes); i++) {
		jv scheme = doc_at(schemes, i);

		err_clear(err);
		if (doc_is(more, DOC_OBJECT))
			scheme = doc_merge(scheme, doc_copy(more));
		rc = apply(d, scheme, request, h, err);
		doc_free(scheme);
		if (rc == 0)
			break;
	}
	doc_free(more);
	doc_free(schemes);
	return rc;
}
