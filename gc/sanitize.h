/* sanitize.h - telling AddressSanitizer and Valgrind what is free.
 *
 * Free memory of the heap is poisoned for both, so that a host that reads or writes a dead object
 * after its memory was swept is caught on the spot.  Without either, nothing is compiled. */
#ifndef GC_SANITIZE_H
#define GC_SANITIZE_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define BESOM__ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BESOM__ASAN 1
#endif
#endif

#if defined(BESOM__ASAN)
#include <sanitizer/asan_interface.h>
#define BESOM__SANITIZED       1
#define besom__asan_free(p, n) __asan_poison_memory_region(p, n)
#define besom__asan_use(p, n)  __asan_unpoison_memory_region(p, n)
#else
#define besom__asan_free(p, n) ((void)(p), (void)(n))
#define besom__asan_use(p, n)  ((void)(p), (void)(n))
#endif

#if defined(BESOM_VALGRIND)
#include <valgrind/memcheck.h>
#define BESOM__SANITIZED           1
#define besom__valgrind_free(p, n) VALGRIND_MAKE_MEM_NOACCESS(p, n)
#define besom__valgrind_use(p, n)  VALGRIND_MAKE_MEM_DEFINED(p, n)
#else
#define besom__valgrind_free(p, n) ((void)(p), (void)(n))
#define besom__valgrind_use(p, n)  ((void)(p), (void)(n))
#endif

/* Whether windows are opened an object at a time, so that no free byte is accessible. */
#if defined(BESOM__SANITIZED)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* [p, p + n) of the heap is free. */
static inline void besom__sanitize_free(void *p, size_t n)
{
    besom__asan_free(p, n);
    besom__valgrind_free(p, n);
}

/* [p, p + n) of the heap may be used; its contents are defined. */
static inline void besom__sanitize_use(void *p, size_t n)
{
    besom__asan_use(p, n);
    besom__valgrind_use(p, n);
}

#endif
