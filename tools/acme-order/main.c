/* acme-order - orders at ACME servers (RFC 8555 7.4): makes them for the names
 * of a request, reads them again, lists them. */
#include <string.h>

#include "order.h"

static struct tool tool;

static const struct opt options[] = {{"domain", 'd', OPT_NAMES, &tool.names,
					 "NAME[,NAME]",
					 "name to order; may be repeated"},
    {"csr", 0, OPT_STRING, &tool.csr, "FILE",
	"take the names out of this certificate request"},
    {"must-staple", 0, OPT_FLAG, &tool.must_staple, NULL,
	"ask for a certificate that demands OCSP stapling"},
    {"required-profile", 0, OPT_STRING, &tool.required_profile, "NAME",
	"order by this profile of the server"},
    {"preferred-profile", 0, OPT_STRING, &tool.preferred_profile, "NAME",
	"order by this profile if the server has it"},
    {"allow-subset", 0, OPT_FLAG, &tool.allow_subset, NULL,
	"a second try (--again) leaves out the names that failed"},
    {"replace", 0, OPT_FLAG, &tool.replace, NULL,
	"order anew even if the document has an order"},
    {"account", 0, OPT_STRING, &tool.account, "ID",
	"which account, where there are several"},
    OPT_END};

static int
verb_check(const struct stage *st, struct err *err)
{
	const char *verb = stage_verb(st);
	size_t n = doc_len(st->rest);

	if (strcmp(verb, "new") == 0) {
		if (n > 1 + (size_t)stage_reads(st))
			return err_set(err, ERR_usage,
			    "'%s' is no option: "
			    "names are given with -d",
			    doc_str_at(st->rest, 1));
		if (tool.csr != NULL && tool.allow_subset)
			return err_set(err, ERR_usage,
			    "--allow-subset cannot be used with --csr");
		return 0;
	}
	if (strcmp(verb, "show") == 0)
		return n == 2 ?
		    0 :
		    err_set(err, ERR_usage,
			"acme-order show takes the URL of an order, or -");
	if (strcmp(verb, "list") == 0)
		return n == 1 ?
		    0 :
		    err_set(err, ERR_usage, "acme-order list takes no operand");
	return err_set(err, ERR_usage, "%s%s%s: say new, show or list",
	    *verb ? "unknown subcommand '" : "no subcommand", verb,
	    *verb ? "'" : "");
}

static void
run_verb(struct stage *st)
{
	const char *verb = stage_verb(st);
	jv doc, order;

	if (strcmp(verb, "new") == 0) {
		stage_run(st, 0, order_new, &tool);
	} else if (strcmp(verb, "list") == 0) {
		order_list(&tool);
	} else if (stage_reads(st)) {
		stage_run(st, 0, order_show, &tool);
	} else {
		order = doc_set_str(doc_object(), "url",
		    doc_str_at(st->rest, 1));
		doc = doc_set_int(doc_object(), "acme", 1);
		doc = doc_set(doc, "order", order);
		order_show(&tool, st, &doc, 1);
	}
}

int
main(int argc, char *argv[])
{
	struct stage st = {.name = "acme-order",
	    .usage = {"acme-order",
		"new [-d NAMES]... [--csr FILE] [option...] <documents\n"
		"show URL|-\n"
		"list",
		"Makes, reads and lists orders at ACME servers."},
	    .options = options};
	struct err err = {0};

	tool.names = doc_array();
	if (stage_begin(&st, argc, argv))
		return stage_end(&st);
	tool.stage = &st;
	tool.acme = acme_new(&st);
	if (verb_check(&st, &err) != 0)
		stage_fail_first(&st, &err);
	else
		run_verb(&st);
	doc_free(tool.names);
	acme_free(tool.acme);
	return stage_end(&st);
}
