/* test_defer.c - the stages of a cycle in which a host's own weak structures take part. */
#include "ephemeron_heap.h"

#include <string.h>

enum { STAGES = 4 };

/* An object that defers to every stage it is told to, and notes what it sees there. */
struct probe {
    const struct besom_type *type;
    struct probe *strong;
    void *weak;          /* asked about in the clearing stages */
    void *key, *value;   /* an ephemeron entry; without a key BESOM_RETRACE visits value */
    struct probe_log *log;
    uint64_t stages;     /* bits 1 << enum besom_stage */
    unsigned calls[STAGES];
    unsigned first[STAGES]; /* when, by the log's clock */
    bool dead[STAGES];   /* was `weak`? */
    bool key_marked;     /* besom_visit_ephemeron said so, at last */
};

struct probe_log {
    struct besom_heap *heap;
    void *host;
    unsigned clock;
};

static void note(struct besom_tracer *tracer, struct probe *p, enum besom_stage stage)
{
    require(besom_tracer_heap(tracer) == p->log->heap, "another heap");
    require(besom_tracer_host(tracer) == p->log->host, "another host");
    unsigned now = __atomic_add_fetch(&p->log->clock, 1, __ATOMIC_RELAXED);
    if (p->calls[stage]++ == 0)
        p->first[stage] = now;
}

static void retrace(struct besom_tracer *tracer, void *obj)
{
    struct probe *p = obj;
    note(tracer, p, BESOM_RETRACE);
    if (!p->key)
        besom_visit(tracer, p->value);
}

static void clear_values(struct besom_tracer *tracer, void *obj)
{
    struct probe *p = obj;
    note(tracer, p, BESOM_CLEAR_VALUES);
    p->dead[BESOM_CLEAR_VALUES] = besom_is_dead(besom_tracer_heap(tracer), p->weak);
}

static void clear_keys(struct besom_tracer *tracer, void *obj)
{
    struct probe *p = obj;
    note(tracer, p, BESOM_CLEAR_KEYS);
    p->dead[BESOM_CLEAR_KEYS] = besom_is_dead(besom_tracer_heap(tracer), p->weak);
}

static void visit_entry(struct besom_tracer *tracer, void *obj)
{
    struct probe *p = obj;
    note(tracer, p, BESOM_EPHEMERONS);
    p->key_marked = besom_visit_ephemeron(tracer, p->key, p->value);
    if (!p->key_marked)
        besom_defer(tracer, BESOM_CLEAR_KEYS, clear_keys, p); /* from an earlier stage */
}

static const besom_defer_fn stage_functions[STAGES] = {retrace, visit_entry, clear_values,
                                                       clear_keys};

static void trace_probe(struct besom_tracer *tracer, void *obj)
{
    struct probe *p = obj;
    besom_visit(tracer, p->strong);
    for (int stage = 0; stage < STAGES; stage++)
        if (p->stages & 1u << stage)
            besom_defer(tracer, (enum besom_stage)stage, stage_functions[stage], p);
}

static const struct besom_type probe_type = {
    .name = "probe", .size_bytes = sizeof(struct probe), .trace = trace_probe};

static struct probe *make_probe(struct besom_mutator *m, struct probe_log *log, unsigned stages)
{
    struct probe *p = make(m, &probe_type);
    p->log = log;
    p->stages = stages;
    return p;
}

static void start(struct rig *rig, struct probe_log *log)
{
    rig_start(rig);
    *log = (struct probe_log){rig->heap, &rig->watch, 0};
}

/* ---- stages ---- */

