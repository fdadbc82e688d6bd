/* destroy.c - running the destroy hooks of dead objects, before any memory is swept.
 *
 * Objects with hooks lie in blocks of their own (the hooked spaces), so finding the dead among
 * them is a walk over the metadata of those blocks.  A hook that is about to run leaves the stamp
 * DESTROYED, which no epoch uses, in its object's metadata: whatever happens before the object is
 * swept, it is not run again, and besom_revive, which may ask at the same time, knows. */
#include "gc/destroy.h"

#include "gc/atomic.h"
#include "gc/heap.h"
#include "gc/mark.h"

/* Mutators may be adding spaces of OWN_BLOCKS types. */
static struct besom__space *after(const struct besom__space *space)
{
    return besom__ptr_load_acquire((void *const *)&space->next);
}

/* `space` or the first one after it in which hooks are to be looked for. */
static struct besom__space *next_hooked(struct besom__space *space)
{
    while (space && !space->is_hooked)
        space = after(space);
    return space;
}

static unsigned granules_in(const struct besom__space *space)
{
    return space->is_large ? 1 : BLOCK_GRANULES;
}

static bool is_object_with_hook(uint8_t byte)
{
    return (byte & BESOM__COLOR) && (byte & BESOM__STAMP) != BESOM__DESTROYED;
}

/* byte: of its metadata, by which it is to be destroyed; false: it was revived meanwhile. */
static bool destroy(struct besom_heap *heap, void *obj, uint8_t byte)
{
    if (!besom__byte_cas(besom__meta(obj), byte, byte | BESOM__DESTROYED))
        return false;
    besom__type_of(heap, obj)->destroy(heap, obj);
    besom__size_add(&heap->destroyed, 1);
    return true;
}

/* ---- after marking ---- */

bool besom__destroy_begin(struct besom_heap *heap)
{
    struct besom__space *space = next_hooked(heap->spaces.all);
    while (space && !space->unswept.first)
        space = next_hooked(after(space));
    heap->cycle.destroy.space = space;
    heap->cycle.destroy.block = space ? space->unswept.first : NULL;
    heap->cycle.destroy.granule = 0;
    return space != NULL;
}

/* Moves on to the next block to look through. */
static void next_hooked_block(struct besom_heap *heap)
{
    struct besom__block *block = heap->cycle.destroy.block->next;
    struct besom__space *space = heap->cycle.destroy.space;
    while (!block && (space = next_hooked(after(space))) != NULL)
        block = space->unswept.first;
    heap->cycle.destroy.space = space;
    heap->cycle.destroy.block = block;
    heap->cycle.destroy.granule = 0;
}

bool besom__destroy_some(struct besom_heap *heap, size_t max_hooks)
{
    size_t n = 0;
    while (heap->cycle.destroy.block) {
        char *start = besom__block_start(heap->cycle.destroy.block);
        const uint8_t *meta = besom__meta(start);
        unsigned end = granules_in(heap->cycle.destroy.space);
        for (unsigned i = heap->cycle.destroy.granule; i < end; i++) {
            uint8_t byte = besom__byte_load(&meta[i]);
            if (!is_object_with_hook(byte) || (byte & BESOM__COLOR) == heap->cycle.mark_color)
                continue;
            if (n == max_hooks) {
                heap->cycle.destroy.granule = i;
                return true;
            }
            n += destroy(heap, start + i * (size_t)BESOM__GRANULE_BYTES, byte);
        }
        next_hooked_block(heap);
    }
    return false;
}

/* ---- every object of the hooked spaces ---- */

static void for_each_hooked(struct besom_heap *heap,
                            void (*fn)(struct besom_heap *, void *obj, void *data), void *data)
{
    for (struct besom__space *s = next_hooked(heap->spaces.all); s; s = next_hooked(after(s))) {
        const char *name;
        for (unsigned l = 0; l < SPACE_LISTS; l++)
            for (struct besom__block *b = besom__space_list(s, l, &name)->first; b; b = b->next) {
                char *start = besom__block_start(b);
                const uint8_t *meta = besom__meta(start);
                for (unsigned i = 0; i < granules_in(s); i++)
                    if (meta[i] & BESOM__COLOR)
                        fn(heap, start + i * (size_t)BESOM__GRANULE_BYTES, data);
            }
    }
}

static void visit_word(void *data, uint64_t word, const struct besom_field *field)
{
    (void)field;
    struct besom_tracer *tracer = data;
    void *ref = besom__decode(tracer->heap, word);
    if (ref)
        tracer->visit(tracer, ref);
}

static void color_destroyed(struct besom_heap *heap, void *obj, void *data)
{
    (void)data;
    uint8_t *meta = besom__meta(obj);
    if (!is_object_with_hook(*meta))
        *meta = (uint8_t)((*meta & ~BESOM__COLOR) | heap->cycle.mark_color);
}

static void trace_destroyed(struct besom_heap *heap, void *obj, void *data)
{
    (void)heap;
    uint8_t byte = *besom__meta(obj);
    if (!is_object_with_hook(byte) && !(byte & BESOM__LEAF))
        besom__trace_object(data, obj, visit_word, data);
}

void besom__destroy_pin(struct besom_heap *heap, struct besom_tracer *tracer)
{
    /* All are colored before any is traced: marking one through another would clear its stamp. */
    for_each_hooked(heap, color_destroyed, NULL);
    for_each_hooked(heap, trace_destroyed, tracer);
}

static void revive_one(struct besom_heap *heap, void *obj, void *data)
{
    if (!besom__is_marked(heap, obj))
        besom_visit(data, obj);
}

void besom__destroy_revive(struct besom_heap *heap, struct besom_tracer *tracer)
{
    for_each_hooked(heap, revive_one, tracer);
}

static void destroy_one(struct besom_heap *heap, void *obj, void *data)
{
    (void)data;
    uint8_t byte = *besom__meta(obj);
    if (is_object_with_hook(byte))
        destroy(heap, obj, byte);
}

void besom__destroy_all(struct besom_heap *heap)
{
    for_each_hooked(heap, destroy_one, NULL);
}
