/* test_table_oom.c - without memory a put is refused, and the table is what it was. */
#include "support_items.h"

#include <stdio.h>
#include <stdlib.h>

enum { KINDS = 4 };

/* ---- the hard limit ---- */

/* Chains vectors of n slots onto the list until one is refused. */
static void fill_heap(struct besom_mutator *m, struct vector **list, size_t n)
{
    struct vector *v;
    while ((v = besom_new_sized(m, &vector_type, sizeof *v + n * sizeof(void *)))) {
        v->length = n;
        v->items[0] = *list;
        besom_write(m, v);
        *list = v;
    }
}

static void check_prefix(struct rig *rig, struct besom_table *table, struct vector *keys, size_t n)
{
    require(count_entries(rig->m, table) == n, "another number of entries");
    for (size_t i = 0; i < keys->length; i += i < n ? 1 : 97) {
        void *found = besom_table_get(rig->m, table, keys->items[i]);
        require(found == (i < n ? keys->items[keys->length - 1 - i] : NULL), "changed");
    }
}

static void check_limit(enum besom_table_kind kind, besom_hash_fn hash)
{
    struct rig rig;
    rig_init_exact(&rig, "heap_max=16m");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct vector *keys; struct vector *filler;);
        enum { N = 60000 };
        my->table = hash ? make_content_table(rig.m, kind, hash) : make_table(rig.m, kind);
        my->keys = make_vector(rig.m, N);
        for (size_t i = 0; i < N; i++)
            my->keys->items[i] = make_item(rig.m, i);
        besom_write(rig.m, my->keys);
        size_t n = 0;
        for (; n < 100; n++)
            put(rig.m, my->table, my->keys->items[n], my->keys->items[N - 1 - n]);
        fill_heap(rig.m, &my->filler, 500);
        fill_heap(rig.m, &my->filler, 1);
        enum besom_status status = BESOM_OK;
        while (n < N && status == BESOM_OK) {
            status = besom_table_put(rig.m, my->table, my->keys->items[n],
                                     my->keys->items[N - 1 - n]);
            n += status == BESOM_OK;
        }
        ck_assert_int_eq(status, BESOM_E_MEMORY);
        for (int i = 0; i < 3; i++) {
            check_prefix(&rig, my->table, my->keys, n);
            status = besom_table_put(rig.m, my->table, my->keys->items[n],
                                     my->keys->items[N - 1 - n]);
            ck_assert_int_eq(status, BESOM_E_MEMORY);
        }
        collect(rig.m);
        check_prefix(&rig, my->table, my->keys, n);
        my->filler = NULL;
        collect(rig.m);
        check_prefix(&rig, my->table, my->keys, n);
        for (; n < N; n++)
            put(rig.m, my->table, my->keys->items[n], my->keys->items[N - 1 - n]);
        check_prefix(&rig, my->table, my->keys, N);
        for (size_t i = 0; i < N; i++)
            require_ok(besom_table_remove(rig.m, my->table, my->keys->items[i]));
        ck_assert_uint_eq(count_entries(rig.m, my->table), 0);
    }
    rig_close(&rig);
}

START_TEST(put_at_the_hard_limit_is_refused_and_changes_nothing)
{
    for (int kind = 0; kind < KINDS; kind++) {
        check_limit((enum besom_table_kind)kind, NULL);
        check_limit((enum besom_table_kind)kind, hash_well);
    }
}
END_TEST

START_TEST(table_at_the_hard_limit_is_null)
{
    struct rig rig;
    rig_init_exact(&rig, "heap_max=8m");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector *filler; struct vector *tables;);
        enum { N = 100000 };
        my->tables = make_vector(rig.m, N);
        fill_heap(rig.m, &my->filler, 500);
        size_t n = 0;
        struct besom_table *table;
        while (n < N && (table = besom_table_new(rig.m, BESOM_WEAK_KEYS, NULL, NULL)))
            besom_set(rig.m, my->tables, &my->tables->items[n++], table);
        ck_assert_uint_lt(n, N);
        verify(rig.m);
        my->filler = NULL;
        collect(rig.m);
        for (size_t i = 0; i < n; i++)
            require(count_entries(rig.m, my->tables->items[i]) == 0, "not empty");
        make_table(rig.m, BESOM_WEAK_KEYS);
    }
    rig_close(&rig);
}
END_TEST

