/* null - the installer that installs nothing: every call succeeds. */
#include <string.h>

#include "plugin/guest.h"

static jv
null_other(struct guest *g, void *ctx, const char *op, jv request,
    struct err *err)
{
	static const char *const done[] = {"deploy", "save", "rollback",
	    "recover", "config-test", "restart", "renew-deploy",
	    "generic-updates"};

	(void)g;
	(void)ctx;
	(void)request;
	if (strcmp(op, "names") == 0)
		return doc_set(doc_object(), "names", doc_array());
	if (strcmp(op, "enhancements") == 0)
		return doc_set(doc_object(), "enhancements", doc_array());
	for (size_t i = 0; i < ARRAY_LEN(done); i++)
		if (strcmp(op, done[i]) == 0)
			return doc_object();
	err_set(err, ERR_notSupported,
	    "the null installer does not support \"%s\"", op);
	return doc_none();
}

int
main(int argc, char *argv[])
{
	static const struct guest_ops ops = {.other = null_other};

	return guest_main(argc, argv, &ops, NULL);
}
