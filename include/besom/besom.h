/* besom.h - Besom, a precise, non-moving mark-and-sweep garbage collector to embed.
 *
 * doc/manual.md is the manual; these headers are the reference. */
#ifndef BESOM_BESOM_H
#define BESOM_BESOM_H

#include <besom/arena.h>
#include <besom/base.h>
#include <besom/cache.h>
#include <besom/compiled.h>
#include <besom/defer.h>
#include <besom/event.h>
#include <besom/external.h>
#include <besom/finalize.h>
#include <besom/heap.h>
#include <besom/intern.h>
#include <besom/look.h>
#include <besom/mutator.h>
#include <besom/pause.h>
#include <besom/root.h>
#include <besom/table.h>
#include <besom/type.h>
#include <besom/weak.h>

#endif
