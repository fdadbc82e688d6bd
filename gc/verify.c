/* verify.c - the invariants, one function each. */
#include "gc/verify.h"

#include "gc/atomic.h"
#include "gc/check.h"
#include "gc/collect.h"
#include "gc/event.h"
#include "gc/heap.h"
#include "gc/mutator.h"
#include "gc/report.h"
#include "gc/trace.h"
#include "gc/walk.h"

/* ---- I1 ---- */

struct edges {
    struct besom_tracer tracer;
    struct besom_report *report;
    void *from; /* the object whose references are visited; NULL: a root */
    enum besom_status status;
};

static void edge_to(struct edges *e, void *to, const char *field)
{
    struct besom_heap *heap = e->tracer.heap;
    if (e->status != BESOM_OK || besom__is_object(heap, to))
        return;
    const char *what =
        besom__chunk_find(heap, to) ? "dead or not the start of an object" : "not in the heap";
    char from[128] = "";
    if (e->from)
        besom__describe(heap, e->from, from, sizeof from);
    if (e->from)
        e->status = besom__refuse(e->report, BESOM_E_INVARIANT,
                                  "I1: field '%s' of the %s refers to %p, which is %s", field, from,
                                  to, what);
    else
        e->status = besom__refuse(
            e->report, BESOM_E_INVARIANT, "I1: the %s '%s' refers to %p, which is %s",
            e->tracer.root.kind, e->tracer.root.name ? e->tracer.root.name : "(no name)", to, what);
}

static void visit_edge(struct besom_tracer *tracer, void *ref)
{
    edge_to((struct edges *)tracer, ref, "(visited by the trace callback)");
}

static void word_edge(void *data, uint64_t word, const struct besom_field *field)
{
    struct edges *e = data;
    void *ref = besom__decode(e->tracer.heap, word);
    if (ref)
        edge_to(e, ref, field->name ? field->name : "(no name)");
}

static bool edges_of(void *data, void *obj)
{
    struct edges *e = data;
    if (!(besom__byte_load(besom__meta(obj)) & BESOM__LEAF)) {
        e->from = obj;
        besom__trace_object(&e->tracer, obj, word_edge, e);
    }
    return e->status == BESOM_OK;
}

enum besom_status besom__verify_edges(struct besom_heap *heap, struct besom_report *report)
{
    struct edges e = {.tracer = {.heap = heap, .visit = visit_edge}, .report = report};
    besom__roots_visit(heap, &e.tracer);
    besom__phase_roots(heap, &e.tracer);
    if (e.status == BESOM_OK)
        besom__walk(heap, edges_of, &e);
    return e.status;
}

/* ---- I2 ---- */

/* Starts and ENDs alternate, beginning with a start. */
static enum besom_status verify_small(struct besom__block *block, struct besom_report *report)
{
    char *start = besom__block_start(block);
    const uint8_t *meta = besom__meta(start);
    const char *what = NULL;
    bool inside = false;
    unsigned i = 0;
    for (; i < BLOCK_GRANULES && !what; i++) {
        uint8_t byte = besom__byte_load(&meta[i]);
        bool begins = byte & BESOM__COLOR, ends = byte & BESOM__END;
        if (begins && inside)
            what = "an object begins inside another";
        else if (ends && !begins && !inside)
            what = "an object ends that did not begin";
        else if (!begins && (byte & ~(inside ? BESOM__END | BESOM__STAMP : BESOM__END)))
            what = "a granule without an object has bits set";
        inside = ends ? false : begins ? true : inside;
    }
    if (!what && inside)
        what = "an object has no end";
    if (!what)
        return BESOM_OK;
    return besom__refuse(report, BESOM_E_INVARIANT, "I2: %s, at %p", what,
                         (void *)(start + (i - 1) * (size_t)BESOM__GRANULE_BYTES));
}

static enum besom_status verify_empty(struct besom__block *block, struct besom_report *report)
{
    char *start = besom__block_start(block);
    const uint8_t *meta = besom__meta(start);
    for (unsigned i = 0; i < BLOCK_GRANULES; i++)
        if (besom__byte_load(&meta[i]))
            return besom__refuse(report, BESOM_E_INVARIANT,
                                 "I2: the empty block at %p has an object at %p", (void *)start,
                                 (void *)(start + i * (size_t)BESOM__GRANULE_BYTES));
    return BESOM_OK;
}

