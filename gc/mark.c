/* mark.c - marking what is reachable.
 *
 * The loop takes a reference from the stack, prefetches the object and its metadata byte, and puts
 * the reference into a short queue; what leaves the queue has had time to arrive in the cache: its
 * byte is tested, and if it was white the object is marked and its references are pushed.  When
 * the stack is empty the queue drains at once, so lists are not slowed down.  (The queue is that of
 * Cher, Hosking and Vitek, "Software prefetching for mark-sweep garbage collection", ASPLOS 2004.)
 *
 * Nothing recurses on the host's data; the stack is bounded, and its overflow handled as described
 * in worklist.h.  Large arrays are traced a chunk at a time: what is left of them goes below their
 * elements, so that even a stack of a few dozen entries gets through.
 *
 * Beside running mutators an object changes color by compare-and-swap, since they change stamps in
 * the same byte (mark_beside).  In a stop, colors change by plain stores: two markers that meet at one
 * object in the same instant both trace it, which is harmless (it may be counted twice).  KEYED objects
 * are marked by compare-and-swap, since a weak structure is told once; and so is everything else once a
 * marker may be setting KEYED, lest another stores a color over it. */
#include "gc/mark.h"

#include "gc/extent.h"
#include "gc/log.h"
#include "gc/phase.h"
#include "gc/rescan.h"

#include <string.h>

enum {
    QUEUE = 16,              /* prefetched references; a power of two */
    ARRAY_CHUNK = 256,       /* elements of an array traced at once */
    SHARE_PERIOD = 512,      /* objects between two looks at whether helpers want work */
    SHARE_MIN = 32,          /* entries worth sharing */
    CALL_OBJECTS = 128,      /* a call is about as much work as so many objects */
    HELPERS_FROM = 32 << 10, /* objects marked by one thread before it calls for help */
    BESIDE_OBJECTS = 2048    /* between two looks at whether helpers are to hold */
};

/* ---- the stack ---- */

/* The oldest half, or as much of it as fits a segment, goes to the shared list. */
static bool spill(struct besom__marker *marker, size_t n)
{
    struct besom_heap *heap = marker->tracer.heap;
    struct besom__segment *segment = besom__segment_new(heap);
    if (!segment)
        return false;
    if (n > SEGMENT_ENTRIES)
        n = SEGMENT_ENTRIES;
    /* An array's two entries stay together: the upper one has bit 0 set, as no reference has, nor
     * the index below it, which is a multiple of ARRAY_CHUNK. */
    if (n < marker->sp && (marker->stack[n] & 1))
        n--;
    memcpy(segment->entries, marker->stack, n * sizeof marker->stack[0]);
    segment->n = n;
    marker->sp -= n;
    memmove(marker->stack, marker->stack + n, marker->sp * sizeof marker->stack[0]);
    besom__worklist_put(heap, segment);
    return true;
}

/* Makes room for n more entries. */
static bool reserve(struct besom__marker *marker, size_t n)
{
    if (BESOM_LIKELY(marker->sp + n <= marker->capacity))
        return true;
    return marker->sp >= 4 && spill(marker, marker->sp / 2);
}

static void flag_block(struct besom__marker *marker, const void *obj)
{
    struct besom_heap *heap = marker->tracer.heap;
    marker->overflows++;
    besom__byte_store(&besom__block_of(obj)->rescan, 1);
    besom__size_store(&heap->worklist.overflowed, 1);
}

__attribute__((noinline)) static size_t large_bytes(const struct besom__marker *marker, void *obj)
{
    size_t bytes = besom_size(obj);
    if (marker->tracer.heap->barriers)
        besom__log_clear_cards(obj, bytes);
    return bytes;
}

__attribute__((always_inline)) static inline size_t object_bytes(const struct besom__marker *marker,
                                                                 void *obj, const uint8_t *meta,
                                                                 uint8_t byte)
{
    if (BESOM_UNLIKELY(byte & BESOM__LARGE))
        return large_bytes(marker, obj);
    /* Not by reading on: the neighbour's byte may just have been stored. */
    if (byte & BESOM__END)
        return BESOM__GRANULE_BYTES;
    return besom__extent_granules(meta) * BESOM__GRANULE_BYTES;
}

