/* mapmark.c - maps in a cycle: what is visited, what is deferred, what is cleared. */
#include "weak/map.h"

#include "gc/cycle.h"
#include "gc/mark.h"
#include "weak/weak.h"

enum { PREFETCH = 16 };

/* NULL if the slot holds no entry.  A mutator may be changing the store. */
static void *key_at(struct besom__store *s, uint32_t slot)
{
    uintptr_t key = besom__word_load(besom__store_key(s, slot));
    return key > KEY_TOMBSTONE ? (void *)key : NULL;
}

/* Fetches the metadata of the key some slots on. */
static void prefetch(struct besom__store *s, uint32_t slot)
{
    const void *key = slot + PREFETCH < s->n_slots ? key_at(s, slot + PREFETCH) : NULL;
    if (key)
        __builtin_prefetch(besom__meta(key));
}

static void *value_ref(struct besom__store *s, uint32_t slot)
{
    return s->has_values ? besom__map_ref(s->map, besom__word_load(besom__store_value(s, slot)))
                         : NULL;
}

/* ---- clearing ---- */

/* Removes the entries whose values are dead, and, with keys, those whose keys are.  A store that is no
 * longer in its map is cleared too: as an object it is still there. */
static void clear(struct besom__store *s, bool keys)
{
    struct besom__map *map = s->map;
    const bool weak_keys = keys && besom__map_has_weak_keys(map);
    const bool weak_values = besom__map_has_weak_values(map);
    size_t n = 0;
    for (uint32_t i = 0; i < s->n_slots; i++) {
        prefetch(s, i);
        void *key = key_at(s, i), *ref = value_ref(s, i);
        if (!key)
            continue;
        if (!(weak_keys && besom__is_dead(map->heap, key)) &&
            !(weak_values && ref && besom__is_dead(map->heap, ref)))
            continue;
        besom__store_remove(s, i);
        n++;
    }
    if (n == 0 || !besom__map_has(map, s))
        return;
    besom__size_store(&map->n_entries, map->n_entries - n);
    map->version++;
    besom__weak_count_cleared(map->heap, n);
    besom__map_tidy(NULL, map, s);
}

static void clear_values(struct besom_tracer *tracer, void *obj)
{
    (void)tracer;
    clear(obj, false);
}

static void clear_keys(struct besom_tracer *tracer, void *obj)
{
    (void)tracer;
    clear(obj, true);
}

/* ---- tracing ---- */

/* Is an entry there because of its value, rather than its key? */
static bool goes_by_value(const struct besom__map *map)
{
    return map->kind == MAP_WEAK_VALUES;
}

/* The entry lives while `condition` does, and keeps `kept` alive; condition NULL: it is there for
 * good. */
struct tie {
    void *condition, *kept;
};

/* False: the slot holds no entry, and *tie keeps nothing. */
static bool tie_of(struct besom__store *s, uint32_t slot, struct tie *tie)
{
    void *key = key_at(s, slot), *ref = key ? value_ref(s, slot) : NULL;
    *tie = goes_by_value(s->map) ? (struct tie){ref, key} : (struct tie){key, ref};
    return key != NULL;
}

/* The tie will be visited some slots on, and the metadata of both ends is needed then. */
static void read_ahead(struct besom__store *s, uint32_t slot, struct tie *tie)
{
    tie_of(s, slot, tie);
    if (tie->condition)
        __builtin_prefetch(besom__meta(tie->condition));
    if (tie->kept)
        __builtin_prefetch(besom__meta(tie->kept));
}

/* By now it is known whether the tie will be pending. */
static void prefetch_pending(struct besom_heap *heap, const struct tie *tie)
{
    if (tie->condition && !besom__is_marked(heap, tie->condition))
        besom__pending_prefetch(&heap->weak->pending, tie->condition);
}

/* False: it is not known yet whether the tie keeps anything. */
static bool visit_tie_of(struct besom_tracer *tracer, const struct besom__map *map, struct tie tie)
{
    if (!tie.condition) {
        if (tie.kept)
            besom_visit(tracer, tie.kept);
        return true;
    }
    if (tie.kept && besom__is_marked(tracer->heap, tie.kept))
        tie.kept = NULL;
    return goes_by_value(map) ? besom__visit_by_value(tracer, tie.condition, tie.kept)
                              : besom_visit_ephemeron(tracer, tie.condition, tie.kept);
}

