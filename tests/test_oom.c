/* test_oom.c - every map and every alloc of the library is failed once, one after another.
 *
 * A scenario is run again and again with the nth call failing, for n = 1, 2, ... until it gets
 * through without a failure.  Whatever fails is reported by a status or NULL, tried again, and
 * works then; nothing leaks, and the heap verifies. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

struct stage { /* one run of a scenario */
    struct ledger_host host;
    struct besom_config config;
    struct besom_heap *heap;
    struct besom_mutator *m;
};

/* The steps retry once: only one call fails in a run. */

static bool open_heap(struct stage *s, const char *options)
{
    besom_config_init(&s->config);
    uint64_t failing = s->host.ledger.failing;
    ledger_init(&s->host, &s->config);
    s->host.ledger.failing = failing;
    s->config.options_text = options;
    struct besom_report report;
    enum besom_status status = besom_heap_new(&s->config, &s->heap, &report);
    if (status != BESOM_OK) {
        require(status == BESOM_E_MEMORY, "another status than out of memory");
        require(!s->heap, "a heap that was not created");
        require(s->host.ledger.maps == 0 && s->host.ledger.allocs == 0, "leaked by besom_heap_new");
        status = besom_heap_new(&s->config, &s->heap, &report);
    }
    return status == BESOM_OK;
}

static void open_mutator(struct stage *s)
{
    s->m = besom_attach(s->heap);
    if (!s->m)
        s->m = besom_attach(s->heap);
    require(s->m != NULL, "attaching failed twice");
}

static struct besom_handle *hold(struct stage *s, void *obj)
{
    struct besom_handle *handle = besom_handle_new(s->m, obj, "held");
    if (!handle)
        handle = besom_handle_new(s->m, obj, "held");
    require(handle != NULL, "a handle failed twice");
    return handle;
}

static void *allocate(struct stage *s, const struct besom_type *type, size_t bytes)
{
    void *obj = besom_new_sized(s->m, type, bytes);
    if (!obj)
        obj = besom_new_sized(s->m, type, bytes);
    require(obj != NULL, "an allocation failed twice");
    return obj;
}

static void require_twice(enum besom_status first, enum besom_status second)
{
    require(first == BESOM_OK || first == BESOM_E_MEMORY, "another status than out of memory");
    require(second == BESOM_OK, "failed twice");
}

static void check_heap(struct stage *s)
{
    struct besom_report report;
    if (besom_verify(s->m, &report) != BESOM_OK)
        ck_abort_msg("%s", report.text);
}

static void visit_slot(struct besom_tracer *tracer, void *data)
{
    besom_visit(tracer, *(void **)data);
}

/* Every kind of root. */
static void add_roots(struct stage *s, void **slots)
{
    enum besom_status status = besom_root_range(s->heap, slots, 4, "range", NULL);
    if (status != BESOM_OK)
        require_twice(status, besom_root_range(s->heap, slots, 4, "range", NULL));
    status = besom_root_source(s->heap, visit_slot, slots, "source", NULL);
    if (status != BESOM_OK)
        require_twice(status, besom_root_source(s->heap, visit_slot, slots, "source", NULL));
    status = besom_mutator_root_source(s->m, visit_slot, slots, "own", NULL);
    if (status != BESOM_OK)
        require_twice(status,
                      besom_mutator_root_source(s->m, visit_slot, slots, "own", NULL));
    status = besom_root_ambiguous(s->heap, slots, 4, "ambiguous", NULL);
    if (status != BESOM_OK)
        require_twice(status, besom_root_ambiguous(s->heap, slots, 4, "ambiguous", NULL));
}

enum { NODES = 3000, PAIRS = 3000 };

static struct node *chain_nodes(struct stage *s, size_t n)
{
    struct node *list = NULL;
    for (size_t i = 0; i < n; i++) {
        struct node *node = allocate(s, &node_type, sizeof *node);
        node->id = i;
        node->next = list;
        besom_write(s->m, node);
        list = node;
    }
    return list;
}

/* Objects of every size class, of own blocks, with hooks; and garbage between them. */
static void populate(struct stage *s, void **slots, unsigned long *calls)
{
    slots[0] = chain_nodes(s, NODES);
    for (size_t i = 0; i < PAIRS; i++) {
        struct pair *pair = allocate(s, &pair_type, sizeof *pair);
        pair->tail = slots[1];
        besom_write(s->m, pair);
        slots[1] = pair;
        struct hooked *hooked = allocate(s, &hooked_type, sizeof *hooked);
        hooked->calls = calls;
    }
    const size_t sizes[] = {300, 5000, 9000, 100000, 1 << 20, 3 << 20, 9 << 20};
    struct vector *all = allocate(s, &vector_type, sizeof *all + 7 * sizeof(void *));
    all->length = 7;
    slots[2] = all;
    for (size_t i = 0; i < 7; i++) {
        all->items[i] = allocate(s, &blob_type, sizes[i]);
        besom_write(s->m, all);
        allocate(s, &blob_type, sizes[i]);
    }
    /* Wide and branching, so that marking shares its work out. */
    struct vector *wide = allocate(s, &vector_type, sizeof *wide + 2000 * sizeof(void *));
    wide->length = 2000;
    slots[3] = wide;
    for (size_t i = 0; i < 2000; i++) {
        wide->items[i] = chain_nodes(s, 3);
        besom_write_at(s->m, wide, &wide->items[i]);
    }
}

