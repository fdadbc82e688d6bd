/* test_weak_store.c - stores: entries stand in order, are found, and survive every change of shape. */
#include "support.h"

#include "weak/store.h"

#include <stdlib.h>
#include <string.h>

/* ---- stores without a heap ---- */

static struct besom__store *store_of(unsigned log2_homes, uint32_t prefix, unsigned depth,
                                     bool hashes)
{
    struct besom__store *s = calloc(1, besom__store_bytes(log2_homes, true, hashes));
    ck_assert_ptr_nonnull(s);
    besom__store_init(s, NULL, log2_homes, prefix, depth, true, hashes);
    return s;
}

/* The slot of an entry, or n_slots, by looking at all of them. */
static uint32_t slot_of(struct besom__store *s, const void *key)
{
    uint32_t i = 0;
    while (i < s->n_slots && *besom__store_key(s, i) != (uintptr_t)key)
        i++;
    return i;
}

/* What the header promises. */
static void check_store(struct besom__store *s)
{
    uint32_t n_live = 0, n_used = 0, last_hash = 0, empty_before = 0;
    uintptr_t last_key = 0;
    for (uint32_t i = 0; i < s->n_slots; i++) {
        uintptr_t key = *besom__store_key(s, i);
        if (key == KEY_EMPTY) {
            require(*besom__store_value(s, i) == 0, "an empty slot has a value");
            require(!s->has_hashes || besom__store_hashes(s)[i] == HASH_EMPTY, "and a hash");
            empty_before = i + 1;
            continue;
        }
        n_used++;
        if (key == KEY_TOMBSTONE) {
            require(!s->has_hashes || besom__store_hashes(s)[i] >= last_hash, "in order too");
            continue;
        }
        n_live++;
        uint32_t hash = besom__store_hash_at(s, i);
        uint32_t home = besom__store_home(s, hash);
        require(home <= i && home >= empty_before, "an entry cannot be found from its home");
        require(hash > last_hash || (hash == last_hash && key > last_key), "entries are in order");
        require(*besom__store_value(s, i) == ~key, "an entry has its value");
        require(!s->depth || !((hash ^ s->prefix) >> (32 - s->depth)), "in the store's range");
        last_hash = hash;
        last_key = key;
    }
    require(n_live == s->n_live && n_used == s->n_used, "counts");
    require(n_used <= besom__store_limit(s), "no more than the limit");
}

/* Keys are numbers here: a store never looks behind them. */
static void *key_of(uint64_t n)
{
    return (void *)(uintptr_t)(16 * (n + 1));
}

static bool insert(struct besom__store *s, uint32_t hash, void *key)
{
    return besom__store_insert(s, hash, key, ~(uintptr_t)key);
}

/* ---- random programs ---- */

enum { KEYS = 200 };

struct model {
    bool in[KEYS];
    uint32_t hash[KEYS];
    uint32_t n;
};

/* Hashes of a kind, within the range of (prefix, depth). */
static uint32_t some_hash(struct rng *rng, int kind, uint32_t prefix, unsigned depth)
{
    uint32_t r = (uint32_t)rng_next(rng);
    switch (kind) {
    case 0: break;                   /* random */
    case 1: r = r % 7 << 20; break;  /* few, and low */
    case 2: r |= 0xfff00000u; break; /* all at the end */
    default: r = 0x80000000u; break; /* one */
    }
    r = depth ? prefix | r >> depth : r;
    return r - (r == HASH_EMPTY);
}

static void check_model(struct besom__store *s, const struct model *model)
{
    for (unsigned k = 0; k < KEYS; k++) {
        uint32_t slot = slot_of(s, key_of(k));
        require((slot < s->n_slots) == model->in[k], "what is in the store is in the model");
        if (model->in[k])
            require(besom__store_hash_at(s, slot) == model->hash[k], "with its hash");
    }
    require(s->n_live == model->n, "and nothing else");
}

static void random_changes(struct rng *rng, struct besom__store *s, struct model *model, int kind,
                           int n)
{
    while (n-- > 0) {
        unsigned k = (unsigned)rng_below(rng, KEYS);
        if (model->in[k]) {
            besom__store_remove(s, slot_of(s, key_of(k)));
            model->in[k] = false;
            model->n--;
        } else {
            uint32_t hash = some_hash(rng, kind, s->prefix, s->depth);
            uint32_t before = s->n_live;
            if (insert(s, hash, key_of(k))) {
                model->in[k] = true;
                model->hash[k] = hash;
                model->n++;
            } else {
                require(s->n_live == before, "nothing changed when there was no room");
                if (s->n_used > s->n_live)
                    besom__store_rebuild(s);
            }
        }
        check_store(s);
    }
    check_model(s, model);
}

START_TEST(random_changes_keep_entries_in_order_and_findable)
{
    struct rng rng = {test_seed()};
    for (size_t round = 0; round < scaled(200); round++) {
        unsigned log2_homes = STORE_MIN_LOG2 + (unsigned)rng_below(&rng, 6);
        unsigned depth = (unsigned)rng_below(&rng, 12);
        uint32_t prefix = depth ? (uint32_t)rng_next(&rng) << (32 - depth) : 0;
        struct besom__store *s = store_of(log2_homes, prefix, depth, true);
        struct model model = {.n = 0};
        random_changes(&rng, s, &model, (int)rng_below(&rng, 4), 300);
        free(s);
    }
}
END_TEST

