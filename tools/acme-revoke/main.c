/* acme-revoke - revokes certificates (RFC 8555 7.6), signed by the account's
 * key or by the certificate's own. */
#include <string.h>
#include <strings.h>

#include "base/safefile.h"
#include "revoke.h"

static struct tool tool = {.reason = "unspecified"};

static const struct opt options[] = {
    {"cert", 0, OPT_STRING, &tool.cert, "FILE",
	"the certificate, in PEM or DER; the first one of the file"},
    {"key", 0, OPT_STRING, &tool.key, "FILE",
	"sign with the certificate's own key, not the account's"},
    {"reason", 0, OPT_STRING, &tool.reason, "WORD",
	"unspecified, keycompromise, affiliationchanged, superseded or "
	"cessationofoperation"},
    {"account", 0, OPT_STRING, &tool.account, "ID",
	"which account, where there are several"},
    OPT_END};

static const struct reason {
	const char *word;
	int code;
} reasons[] = {
    {"unspecified", 0},
    {"keycompromise", 1},
    {"affiliationchanged", 3},
    {"superseded", 4},
    {"cessationofoperation", 5},
};

int
reason_code(const char *word, struct err *err)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(reasons); i++)
		if (strcasecmp(reasons[i].word, word) == 0)
			return reasons[i].code;
	return err_set(err, ERR_usage,
	    "'%s' is no reason: say unspecified, "
	    "keycompromise, affiliationchanged, superseded or "
	    "cessationofoperation",
	    word);
}

static int
options_check(struct stage *st, struct err *err)
{
	if (doc_len(st->rest) > (size_t)stage_reads(st))
		return err_set(err, ERR_usage,
		    "acme-revoke takes no operand but -; the certificate is "
		    "given with --cert FILE");
	if ((tool.cert != NULL) == stage_reads(st))
		return err_set(err, ERR_usage,
		    "say which certificate: --cert "
		    "FILE, or - for those of documents");
	return reason_code(tool.reason, err) < 0 ? -1 : 0;
}

int
main(int argc, char *argv[])
{
	struct stage st = {.name = "acme-revoke",
	    .usage = {"acme-revoke",
		"--cert FILE [--key FILE] [--reason WORD] [option...]\n"
		"- [--reason WORD] [option...] <documents",
		"Revokes certificates."},
	    .options = options};
	struct err err = {0};
	jv doc;

	if (stage_begin(&st, argc, argv))
		return stage_end(&st);
	tool.stage = &st;
	tool.acme = acme_new(&st);
	if (options_check(&st, &err) != 0) {
		stage_fail_first(&st, &err);
	} else if (stage_reads(&st)) {
		stage_run(&st, STAGE_KEEP_TOO, revoke_vector, &tool);
	} else {
		doc = doc_set_int(doc_object(), "acme", 1);
		revoke_vector(&tool, &st, &doc, 1);
	}
	acme_free(tool.acme);
	return stage_end(&st);
}
