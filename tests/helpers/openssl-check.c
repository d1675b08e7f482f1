/* openssl-check CONFIG
 *
 * Nothing but what OpenSSL needs to see of each lineage below CONFIG whether its
 * certificate is signed by its chain and its key fits, on all processors: the
 * yardstick of tests/bench/certificates. Prints how many were whole. */
#include <dirent.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"

static FILE *
open_kind(const char *config, const char *name, const char *kind)
{
	char *path = xasprintf("%s/live/%s/%s.pem", config, name, kind);
	FILE *f = fopen(path, "r");

	free(path);
	return f;
}

static X509 *
read_cert(const char *config, const char *name, const char *kind)
{
	FILE *f = open_kind(config, name, kind);
	X509 *cert = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f != NULL)
		fclose(f);
	return cert;
}

static int
is_whole(const char *config, const char *name)
{
	X509 *cert = read_cert(config, name, "cert");
	X509 *issuer = read_cert(config, name, "chain");
	FILE *f = open_kind(config, name, "privkey");
	EVP_PKEY *key = f != NULL ? PEM_read_PrivateKey(f, NULL, NULL, NULL) :
				    NULL;
	int whole = cert != NULL && issuer != NULL && key != NULL &&
	    X509_verify(cert, X509_get0_pubkey(issuer)) == 1 &&
	    X509_check_private_key(cert, key) == 1;

	if (f != NULL)
		fclose(f);
	EVP_PKEY_free(key);
	X509_free(issuer);
	X509_free(cert);
	return whole;
}

/* Every n-th name from i on. */
static long
check_part(const char *config, char **names, size_t count, size_t i, size_t n)
{
	long whole = 0;

	for (; i < count; i += n)
		whole += is_whole(config, names[i]);
	return whole;
}

static char **
read_names(const char *config, size_t *count)
{
	char *path = xasprintf("%s/live", config), **names = NULL;
	DIR *d = opendir(path);
	struct dirent *e;

	*count = 0;
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, "README") == 0)
			continue;
		names = xrealloc(names, (*count + 1) * sizeof(*names));
		names[(*count)++] = xstrdup(e->d_name);
	}
	if (d != NULL)
		closedir(d);
	free(path);
	return names;
}

int
main(int argc, char *argv[])
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN), all = 0, one;
	size_t n = cpus < 1 ? 1 : (size_t)cpus, count;
	char **names;
	int fds[2];

	if (argc != 2 || pipe(fds) != 0) {
		fprintf(stderr, "usage: openssl-check CONFIG\n");
		return 64;
	}
	names = read_names(argv[1], &count);
	for (size_t i = 0; i < n; i++)
		if (fork() == 0) {
			one = check_part(argv[1], names, count, i, n);
			_exit(write(fds[1], &one, sizeof(one)) !=
			    (ssize_t)sizeof(one));
		}
	for (size_t i = 0; i < n; i++)
		if (read(fds[0], &one, sizeof(one)) == (ssize_t)sizeof(one))
			all += one;
	while (wait(NULL) > 0)
		;
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
	printf("%ld\n", all);
	return 0;
}