START_TEST(addresses_need_no_stored_hashes)
{
    struct besom__store *s = store_of(STORE_SPLIT_LOG2, 0, 0, false);
    for (unsigned k = 0; k < KEYS; k++)
        ck_assert(insert(s, besom__hash_address(key_of(k)), key_of(k)));
    check_store(s);
    for (unsigned k = 0; k < KEYS; k += 2)
        besom__store_remove(s, slot_of(s, key_of(k)));
    check_store(s);
    besom__store_rebuild(s);
    check_store(s);
    ck_assert_uint_eq(s->n_used, KEYS / 2);
    free(s);
}
END_TEST

START_TEST(iteration_in_order_sees_each_entry_once)
{
    struct rng rng = {test_seed()};
    for (int kind = 0; kind < 4; kind++) {
        struct besom__store *s = store_of(STORE_SPLIT_LOG2, 0, 0, true);
        struct model model = {.n = 0};
        random_changes(&rng, s, &model, kind, 500);
        uint32_t hash = 0, n = 0, slot;
        const void *key = NULL;
        while ((slot = besom__store_after(s, hash, key)) < s->n_slots) {
            hash = besom__store_hash_at(s, slot);
            key = (const void *)*besom__store_key(s, slot);
            n++;
        }
        ck_assert_uint_eq(n, model.n);
        free(s);
    }
}
END_TEST

START_TEST(splitting_divides_the_entries_and_merging_joins_them)
{
    struct rng rng = {test_seed()};
    for (size_t round = 0; round < scaled(300); round++) {
        unsigned depth = (unsigned)rng_below(&rng, 8);
        uint32_t prefix = depth ? (uint32_t)rng_next(&rng) << (32 - depth) : 0;
        struct besom__store *s = store_of(STORE_SPLIT_LOG2, prefix, depth, true);
        struct model model = {.n = 0};
        random_changes(&rng, s, &model, 0, 400);
        struct besom__store *low = s;
        struct besom__store *high =
            store_of(STORE_SPLIT_LOG2, prefix | 1u << (31 - depth), depth + 1, true);
        ck_assert(besom__store_split(low, high));
        check_store(low);
        check_store(high);
        ck_assert_uint_eq(low->n_live + high->n_live, model.n);

        /* And back, from either side. */
        struct besom__store *to = round % 2 ? low : high, *from = round % 2 ? high : low;
        ck_assert(besom__store_merge(to, from));
        check_store(to);
        check_model(to, &model);
        ck_assert_uint_eq(to->depth, depth);
        ck_assert_uint_eq(to->prefix, prefix);
        free(low), free(high);
    }
}
END_TEST

START_TEST(merging_without_room_changes_nothing)
{
    struct besom__store *low = store_of(STORE_SPLIT_LOG2, 0, 1, true);
    struct besom__store *high = store_of(STORE_SPLIT_LOG2, 1u << 31, 1, true);
    for (unsigned k = 0; k < 150; k++) {
        ck_assert(insert(low, k << 20, key_of(k)));
        ck_assert(insert(high, 1u << 31 | k << 20, key_of(1000 + k)));
    }
    ck_assert(!besom__store_merge(low, high));
    check_store(low);
    check_store(high);
    ck_assert_uint_eq(low->n_live, 150);
    ck_assert_uint_eq(low->depth, 1);
    free(low), free(high);
}
END_TEST

START_TEST(merging_with_nothing_widens_the_range)
{
    struct besom__store *s = store_of(STORE_MIN_LOG2, 3u << 30, 2, true);
    ck_assert(insert(s, 3u << 30 | 5, key_of(5)));
    ck_assert(besom__store_merge(s, NULL));
    ck_assert_uint_eq(s->depth, 1);
    ck_assert_uint_eq(s->prefix, 1u << 31);
    ck_assert(besom__store_merge(s, NULL));
    ck_assert_uint_eq(s->depth, 0);
    ck_assert_uint_eq(s->prefix, 0);
    check_store(s);
    ck_assert_uint_lt(slot_of(s, key_of(5)), s->n_slots);
    free(s);
}
END_TEST

START_TEST(full_store_refuses_until_something_is_removed)
{
    struct besom__store *s = store_of(STORE_MIN_LOG2, 0, 0, true);
    unsigned n = 0;
    while (insert(s, (uint32_t)n << 29, key_of(n)))
        n++;
    ck_assert_uint_eq(n, besom__store_limit(s));
    besom__store_remove(s, slot_of(s, key_of(3)));
    ck_assert(insert(s, 3u << 29 | 1, key_of(50)));
    check_store(s);
    free(s);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        random_changes_keep_entries_in_order_and_findable,
        addresses_need_no_stored_hashes,
        iteration_in_order_sees_each_entry_once,
        splitting_divides_the_entries_and_merging_joins_them,
        merging_without_room_changes_nothing,
        merging_with_nothing_widens_the_range,
        full_store_refuses_until_something_is_removed,
    };
    return run_tests("weak store", tests, sizeof tests / sizeof *tests);
}
