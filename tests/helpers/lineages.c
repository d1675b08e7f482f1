/* lineages CONFIG N rsa|ecdsa DAYS [KEY=VALUE]...
 *
 * N lineages n00000.example … in certbot's layout below CONFIG, each with a
 * certificate of its own that ends in DAYS and a half days (of 90), by an intermediate CA
 * made here. RSA keys are taken from a few, since making them takes long.
 * KEY=VALUE: more lines of [renewalparams]. For benchmarks. */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

enum { RSA_KEYS = 8, DAY = 86400 };

static const char *const kinds[] = {"cert", "privkey", "chain", "fullchain"};

static void
must(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "lineages: %s: %s\n", what, strerror(errno));
	exit(1);
}

static EVP_PKEY *
key_for(int rsa, long i)
{
	static EVP_PKEY *pool[RSA_KEYS];
	EVP_PKEY **slot = &pool[i % RSA_KEYS];

	if (!rsa)
		return EVP_EC_gen("P-256");
	if (*slot == NULL)
		*slot = EVP_RSA_gen(2048);
	EVP_PKEY_up_ref(*slot);
	return *slot;
}

static void
extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	must(ext != NULL && X509_add_ext(cert, ext, -1), "an extension");
	X509_EXTENSION_free(ext);
}

/* issuer NULL: signed by itself. */
static X509 *
certificate(EVP_PKEY *key, const char *subject, const char *names, long serial,
    long days, X509 *issuer, EVP_PKEY *ca_key)
{
	X509 *cert = X509_new();

	must(cert != NULL, "memory");
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), serial);
	X509_gmtime_adj(X509_getm_notBefore(cert), (days - 90) * DAY + DAY / 2);
	X509_gmtime_adj(X509_getm_notAfter(cert), days * DAY + DAY / 2);
	X509_set_pubkey(cert, key);
	if (subject != NULL)
		X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
		    MBSTRING_ASC, (const unsigned char *)subject, -1, -1, 0);
	if (issuer == NULL)
		issuer = cert;
	X509_set_issuer_name(cert, X509_get_subject_name(issuer));
	if (names != NULL)
		extend(cert, issuer, NID_subject_alt_name, names);
	else
		extend(cert, issuer, NID_basic_constraints, "critical,CA:TRUE");
	must(X509_sign(cert, ca_key, EVP_sha256()) > 0, "signing");
	return cert;
}

static FILE *
create(const char *path)
{
	FILE *f = fopen(path, "w");

	must(f != NULL, path);
	return f;
}

static void
add_cert(const char *path, const char *mode, X509 *cert)
{
	FILE *f = fopen(path, mode);

	must(f != NULL && PEM_write_X509(f, cert) && fclose(f) == 0, path);
}

static void
write_files(const char *archive, X509 *cert, X509 *chain, EVP_PKEY *key)
{
	char *path;
	FILE *f;

	path = xasprintf("%s/cert1.pem", archive);
	add_cert(path, "w", cert);
	free(path);
	path = xasprintf("%s/chain1.pem", archive);
	add_cert(path, "w", chain);
	free(path);
	path = xasprintf("%s/fullchain1.pem", archive);
	add_cert(path, "w", cert);
	add_cert(path, "a", chain);
	free(path);
	path = xasprintf("%s/privkey1.pem", archive);
	f = create(path);
	must(PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) &&
		fclose(f) == 0 && chmod(path, 0600) == 0,
	    path);
	free(path);
}

static void
write_conf(const char *config, const char *name, int rsa, int n, char **more)
{
	char *path;
	FILE *f;

	path = xasprintf("%s/renewal/%s.conf", config, name);
	f = create(path);
	fprintf(f,
	    "# renew_before_expiry = 30 days\nversion = 2.1.0\narchive_dir = %s/archive/%s\n",
	    config, name);
	for (int k = 0; k < 4; k++)
		fprintf(f, "%s = %s/live/%s/%s.pem\n", kinds[k], config, name,
		    kinds[k]);
	fprintf(f,
	    "\n# Options used in the renewal process\n[renewalparams]\nauthenticator = webroot\nkey_type = %s\n",
	    rsa ? "rsa" : "ecdsa");
	for (int i = 0; i < n; i++) {
		char *eq = strchr(more[i], '=');

		must(eq != NULL, more[i]);
		fprintf(f, "%.*s = %s\n", (int)(eq - more[i]), more[i], eq + 1);
	}
	must(fclose(f) == 0, path);
	free(path);
}

static void
make_dir(const char *config, const char *what, const char *name)
{
	char *path;

	path = xasprintf("%s/%s/%s", config, what, name);
	must(mkdir(path, 0755) == 0 || errno == EEXIST, path);
	free(path);
}

static void
make_lineage(const char *config, const char *name)
{
	char *path, *to;

	make_dir(config, "archive", name);
	make_dir(config, "live", name);
	for (int k = 0; k < 4; k++) {
		path = xasprintf("%s/live/%s/%s.pem", config, name, kinds[k]);
		to = xasprintf("../../archive/%s/%s1.pem", name, kinds[k]);
		must(symlink(to, path) == 0, path);
		free(to);
		free(path);
	}
}

int
main(int argc, char *argv[])
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256");
	X509 *ca;
	long n, days;
	int rsa;

	if (argc < 5) {
		fprintf(stderr,
		    "usage: lineages CONFIG N rsa|ecdsa DAYS [KEY=VALUE]...\n");
		return 64;
	}
	n = strtol(argv[2], NULL, 10);
	rsa = strcmp(argv[3], "rsa") == 0;
	days = strtol(argv[4], NULL, 10);
	ca = certificate(ca_key, "Bench CA", NULL, 1, 80, NULL, ca_key);
	must(mkdir(argv[1], 0755) == 0 || errno == EEXIST, argv[1]);
	make_dir(argv[1], "renewal", "");
	make_dir(argv[1], "archive", "");
	make_dir(argv[1], "live", "");
	for (long i = 0; i < n; i++) {
		char *name, *san, *archive;
		EVP_PKEY *key = key_for(rsa, i);
		X509 *cert;

		must(key != NULL, "a key");
		name = xasprintf("n%05ld.example", i);
		san = xasprintf("DNS:%s,DNS:www.%s", name, name);
		cert = certificate(key, NULL, san, i + 2, days, ca, ca_key);
		make_lineage(argv[1], name);
		archive = xasprintf("%s/archive/%s", argv[1], name);
		write_files(archive, cert, ca, key);
		write_conf(argv[1], name, rsa, argc - 5, argv + 5);
		free(archive);
		free(san);
		free(name);
		X509_free(cert);
		EVP_PKEY_free(key);
	}
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	return 0;
}