static enum besom_status verify_large(struct besom__block *block, struct besom_report *report)
{
    size_t most = block->run_blocks * (size_t)BLOCK_BYTES;
    if (block->object_bytes == 0 || (block->run_blocks && block->object_bytes > most))
        return besom__refuse(
            report, BESOM_E_INVARIANT, "I2: the large object at %p has %zu bytes in %u blocks",
            (void *)besom__block_start(block), block->object_bytes, block->run_blocks);
    return BESOM_OK;
}

/* A body block lies within the run of the large object before it. */
static enum besom_status verify_body(struct besom__chunk *chunk, unsigned i,
                                     struct besom_report *report)
{
    unsigned head = i;
    while (head > CHUNK_FIRST_BLOCK && chunk->blocks[head].state == BLOCK_LARGE_BODY)
        head--;
    const struct besom__block *block = &chunk->blocks[head];
    if (block->state == BLOCK_LARGE && i - head < block->run_blocks)
        return BESOM_OK;
    return besom__refuse(report, BESOM_E_INVARIANT,
                         "I2: block %u of chunk %p is part of a large object that is not there", i,
                         (void *)chunk);
}

static enum besom_status verify_block(struct besom__chunk *chunk, unsigned i,
                                      struct besom_report *report)
{
    struct besom__block *block = &chunk->blocks[i];
    bool is_empty = chunk->empty >> i & 1;
    if (is_empty != (block->state == BLOCK_EMPTY && !chunk->huge))
        return besom__refuse(report, BESOM_E_INVARIANT,
                             "I2: block %u of chunk %p is in state %u, but the chunk says it is %s",
                             i, (void *)chunk, block->state, is_empty ? "empty" : "in use");
    switch (block->state) {
    case BLOCK_EMPTY: return verify_empty(block, report);
    case BLOCK_LARGE: return verify_large(block, report);
    case BLOCK_LARGE_BODY: return verify_body(chunk, i, report);
    default: return verify_small(block, report);
    }
}

enum besom_status besom__verify_granules(struct besom_heap *heap, struct besom_report *report)
{
    for (struct besom__chunk *c = heap->blocks.chunks; c; c = c->next) {
        unsigned end = c->huge ? CHUNK_FIRST_BLOCK + 1 : CHUNK_BLOCKS;
        for (unsigned i = CHUNK_FIRST_BLOCK; i < end; i++)
            if (verify_block(c, i, report) != BESOM_OK)
                return BESOM_E_INVARIANT;
    }
    return BESOM_OK;
}

/* ---- I3 ---- */

struct stamps {
    struct besom_heap *heap;
    struct besom_report *report;
    enum besom_status status;
};

static bool stamp_of(void *data, void *obj)
{
    struct stamps *s = data;
    uint8_t byte = besom__byte_load(besom__meta(obj)), stamp = byte & BESOM__STAMP;
    bool survivor = (byte & BESOM__COLOR) == s->heap->cycle.mark_color;
    bool hooked = besom__block_of(obj)->space->is_hooked;
    if (stamp == BESOM__STAMP ? !hooked : survivor && stamp == (3 - s->heap->cycle.epoch) << 6)
        s->status = besom__refuse(s->report, BESOM_E_INVARIANT,
                                  "I3: the object at %p bears stamp %u in epoch %u", obj,
                                  stamp >> 6, s->heap->cycle.epoch);
    return s->status == BESOM_OK;
}

enum besom_status besom__verify_stamps(struct besom_heap *heap, struct besom_report *report)
{
    struct stamps s = {heap, report, BESOM_OK};
    besom__walk(heap, stamp_of, &s);
    return s.status;
}

/* ---- I6 ---- */

enum besom_status besom__verify_nothing_reused(struct besom_heap *heap, struct besom_report *report)
{
    for (struct besom__space *s = heap->spaces.all; s; s = s->next)
        for (struct besom__block *b = s->unswept.first; b; b = b->next)
            if (b->swept_in == heap->cycle.sweep_epoch)
                return besom__refuse(report, BESOM_E_INVARIANT,
                                     "I6: the block at %p is swept, but in a list of unswept ones",
                                     (void *)besom__block_start(b));
    if (heap->cycle.phase == BESOM_FINALIZE && heap->cycle.destroy.block && heap->spaces.may_sweep)
        return besom__refuse(report, BESOM_E_INVARIANT,
                             "I6: sweeping is allowed while destroy hooks wait");
    return BESOM_OK;
}

/* ---- I8 ---- */

