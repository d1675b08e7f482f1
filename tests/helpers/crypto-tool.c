/* crypto-tool.c - lib/crypto from the shell.
 *
 *	crypto-tool new rsa BITS | new ecdsa CURVE	PKCS#8 PEM
 *	crypto-tool pem KEY		PKCS#8 PEM of a PEM or JWK file
 *	crypto-tool jwk KEY		private JWK; public KEY: the public one
 *	crypto-tool thumbprint KEY
 *	crypto-tool account-id KEY
 *	crypto-tool key-authorization KEY TOKEN; dns-value KEY TOKEN
 *	crypto-tool sign KEY URL NONCE KID PAYLOAD	- stands for none
 *	crypto-tool eab KEY ALG KID MAC-FILE URL	MAC key as base64url
 *	crypto-tool csr KEY [-s] NAME...	DER; -s: must-staple
 *	crypto-tool csr-names FILE	JSON
 *	crypto-tool cert FILE		what the first certificate says, as JSON
 *	crypto-tool split FILE CERT CHAIN	writes both
 *	crypto-tool ocsp-request CERT ISSUER	DER
 *	crypto-tool ocsp-check CERT ISSUER ANSWER	good, revoked, unknown
 *
 * What it makes goes to standard output. An error is a sentence on standard
 * error and the exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/safefile.h"
#include "crypto/b64.h"
#include "crypto/cert.h"
#include "crypto/csr.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"
#include "crypto/key.h"
#include "crypto/ocsp.h"

static int
print_free(char *text)
{
	if (!text)
		return -1;
	puts(text);
	free(text);
	return 0;
}

static int
write_free(unsigned char *p, size_t n)
{
	if (!p)
		return -1;
	fwrite(p, 1, n, stdout);
	free(p);
	return 0;
}

static int
print_doc(jv doc)
{
	char *text = doc_text_sorted(doc);
	int rc = doc_is(doc, DOC_NONE) ? -1 : 0;

	if (rc == 0)
		puts(text);
	free(text);
	doc_free(doc);
	return rc;
}

static int
print_pem(EVP_PKEY *key, struct err *err)
{
	struct buf pem;
	int rc;

	buf_init(&pem, FILE_TEXT_MAX);
	rc = key_pem(key, &pem, err);
	if (rc == 0)
		fwrite(pem.p, 1, pem.len, stdout);
	buf_release(&pem);
	return rc;
}

static int
new_key(char **arg, struct err *err)
{
	int rsa = strcmp(arg[0], "rsa") == 0, rc;
	struct key_spec spec;
	EVP_PKEY *key;

	if (key_spec_parse(arg[0], rsa ? strtol(arg[1], NULL, 10) : 0, arg[1],
		&spec, err) != 0 ||
	    !(key = key_new(&spec, err)))
		return -1;
	rc = print_pem(key, err);
	EVP_PKEY_free(key);
	return rc;
}

static int
sign(EVP_PKEY *key, char **arg, struct err *err)
{
	struct jws_header h = {arg[0], arg[1], arg[2]};

	if (strcmp(arg[1], "-") == 0)
		h.nonce = NULL;
	if (strcmp(arg[2], "-") == 0)
		h.kid = NULL;
	return print_free(jws_sign(key, &h, arg[3], err));
}

static int
eab(EVP_PKEY *key, char **arg, struct err *err)
{
	unsigned char *mac = NULL;
	struct buf b;
	size_t n;
	int rc = -1;

	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(arg[2], &b, err) == 0 &&
	    (mac = b64url_decode_lenient(b.p ? b.p : "", &n, err)))
		rc = print_doc(
		    jws_eab(key, arg[0], arg[1], mac, n, arg[3], err));
	if (mac)
		wipe_free(mac, n);
	buf_release(&b);
	return rc;
}

static int
csr(EVP_PKEY *key, char **arg, struct err *err)
{
	int staple = arg[0] && strcmp(arg[0], "-s") == 0;
	jv names = doc_array();
	unsigned char *der;
	size_t n = 0;

	for (arg += staple; *arg; arg++)
		names = doc_push_str(names, *arg);
	der = csr_new(key, names, staple, &n, err);
	doc_free(names);
	return write_free(der, n);
}

/* Commands whose first argument is a key. */
static int
with_key(const char *command, EVP_PKEY *key, char **arg, struct err *err)
{
	char *text;

	if (strcmp(command, "pem") == 0)
		return print_pem(key, err);
	if (strcmp(command, "jwk") == 0)
		return print_free(jwk_private_text(key, err));
	if (strcmp(command, "public") == 0)
		return print_doc(jwk_public(key, err));
	if (strcmp(command, "thumbprint") == 0)
		return print_free(jwk_thumbprint(key, err));
	if (strcmp(command, "account-id") == 0)
		return print_free(jwk_account_id(key, err));
	if (strcmp(command, "sign") == 0)
		return sign(key, arg, err);
	if (strcmp(command, "eab") == 0)
		return eab(key, arg, err);
	if (strcmp(command, "csr") == 0)
		return csr(key, arg, err);
	text = jwk_key_authorization(arg[0], key, err);
	if (!text || strcmp(command, "dns-value") != 0)
		return print_free(text);
	print_free(jwk_dns_value(text));
	free(text);
	return 0;
}

