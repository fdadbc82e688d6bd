/* adapter.h - what a workload asks of a contestant.
 *
 * A workload's source is compiled once for every adapter, with MEM_ADAPTER naming the header of
 * that adapter, so that what is inline in a contestant is inline in its loops.  An adapter's
 * header defines
 *
 *     struct mem                            one thread's access; small, passed by value
 *     enum { MEM_FREES = 0 or 1 }           does mem_free free?
 *     MEM_LOCALS(m, T *a; T *b;);           my->a and my->b: locals that a collection sees
 *     void *mem_new(m, type)                an object of its type's size
 *     void *mem_new_sized(m, type, bytes)   the same with a size of its own
 *     void  mem_free(m, obj)                the program has no more use for obj
 *     void  mem_poll(m)                     at every call and loop where an interpreter polls
 *     void  mem_store(m, obj, &obj->field, value)   a store into an object that is not newborn
 *
 * mem_new may collect.  Its result has the type in its first word (unless the type is
 * BESOM_OWN_BLOCKS, which has no such word); the workload writes every other word, since malloc
 * promises nothing about them.  It never returns NULL: out of memory ends the worker, as a row
 * that says so.
 *
 * The calls below are out of line, in the adapter's .c file. */
#ifndef BENCH_ADAPTER_H
#define BENCH_ADAPTER_H

#include "bench/mem.h"

#include MEM_ADAPTER

/* "malloc 2.36": the name and version of what this adapter measures, as linked or preloaded.  If it
 * does not know the mode: "failed " and why; "" asks for no mode. */
const char *mem_about(const char *mode);

/* Once in a process, by its first mutator. */
struct mem mem_open(const struct mem_config *config);
void mem_close(struct mem m);

/* A further thread's access, made and ended by that thread. */
struct mem mem_attach(struct mem first);
void mem_detach(struct mem m);

/* Around a wait during which this thread does not touch objects. */
void mem_wait_begin(struct mem m);
void mem_wait_end(struct mem m);

/* n roots, NULL at first, in memory that is not collected.  Stores into them need no mem_store. */
struct mem_roots mem_roots_new(struct mem m, size_t n);
void mem_roots_free(struct mem m, struct mem_roots roots);

/* A full collection; nothing where nothing is collected. */
void mem_collect(struct mem m);

/* A full collection, and whatever it takes to return free memory to the system. */
void mem_give_back(struct mem m);

/* How long mutators have been stopped by collections, in all and at most, and how many collections
 * there were. */
uint64_t mem_stopped_ns(struct mem m);
uint64_t mem_stop_max_ns(struct mem m);
uint64_t mem_collections(struct mem m);

/* What mutators used of the processors while they held the world stopped, as far as it is known. */
uint64_t mem_stops_cpu_ns(struct mem m);

/* The bytes that the last full collection found alive; 0 from a contestant that does not tell. */
uint64_t mem_live_bytes(struct mem m);

/* After a collection: the bytes of those blocks that hold anything.  Compare two readings. */
uint64_t mem_blocks_bytes(struct mem m);

/* ---- what became of an object: for retention.h; with mem_config.tells_cycles ---- */

/* Has a cycle ended since this was last asked?  Of several, *cycle is full if one was, and began when
 * the last full one did, at the earliest known: asking after every operation leaves none out. */
bool mem_cycle_ended(struct mem m, struct mem_cycle *cycle);

/* Right after mem_cycle_ended said so: is obj, allocated before the cycle ended and not known to be
 * dead, an object still, as far as the collector knows? */
bool mem_is_held(struct mem m, const void *obj);

/* Of one that mem_is_held denied: is its memory still to be swept? */
bool mem_is_unswept(struct mem m, const void *obj);

/* Copies the pauses that the contestant has kept, of all mutators, if mem_config.pauses asked for
 * it: how many.  More than that many, or than there is room for: ends the worker. */
size_t mem_held(struct mem m, struct held *held, size_t room);

/* Collects, and counts the objects of a type that are still there and match. */
uint64_t mem_count(struct mem m, const struct mem_type *type, bool (*matches)(const void *obj));

#endif
