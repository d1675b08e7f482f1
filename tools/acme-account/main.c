/* acme-account - accounts at ACME servers (RFC 8555 7.3): registers them,
 * shows, lists, changes and ends them, and keeps their keys in certbot's
 * layout. */
#include <string.h>

#include "account.h"
#include "base/log.h"

static struct tool tool = {.eab_key_fd = -1, .eab_alg = "HS256"};

static const struct opt options[] = {
    {"email", 'm', OPT_NAMES, &tool.emails, "EMAIL",
	"address for the CA's notices; may be repeated"},
    {"no-contact", 0, OPT_FLAG, &tool.no_contact, NULL,
	"register without an address, or remove those that are there"},
    {"agree-tos", 0, OPT_FLAG, &tool.agree_tos, NULL,
	"agree to the server's terms of service"},
    {"key-type", 0, OPT_STRING, &tool.key_type, "rsa|ecdsa",
	"type of the account's key (rsa)"},
    {"rsa-key-size", 0, OPT_NUMBER, &tool.rsa_size, "N", "its bits (2048)"},
    {"elliptic-curve", 0, OPT_STRING, &tool.curve, "CURVE",
	"its curve (secp256r1)"},
    {"eab-kid", 0, OPT_STRING, &tool.eab_kid, "KID",
	"external account: the key's identifier"},
    {"eab-hmac-key-file", 0, OPT_STRING, &tool.eab_key_file, "FILE",
	"external account: file with the key in base64url"},
    {"eab-hmac-key-fd", 0, OPT_NUMBER, &tool.eab_key_fd, "N",
	"external account: descriptor to read the key from"},
    {"eab-hmac-alg", 0, OPT_STRING, &tool.eab_alg, "ALG",
	"external account: HS256, HS384 or HS512 (HS256)"},
    {"account", 0, OPT_STRING, &tool.account, "ID",
	"which account, where there are several"},
    {"only-new", 0, OPT_FLAG, &tool.only_new, NULL,
	"fail where an account is there already"},
    {"eff-email", 0, OPT_STRING, &tool.eff_email, "EMAIL",
	"note the wish for the EFF's newsletter, as certbot does"},
    OPT_END};

static const struct verb {
	const char *name;
	verb_fn *run;
	int operands; /* besides the verb and "-" */
	int bare;     /* a document's account is enough: needs no directory */
} verbs[] = {
    {"register", verb_register, 0, 0},
    {"show", verb_show, 0, 1},
    {"list", NULL, 0, 0},
    {"update", verb_update, 0, 1},
    {"deactivate", verb_deactivate, 0, 0},
    {"rollover", verb_rollover, 0, 0},
    {"import", verb_import, 1, 0},
};

static const struct verb *
verb_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

struct run {
	struct tool *tool;
	const struct verb *verb;
	jv failed; /* the error of a registration, for all documents */
};

static void
run_document(struct run *run, struct stage *st, jv doc TAKES)
{
	struct err err = {0};
	int rc;

	if (doc_is(run->failed, DOC_OBJECT))
		rc = err_from_doc(&err, run->failed);
	else
		rc = run->verb->run(run->tool, &doc, &err);
	if (rc == 0) {
		doc = doc_set_int(doc, "acme", 1);
		stage_emit(st, doc);
		return;
	}
	if (run->verb->run == verb_register)
		doc_move(&run->failed, err_to_doc(&err, st->name));
	stage_fail(st, doc, &err);
}

static void
run_vector(void *ctx, struct stage *st, jv *docs TAKES, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		run_document(ctx, st, docs[i]);
}

static int
verb_check(const struct stage *st, const struct verb *verb, struct err *err)
{
	size_t n = 1 + (size_t)stage_reads(st);

	if (verb == NULL)
		return err_set(err, ERR_usage,
		    "%s%s%s: say register, show, "
		    "list, update, deactivate, rollover or import",
		    *stage_verb(st) ? "unknown subcommand '" : "no subcommand",
		    stage_verb(st), *stage_verb(st) ? "'" : "");
	if (doc_len(st->rest) != n + (size_t)verb->operands)
		return err_set(err, ERR_usage,
		    "acme-account %s takes %d "
		    "operand%s",
		    verb->name, verb->operands, verb->operands == 1 ? "" : "s");
	if (st->account_dir == NULL && !(verb->bare && stage_reads(st)))
		return err_set(err, ERR_usage,
		    "say where the accounts are "
		    "kept: --account-dir DIR");
	return 0;
}

int
main(int argc, char *argv[])
{
	struct stage st = {.name = "acme-account",
	    .usage = {"acme-account",
		"register [-m EMAIL]... [--agree-tos] [option...] [-]\n"
		"show|update|deactivate|rollover [option...] [-]\n"
		"list\n"
		"import FILE [option...] [-]",
		"Registers and keeps accounts at ACME servers."},
	    .options = options};
	struct run run = {&tool, NULL, doc_none()};
	struct err err = {0};

	tool.emails = doc_array();
	if (stage_begin(&st, argc, argv))
		return stage_end(&st);
	tool.stage = &st;
	tool.acme = acme_new(&st);
	run.verb = verb_find(stage_verb(&st));
	if (verb_check(&st, run.verb, &err) != 0)
		stage_fail_first(&st, &err);
	else if (run.verb->run == NULL)
		verb_list(&tool);
	else if (stage_reads(&st))
		stage_run(&st, 0, run_vector, &run);
	else
		run_document(&run, &st, doc_set_int(doc_object(), "acme", 1));
	doc_free(run.failed);
	doc_free(tool.emails);
	free(tool.settled);
	acme_free(tool.acme);
	return stage_end(&st);
}