/* By now most objects are marked; what hangs on the others waits for them. */
static void scan_ties(struct besom_tracer *tracer, void *obj)
{
    struct besom__store *s = obj;
    struct tie ahead[PREFETCH]; /* of slot i at i % PREFETCH */
    bool waits = false;
    if (!besom__defers_scan_once(tracer, &s->scanned_in))
        return;
    for (uint32_t i = 0; i < s->n_slots && i < PREFETCH; i++)
        read_ahead(s, i, &ahead[i]);
    for (uint32_t i = 0; i < s->n_slots; i++) {
        struct tie tie = ahead[i % PREFETCH];
        if (s->n_slots - i > PREFETCH)
            read_ahead(s, i + PREFETCH, &ahead[i % PREFETCH]);
        if (s->n_slots - i > PREFETCH / 2)
            prefetch_pending(tracer->heap, &ahead[(i + PREFETCH / 2) % PREFETCH]);
        waits |= !visit_tie_of(tracer, s->map, tie);
    }
    if (waits && goes_by_value(s->map))
        besom__defer(tracer, BESOM_CLEAR_VALUES, clear_values, s);
    else if (waits)
        besom__defer(tracer, BESOM_CLEAR_KEYS, clear_keys, s);
}

static void visit_all(struct besom_tracer *tracer, struct besom__store *s)
{
    for (uint32_t i = 0; i < s->n_slots; i++) {
        void *key = key_at(s, i);
        if (!key)
            continue;
        besom_visit(tracer, key);
        besom_visit(tracer, value_ref(s, i));
    }
}

/* For verification, while it is known what is dead and not yet cleared. */
static void visit_kept(struct besom_tracer *tracer, struct besom__store *s)
{
    for (uint32_t i = 0; i < s->n_slots; i++) {
        struct tie tie;
        if (!tie_of(s, i, &tie))
            continue;
        if (!tie.condition || !besom__is_dead(tracer->heap, tie.condition))
            besom_visit(tracer, tie.kept);
    }
}

static void trace_store(struct besom_tracer *tracer, void *obj)
{
    struct besom__store *s = obj;
    const enum besom__map_kind kind = (enum besom__map_kind)s->map->kind;
    /* An ambiguous word may be all that refers to the store. */
    besom_visit(tracer, s->map->owner);
    if (kind == MAP_STRONG || (tracer->pass == PASS_VERIFY && besom__is_settled(tracer->heap))) {
        visit_all(tracer, s);
    } else if (kind == MAP_WEAK_KEYS || kind == MAP_WEAK_VALUES) {
        if (tracer->pass == PASS_VERIFY)
            visit_kept(tracer, s);
        else
            besom__defer(tracer, OWN_EPHEMERONS, scan_ties, s);
    } else {
        if (kind == MAP_WEAK_BOTH)
            besom__defer(tracer, BESOM_CLEAR_VALUES, clear_values, s);
        besom__defer(tracer, BESOM_CLEAR_KEYS, clear_keys, s);
    }
}

void besom__map_defer(struct besom__map *map, struct besom__store *s)
{
    struct besom_tracer *tracer = &besom__mark_self(map->heap)->tracer;
    if (besom__map_has_weak_values(map))
        besom__defer(tracer, BESOM_CLEAR_VALUES, clear_values, s);
    if (besom__map_has_weak_keys(map))
        besom__defer(tracer, BESOM_CLEAR_KEYS, clear_keys, s);
}

static void trace_directory(struct besom_tracer *tracer, void *obj)
{
    struct besom__directory *directory = obj;
    for (size_t i = 0; i < directory->n; i++)
        besom_visit(tracer, (void *)besom__word_load(&directory->stores[i]));
}

const struct besom_type besom__store_type = {
    .name = "store of a table", .size_bytes = sizeof(struct besom__store), .trace = trace_store};

const struct besom_type besom__directory_type = {.name = "directory of a table",
                                                 .size_bytes = sizeof(struct besom__directory),
                                                 .trace = trace_directory};