/* ---- each call to the system fails once ---- */

struct stage { /* one run; what fails is tried again */
    struct ledger_host host;
    struct besom_config config;
    struct besom_heap *heap;
    struct besom_mutator *m;
};

enum { KEYS = 2000, TABLES = 2 * KINDS };

static void *make_again(struct stage *s, void *obj, const struct besom_type *type, size_t bytes)
{
    obj = obj ? obj : besom_new_sized(s->m, type, bytes);
    require(obj != NULL, "failed twice");
    return obj;
}

static void *allocate(struct stage *s, const struct besom_type *type, size_t bytes)
{
    return make_again(s, besom_new_sized(s->m, type, bytes), type, bytes);
}

static void open_stage(struct stage *s, const char *options)
{
    besom_config_init(&s->config);
    uint64_t failing = s->host.ledger.failing;
    ledger_init(&s->host, &s->config);
    s->host.ledger.failing = failing;
    s->config.options_text = options;
    if (besom_heap_new(&s->config, &s->heap, NULL) != BESOM_OK)
        require_ok(besom_heap_new(&s->config, &s->heap, NULL));
    s->m = besom_attach(s->heap);
    s->m = s->m ? s->m : besom_attach(s->heap);
    require(s->m != NULL, "attaching failed twice");
}

static struct besom_table *new_table(struct stage *s, size_t t)
{
    struct besom_table *table = NULL;
    for (int i = 0; i < 2 && !table; i++)
        table = besom_table_new(s->m, (enum besom_table_kind)(t / 2), t % 2 ? hash_well : NULL,
                                t % 2 ? equal_content : NULL);
    require(table != NULL, "a table failed twice");
    return table;
}

static void put_again(struct stage *s, struct besom_table *table, void *key, void *value)
{
    size_t before = besom_table_count(table);
    void *old = besom_table_get(s->m, table, key);
    enum besom_status status = besom_table_put(s->m, table, key, value);
    if (status != BESOM_OK) {
        require(status == BESOM_E_MEMORY, "another status than out of memory");
        require(besom_table_count(table) == before, "a refusal that counts");
        require(besom_table_get(s->m, table, key) == old, "a refusal that changed something");
        require_ok(besom_table_put(s->m, table, key, value));
    }
    require(besom_table_get(s->m, table, key) == value, "not put");
}

static void remove_again(struct stage *s, struct besom_table *table, void *key)
{
    enum besom_status status = besom_table_remove(s->m, table, key);
    if (status == BESOM_E_MEMORY)
        status = besom_table_remove(s->m, table, key);
    require_ok(status);
}

/* The value of key i in table t: the key before it, or, as a weak value, one that dies as it does. */
static void *draw_value(struct stage *s, struct vector *keys, size_t t, size_t i)
{
    if (t / 2 == BESOM_WEAK_VALUES && i >= KEYS / 4)
        return allocate(s, &item_type, sizeof(struct item));
    return keys->items[i % (KEYS / 4) ? i - 1 : i];
}

/* Of KEYS entries in each table the keys and values of the first quarter live. */
static void play(struct stage *s, const char *options)
{
    open_stage(s, options);
    {
        BESOM_LOCALS(s->m, struct besom_table *tables[TABLES]; struct vector *kept;);
        my->kept = allocate(s, &vector_type, sizeof(struct vector) + KEYS * sizeof(void *));
        my->kept->length = KEYS;
        for (size_t i = 0; i < KEYS; i++) {
            struct item *item = allocate(s, &item_type, sizeof *item);
            item->id = item->content = i;
            my->kept->items[i] = item;
        }
        besom_write(s->m, my->kept);
        for (size_t t = 0; t < TABLES; t++) {
            my->tables[t] = new_table(s, t);
            for (size_t i = 0; i < KEYS; i++)
                put_again(s, my->tables[t], my->kept->items[i], draw_value(s, my->kept, t, i));
            for (size_t i = 0; i < KEYS; i += 5)
                remove_again(s, my->tables[t], my->kept->items[i]);
        }
        for (size_t i = KEYS / 4; i < KEYS; i++)
            my->kept->items[i] = NULL;
        besom_write(s->m, my->kept);
        my->tables[0] = my->tables[1] = NULL; /* the strong ones */
        for (int i = 0; i < 2; i++) /* what an entry kept may go a cycle later */
            require_ok(besom_collect(s->m, BESOM_FULL));
        for (size_t t = 2; t < TABLES; t++) {
            require(count_entries(s->m, my->tables[t]) == KEYS / 5, "not what lives");
            for (size_t i = 0; i < KEYS / 4; i++)
                require(!besom_table_get(s->m, my->tables[t], my->kept->items[i]) == (i % 5 == 0),
                        "not what was put");
        }
        require(count_items(s->m) == KEYS / 4, "another number of survivors");
        verify(s->m);
    }
    require_ok(besom_detach(s->m));
    require_ok(besom_heap_free(s->heap));
    require(s->host.ledger.maps == 0 && s->host.ledger.allocs == 0, "something is left");
    watch_check(&s->host.watch);
}

