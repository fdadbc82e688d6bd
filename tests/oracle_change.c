/* oracle_change.c - how a random program changes the graph: allocates, links, roots. */
#include "oracle_program.h"

#include <string.h>

/* ---- picking ---- */

static struct model_object *walk(struct program *p, struct model_object *object, bool locked)
{
    for (size_t steps = rng_below(&p->rng, 7); steps > 0; steps--) {
        /* A shared object's slots may be changing, unless the lock is ours. */
        if (!object->n_slots || (object->shared && !locked))
            break;
        struct model_object *next = object->targets[rng_below(&p->rng, object->n_slots)];
        if (!next)
            break;
        object = next;
    }
    return object;
}

struct model_object *program_pick(struct program *p)
{
    for (int tries = 0; tries < 8; tries++) {
        int cell = (int)rng_below(&p->rng, CELLS);
        if (p->roots.cells[cell]) {
            oracle_root_check(&p->roots, cell);
            return walk(p, p->roots.cells[cell], false);
        }
    }
    return NULL;
}

struct model_object *commons_pick(struct program *p)
{
    for (int tries = 0; tries < 8; tries++) {
        struct model_object *object = p->commons->cells[rng_below(&p->rng, COMMON_CELLS)];
        if (object)
            return walk(p, object, true);
    }
    return NULL;
}

unsigned program_pick_slot(struct program *p, const struct model_object *object)
{
    unsigned i = (unsigned)rng_below(&p->rng, object->n_slots);
    for (unsigned tries = 0; tries < object->n_slots && object->targets[i]; tries++)
        i = (i + 1) % object->n_slots;
    return i;
}

/* ---- linking ---- */

static uint64_t word_for(struct program *p, const struct model_object *object,
                         const struct model_object *target)
{
    if (target)
        return oracle_encode(p->host, target->address);
    if (p->variant->foreign && rng_below(&p->rng, 2))
        return oracle_encode(p->host, p->foreign[rng_below(&p->rng, 4)]);
    return oracle_immediate(p->host, &p->rng, object->address);
}

/* A marker may be reading the slot. */
static void store_word(uint64_t *slot, uint64_t word)
{
    __atomic_store_n(slot, word, __ATOMIC_RELAXED);
}

void program_link(struct program *p, struct model_object *object, unsigned i,
                  struct model_object *target)
{
    uint64_t word = word_for(p, object, target);
    uint64_t *slot = shape_slot(object, i);
    if (*slot != object->words[i])
        ck_abort_msg("object %llu: slot %u reads %llx, not %llx",
                     (unsigned long long)object->id, i, (unsigned long long)*slot,
                     (unsigned long long)object->words[i]);
    object->targets[i] = target;
    object->words[i] = word;
    if (oracle_shapes[object->shape].type.flags & BESOM_UNBARRIERED) {
        store_word(slot, word);
        return;
    }
    /* besom_set takes plain pointers. */
    switch (rng_below(&p->rng, p->host->encoding.mask ? 2 : 3)) {
    case 0:
        besom_write(p->m, object->address);
        store_word(slot, word);
        break;
    case 1:
        store_word(slot, word);
        besom_write_at(p->m, object->address, slot);
        break;
    default:
        besom_set(p->m, object->address, slot, (void *)(uintptr_t)word);
        break;
    }
}

void program_root(struct program *p, struct model_object *object)
{
    for (int tries = 0; tries < 8; tries++) {
        int cell = (int)rng_below(&p->rng, CELLS);
        /* An object rather takes an empty place, so that graphs grow. */
        if (object && p->roots.cells[cell] && tries < 7)
            continue;
        if (oracle_root_store(&p->roots, cell, object))
            return;
    }
}

/* ---- allocating ---- */

/* Bytes to aim at for an object that can have any size. */
static size_t random_size(struct rng *rng)
{
    size_t r = rng_below(rng, 8000);
    if (r == 0)
        return (size_t)(2 << 20) + rng_below(rng, 3 << 20); /* huge */
    if (r < 16)
        return (32 << 10) + rng_below(rng, 1 << 20);        /* large */
    if (r < 80)
        return (8 << 10) + rng_below(rng, 24 << 10);        /* medium */
    if (r < 400)
        return 256 + rng_below(rng, 8 << 10);
    return 32 + rng_below(rng, 160);
}

static void choose_size(struct rng *rng, struct model_object *object)
{
    const struct oracle_shape *shape = &oracle_shapes[object->shape];
    size_t aim = random_size(rng);
    object->spacing = 1;
    object->n_slots = shape->slots_min;
    if (shape->type.flags & BESOM_LEAF) {
        object->spacing = aim / 8;
    } else if (shape->is_array) {
        object->n_slots = 1 + (unsigned)rng_below(rng, shape->slots_max);
        object->spacing = 1 + aim / (object->n_slots * shape->stride_bytes);
        /* The table's length has 16 bits. */
        if (object->shape == SHAPE_TABLE && object->spacing > 8000)
            object->spacing = 8000;
    }
    object->bytes = shape_bytes(shape, object->n_slots, object->spacing);
}

static bool is_zero(const char *start, size_t bytes)
{
    return bytes == 0 || (start[0] == 0 && memcmp(start, start + 1, bytes - 1) == 0);
}

static void check_newborn(struct program *p, const struct model_object *object, const char *obj)
{
    const struct besom_type *type = &oracle_shapes[object->shape].type;
    bool typed = !p->variant->own_headers && !(type->flags & BESOM_OWN_BLOCKS);
    require((uintptr_t)obj % 16 == 0, "a newborn is not aligned");
    require(!typed || *(const struct besom_type *const *)(const void *)obj == type,
            "a newborn has another type");
    size_t head = typed ? sizeof type : 0;
    if (!is_zero(obj + head, object->bytes - head))
        ck_abort_msg("a newborn %s of %zu bytes: not zero", type->name, object->bytes);
}

struct model_object *program_allocate(struct program *p, bool shared)
{
    struct model_object plan = {.shape = (unsigned)rng_below(&p->rng, SHAPES), .shared = shared};
    choose_size(&p->rng, &plan);
    const struct besom_type *type = &oracle_shapes[plan.shape].type;
    void *obj = plan.bytes == type->size_bytes && rng_below(&p->rng, 2)
                    ? besom_new(p->m, type)
                    : besom_new_sized(p->m, type, plan.bytes);
    if (!obj) {
        require(p->variant->limited, "no memory");
        p->refusals++;
        return NULL;
    }
    check_newborn(p, &plan, obj);
    plan.id = __atomic_add_fetch(&p->host->last_id, 1, __ATOMIC_RELAXED);
    require(plan.id <= p->host->n_ids, "more objects than expected");
    shape_fill(p->host, &plan, obj);
    struct model_object *object = model_add(shared ? &p->commons->model : &p->model);
    *object = plan;
    return object;
}
