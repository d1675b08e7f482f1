/* acme-renewal - adds to documents what the CA says of their lineages'
 * certificates now: are they revoked? */
#include <unistd.h>

#include "renewal.h"

static struct tool tool = {.trace = -1};

static const struct opt options[] = {
    {"newest", 0, OPT_FLAG, &tool.newest, NULL,
	"ask about the lineage's newest version, not the one in use"},
    OPT_END};

int
main(int argc, char *argv[])
{
	struct stage st = {.name = "acme-renewal",
	    .usage = {"acme-renewal", "[--newest] [option...] <documents",
		"Adds to documents whether the CA has revoked the certificates "
		"of their lineages."},
	    .options = options};
	struct err err = {0};

	if (stage_begin(&st, argc, argv))
		return stage_end(&st);
	tool.heard = doc_object();
	if (doc_len(st.rest) > (size_t)stage_reads(&st)) {
		err_set(&err, ERR_usage,
		    "acme-renewal takes no operand; it reads documents");
		stage_fail_first(&st, &err);
	} else {
		stage_run(&st, 0, renewal_vector, &tool);
	}
	net_close(tool.net);
	if (tool.trace != -1)
		close(tool.trace);
	doc_free(tool.heard);
	return stage_end(&st);
}
