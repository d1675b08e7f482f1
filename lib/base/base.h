/* base.h - what every header of the library needs: sizes and attributes. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stddef.h>
#include <stdint.h>

/* Marks an argument that the function takes over: the caller must not use it
 * afterwards. Everything not marked is borrowed. */
#define TAKES

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#define MUST_USE __attribute__((warn_unused_result))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Ceilings of everything that comes from outside (design, section 3). */
enum {
	DOC_MAX = 4 << 20,	 /* bytes of one JSON document */
	DOC_DEPTH_MAX = 64,	 /* nesting of one JSON document */
	VECTOR_MAX = 100,	 /* documents that a stage handles at once */
	HTTP_BODY_MAX = 1 << 20, /* bytes of an ACME server's answer */
	FILE_TEXT_MAX = 1 << 20, /* bytes of a configuration or PEM file */
	NAME_TEXT_MAX = 253	 /* octets of a DNS name, RFC 1035 2.3.4 */
};

/* Built with AddressSanitizer, whose shadow no limit on memory fits? */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
