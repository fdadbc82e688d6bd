/* table.c - hash tables whose entries may be weak: the public face of a map. */
#include <besom/table.h>

#include "gc/cycle.h"
#include "gc/mutator.h"
#include "weak/map.h"

struct besom_table {
    struct besom__own own;
    struct besom__map map;
};

static void trace_table(struct besom_tracer *tracer, void *obj)
{
    besom_visit(tracer, (void *)besom__word_load(&((struct besom_table *)obj)->map.root));
}

static const struct besom_type table_type = {
    .name = "table", .size_bytes = sizeof(struct besom_table), .trace = trace_table};

struct besom_table *besom_table_new(struct besom_mutator *m, enum besom_table_kind kind,
                                    besom_hash_fn hash, besom_equal_fn equal)
{
    _Static_assert((int)MAP_STRONG == BESOM_STRONG && (int)MAP_WEAK_KEYS == BESOM_WEAK_KEYS &&
                       (int)MAP_WEAK_VALUES == BESOM_WEAK_VALUES &&
                       (int)MAP_WEAK_BOTH == BESOM_WEAK_BOTH,
                   "a table's kind is its map's");
    if (besom__mutator_check_running(m) != BESOM_OK || (unsigned)kind > BESOM_WEAK_BOTH ||
        !hash != !equal)
        return NULL;
    struct besom_table *table = besom__own_new(m, &table_type, sizeof *table);
    if (table)
        besom__map_init(&table->map, besom__mutator_of(m)->heap, table, (enum besom__map_kind)kind,
                        hash, equal);
    return table;
}

/* May m use the table? */
static enum besom_status check_table(struct besom_mutator *m, const struct besom_table *table)
{
    enum besom_status status = besom__own_check(m, table, &table_type);
    return status == BESOM_OK && table->map.busy ? BESOM_E_STATE : status;
}

static enum besom_status check_key(struct besom_mutator *m, const struct besom_table *table,
                                   const void *key)
{
    enum besom_status status = check_table(m, table);
    return status == BESOM_OK ? besom__object_check(m, key) : status;
}

void *besom_table_get(struct besom_mutator *m, struct besom_table *table, const void *key)
{
    if (check_key(m, table, key) != BESOM_OK)
        return NULL;
    struct besom__place place;
    struct besom__probe probe = besom__map_probe(&table->map, key);
    bool settling = besom__settle_enter(table->map.heap);
    uintptr_t value = 0;
    if (besom__map_find(&table->map, probe, settling, &place))
        value = besom__map_show(&table->map, place, settling);
    besom__settle_leave(table->map.heap, settling);
    return (void *)value;
}

enum besom_status besom_table_put(struct besom_mutator *m, struct besom_table *table, void *key,
                                  void *value)
{
    void *ref;
    enum besom_status status = check_key(m, table, key);
    if (status != BESOM_OK)
        return status;
    if (!value)
        return BESOM_E_ARGUMENT;
    if (!besom__is_value(table->map.heap, value, &ref))
        return BESOM_E_FOREIGN;
    return besom__map_put(m, &table->map, besom__map_probe(&table->map, key), key, (uintptr_t)value,
                          ref);
}

enum besom_status besom_table_remove(struct besom_mutator *m, struct besom_table *table,
                                     const void *key)
{
    enum besom_status status = check_key(m, table, key);
    if (status != BESOM_OK)
        return status;
    struct besom__place place;
    struct besom__probe probe = besom__map_probe(&table->map, key);
    bool settling = besom__settle_enter(table->map.heap);
    if (besom__map_find(&table->map, probe, settling, &place))
        besom__map_remove(m, &table->map, place);
    else
        status = place.unknown ? BESOM_E_MEMORY : BESOM_E_ABSENT;
    besom__settle_leave(table->map.heap, settling);
    return status;
}

enum besom_status besom_table_clear(struct besom_mutator *m, struct besom_table *table)
{
    enum besom_status status = check_table(m, table);
    if (status != BESOM_OK)
        return status;
    bool settling = besom__settle_enter(table->map.heap);
    besom__map_clear(m, &table->map);
    besom__settle_leave(table->map.heap, settling);
    return BESOM_OK;
}

size_t besom_table_count(const struct besom_table *table)
{
    return table ? besom__size_load(&table->map.n_entries) : 0;
}

bool besom_table_next(struct besom_mutator *m, struct besom_table *table,
                      struct besom_cursor *cursor, void **key, void **value)
{
    if (check_table(m, table) != BESOM_OK || !cursor)
        return false;
    struct besom__place place;
    bool settling = besom__settle_enter(table->map.heap);
    bool found = besom__map_next(&table->map, cursor, settling, &place);
    if (found && key)
        *key = besom__map_key(place);
    if (found && value)
        *value = (void *)besom__map_value(place);
    besom__settle_leave(table->map.heap, settling);
    return found;
}
