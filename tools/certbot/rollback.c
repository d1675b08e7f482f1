/* rollback.c - the newest changes of a server's configuration are undone (spec
 * installers A7). */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "driver.h"
#include "pump.h"
#include "select.h"
#include "steps.h"

int
verb_rollback(struct config *c, struct err *err)
{
	long n = config_int(c, "checkpoints");
	char *name, number[32];
	jv args;

	name = plugins_select_rollback(c, err);
	if (err_is_set(err))
		return -1;
	if (name == NULL) /* no server, so nothing that was changed */
		return 0;
	if (n < 0) {
		free(name);
		log_error("certbot.reverter",
		    "Rollback argument must be a positive integer");
		return err_set(err, ERR_configuration, "Invalid Input");
	}
	snprintf(number, sizeof(number), "%ld", n);
	args = step_install(c, name, "rollback");
	args = doc_push_str(doc_push_str(args, "--checkpoints"), number);
	doc_free(pump_stage(args, doc_none(), err));
	free(name);
	return err_is_set(err) ? -1 : 0;
}
