/* intern.c - one object for each content: a map of keys alone. */
#include <besom/intern.h>

#include "gc/cycle.h"
#include "gc/mutator.h"
#include "weak/map.h"

struct besom_interns {
    struct besom__own own;
    struct besom__map map;
};

static void trace_interns(struct besom_tracer *tracer, void *obj)
{
    besom_visit(tracer, (void *)besom__word_load(&((struct besom_interns *)obj)->map.root));
}

static const struct besom_type interns_type = {.name = "set of interned objects",
                                               .size_bytes = sizeof(struct besom_interns),
                                               .trace = trace_interns};

struct besom_interns *besom_interns_new(struct besom_mutator *m, besom_probe_hash_fn hash,
                                        besom_probe_equal_fn equal)
{
    if (besom__mutator_check_running(m) != BESOM_OK || !hash || !equal)
        return NULL;
    struct besom_interns *set = besom__own_new(m, &interns_type, sizeof *set);
    if (set)
        besom__map_init(&set->map, besom__mutator_of(m)->heap, set, MAP_SET, hash, equal);
    return set;
}

static enum besom_status check_interns(struct besom_mutator *m, const struct besom_interns *set)
{
    enum besom_status status = besom__own_check(m, set, &interns_type);
    return status == BESOM_OK && set->map.busy ? BESOM_E_STATE : status;
}

/* True: it is known that there is none. */
static bool look_up(struct besom_interns *set, struct besom__probe probe, void **obj)
{
    struct besom__place place;
    bool settling = besom__settle_enter(set->map.heap);
    bool found = besom__map_find(&set->map, probe, settling, &place);
    *obj = found ? besom__map_key(place) : NULL;
    besom__settle_leave(set->map.heap, settling);
    return !found && !place.unknown;
}

void *besom_intern(struct besom_mutator *m, struct besom_interns *set, const void *probe,
                   besom_make_fn make)
{
    if (check_interns(m, set) != BESOM_OK)
        return NULL;
    struct besom_heap *heap = set->map.heap;
    struct besom__probe wanted = besom__map_probe(&set->map, probe);
    void *found;
    if (!look_up(set, wanted, &found) || !make)
        return found;
    uint64_t absent_at = set->map.version;
    bool is_new;
    BESOM_LOCALS(m, struct besom_interns * set; void *obj;);
    my->set = set;
    my->obj = make(m, heap->config.host, probe);
    if (!my->obj || !besom__is_object(heap, my->obj))
        return NULL;
    /* make, or a handler that finds memory, may have interned it itself: then that is the one. */
    if (besom__map_add(m, &set->map, wanted, absent_at, my->obj, 0, NULL, &found, &is_new) !=
        BESOM_OK)
        return NULL;
    return found;
}

enum besom_status besom_intern_remove(struct besom_mutator *m, struct besom_interns *set,
                                      const void *probe)
{
    enum besom_status status = check_interns(m, set);
    if (status != BESOM_OK)
        return status;
    struct besom__place place;
    struct besom__probe wanted = besom__map_probe(&set->map, probe);
    bool settling = besom__settle_enter(set->map.heap);
    bool found = besom__map_find(&set->map, wanted, settling, &place);
    if (found)
        besom__map_remove(m, &set->map, place);
    besom__settle_leave(set->map.heap, settling);
    return found ? BESOM_OK : place.unknown ? BESOM_E_MEMORY : BESOM_E_ABSENT;
}

size_t besom_interns_count(const struct besom_interns *set)
{
    return set ? besom__size_load(&set->map.n_entries) : 0;
}

bool besom_interns_next(struct besom_mutator *m, struct besom_interns *set,
                        struct besom_cursor *cursor, void **obj)
{
    if (check_interns(m, set) != BESOM_OK || !cursor)
        return false;
    struct besom__place place;
    bool settling = besom__settle_enter(set->map.heap);
    bool found = besom__map_next(&set->map, cursor, settling, &place);
    if (found && obj)
        *obj = besom__map_key(place);
    besom__settle_leave(set->map.heap, settling);
    return found;
}