static enum besom_status verify_list(struct besom__space *space,
                                     const struct besom__block_list *list, const char *name,
                                     size_t *bytes, struct besom_report *report)
{
    size_t n = 0;
    const struct besom__block *last = NULL;
    for (struct besom__block *b = list->first; b; last = b, b = b->next, n++) {
        if (b->space != space || b->state != (space->is_large ? BLOCK_LARGE : BLOCK_SMALL))
            return besom__refuse(report, BESOM_E_INVARIANT,
                                 "I8: the block at %p, in state %u, is in the %s list of a space "
                                 "that is not its own",
                                 (void *)besom__block_start(b), b->state, name);
        if (!space->is_large)
            *bytes += BLOCK_BYTES;
        else
            *bytes += b->run_blocks ? b->run_blocks * (size_t)BLOCK_BYTES : b->object_bytes;
    }
    if (n != list->n || last != list->last)
        return besom__refuse(report, BESOM_E_INVARIANT, "I8: a %s list has %zu blocks and says %zu",
                             name, n, list->n);
    return BESOM_OK;
}

enum besom_status besom__verify_blocks(struct besom_heap *heap, struct besom_report *report)
{
    size_t bytes = 0, n_empty = 0, n_resident = 0, n_unswept = 0;
    for (struct besom__space *s = heap->spaces.all; s; s = s->next) {
        const char *name;
        for (unsigned i = 0; i < SPACE_LISTS; i++) {
            const struct besom__block_list *list = besom__space_list(s, i, &name);
            if (verify_list(s, list, name, &bytes, report) != BESOM_OK)
                return BESOM_E_INVARIANT;
        }
        n_unswept += s->unswept.n;
    }
    for (struct besom__chunk *c = heap->blocks.chunks; c; c = c->next)
        for (unsigned i = CHUNK_FIRST_BLOCK; i < CHUNK_BLOCKS; i++)
            if (c->empty >> i & 1) {
                n_empty++;
                n_resident += c->blocks[i].resident;
            }
    if (bytes != heap->blocks.committed_bytes)
        return besom__refuse(report, BESOM_E_INVARIANT,
                             "I8: the blocks of all spaces have %zu bytes, committed are %zu",
                             bytes, heap->blocks.committed_bytes);
    if (n_empty != heap->blocks.n_empty || n_resident != heap->blocks.n_empty_resident ||
        n_unswept != heap->spaces.n_unswept)
        return besom__refuse(
            report, BESOM_E_INVARIANT,
            "I8: there are %zu empty blocks, %zu of them resident, and %zu unswept "
            "ones; the heap counts %zu, %zu and %zu",
            n_empty, n_resident, n_unswept, heap->blocks.n_empty, heap->blocks.n_empty_resident,
            heap->spaces.n_unswept);
    return BESOM_OK;
}

/* ---- all ---- */

enum besom_status besom__verify(struct besom_heap *heap, struct besom_report *report)
{
    enum besom_status (*const all[])(struct besom_heap *, struct besom_report *) = {
        besom__verify_granules, besom__verify_blocks, besom__verify_nothing_reused,
        besom__verify_stamps, besom__verify_edges};
    enum besom_status status = BESOM_OK;
    for (size_t i = 0; status == BESOM_OK && i < sizeof all / sizeof all[0]; i++)
        status = all[i](heap, report);
    return status;
}

bool besom__verify_wanted(const struct besom_heap *heap)
{
    return BESOM_DEBUG >= 2 || heap->config.options.verify;
}

void besom__verify_cycle(struct besom_heap *heap)
{
    struct besom_report report;
    if (besom__verify(heap, &report) == BESOM_OK)
        return;
    besom__finding(heap, BESOM_EVENT_INVARIANT, NULL, "verify, %s a cycle: %s",
                   heap->cycle.phase == BESOM_IDLE ? "before" : "after", report.text);
}

enum besom_status besom_verify(struct besom_mutator *pub, struct besom_report *report)
{
    enum besom_status status = besom__mutator_check_running(pub);
    if (status != BESOM_OK)
        return status;
    struct besom__mutator *m = besom__mutator_of(pub);
    struct besom_heap *heap = m->heap;
    besom__note_entry(m);
    besom__collect_lock(heap, m);
    besom__collect_finish_marking(heap, m);
    besom__collect_settle(heap, m);
    besom__world_stop(heap, m);
    for (struct besom__mutator *each = heap->stop.mutators; each; each = each->next)
        besom__alloc_retire(each);
    status = besom__verify(heap, report);
    besom__world_resume(heap, m);
    besom__collect_unlock(heap);
    return status;
}
