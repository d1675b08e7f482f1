/* {"run":[PROGRAM, ARGUMENT...]}. */
#include "base/proc.h"
#include "dns.h"

enum { RUN_MAX = 32, RUN_MS = 120000, RUN_OUTPUT_MAX = 64 << 10 };

jv
run_program(struct dns *d, jv list, struct err *err)
{
	const char *argv[RUN_MAX + 1];
	struct proc p = PROC_INIT;
	struct buf out, errout;
	size_t n = doc_len(list);
	jv last = doc_none();
	int rc;

	(void)d;
	if (n == 0 || n > RUN_MAX) {
		err_set(err, ERR_badData, "the program to run is missing");
		return last;
	}
	for (size_t i = 0; i < n; i++)
		argv[i] = doc_str_at(list, i);
	argv[n] = NULL;
	for (size_t i = 0; i < n; i++)
		if (argv[i] == NULL) {
			err_set(err, ERR_badData, "an argument is no text");
			return last;
		}
	buf_init(&out, RUN_OUTPUT_MAX);
	buf_init(&errout, RUN_OUTPUT_MAX);
	p.argv = argv;
	p.out = p.err = PROC_PIPE;
	rc = proc_run(&p, NULL, 0, &out, &errout, RUN_MS, err);
	if (rc == 0) {
		last = doc_set_int(doc_object(), "status", proc_exit_code(&p));
		last = doc_set(last, "text",
		    doc_stringn(out.p == NULL ? "" : out.p, out.len));
		last = doc_set(last, "error",
		    doc_stringn(errout.p == NULL ? "" : errout.p, errout.len));
	} else {
		err_prefix(err, "cannot run %s", argv[0]);
	}
	buf_release(&out);
	buf_release(&errout);
	return last;
}