enum { LIVE = NODES + PAIRS + 1 + 7 + 1 + 6000 };

static void collect_and_check(struct stage *s, void **slots)
{
    enum besom_status status = besom_collect(s->m, BESOM_FULL);
    require(status == BESOM_OK, "a collection failed"); /* it reserves before it starts */
    require(count_objects(s->m, NULL) == LIVE, "another number of survivors");
    check_list(slots[0], NODES);
    check_heap(s);
}

static void close_heap(struct stage *s)
{
    require(besom_detach(s->m) == BESOM_OK, "detaching failed");
    require(besom_heap_free(s->heap) == BESOM_OK, "freeing failed");
    require(s->host.ledger.maps == 0, "a map is left");
    require(s->host.ledger.mapped_bytes == 0, "mapped bytes are left");
    require(s->host.ledger.allocs == 0, "a block is left");
    watch_check(&s->host.watch);
}

static void play(struct stage *s, const char *options)
{
    void *slots[4] = {0};
    unsigned long calls = 0;
    require(open_heap(s, options), "creating a heap failed twice");
    open_mutator(s);
    add_roots(s, slots);
    struct besom_handle *handle = hold(s, NULL);
    populate(s, slots, &calls);
    for (int i = 0; i < 2; i++) {
        collect_and_check(s, slots);
        chain_nodes(s, 500);
        besom_poll(s->m);
    }
    require(calls == PAIRS, "a destroy hook was not called once");
    require(besom_handle_free(handle) == BESOM_OK, "freeing a handle failed");
    close_heap(s);
}

/* Runs the scenario with each call failing in turn. */
static void fail_each_call(const char *options)
{
    uint64_t n = 1;
    for (bool failed = true; failed; n++) {
        struct stage *s = calloc(1, sizeof *s);
        ck_assert_ptr_nonnull(s);
        s->host.ledger.failing = n;
        play(s, options);
        failed = s->host.ledger.failed;
        free(s);
        ck_assert_uint_lt(n, 5000);
    }
    printf("%s: %llu calls failed\n", options, (unsigned long long)n - 2);
    fflush(stdout);
    ck_assert_uint_gt(n, 5);
}

START_TEST(any_call_may_fail_with_serial_marking)
{
    fail_each_call("mark_threads=1");
}
END_TEST

START_TEST(any_call_may_fail_with_parallel_marking)
{
    fail_each_call("mark_threads=4");
}
END_TEST

START_TEST(any_call_may_fail_with_a_small_mark_stack)
{
    fail_each_call("mark_threads=2,mark_stack=64");
}
END_TEST

START_TEST(any_call_may_fail_with_the_barrier_on)
{
    fail_each_call("mark_threads=1,barrier");
}
END_TEST

START_TEST(any_call_may_fail_with_a_trace_and_pauses_kept)
{
    fail_each_call("mark_threads=1,pauses=100,trace=/dev/null");
}
END_TEST

START_TEST(any_call_may_fail_with_poison)
{
    fail_each_call("mark_threads=1,poison,give_back_ms=0");
}
END_TEST

/* ---- the system's memory comes to an end ---- */

START_TEST(system_without_memory_gives_null_and_no_harm)
{
    struct stage *s = calloc(1, sizeof *s);
    require(open_heap(s, "mark_threads=1"), "no heap");
    open_mutator(s);
    {
        BESOM_LOCALS(s->m, struct node *list;);
        my->list = make_list(s->m, 100);
        /* All later maps fail, and the heap has what it has. */
        s->host.ledger.failing = 0;
        s->host.ledger.refuse_maps = true;
        size_t n = 0;
        while (besom_new_sized(s->m, &blob_type, 50000))
            n++;
        require(!besom_new_sized(s->m, &blob_type, 3 << 20), "a map that cannot be");
        require(besom_collect(s->m, BESOM_FULL) == BESOM_OK, "a collection failed");
        check_list(my->list, 100);
        check_heap(s);
        for (size_t i = 0; i < n; i++)
            require(besom_new_sized(s->m, &blob_type, 50000) != NULL, "memory was lost");
        s->host.ledger.refuse_maps = false;
        require(besom_new_sized(s->m, &blob_type, 3 << 20) != NULL, "memory is back");
    }
    close_heap(s);
    free(s);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        any_call_may_fail_with_serial_marking,
        any_call_may_fail_with_parallel_marking,
        any_call_may_fail_with_a_small_mark_stack,
        any_call_may_fail_with_the_barrier_on,
        any_call_may_fail_with_a_trace_and_pauses_kept,
        any_call_may_fail_with_poison,
        system_without_memory_gives_null_and_no_harm,
    };
    return run_tests("oom", tests, sizeof tests / sizeof *tests);
}
