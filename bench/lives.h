/* lives.h - what is known of each object, found by its address.
 *
 * Records are numbered; a number stays with its object until the record is dropped, and is then used
 * again.  An address has at most one record. */
#ifndef BENCH_LIVES_H
#define BENCH_LIVES_H

#include "bench/retention.h"

struct life {
    void *obj; /* NULL: no record */
    uint64_t bytes;
    struct moment created, used, done, unreachable, dead;
    uint64_t found_ns;    /* is_unreachable: of the sample that first did not reach it */
    uint64_t full_cycles; /* is_unreachable: that had ended when it became so */
    uint64_t traced;      /* the last sample that reached it, from 1; 0: none did */
    uint64_t done_sample; /* is_done: samples taken when that was told */
    uint64_t done_cycles; /* is_done: full cycles that had ended then */
    bool is_done, is_unreachable, is_dead;
    bool is_counted; /* is_dead: its drag is in the histograms */
};

struct lives {
    struct life *at;
    uint32_t n, room;  /* records ever used, and how many there is room for */
    uint32_t free;     /* + 1, the first of a list through `bytes`; 0: none */
    uint32_t *numbers; /* + 1, by a hash of the address, probed linearly; 0: none */
    size_t slots;
};

enum { LIVES_NONE = UINT32_MAX };

struct lives *lives_new(void);
void lives_free(struct lives *lives);

/* The number of the record; LIVES_NONE if there is none. */
uint32_t lives_find(const struct lives *lives, const void *obj);

/* A record, all zero but for obj, which has none.  Moves records in memory. */
uint32_t lives_add(struct lives *lives, void *obj);

void lives_drop(struct lives *lives, uint32_t number);

uint64_t lives_own_bytes(const struct lives *lives);

#endif
