/* vec.h - arrays that grow: the room is the next power of two. */
#ifndef APACHE_VEC_H
#define APACHE_VEC_H

#include "base/buf.h"

/* Append item to the array p of n elements (both are changed). */
#define VEC_ADD(p, n, item)                                           \
	do {                                                          \
		if (((n) & ((n)-1)) == 0)                             \
			(p) = xrealloc((p),                           \
			    ((n) == 0 ? 1 : 2 * (n)) * sizeof(*(p))); \
		(p)[(n)++] = (item);                                  \
	} while (0)

#endif
