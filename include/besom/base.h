/* base.h - the words every other header of Besom uses.
 *
 * C11, and C++17 clean.  Nothing here needs a configuration header. */
#ifndef BESOM_BASE_H
#define BESOM_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BESOM_VERSION_MAJOR 0
#define BESOM_VERSION_MINOR 1

/* Exported from the shared library; everything else is hidden. */
#define BESOM_API __attribute__((visibility("default")))

#define BESOM_LIKELY(x)   __builtin_expect(!!(x), 1)
#define BESOM_UNLIKELY(x) __builtin_expect(!!(x), 0)

struct besom_heap;     /* one garbage-collected heap */
struct besom_mutator;  /* one thread's access to one heap */
struct besom_type;     /* what the objects of a kind look like */
struct besom_tracer;   /* handed to callbacks that name references */

/* What a call that can be refused says.  On anything but BESOM_OK nothing has changed. */
enum besom_status {
    BESOM_OK = 0,
    BESOM_E_ARGUMENT,  /* NULL, zero, or out of range where that has no meaning */
    BESOM_E_MEMORY,    /* the system, or the heap's hard limit, has no more */
    BESOM_E_STATE,     /* not now: detached, in a native region, freed already, collecting */
    BESOM_E_THREAD,    /* a mutator used by a thread that did not attach it */
    BESOM_E_TYPE,      /* a struct besom_type that contradicts itself */
    BESOM_E_OPTION,    /* an unknown option, or a value out of its range */
    BESOM_E_FOREIGN,   /* an object or mutator of another heap, or of none */
    BESOM_E_INVARIANT, /* besom_verify found the heap inconsistent */
    BESOM_E_ABSENT     /* nothing of that key is there */
};

/* A few words of English for a status; never NULL, static storage. */
BESOM_API const char *besom_status_text(enum besom_status status);

/* "0.1.0": the library that is linked, which may differ from the headers. */
BESOM_API const char *besom_version(void);

/* A message for people.  Filled by calls that say more than a status can; always terminated. */
struct besom_report {
    char text[512];
};

#ifdef __cplusplus
}
#endif
#endif
