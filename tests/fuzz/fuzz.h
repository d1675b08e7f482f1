/* fuzz.h - what every fuzzer has. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
must(int condition)
{
	if (!condition)
		abort();
}

#endif
