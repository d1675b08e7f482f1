/* json.c - results as JSON (certbot-certificates(5)). */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/stage.h"
#include "driver.h"

enum { DAY = 86400 };

static int wanted;

int
json_wanted(void)
{
	return wanted;
}

void
json_look(jv words)
{
	for (size_t i = 0; i < doc_len(words); i++) {
		const char *word = doc_str_at(words, i);

		if (word != NULL && strcmp(word, "--") == 0)
			break;
		wanted |= word != NULL && strcmp(word, "--json") == 0;
	}
}

void
json_configure(struct config *c)
{
	wanted = config_flag(c, "json");
	if (wanted) /* a question would stand among the results */
		config_put(c, "noninteractive_mode", doc_bool(1));
}

void
json_print(jv value)
{
	char *text = doc_text_sorted(value);

	fflush(stderr);
	printf("%s\n", text);
	fflush(stdout);
	free(text);
	doc_free(value);
}

/* The problem without what the driver has noted for itself. */
static jv
problem_of(const struct err *err)
{
	static const char *const own[] = {"plain", "unexpected", "cancel"};
	jv problem = err_to_doc(err, NULL);

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		problem = doc_del(problem, own[i]);
	return problem;
}

void
json_print_error(const struct err *err)
{
	json_print(doc_set(doc_object(), "error", problem_of(err)));
}

static jv
take_members(jv to TAKES, jv from, const char *const (*pairs)[2], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (doc_has(from, pairs[i][0]))
			to = doc_set(to, pairs[i][1],
			    doc_get(from, pairs[i][0]));
	return to;
}

/* daysLeft, valid, reasons, revoked: as the listing's VALID and INVALID. */
static jv
add_state(jv to TAKES, jv doc, const char *server)
{
	const char *after = doc_str(to, "notAfter");
	jv renewal = doc_get(doc, "renewal"), reasons = doc_array();
	int revoked = doc_flag(renewal, "revoked", 0);
	int64_t end = 0, left;

	doc_free(renewal);
	if (after == NULL || time_parse(after, &end) != 0) {
		doc_free(reasons);
		return to;
	}
	left = end - (int64_t)time(NULL);
	if (server_is_test(server))
		reasons = doc_push_str(reasons, "TEST_CERT");
	if (left <= 0)
		reasons = doc_push_str(reasons, "EXPIRED");
	else if (revoked)
		reasons = doc_push_str(reasons, "REVOKED");
	to = doc_set_int(to, "daysLeft",
	    (long)(left < 0 ? -((DAY - 1 - left) / DAY) : left / DAY));
	to = doc_set_flag(to, "valid", doc_len(reasons) == 0);
	to = doc_set_flag(to, "revoked", revoked);
	return doc_set(to, "reasons", reasons);
}

jv
json_lineage(jv doc)
{
	static const char *const of_lineage[][2] = {{"name", "name"},
	    {"conf", "renewalFile"}, {"path", "directory"}, {"cert", "cert"},
	    {"privkey", "privkey"}, {"chain", "chain"},
	    {"fullchain", "fullchain"}, {"version", "version"}};
	static const char *const of_certificate[][2] = {{"names", "names"},
	    {"serial", "serial"}, {"issuer", "issuer"}, {"keyType", "keyType"},
	    {"keySize", "keySize"}, {"curve", "curve"},
	    {"notBefore", "notBefore"}, {"notAfter", "notAfter"}};
	static const char *const of_params[][2] = {{"server", "server"},
	    {"account", "account"}, {"authenticator", "authenticator"},
	    {"installer", "installer"}};
	jv lineage = doc_get(doc, "lineage"),
	   cert = doc_get(doc, "certificate"),
	   params = doc_get(doc, "renewalparams"),
	   saved = doc_get(doc, "saved");
	jv out = take_members(doc_object(), lineage, of_lineage,
	    ARRAY_LEN(of_lineage));

	/* what was made of a user's own request */
	out = take_members(out, saved, of_lineage, ARRAY_LEN(of_lineage));
	out = take_members(out, lineage, of_certificate,
	    ARRAY_LEN(of_certificate));
	out = take_members(out, cert, of_certificate,
	    ARRAY_LEN(of_certificate));
	out = take_members(out, params, of_params, ARRAY_LEN(of_params));
	out = add_state(out, doc, doc_str(params, "server"));
	doc_free(saved);
	doc_free(params);
	doc_free(cert);
	doc_free(lineage);
	return out;
}

void
json_print_result(jv doc, const char *result, const struct err *err)
{
	jv out;

	if (!wanted)
		return;
	out = doc_set_str(json_lineage(doc), "result", result);
	if (err != NULL && err_is_set(err))
		out = doc_set(out, "error", problem_of(err));
	json_print(out);
}