/* Exactly one marker is the first; if a weak structure waits for this object, it tells it. */
__attribute__((noinline)) static bool mark_by_cas(struct besom__marker *marker, void *obj,
                                                  uint8_t *meta)
{
    uint8_t byte, marked;
    do {
        byte = besom__byte_load(meta);
        if ((byte & BESOM__COLOR) == marker->color)
            return false;
        marked = (uint8_t)((byte & ~(BESOM__COLOR | BESOM__STAMP | BESOM__KEYED)) | marker->color);
    } while (!besom__byte_cas(meta, byte, marked));
    if (byte & BESOM__KEYED)
        besom__phase_keyed(&marker->tracer, obj);
    return true;
}

/* Sets the color; true if this marker is the first, and the object is to be traced. */
static inline bool mark(struct besom__marker *marker, void *obj)
{
    uint8_t *meta = besom__meta(obj);
    uint8_t byte = besom__byte_load(meta);
    if ((byte & BESOM__COLOR) == marker->color)
        return false;
    /* Before the store: a load of eight bytes would have to wait for one among them. */
    size_t bytes = object_bytes(marker, obj, meta, byte);
    if (BESOM_UNLIKELY(byte & marker->by_cas)) {
        if (!mark_by_cas(marker, obj, meta))
            return false;
    } else {
        besom__byte_store(meta, (uint8_t)((byte & ~(BESOM__COLOR | BESOM__STAMP)) | marker->color));
    }
    marker->live_objects++;
    marker->live_bytes += bytes;
    return !(byte & BESOM__LEAF);
}

/* Puts it away for the next round; false: without memory, for the stop. */
static bool defer_to_round(struct besom__marker *marker, void *obj)
{
    struct besom_heap *heap = marker->tracer.heap;
    if (besom__bag_add(heap, &marker->deferred, obj))
        return true;
    besom__u32_store_release(&heap->round.lost, 1); /* it may be unbarriered */
    besom__log_lose(heap, obj);
    return false;
}

/* Beside running mutators, which change stamps.  What bears the stamp of the epoch is being written
 * without further notice, or is so new that its extent may not be visible: it is marked, and looked
 * at in the next round.  (What has no color yet is newer still.) */
static inline bool mark_beside(struct besom__marker *marker, void *obj)
{
    uint8_t *meta = besom__meta(obj), byte, marked, dropped;
    do {
        byte = besom__byte_load(meta);
        if ((byte & BESOM__COLOR) == marker->color)
            return false;
        if (BESOM_UNLIKELY(!(byte & BESOM__COLOR))) {
            if (!defer_to_round(marker, obj))
                besom__log_lose_all(marker->tracer.heap); /* it is not marked: who refers to it? */
            return false;
        }
        dropped = BESOM__COLOR | BESOM__KEYED;
        if ((byte & BESOM__STAMP) != marker->stamp)
            dropped |= BESOM__STAMP;
        marked = (uint8_t)((byte & ~dropped) | marker->color);
    } while (!besom__byte_cas(meta, byte, marked));
    if (BESOM_UNLIKELY(byte & BESOM__KEYED))
        besom__phase_keyed(&marker->tracer, obj);
    bool stamped = marked & BESOM__STAMP;
    if (BESOM_UNLIKELY(stamped) && defer_to_round(marker, obj))
        return false; /* to be counted then */
    marker->live_objects++;
    marker->live_bytes += object_bytes(marker, obj, meta, byte);
    return !stamped && !(byte & BESOM__LEAF);
}

static bool mark_somehow(struct besom__marker *marker, void *obj)
{
    return marker->beside ? mark_beside(marker, obj) : mark(marker, obj);
}

/* For the stop, or, without memory, for its whole block there. */
static void leave_to_stop(struct besom__marker *marker, struct besom__bag *bag, void *obj)
{
    if (!besom__bag_add(marker->tracer.heap, bag, obj))
        besom__log_lose(marker->tracer.heap, obj);
}

/* Not all objects are traced at once, nor once only.  False: this one is not to be traced yet. */
__attribute__((noinline)) static bool watch(struct besom__marker *marker, void *obj,
                                            const struct besom_type *type)
{
    struct besom_heap *heap = marker->tracer.heap;
    if ((type->flags & BESOM_UNBARRIERED) && !besom__bag_add(heap, &marker->unbarriered, obj)) {
        besom__u32_store_release(&heap->round.lost, 1);
        besom__log_lose(heap, obj);
    }
    bool waits = (type->flags & BESOM_RACY) && marker->beside;
    if (waits)
        leave_to_stop(marker, &marker->racy, obj);
    return !waits;
}

