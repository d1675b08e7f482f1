/* acme-finalize - turns an order that is ready into a certificate (RFC 8555
 * 7.4): key, CSR, finalize, wait, download, chain. */
#include <stdlib.h>

#include "base/safefile.h"
#include "finalize.h"

static struct tool tool;

static const struct opt options[] = {{"new-key", 0, OPT_STRING, &tool.new_key,
					 "rsa|ecdsa",
					 "make a new key of this type"},
    {"rsa-key-size", 0, OPT_NUMBER, &tool.rsa_size, "N", "its bits (2048)"},
    {"elliptic-curve", 0, OPT_STRING, &tool.curve, "CURVE",
	"its curve (secp256r1)"},
    {"key", 0, OPT_STRING, &tool.key, "FILE", "use this key"},
    {"reuse-key", 0, OPT_FLAG, &tool.reuse_key, NULL,
	"use the key of the document's lineage, if it has one"},
    {"csr", 0, OPT_STRING, &tool.csr, "FILE",
	"use this certificate request, in PEM or DER"},
    {"key-out", 0, OPT_STRING, &tool.out[OUT_KEY], "FILE",
	"where the new key goes; %n is the document's name"},
    {"cert-out", 0, OPT_STRING, &tool.out[OUT_CERT], "FILE",
	"where the certificate goes"},
    {"chain-out", 0, OPT_STRING, &tool.out[OUT_CHAIN], "FILE",
	"where the intermediate certificates go"},
    {"fullchain-out", 0, OPT_STRING, &tool.out[OUT_FULLCHAIN], "FILE",
	"where both go"},
    {"preferred-chain", 0, OPT_STRING, &tool.preferred_chain, "CN",
	"the chain whose topmost issuer has this common name"},
    {"must-staple", 0, OPT_FLAG, &tool.must_staple, NULL,
	"ask for a certificate that demands OCSP stapling"},
    {"replace-key", 0, OPT_FLAG, &tool.replace_key, NULL,
	"another key at --key-out may be replaced"},
    OPT_END};

static int
options_check(struct stage *st, struct err *err)
{
	struct key_spec spec;
	int sources = (tool.new_key != NULL) + (tool.key != NULL) +
	    (tool.csr != NULL);

	if (doc_len(st->rest) > (size_t)stage_reads(st))
		return err_set(err, ERR_usage,
		    "acme-finalize takes no "
		    "operand: documents come on standard input");
	if (sources > 1)
		return err_set(err, ERR_usage,
		    "--new-key, --key and --csr exclude one another");
	if (tool.reuse_key && (tool.key != NULL || tool.csr != NULL))
		return err_set(err, ERR_usage,
		    "--reuse-key does not go with --key or --csr");
	if (tool.new_key != NULL && tool.out[OUT_KEY] == NULL)
		return err_set(err, ERR_usage,
		    "--new-key needs --key-out FILE");
	if (tool.out[OUT_KEY] != NULL && sources == 1 && tool.new_key == NULL)
		return err_set(err, ERR_usage,
		    "--key-out goes with a new "
		    "key, not with --key or --csr");
	if (tool.new_key == NULL)
		return 0;
	return key_spec_parse(tool.new_key, tool.rsa_size, tool.curve, &spec,
	    err);
}

int
main(int argc, char *argv[])
{
	struct stage st = {.name = "acme-finalize",
	    .usage = {"acme-finalize",
		"--new-key rsa|ecdsa --key-out FILE [option...] <documents\n"
		"--key FILE|--csr FILE [option...] <documents",
		"Turns orders into certificates."},
	    .options = options};
	struct err err = {0};

	if (stage_begin(&st, argc, argv))
		return stage_end(&st);
	tool.stage = &st;
	tool.acme = acme_new(&st);
	tool.claimed = doc_array();
	if (options_check(&st, &err) != 0) {
		stage_fail_first(&st, &err);
	} else {
		key_ahead(&tool);
		stage_run(&st, 0, finalize_vector, &tool);
	}
	EVP_PKEY_free(tool.ahead);
	doc_free(tool.claimed);
	acme_free(tool.acme);
	return stage_end(&st);
}