static void fail_each_call(const char *options)
{
    uint64_t n = 1;
    for (bool failed = true; failed; n++) {
        struct stage *s = calloc(1, sizeof *s);
        s->host.ledger.failing = n;
        play(s, options);
        failed = s->host.ledger.failed;
        free(s);
        ck_assert_uint_lt(n, 5000);
    }
    printf("%s: %llu calls failed\n", options, (unsigned long long)n - 2);
    ck_assert_uint_gt(n, 5);
}

START_TEST(any_call_may_fail)
{
    fail_each_call("mark_threads=1");
    fail_each_call("mark_threads=4");
    fail_each_call("mark_threads=2,mark_stack=64");
}
END_TEST

/* ---- no call succeeds while marking ---- */

static bool refuses;

static void *refuse_or_alloc(void *host, size_t bytes)
{
    (void)host;
    return __atomic_load_n(&refuses, __ATOMIC_RELAXED) ? NULL : malloc(bytes);
}

static void give_back(void *host, void *block)
{
    (void)host;
    free(block);
}

static void collect_without_memory(struct besom_mutator *m)
{
    refuses = true;
    collect(m);
    refuses = false;
}

static void check_without_memory(const char *options, enum besom_table_kind kind)
{
    struct rig rig;
    rig_init_exact(&rig, options);
    rig.config.memory.alloc = refuse_or_alloc;
    rig.config.memory.release = give_back;
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table *table; struct item *first; struct item *kept;);
        size_t n = scaled(4000);
        my->table = make_table(rig.m, kind);
        struct item *last = my->first = make_item(rig.m, 0);
        for (uint64_t i = 1; i <= n; i++) {
            struct item *item = make_item(rig.m, i);
            if (kind != BESOM_WEAK_KEYS)
                last->ref = item; /* so that they live */
            put(rig.m, my->table, last, item);
            if (i == n / 2)
                my->kept = item;
            last = item;
        }
        collect_without_memory(rig.m);
        ck_assert_uint_eq(count_entries(rig.m, my->table), n);
        my->first = NULL;
        collect_without_memory(rig.m);
        ck_assert_uint_eq(count_entries(rig.m, my->table), n - n / 2);
        ck_assert_uint_eq(count_items(rig.m), n - n / 2 + 1);
        my->kept = NULL;
        collect_without_memory(rig.m);
        ck_assert_uint_eq(count_entries(rig.m, my->table), 0);
        ck_assert_uint_eq(count_items(rig.m), 0);
    }
    rig_close(&rig);
}

START_TEST(tables_are_cleared_exactly_without_memory)
{
    static const char *const options[] = {"mark_threads=1", "mark_threads=4",
                                          "mark_threads=2,mark_stack=64,verify"};
    for (int o = 0; o < 3; o++) {
        check_without_memory(options[o], BESOM_WEAK_KEYS);
        check_without_memory(options[o], BESOM_WEAK_BOTH);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        put_at_the_hard_limit_is_refused_and_changes_nothing,
        table_at_the_hard_limit_is_null,
        any_call_may_fail,
        tables_are_cleared_exactly_without_memory,
    };
    return run_tests("tables without memory", tests, sizeof tests / sizeof *tests);
}