/* Just marked, to be traced when its block is. */
static void flag_untraced(struct besom__marker *marker, void *obj)
{
    const struct besom_type *type = besom__type_of(marker->tracer.heap, obj);
    if (type->flags & marker->watched)
        watch(marker, obj, type);
    flag_block(marker, obj);
}

static void push_slow(struct besom__marker *marker, void *ref)
{
    if (reserve(marker, 1))
        marker->stack[marker->sp++] = (uintptr_t)ref;
    else if (mark_somehow(marker, ref))
        flag_untraced(marker, ref);
}

static inline void push(struct besom__marker *marker, void *ref)
{
    if (BESOM_LIKELY(marker->sp < marker->capacity))
        marker->stack[marker->sp++] = (uintptr_t)ref;
    else
        push_slow(marker, ref);
}

static void push_visited(struct besom_tracer *tracer, void *ref)
{
    push((struct besom__marker *)tracer, ref);
}

/* ---- tracing ---- */

static inline void push_plain(void *data, uint64_t word, const struct besom_field *field)
{
    (void)field;
    if (word)
        push(data, (void *)(uintptr_t)word);
}

static inline void push_encoded(void *data, uint64_t word, const struct besom_field *field)
{
    (void)field;
    struct besom__marker *marker = data;
    void *ref = besom__decode(marker->tracer.heap, word);
    if (ref)
        push(marker, ref);
}

/* What the loop is compiled for. */
enum dialect {
    TYPED_PLAIN, /* references are plain pointers, every object's first word is its type */
    PLAIN,       /* references are plain pointers */
    ENCODED      /* references have an encoding, or may lead out of the heap */
};

static inline uintptr_t distance(const void *obj, const struct besom_field *field)
{
    uintptr_t ref = besom__word_load((const char *)obj + field->offset_bytes), at = (uintptr_t)obj;
    return ref > at ? ref - at : at - ref;
}

/* The fields of the head, so that the nearer of the first and the last is pushed last, and so is
 * taken next: trees are then marked in the order of their addresses, whether they were built from
 * the top or from the bottom. */
__attribute__((always_inline)) static inline void trace_head(struct besom__marker *marker,
                                                             void *obj,
                                                             const struct besom_type *type,
                                                             besom__word_fn fn)
{
    const struct besom_field *fields = type->fields;
    size_t n = type->n_fields;
    if (n >= 2 && distance(obj, &fields[n - 1]) < distance(obj, &fields[0]))
        for (size_t i = 0; i < n; i++)
            besom__trace_fields(obj, &fields[i], 1, fn, marker);
    else
        besom__trace_fields(obj, fields, n, fn, marker);
}

/* Elements from `first` on; leaves an entry for the rest if there are many. */
__attribute__((always_inline)) static inline void trace_elements(struct besom__marker *marker,
                                                                 const struct besom_type *type,
                                                                 void *obj, size_t first,
                                                                 besom__word_fn fn)
{
    size_t end = besom__tail_length(type, obj);
    if (end > first + ARRAY_CHUNK) {
        end = first + ARRAY_CHUNK;
        if (reserve(marker, 2)) {
            marker->stack[marker->sp++] = end;
            marker->stack[marker->sp++] = (uintptr_t)obj | 1;
        } else {
            flag_block(marker, obj);
        }
    }
    besom__trace_tail(type, obj, first, end, fn, marker);
}

__attribute__((always_inline)) static inline void trace_as(struct besom__marker *marker, void *obj,
                                                           const struct besom_type *type,
                                                           besom__word_fn fn)
{
    if (BESOM_UNLIKELY(type->trace != NULL)) {
        type->trace(&marker->tracer, obj);
        return;
    }
    trace_head(marker, obj, type, fn);
    if (besom__has_tail(type))
        trace_elements(marker, type, obj, 0, fn);
}

__attribute__((always_inline)) static inline void trace(struct besom__marker *marker, void *obj,
                                                        enum dialect dialect)
{
    const struct besom_heap *heap = marker->tracer.heap;
    const struct besom_type *type =
        dialect == TYPED_PLAIN ? *(const struct besom_type *const *)obj : besom__type_of(heap, obj);
    if (BESOM_UNLIKELY(type->flags & marker->watched) && !watch(marker, obj, type))
        return;
    trace_as(marker, obj, type, dialect == ENCODED ? push_encoded : push_plain);
}

