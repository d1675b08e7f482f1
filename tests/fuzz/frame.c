/* frame_take: bytes of any kind, cut anywhere, are a message, no message, or
 * wait for more; what is taken can be sent again. */
#include <stdlib.h>
#include <string.h>

#include "net/frame.h"
#include "fuzz.h"

static int
take(struct buf *in)
{
	struct err err = {0};
	struct buf again;
	char *body;
	size_t len;
	jv head;
	int rc = frame_take(in, &head, &body, &len, &err);

	if (rc < 0 && !err_is_set(&err))
		abort();
	err_clear(&err);
	if (rc != 1)
		return rc;
	if (!doc_is(head, DOC_OBJECT) || body[len])
		abort();
	buf_init(&again, FRAME_LINE_MAX + FRAME_BODY_MAX);
	(void)frame_add(&again, head, body, len);
	buf_release(&again);
	free(body);
	return 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf in;
	size_t cut = size ? data[0] : 0;

	if (size < 2)
		return 0;
	data++;
	size--;
	if (cut > size)
		cut = size;
	buf_init(&in, 1 << 20);
	if (buf_add(&in, data, cut) == 0) {
		while (take(&in) == 1)
			;
		if (buf_add(&in, data + cut, size - cut) == 0)
			while (take(&in) == 1)
				;
	}
	buf_release(&in);
	return 0;
}