START_TEST(stages_come_in_order)
{
    struct rig rig;
    struct probe_log log;
    start(&rig, &log);
    {
        BESOM_LOCALS(rig.m, struct probe *probes[50]; struct node *key;);
        my->key = make(rig.m, &node_type);
        for (int i = 0; i < 50; i++) {
            my->probes[i] = make_probe(rig.m, &log, 15);
            my->probes[i]->key = my->key;
        }
        collect(rig.m);
        unsigned last[STAGES] = {0}, first[STAGES];
        memset(first, 0xFF, sizeof first);
        for (int i = 0; i < 50; i++)
            for (int stage = 0; stage < STAGES; stage++) {
                ck_assert_uint_ge(my->probes[i]->calls[stage], 1);
                unsigned at = my->probes[i]->first[stage];
                last[stage] = at > last[stage] ? at : last[stage];
                first[stage] = at < first[stage] ? at : first[stage];
            }
        for (int stage = 1; stage < STAGES; stage++)
            ck_assert_uint_lt(last[stage - 1], first[stage]);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(functions_of_dead_objects_are_not_called)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    struct probe_log log = {rig.heap, &rig.watch, 0};
    for (int i = 0; i < 50; i++)
        make_probe(rig.m, &log, 13);
    collect(rig.m);
    ck_assert_uint_eq(log.clock, 0);
    rig_close(&rig);
}
END_TEST

START_TEST(retraced_object_may_visit_more)
{
    struct rig rig;
    struct probe_log log;
    start(&rig, &log);
    {
        BESOM_LOCALS(rig.m, struct probe *p;);
        my->p = make_probe(rig.m, &log, 1u << BESOM_RETRACE);
        /* A chain of objects each of which is only found when the one before is retraced. */
        struct probe *p = my->p;
        for (int i = 0; i < 100; i++) {
            struct probe *next = make_probe(rig.m, &log, 1u << BESOM_RETRACE);
            p->value = next;
            besom_write(rig.m, p);
            p = next;
        }
        p->value = make_list(rig.m, 300);
        besom_write(rig.m, p);
        for (int i = 0; i < 3; i++)
            collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, &probe_type), 101);
        ck_assert_uint_eq(count_objects(rig.m, &node_type), 300);
        check_list(p->value, 300);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(value_of_an_entry_lives_if_its_key_does_however_late_it_is_found)
{
    enum { N = 300 };
    for (int backwards = 0; backwards < 2; backwards++) {
        struct rig rig;
        struct probe_log log;
        start(&rig, &log);
        {
            BESOM_LOCALS(rig.m, struct probe *probes[N]; struct node *head;);
            struct node *chain[N + 1];
            for (int i = 0; i <= N; i++)
                chain[i] = make(rig.m, &node_type);
            for (int i = 0; i < N; i++) {
                int k = backwards ? N - 1 - i : i;
                struct probe *p = make_probe(rig.m, &log, 1u << BESOM_EPHEMERONS);
                my->probes[i] = p;
                p->key = chain[k];
                p->value = chain[k + 1];
            }
            my->head = chain[N / 3];
            collect(rig.m);
            for (int i = 0; i <= N; i++)
                ck_assert(besom_owns(rig.heap, chain[i]) == (i >= N / 3));
            for (int i = 0; i < N; i++) {
                int k = backwards ? N - 1 - i : i;
                if (k < N / 3) { /* it asked for this stage on that account */
                    ck_assert(!my->probes[i]->key_marked);
                    ck_assert_uint_ge(my->probes[i]->calls[BESOM_CLEAR_KEYS], 1);
                    my->probes[i]->stages = 0; /* its key is gone */
                }
            }
        }
        rig_close(&rig);
    }
}
END_TEST

START_TEST(object_with_a_finalizer_is_dead_for_values_and_not_for_keys)
{
    struct rig rig;
    struct probe_log log;
    start(&rig, &log);
    {
        BESOM_LOCALS(rig.m, struct probe *finalized; struct probe *reached; struct probe *dead;
                     struct probe *alive; struct probe *none; struct node *node;);
        unsigned both = 1u << BESOM_CLEAR_VALUES | 1u << BESOM_CLEAR_KEYS;
        struct probe **probes[] = {&my->finalized, &my->reached, &my->dead, &my->alive, &my->none};
        for (int i = 0; i < 5; i++)
            *probes[i] = make_probe(rig.m, &log, both);
        struct node *node = make(rig.m, &node_type);
        node->next = make(rig.m, &node_type);
        besom_write(rig.m, node);
        require_ok(besom_finalizer_add(rig.m, node));
        my->finalized->weak = node;
        my->reached->weak = node->next;
        my->dead->weak = make(rig.m, &node_type);
        my->alive->weak = my->node = make(rig.m, &node_type);
        collect(rig.m);
        const bool before[] = {true, true, true, false, false};
        const bool after[] = {false, false, true, false, false};
        for (int i = 0; i < 5; i++) {
            ck_assert_int_eq((*probes[i])->dead[BESOM_CLEAR_VALUES], before[i]);
            ck_assert_int_eq((*probes[i])->dead[BESOM_CLEAR_KEYS], after[i]);
            (*probes[i])->weak = NULL;
        }
        ck_assert_ptr_eq(besom_finalizer_next(rig.m), node);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(values_of_what_a_finalizer_brings_back_are_cleared_after_that)
{
    struct rig rig;
    struct probe_log log;
    start(&rig, &log);
    {
        BESOM_LOCALS(rig.m, struct probe *early;);
        my->early = make_probe(rig.m, &log, 1u << BESOM_CLEAR_KEYS);
        struct probe *late = make_probe(rig.m, &log, 1u << BESOM_CLEAR_VALUES);
        struct probe *owner = make_probe(rig.m, &log, 0);
        owner->strong = late;
        besom_write(rig.m, owner);
        require_ok(besom_finalizer_add(rig.m, owner));
        late->weak = owner;
        late->dead[BESOM_CLEAR_VALUES] = true;
        collect(rig.m);
        ck_assert_uint_ge(late->calls[BESOM_CLEAR_VALUES], 1);
        ck_assert(!late->dead[BESOM_CLEAR_VALUES]); /* they came back together */
        ck_assert_uint_lt(late->first[BESOM_CLEAR_VALUES], my->early->first[BESOM_CLEAR_KEYS]);
        ck_assert_ptr_eq(besom_finalizer_next(rig.m), owner);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(deferring_outside_of_marking_is_ignored)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    struct probe_log log = {rig.heap, &rig.watch, 0};
    {
        BESOM_LOCALS(rig.m, struct probe *p;);
        my->p = make_probe(rig.m, &log, 13);
        collect(rig.m);
        unsigned before = log.clock;
        verify(rig.m);
        ck_assert_uint_eq(log.clock, before);
    }
    rig_close(&rig);
}
END_TEST

/* ---- without memory ---- */

static void starve(const char *options)
{
    enum { N = 4000 };
    struct world w;
    world_open(&w, options);
    struct probe_log log = {w.heap, &w, 0};
    {
        BESOM_LOCALS(w.m, struct vector *all; struct node *head;);
        my->all = make_vector(w.m, N);
        struct node *key = my->head = make(w.m, &node_type);
        for (size_t i = 0; i < N; i++) {
            struct probe *p = make_probe(w.m, &log, 15);
            p->strong = make_probe(w.m, &log, 15);
            p->strong->value = make(w.m, &node_type);
            p->strong->stages = 1u << BESOM_RETRACE;
            p->key = key;
            p->value = key = make(w.m, &node_type);
            my->all->items[i] = p;
        }
        w.starving = true;
        world_collect(&w);
        ck_assert_uint_gt(stats_of(w.heap).weak_overflows, 0);
        ck_assert_uint_eq(count_objects(w.m, &node_type), 2 * N + 1);
        for (size_t i = 0; i < N; i++) {
            const struct probe *p = my->all->items[i];
            for (int stage = 0; stage < STAGES; stage++)
                require(p->calls[stage] > 0, "a function was not called");
            require(p->strong->calls[BESOM_RETRACE] > 0, "a function was not called");
            require(p->first[BESOM_CLEAR_VALUES] < p->first[BESOM_CLEAR_KEYS], "out of order");
        }
    }
    world_close(&w);
}

START_TEST(functions_are_called_without_memory_too)
{
    starve("mark_threads=1");
    starve("mark_threads=4");
    starve("mark_threads=1,mark_stack=64");
}
END_TEST

/* ---- taken back ---- */

static void keep_nothing(struct besom_heap *heap, void *obj)
{
    (void)heap;
    ++*((struct blob *)obj)->words;
}

static const struct besom_type word_type = {.name = "word", .size_bytes = 32,
                                            .flags = BESOM_LEAF, .destroy = keep_nothing};

static void take_back(const struct besom_type *type, bool verified_at_once)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, void *word;);
        void *word = NULL;
        for (int i = 0; i < 1000; i++)
            word = make_sized(rig.m, type, 32);
        ck_assert(besom_revive(rig.m, word)); /* it is alive */
        require_ok(besom_step(rig.m, 1, NULL)); /* marks */
        if (besom_is_dead(rig.heap, word) && besom_revive(rig.m, word)) {
            my->word = word;
            ck_assert(!besom_is_dead(rig.heap, word));
            ck_assert(besom_revive(rig.m, word));
            if (verified_at_once)
                verify(rig.m);
            for (bool ended = false; !ended;)
                require_ok(besom_step(rig.m, 1, &ended));
            verify(rig.m);
            for (int i = 0; i < 3; i++) {
                collect(rig.m);
                verify(rig.m);
                ck_assert_ptr_eq(besom_type_of(rig.heap, my->word), type);
            }
        } else {
            ck_assert_msg(!type->destroy, "it has not been destroyed, and is not taken back");
        }
    }
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}

START_TEST(dead_leaf_taken_back_is_as_alive_as_any)
{
    take_back(&word_type, false);
    take_back(&blob_type, false);
}
END_TEST

START_TEST(heap_verifies_when_a_dead_leaf_was_taken_back)
{
    take_back(&word_type, true);
    take_back(&blob_type, true);
}
END_TEST

START_TEST(dead_object_with_references_is_not_taken_back)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    struct node *node = make(rig.m, &node_type);
    require_ok(besom_step(rig.m, 1, NULL));
    if (besom_is_dead(rig.heap, node))
        ck_assert(!besom_revive(rig.m, node));
    ck_assert(!besom_revive(rig.m, NULL));
    ck_assert(!besom_is_dead(rig.heap, NULL));
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        stages_come_in_order,
        functions_of_dead_objects_are_not_called,
        retraced_object_may_visit_more,
        value_of_an_entry_lives_if_its_key_does_however_late_it_is_found,
        object_with_a_finalizer_is_dead_for_values_and_not_for_keys,
        values_of_what_a_finalizer_brings_back_are_cleared_after_that,
        deferring_outside_of_marking_is_ignored,
        functions_are_called_without_memory_too,
        dead_leaf_taken_back_is_as_alive_as_any,
        heap_verifies_when_a_dead_leaf_was_taken_back,
        dead_object_with_references_is_not_taken_back,
    };
    test_seed();
    return run_tests("defer", tests, sizeof tests / sizeof *tests);
}