/* ---- for rescan.c ---- */

void besom__mark_push_word(void *marker, uint64_t word, const struct besom_field *field)
{
    push_encoded(marker, word, field);
}

void besom__mark_count_object(struct besom__marker *marker, void *obj)
{
    const uint8_t *meta = besom__meta(obj);
    marker->live_objects++;
    marker->live_bytes += object_bytes(marker, obj, meta, besom__byte_load(meta));
}

void besom__mark_trace(struct besom__marker *marker, void *obj)
{
    trace(marker, obj, ENCODED);
}

void besom__mark_trace_again(struct besom__marker *marker, void *obj)
{
    const struct besom_type *type = besom__type_of(marker->tracer.heap, obj);
    if ((type->flags & BESOM_RACY) && marker->beside)
        leave_to_stop(marker, &marker->racy, obj);
    else
        trace_as(marker, obj, type, push_encoded);
}

/* ---- the loop ---- */

static void share(struct besom__marker *marker)
{
    struct besom_heap *heap = marker->tracer.heap;
    struct besom__worklist *w = &heap->worklist;
    if (marker->sp < SHARE_MIN || !marker->shares)
        return;
    if (w->n_allowed && marker == w->markers && !w->helpers_tried &&
        marker->live_objects >= HELPERS_FROM) {
        w->helpers_tried = true;
        besom__worklist_start_helpers(heap);
    }
    if (besom__worklist_is_hungry(heap))
        spill(marker, marker->sp / 2);
}

struct queue {
    void *refs[QUEUE];
    unsigned head, n;
};

/* From the stack into the queue, as far as there is room.  Calls are made at once, until they are
 * as much work as max_objects; *traced counts. */
__attribute__((always_inline)) static inline void refill(struct besom__marker *marker,
                                                         struct queue *queue, size_t *traced,
                                                         size_t max_objects, enum dialect dialect)
{
    while (queue->n < QUEUE && marker->sp > 0) {
        uintptr_t entry = marker->stack[--marker->sp];
        void *ref = (void *)(entry & ~(uintptr_t)3);
        if (BESOM_UNLIKELY(entry & 2)) {
            const struct besom__call *call = ref;
            call->fn(&marker->tracer, call->obj);
            if ((*traced += CALL_OBJECTS) >= max_objects)
                return;
            continue;
        }
        if (BESOM_UNLIKELY(entry & 1)) {
            size_t first = marker->stack[--marker->sp];
            const struct besom_type *type = besom__type_of(marker->tracer.heap, ref);
            trace_elements(marker, type, ref, first,
                           dialect == ENCODED ? push_encoded : push_plain);
            continue;
        }
        __builtin_prefetch(besom__meta(ref), 1);
        __builtin_prefetch(ref);
        queue->refs[(queue->head + queue->n++) % QUEUE] = ref;
    }
}

/* Until the stack is empty or about max_objects are traced; false when it is empty. */
__attribute__((always_inline)) static inline bool drain(struct besom__marker *marker,
                                                        size_t max_objects, enum dialect dialect,
                                                        bool beside)
{
    struct queue queue = {.head = 0, .n = 0};
    for (size_t traced = 0; traced < max_objects;) {
        refill(marker, &queue, &traced, max_objects, dialect);
        if (queue.n == 0)
            return marker->sp > 0;
        void *obj = queue.refs[queue.head];
        queue.head = (queue.head + 1) % QUEUE;
        queue.n--;
        if (!(beside ? mark_beside(marker, obj) : mark(marker, obj)))
            continue;
        trace(marker, obj, dialect);
        if (++traced % SHARE_PERIOD == 0)
            share(marker);
    }
    while (queue.n > 0)
        push(marker, queue.refs[(queue.head + --queue.n) % QUEUE]);
    return true;
}

static bool drain_typed_plain(struct besom__marker *marker, size_t max_objects)
{
    return drain(marker, max_objects, TYPED_PLAIN, false);
}

static bool drain_plain(struct besom__marker *marker, size_t max_objects)
{
    return drain(marker, max_objects, PLAIN, false);
}

static bool drain_encoded(struct besom__marker *marker, size_t max_objects)
{
    return drain(marker, max_objects, ENCODED, false);
}

static bool drain_typed_plain_beside(struct besom__marker *marker, size_t max_objects)
{
    return drain(marker, max_objects, TYPED_PLAIN, true);
}