static int
csr_names(struct buf *b, struct err *err)
{
	jv names = doc_none();
	size_t n;
	unsigned char *der = csr_read(b->p, b->len, &n, &names, err);

	free(der);
	return print_doc(names);
}

static int
split(struct buf *b, char **arg, struct err *err)
{
	char *cert, *chain;
	int rc = cert_split(b->p, b->len, &cert, &chain, err);

	if (rc == 0)
		rc = safefile_write(arg[0], cert, strlen(cert), 0644, 0, err);
	if (rc == 0)
		rc = safefile_write(arg[1], chain, strlen(chain), 0644, 0, err);
	free(cert);
	free(chain);
	return rc;
}

static int
ocsp(struct buf *b, char **arg, struct err *err)
{
	struct ocsp_answer answer;
	struct buf issuer, der;
	unsigned char *req;
	size_t n = 0;
	int rc = -1;

	buf_init(&issuer, FILE_TEXT_MAX);
	buf_init(&der, FILE_TEXT_MAX);
	if (safefile_read(arg[0], &issuer, err) != 0)
		goto out;
	if (!arg[1]) {
		req = ocsp_request(b->p, issuer.p, &n, err);
		rc = write_free(req, n);
		goto out;
	}
	if (safefile_read(arg[1], &der, err) == 0)
		rc = ocsp_check(b->p, issuer.p, "CERT", der.p, der.len,
		    time(NULL), &answer, err);
	if (rc == 0)
		puts(ocsp_state_name(answer.state));
out:
	buf_release(&der);
	buf_release(&issuer);
	return rc;
}

/* Commands whose first argument is another file. */
static int
with_file(const char *command, struct buf *b, char **arg, struct err *err)
{
	if (!b->p)
		buf_adds(b, "");
	if (strcmp(command, "csr-names") == 0)
		return csr_names(b, err);
	if (strcmp(command, "cert") == 0)
		return print_doc(cert_info(b->p, b->len, err));
	if (strcmp(command, "split") == 0)
		return split(b, arg, err);
	return ocsp(b, arg, err);
}

static const struct {
	const char *name;
	int arguments, key; /* arguments: at least */
} commands[] = {
    {"new", 2, 0},
    {"pem", 1, 1},
    {"jwk", 1, 1},
    {"public", 1, 1},
    {"thumbprint", 1, 1},
    {"account-id", 1, 1},
    {"key-authorization", 2, 1},
    {"dns-value", 2, 1},
    {"sign", 5, 1},
    {"eab", 5, 1},
    {"csr", 1, 1},
    {"csr-names", 1, 0},
    {"cert", 1, 0},
    {"split", 3, 0},
    {"ocsp-request", 2, 0},
    {"ocsp-check", 3, 0},
};

static int
run(size_t command, char **arg, struct err *err)
{
	const char *name = commands[command].name;
	EVP_PKEY *key;
	struct buf b;
	int rc = -1;

	if (strcmp(name, "new") == 0)
		return new_key(arg, err);
	if (commands[command].key) {
		if (!(key = key_load(arg[0], err)))
			return -1;
		rc = with_key(name, key, arg + 1, err);
		EVP_PKEY_free(key);
		return rc;
	}
	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(arg[0], &b, err) == 0)
		rc = with_file(name, &b, arg + 1, err);
	buf_release(&b);
	return rc;
}

int
main(int argc, char **argv)
{
	struct err err = {0};
	size_t i;
	int status;

	for (i = 0; argc > 1 && i < ARRAY_LEN(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			break;
	if (argc < 2 || i == ARRAY_LEN(commands) ||
	    argc - 2 < commands[i].arguments) {
		fputs("usage: crypto-tool COMMAND FILE... (see its source)\n",
		    stderr);
		return 64;
	}
	if (run(i, argv + 2, &err) == 0)
		return 0;
	fprintf(stderr, "crypto-tool: %s\n", err_text(&err));
	status = err_exit_status(&err);
	err_clear(&err);
	return status;
}
