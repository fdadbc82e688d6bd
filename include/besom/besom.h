/* besom.h - Besom, a precise, non-moving mark-and-sweep garbage collector to embed.
 *
 * doc/manual.md is the manual; these headers are the reference. */
#ifndef BESOM_BESOM_H
#define BESOM_BESOM_H

#include <besom/base.h>
#include <besom/event.h>
#include <besom/heap.h>
#include <besom/look.h>
#include <besom/mutator.h>
#include <besom/root.h>
#include <besom/type.h>

#endif