static bool drain_plain_beside(struct besom__marker *marker, size_t max_objects)
{
    return drain(marker, max_objects, PLAIN, true);
}

static bool drain_encoded_beside(struct besom__marker *marker, size_t max_objects)
{
    return drain(marker, max_objects, ENCODED, true);
}

static bool drain_stack(struct besom__marker *marker, size_t max_objects)
{
    const struct besom_heap *heap = marker->tracer.heap;
    static bool (*const drains[2][3])(struct besom__marker *, size_t) = {
        {drain_typed_plain, drain_plain, drain_encoded},
        {drain_typed_plain_beside, drain_plain_beside, drain_encoded_beside}};
    enum dialect dialect = TYPED_PLAIN;
    if (!heap->plain)
        dialect = ENCODED;
    else if (besom__u32_load(&heap->own_blocks) || heap->config.type_of)
        dialect = PLAIN;
    return drains[marker->beside][dialect](marker, max_objects);
}

static void load_segment(struct besom__marker *marker, struct besom__segment *segment)
{
    memcpy(marker->stack, segment->entries, segment->n * sizeof segment->entries[0]);
    marker->sp = segment->n;
    besom__segment_recycle(marker->tracer.heap, segment);
}

/* An entry for which there is no memory, but on a stack that is to be empty. */
static void give_up_entry(struct besom__marker *marker)
{
    uintptr_t entry = marker->stack[--marker->sp];
    void *obj = (void *)(entry & ~(uintptr_t)3);
    const struct besom__call *call = obj;
    if (entry & 2) {
        call->fn(&marker->tracer, call->obj);
    } else if (entry & 1) {
        marker->sp--; /* the index */
        flag_block(marker, obj);
    } else if (mark_somehow(marker, obj)) {
        flag_untraced(marker, obj);
    }
}

/* Everything on the stack goes to the shared list, or as much of it as there is memory for; the rest
 * is marked, and its blocks are flagged. */
static void spill_all(struct besom__marker *marker)
{
    while (marker->sp > 0)
        if (!spill(marker, marker->sp))
            give_up_entry(marker);
}

void besom__mark_segment(struct besom__marker *marker, struct besom__segment *segment)
{
    struct besom_heap *heap = marker->tracer.heap;
    load_segment(marker, segment);
    while (drain_stack(marker, marker->beside ? BESIDE_OBJECTS : SIZE_MAX))
        if (besom__u32_load(&heap->worklist.hold)) {
            spill_all(marker);
            return;
        }
}

bool besom__mark_assist(struct besom_heap *heap, size_t max_objects)
{
    struct besom__segment *segment = besom__worklist_join(heap);
    if (!segment)
        return false;
    struct besom__marker *marker = besom__mark_assistant(heap);
    load_segment(marker, segment);
    drain_stack(marker, max_objects);
    spill_all(marker);
    besom__worklist_leave(heap);
    return true;
}

/* ---- driving ---- */

void besom__marker_init(struct besom__marker *marker, struct besom_heap *heap, size_t capacity)
{
    marker->tracer.heap = heap;
    marker->tracer.visit = push_visited;
    marker->tracer.pass = PASS_MARK;
    marker->capacity = capacity;
    marker->shares = true;
}

void besom__marker_fini(struct besom__marker *marker)
{
    struct besom_heap *heap = marker->tracer.heap;
    besom__bag_fini(heap, &marker->deferred);
    besom__bag_fini(heap, &marker->unbarriered);
    besom__bag_fini(heap, &marker->racy);
}

void besom__mark_begin(struct besom_heap *heap, bool beside)
{
    if (!heap->cycle.minor) {
        besom__block_lock(heap); /* as threads without a mutator do who read it */
        besom__byte_store(&heap->cycle.mark_color, (uint8_t)(5 - heap->cycle.mark_color));
        besom__block_unlock(heap);
    }
    heap->worklist.helpers_tried = false;
    for (size_t i = 0; i < besom__mark_count(heap); i++) {
        struct besom__marker *marker = &heap->worklist.markers[i];
        marker->color = heap->cycle.mark_color;
        marker->live_bytes = marker->live_objects = marker->overflows = 0;
    }
    besom__mark_beside_mutators(heap, beside);
}

