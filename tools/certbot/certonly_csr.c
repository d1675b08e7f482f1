/* certonly_csr.c - a certificate for a request that the user made. */
#include "certonly_csr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/safefile.h"
#include "crypto/cert.h"
#include "issue.h"
#include "report.h"
#include "steps.h"

static const struct {
	const char *dest, *pattern, *member;
} outputs[] = {
    {"cert_path", "%04d_cert.pem", "cert"},
    {"chain_path", "%04d_chain.pem", "chain"},
    {"fullchain_path", "%04d_chain.pem", "fullchain"},
};

int
csr_paths_check(const struct config *c, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(outputs); i++) {
		const char *path = config_str(c, outputs[i].dest);

		if (path == NULL || access(path, F_OK) != 0)
			continue;
		err_set(err, ERR_cannotCreate,
		    "FileExistsError: [Errno 17] File exists: '%s'", path);
		return err_member(err, "unexpected", doc_bool(1));
	}
	return 0;
}

/* The given path, or the first free NNNN name here; malloc'd. */
static char *
place(const struct config *c, size_t which, struct err *err)
{
	const char *given = config_str(c, outputs[which].dest);
	char *dir, *path;
	int rc;

	if (given != NULL) {
		dir = path_dir(given);
		rc = safefile_mkdirs(dir, safefile_masked(0755), err);
		free(dir);
		return rc == 0 ? xstrdup(given) : NULL;
	}
	for (int i = 0;; i++) {
		char *name = which == 0 ? xasprintf("%04d_cert.pem", i) :
					  xasprintf("%04d_chain.pem", i);

		path = path_absolute(name);
		free(name);
		if (access(path, F_OK) != 0)
			return path;
		free(path);
	}
}

static int
write_outputs(const struct config *c, jv *doc, struct err *err)
{
	const char *full = doc_str_find(*doc, "certificate", "fullchain", NULL);
	char *parts[3] = {NULL, NULL, NULL};
	jv saved = doc_object();
	int rc = -1;

	if (full == NULL ||
	    cert_split(full, strlen(full), &parts[0], &parts[1], err) != 0)
		goto out;
	parts[2] = xasprintf("%s%s", parts[0], parts[1]);
	for (size_t i = 0; i < ARRAY_LEN(outputs); i++) {
		char *path = place(c, i, err);

		if (path == NULL ||
		    safefile_write(path, parts[i], strlen(parts[i]), 0644,
			SAFEFILE_EXCLUSIVE | SAFEFILE_UMASK, err) != 0) {
			free(path);
			goto out;
		}
		saved = doc_set_str(saved, outputs[i].member, path);
		free(path);
	}
	*doc = doc_set(doc_take(doc), "saved", doc_copy(saved));
	rc = 0;
out:
	for (size_t i = 0; i < 3; i++)
		free(parts[i]);
	doc_free(saved);
	return rc;
}

int
certonly_csr(struct config *c, jv account, struct err *err)
{
	jv names = config_list(c, "domains");
	jv doc = doc_merge(account, request_document(c, names));
	struct issue is;
	int rc;

	report_requesting(c, names, 0);
	doc_free(names);
	rc = issue_start(&is, c, doc, config_str(c, "csr"), NULL);
	if (rc == 0)
		rc = issue_run(&is);
	if (rc != 0)
		err_move(err, &is.err);
	else if (!config_flag(c, "dry_run"))
		rc = write_outputs(c, &is.doc, err);
	if (rc == 0)
		report_obtained(c, is.doc);
	issue_release(&is);
	return rc;
}
