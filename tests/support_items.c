/* support_items.c - see support_items.h. */
#include "support_items.h"

static const struct besom_field item_fields[] = {
    {"ref", offsetof(struct item, ref)},
    {"other", offsetof(struct item, other)},
};
const struct besom_type item_type = {
    .name = "item", .size_bytes = sizeof(struct item), .fields = item_fields, .n_fields = 2};

struct item *make_item(struct besom_mutator *m, uint64_t id)
{
    struct item *item = make(m, &item_type);
    item->id = item->content = id;
    return item;
}

/* ---- hashes ---- */

unsigned long hash_calls, equal_calls, strange_keys;

static uint64_t content_of(const void *key)
{
    const struct item *item = key;
    if (item->type != &item_type)
        __atomic_fetch_add(&strange_keys, 1, __ATOMIC_RELAXED);
    return item->content;
}

static uint64_t note_hash(uint64_t hash)
{
    __atomic_fetch_add(&hash_calls, 1, __ATOMIC_RELAXED);
    return hash;
}

uint64_t hash_well(void *host, const void *key)
{
    (void)host;
    struct rng rng = {content_of(key)};
    return note_hash(rng_next(&rng));
}

uint64_t hash_high(void *host, const void *key)
{
    (void)host;
    return note_hash(content_of(key) << 44);
}

uint64_t hash_low(void *host, const void *key)
{
    (void)host;
    return note_hash(content_of(key));
}

uint64_t hash_same(void *host, const void *key)
{
    (void)host;
    content_of(key);
    return note_hash(42);
}

bool equal_content(void *host, const void *a, const void *b)
{
    (void)host;
    __atomic_fetch_add(&equal_calls, 1, __ATOMIC_RELAXED);
    return content_of(a) == content_of(b);
}

/* ---- who is there ---- */

struct search {
    uint64_t id;
    bool found;
};

static bool compare_id(void *data, void *obj, const struct besom_type *type, size_t bytes)
{
    (void)type, (void)bytes;
    struct search *search = data;
    search->found |= ((struct item *)obj)->id == search->id;
    return !search->found;
}

bool item_is_there(struct besom_mutator *m, uint64_t id)
{
    struct search search = {id, false};
    require_ok(besom_each(m, &item_type, compare_id, &search));
    return search.found;
}

size_t count_items(struct besom_mutator *m)
{
    return count_objects(m, &item_type);
}

/* ---- tables ---- */

struct besom_table *make_table(struct besom_mutator *m, enum besom_table_kind kind)
{
    struct besom_table *table = besom_table_new(m, kind, NULL, NULL);
    require(table != NULL, "no table");
    return table;
}

struct besom_table *make_content_table(struct besom_mutator *m, enum besom_table_kind kind,
                                       besom_hash_fn hash)
{
    struct besom_table *table = besom_table_new(m, kind, hash, equal_content);
    require(table != NULL, "no table");
    return table;
}

void put(struct besom_mutator *m, struct besom_table *table, void *key, void *value)
{
    require_ok(besom_table_put(m, table, key, value));
}

size_t count_entries(struct besom_mutator *m, struct besom_table *table)
{
    size_t n = 0;
    struct besom_cursor cursor = {0};
    while (besom_table_next(m, table, &cursor, NULL, NULL))
        n++;
    require(n == besom_table_count(table), "an iteration and the count differ");
    return n;
}

/* ---- interned numbers ---- */

unsigned long numbers_made;

uint64_t hash_number(void *host, const void *probe)
{
    struct rng rng = {*(const uint64_t *)probe};
    (void)host;
    return rng_next(&rng);
}

bool number_is(void *host, const void *probe, const void *obj)
{
    (void)host;
    return *(const uint64_t *)probe == ((const struct item *)obj)->content;
}

void *make_number(struct besom_mutator *m, void *host, const void *probe)
{
    (void)host;
    numbers_made++;
    return make_item(m, *(const uint64_t *)probe);
}

struct besom_interns *make_set(struct besom_mutator *m)
{
    struct besom_interns *set = besom_interns_new(m, hash_number, number_is);
    require(set != NULL, "no set");
    return set;
}

struct item *intern(struct besom_mutator *m, struct besom_interns *set, uint64_t number)
{
    struct item *item = besom_intern(m, set, &number, make_number);
    require(item && item->type == &item_type && item->content == number, "not interned");
    return item;
}

struct item *look_up(struct besom_mutator *m, struct besom_interns *set, uint64_t number)
{
    return besom_intern(m, set, &number, NULL);
}

size_t count_interned(struct besom_mutator *m, struct besom_interns *set)
{
    struct besom_cursor cursor = {0};
    void *obj;
    size_t n = 0;
    while (besom_interns_next(m, set, &cursor, &obj))
        n += ((struct item *)obj)->type == &item_type;
    require(n == besom_interns_count(set), "an iteration and the count differ");
    return n;
}

/* ---- tagged words ---- */

const struct besom_encoding tagged_encoding = {7, 1, ~UINT64_C(7), 0};

void *tagged(const void *obj)
{
    return (char *)obj + 1;
}

void *small_integer(uint64_t n)
{
    return (void *)(uintptr_t)(n << 3 | 2);
}
