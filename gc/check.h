/* check.h - assertions, at three levels.
 *
 * BESOM_DEBUG 0: none.  1: what is cheap, local, and proven.  2: the whole heap is verified around
 * every cycle as well.  Never for input that a host may get wrong where a status can say so. */
#ifndef GC_CHECK_H
#define GC_CHECK_H

#ifndef BESOM_DEBUG
#define BESOM_DEBUG 0
#endif

#if BESOM_DEBUG
#include <assert.h>
#define besom__check(condition, what) assert((condition) && (what))
#else
#define besom__check(condition, what) ((void)sizeof((condition) && (what)))
#endif

#endif