void besom__mark_beside_mutators(struct besom_heap *heap, bool beside)
{
    const struct besom_options *o = &heap->config.options;
    for (size_t i = 0; i < besom__mark_count(heap); i++) {
        struct besom__marker *marker = &heap->worklist.markers[i];
        marker->beside = beside;
        marker->stamp = (uint8_t)(heap->cycle.epoch << 6);
        marker->by_cas = BESOM__KEYED;
        marker->watched = beside ? BESOM_RACY | BESOM_UNBARRIERED : 0;
        if (o->generational)
            marker->watched |= BESOM_UNBARRIERED;
    }
    size_t threads = o->mark_threads;
    if (beside) /* in mode incremental only mutators mark */
        threads = o->mode == BESOM_CONCURRENT ? o->concurrent_threads : 1;
    besom__worklist_allow(heap, threads - 1);
}

struct besom__marker *besom__mark_assistant(struct besom_heap *heap)
{
    return &heap->worklist.markers[heap->worklist.n_markers];
}

void besom__mark_gather(struct besom_heap *heap, struct besom__round *round)
{
    for (size_t i = 0; i < besom__mark_count(heap); i++) {
        struct besom__marker *marker = &heap->worklist.markers[i];
        besom__bag_join(&round->deferred, &marker->deferred);
        besom__bag_join(&round->unbarriered, &marker->unbarriered);
        besom__bag_join(&round->racy, &marker->racy);
    }
}

void besom__mark_drain_own(struct besom__marker *marker)
{
    drain_stack(marker, SIZE_MAX);
}

struct besom__marker *besom__mark_self(struct besom_heap *heap)
{
    return &heap->worklist.markers[0];
}

void besom__mark_call(struct besom_heap *heap, const struct besom__call *call)
{
    struct besom__marker *marker = besom__mark_self(heap);
    if (reserve(marker, 1))
        marker->stack[marker->sp++] = (uintptr_t)call | 2;
    else
        call->fn(&marker->tracer, call->obj);
}

void besom__mark_exactly(struct besom_heap *heap)
{
    /* Every white object that is not free has one of these bits, or its color. */
    for (size_t i = 0; i < besom__mark_count(heap) && heap->worklist.n_markers > 1; i++)
        heap->worklist.markers[i].by_cas = BESOM__KEYED | BESOM__COLOR;
}

void besom__mark_drain(struct besom_heap *heap)
{
    struct besom__marker *marker = besom__mark_self(heap);
    for (;;) {
        struct besom__segment *segment;
        drain_stack(marker, SIZE_MAX);
        while ((segment = besom__worklist_take_last(heap)) != NULL)
            besom__mark_segment(marker, segment);
        /* Helpers flag blocks before they become idle, and all are: this is the last word. */
        if (!besom__size_load(&heap->worklist.overflowed))
            return;
        besom__rescan_flagged(marker);
    }
}

enum besom__marking besom__mark_quantum(struct besom_heap *heap, size_t max_objects)
{
    struct besom__marker *marker = besom__mark_self(heap);
    bool others;
    if (drain_stack(marker, max_objects))
        return MARKING_MORE;
    struct besom__segment *segment = besom__worklist_take_now(heap, &others);
    if (!segment)
        return others ? MARKING_ELSEWHERE : MARKING_DONE;
    load_segment(marker, segment);
    return MARKING_MORE;
}

bool besom__mark_some(struct besom_heap *heap, size_t max_objects)
{
    struct besom__marker *marker = besom__mark_self(heap);
    marker->shares = false;
    bool more = drain_stack(marker, max_objects);
    marker->shares = true;
    if (more)
        return true;
    struct besom__segment *segment = besom__worklist_take_last(heap);
    if (segment) {
        load_segment(marker, segment);
        return true;
    }
    if (besom__size_load(&heap->worklist.overflowed)) {
        if (heap->cycle.stopped)
            besom__rescan_flagged(marker); /* which traces what mutators may be changing */
        return true;
    }
    return false;
}

void besom__mark_totals(const struct besom_heap *heap, size_t *live_bytes, size_t *live_objects,
                        size_t *overflows)
{
    *live_bytes = *live_objects = *overflows = 0;
    for (size_t i = 0; i < besom__mark_count(heap); i++) {
        const struct besom__marker *marker = &heap->worklist.markers[i];
        *live_bytes += marker->live_bytes;
        *live_objects += marker->live_objects;
        *overflows += marker->overflows;
    }
}
