/* test_weak_steps.c - between two steps of the weak phase a program sees nothing half done. */
#include "support_items.h"

#include <time.h>

/* Steps until the cycle ends; the number of steps. */
static size_t step_to_the_end(struct besom_mutator *m)
{
    size_t steps = 0;
    for (bool ended = false; !ended; steps++)
        require_ok(besom_step(m, 1, &ended));
    return steps;
}

/* At most n steps; true: the cycle has ended. */
static bool step_some(struct besom_mutator *m, size_t n)
{
    bool ended = false;
    for (size_t i = 0; i < n && !ended; i++)
        require_ok(besom_step(m, 1, &ended));
    return ended;
}

/* Takes what was freed in error for other objects. */
static void churn(struct besom_mutator *m)
{
    for (int i = 0; i < 20000; i++)
        make_item(m, UINT64_MAX);
}

static const char *const modes[] = {"mark_threads=1", "mark_threads=1,slow", "mark_threads=4",
                                    "mark_threads=1,poison"};
enum { MODES = sizeof modes / sizeof *modes };

/* ---- what a read shows while finalizers bring objects back ---- */

enum { LENGTH = 5000, CUT = 4000 };

/* How a program gets at the list that a finalizer is bringing back. */
enum way { BY_REFERENCE, BY_EPHEMERON, BY_CONTENT, WAYS };

struct way_in {
    struct besom_weak *weak;
    struct besom_ephemeron *ephemeron;
    struct besom_table *table;
    struct item *twin;
};

static struct item *get_in(struct besom_mutator *m, const struct way_in *in, enum way way)
{
    switch (way) {
    case BY_REFERENCE: return besom_weak_get(m, in->weak);
    case BY_EPHEMERON: return besom_ephemeron_key(m, in->ephemeron);
    default: {
        struct item *value = besom_table_get(m, in->table, in->twin);
        return value ? value->ref : NULL;
    }
    }
}

/* Reads after `steps` steps, keeps the end of the list alone; false: the cycle was over. */
static bool cut_after(const char *options, enum way way, size_t steps, size_t *shown)
{
    struct rig rig;
    rig_init_exact(&rig, options);
    rig_open(&rig);
    struct besom_mutator *m = rig.m;
    bool was_over;
    {
        BESOM_LOCALS(m, struct item * list; struct item * kept; struct way_in in;);
        for (uint64_t i = LENGTH; i-- > 0;) {
            struct item *item = make_item(m, i);
            item->ref = my->list;
            besom_write(m, item);
            my->list = item;
        }
        my->in.weak = besom_weak_new(m, BESOM_WEAK_LONG, my->list);
        my->in.ephemeron = besom_ephemeron_new(m, my->list, my->list);
        my->in.table = make_content_table(m, BESOM_WEAK_KEYS, hash_well);
        my->in.twin = make_item(m, LENGTH);
        struct item *key = make_item(m, LENGTH), *value = make_item(m, LENGTH + 1);
        value->ref = my->list;
        key->ref = my->list;
        put(m, my->in.table, key, value);
        require_ok(besom_finalizer_add(m, key));
        require_ok(besom_finalizer_add(m, my->list));
        my->list = NULL;
        was_over = step_some(m, steps);
        struct item *item = get_in(m, &my->in, way);
        if (item) {
            ++*shown;
            for (uint64_t i = 0; i < CUT; i++) {
                require(item->id == i, "what is shown has changed");
                item = item->ref;
            }
            my->kept = item->ref;
            item->ref = NULL;
        }
        if (!was_over)
            step_to_the_end(m);
        verify(m);
        collect(m);
        churn(m);
        uint64_t n = 0;
        for (item = my->kept; item; item = item->ref, n++)
            require(item->type == &item_type && item->id == CUT + 1 + n, "freed while in use");
        require(!my->kept || n == LENGTH - CUT - 1, "cut off");
        while (besom_finalizer_next(m))
            ;
    }
    rig_close(&rig);
    return !was_over;
}

START_TEST(what_is_shown_while_a_finalizer_brings_it_back_is_alive_to_its_end)
{
    for (int mode = 0; mode < MODES; mode++)
        for (int way = 0; way < WAYS; way++) {
            size_t shown = 0, steps = 1;
            while (cut_after(modes[mode], (enum way)way, steps, &shown) && steps < 60)
                steps += steps < 8 ? 1 : steps / 4;
            ck_assert_uint_gt(shown, 0);
        }
}
END_TEST

/* ---- who marks, and when ---- */

struct leafless {
    const struct besom_type *type;
    struct leafless *left, *right;
};

static size_t n_traced;

static void trace_leafless(struct besom_tracer *tracer, void *obj)
{
    const struct leafless *l = obj;
    __atomic_fetch_add(&n_traced, 1, __ATOMIC_SEQ_CST);
    besom_visit(tracer, l->left);
    besom_visit(tracer, l->right);
}

static const struct besom_type leafless_type = {
    .name = "leafless", .size_bytes = sizeof(struct leafless), .trace = trace_leafless};

/* A tree of 2^depth - 1 objects; no safepoint within. */
static struct leafless *make_tree(struct besom_mutator *m, int depth)
{
    if (depth == 0)
        return NULL;
    struct leafless *tree = make(m, &leafless_type);
    tree->left = make_tree(m, depth - 1);
    tree->right = make_tree(m, depth - 1);
    besom_write(m, tree);
    return tree;
}

START_TEST(nobody_marks_between_two_steps)
{
    struct rig rig;
    rig_init_exact(&rig, "mark_threads=4,heap_min=1g");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct leafless * live;);
        my->live = make_tree(rig.m, 14);
        collect(rig.m); /* the helpers are there */
        require_ok(besom_finalizer_add(rig.m, make_tree(rig.m, 17)));
        n_traced = 0;
        size_t in_steps = 0;
        for (bool ended = false; !ended;) {
            require_ok(besom_step(rig.m, 1, &ended));
            size_t before = __atomic_load_n(&n_traced, __ATOMIC_SEQ_CST);
            nanosleep(&(struct timespec){0, 200000}, NULL);
            require(__atomic_load_n(&n_traced, __ATOMIC_SEQ_CST) == before, "a helper went on");
            in_steps++;
        }
        ck_assert_uint_ge(n_traced, (1u << 17) - 1);
        ck_assert_uint_gt(in_steps, 10);
        while (besom_finalizer_next(rig.m))
            ;
    }
    rig_close(&rig);
}
END_TEST

START_TEST(weak_phase_goes_on_in_many_small_steps)
{
    struct rig rig;
    rig_init_exact(&rig, "mark_threads=1,heap_min=1g");
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct besom_table * table; struct item * held;);
        size_t n = scaled(100000);
        my->table = make_table(rig.m, BESOM_WEAK_KEYS);
        for (uint64_t i = 0; i < n; i++)
            put(rig.m, my->table, make_item(rig.m, i), make_item(rig.m, i));
        step_some(rig.m, 1);
        size_t steps = step_to_the_end(rig.m);
        ck_assert_uint_ge(steps, n / 10000);
        ck_assert_uint_eq(count_entries(rig.m, my->table), 0);
        struct item *owner = make_item(rig.m, 0);
        owner->ref = make_list(rig.m, n);
        besom_write(rig.m, owner);
        require_ok(besom_finalizer_add(rig.m, owner));
        step_some(rig.m, 1);
        steps = step_to_the_end(rig.m);
        ck_assert_uint_ge(steps, n / 1000); /* some hundred objects in each */
        my->held = besom_finalizer_next(rig.m);
        check_list(my->held->ref, n);
    }
    rig_close(&rig);
}
END_TEST

/* ---- leaves that are taken back ---- */

START_TEST(leaf_taken_back_is_a_key_like_any_other)
{
    for (int mode = 0; mode < MODES; mode++)
        for (size_t steps = 1; steps < 6; steps++) {
            struct rig rig;
            rig_init_exact(&rig, modes[mode]);
            rig_open(&rig);
            struct besom_mutator *m = rig.m;
            {
                BESOM_LOCALS(m, struct besom_table * table; struct besom_ephemeron * ephemeron;
                             struct besom_weak * weak; struct blob * kept; struct item * value;);
                my->table = make_table(m, BESOM_WEAK_KEYS);
                struct blob *leaf = make_sized(m, &blob_type, 64);
                struct item *value = make_item(m, 42);
                value->ref = make_list(m, 100);
                put(m, my->table, leaf, value);
                my->ephemeron = besom_ephemeron_new(m, leaf, value);
                my->weak = besom_weak_new(m, BESOM_WEAK_LONG, leaf);
                bool was_over = step_some(m, steps);
                bool taken = besom_revive(m, leaf);
                ck_assert(taken || steps > 1);
                if (taken)
                    my->kept = leaf;
                if (!was_over)
                    step_to_the_end(m);
                verify(m);
                churn(m);
                for (int i = 0; taken && i < 2; i++) {
                    my->value = besom_table_get(m, my->table, my->kept);
                    struct item *other = besom_ephemeron_value(m, my->ephemeron);
                    /* All of it is there, or none. */
                    ck_assert_int_eq(!other, !besom_weak_get(m, my->weak));
                    if (steps == 1)
                        ck_assert(my->value && other);
                    ck_assert(!my->value || my->value->id == 42);
                    ck_assert(!other || other->id == 42);
                    if (my->value)
                        check_list(my->value->ref, 100);
                    collect(m);
                    verify(m);
                }
            }
            rig_close(&rig);
        }
}
END_TEST

static void count_call(struct besom_mutator *m, void *arg)
{
    (void)m;
    ++*(unsigned *)arg;
}

START_TEST(leaf_taken_back_has_what_hung_on_it_or_lost_it_for_good)
{
    unsigned lost = 0;
    for (size_t steps = 1; steps < 8; steps++) {
        struct rig rig;
        rig_init_exact(&rig, "mark_threads=1");
        rig_open(&rig);
        struct besom_mutator *m = rig.m;
        unsigned calls = 0, calls_alive = 0;
        {
            BESOM_LOCALS(m, struct blob * kept;);
            struct blob *leaf = make_sized(m, &blob_type, 64);
            require_ok(besom_external(rig.heap, leaf, 1000));
            require_ok(besom_cleanup_add(m, leaf, count_call, &calls, NULL));
            step_some(m, steps);
            if (besom_revive(m, leaf)) {
                my->kept = leaf;
                collect(m);
                verify(m);
                calls_alive = calls;
                lost += calls;
                size_t charge = besom_external_of(rig.heap, leaf);
                ck_assert(charge == 0 || charge == 1000);
                ck_assert_uint_eq(stats_of(rig.heap).external_bytes, charge);
                enum besom_status status = besom_external(rig.heap, leaf, -1000);
                ck_assert_int_eq(status, charge ? BESOM_OK : BESOM_E_ARGUMENT);
                collect(m);
                ck_assert_uint_eq(calls, calls_alive);
            }
        }
        collect(m);
        ck_assert_uint_eq(calls, 1); /* once, whenever */
        rig_close(&rig);
    }
    ck_assert_uint_gt(lost, 0); /* as besom_revive warns */
}
END_TEST

/* ---- verification amid the phase ---- */

static const enum besom_table_kind weak_kinds[] = {BESOM_WEAK_KEYS, BESOM_WEAK_VALUES,
                                                   BESOM_WEAK_BOTH};

enum change { CLEAR, GROW, SHRINK, CHANGES };

static void change_table(struct besom_mutator *m, struct besom_table *table, enum change change,
                         struct vector *kept)
{
    BESOM_LOCALS(m, struct item * more;);
    if (change == CLEAR)
        require_ok(besom_table_clear(m, table));
    for (uint64_t i = 0; change == GROW && i < kept->length; i++) {
        my->more = make_item(m, kept->length + i);
        put(m, table, my->more, my->more);
    }
    for (uint64_t i = 0; change == SHRINK && i < kept->length; i += 5)
        require_ok(besom_table_remove(m, table, kept->items[i]));
}

/* Changes a table of n entries, of which a fifth live, after that many steps. */
static void verify_amid(const char *options, enum besom_table_kind kind, enum change change,
                        size_t n, size_t steps)
{
    struct rig rig;
    rig_init_exact(&rig, options);
    rig_open(&rig);
    struct besom_mutator *m = rig.m;
    {
        BESOM_LOCALS(m, struct besom_table * table; struct vector * kept;);
        my->table = make_table(m, kind);
        my->kept = make_vector(m, n);
        for (uint64_t i = 0; i < n; i++) {
            struct item *key = make_item(m, i), *value = make_item(m, i);
            put(m, my->table, key, value);
            if (i % 5 == 0) {
                key->ref = value;
                besom_write(m, key);
                besom_set(m, my->kept, &my->kept->items[i], key);
            }
        }
        bool was_over = step_some(m, steps);
        change_table(m, my->table, change, my->kept);
        verify(m);
        while (!was_over) {
            require_ok(besom_step(m, 1, &was_over));
            verify(m);
        }
        collect(m);
        size_t lives = change == CLEAR ? 0 : change == SHRINK ? 0 : (n + 4) / 5;
        ck_assert_uint_eq(count_entries(m, my->table), lives);
    }
    rig_close(&rig);
}

START_TEST(heap_verifies_whatever_was_changed_between_two_steps)
{
    for (int kind = 0; kind < 3; kind++)
        for (int change = 0; change < CHANGES; change++)
            for (size_t steps = 1; steps < 6; steps++) {
                verify_amid("mark_threads=1", weak_kinds[kind], (enum change)change, 7, steps);
                verify_amid("verify", weak_kinds[kind], (enum change)change, 7, steps);
                verify_amid("slow", weak_kinds[kind], (enum change)change, 600, steps);
            }
}
END_TEST

START_TEST(heap_verifies_when_clearing_has_shrunk_a_table)
{
    struct rng rng = {test_seed()};
    for (int i = 0; i < 100; i++) {
        struct rig rig;
        rig_init_exact(&rig, "mark_threads=1");
        rig_open(&rig);
        struct besom_mutator *m = rig.m;
        {
            enum { N = 400 };
            BESOM_LOCALS(m, struct besom_table * table; struct vector * kept;);
            my->table = make_table(m, weak_kinds[i % 3]);
            my->kept = make_vector(m, N);
            for (size_t k = 0; k < N; k++) {
                struct item *item = make_item(m, k);
                besom_set(m, my->kept, &my->kept->items[k], item);
                put(m, my->table, item, item);
            }
            for (size_t k = 0; k < N; k++) {
                if (rng_below(&rng, 10) < 7)
                    require_ok(besom_table_remove(m, my->table, my->kept->items[k]));
                if (rng_below(&rng, 10) < 2)
                    besom_set(m, my->kept, &my->kept->items[k], NULL);
            }
            collect(m);
            verify(m);
        }
        rig_close(&rig);
    }
}
END_TEST

/* What a finalizer brings back is wide, and does not fit the mark stack; what has lived all along is
 * there at every look meanwhile, and what is brought back is there for good once it was seen. */
static void look_while_much_comes_back(const char *options)
{
    enum { WIDTH = 3000 };
    struct rig rig;
    rig_init_exact(&rig, options);
    rig_open(&rig);
    struct besom_mutator *m = rig.m;
    {
        BESOM_LOCALS(m, struct item * lives; struct vector * wide; struct besom_weak * to_lives;
                     struct besom_weak * to_last;);
        my->lives = make_item(m, 1);
        my->to_lives = besom_weak_new(m, BESOM_WEAK_LONG, my->lives);
        my->wide = make_vector(m, WIDTH);
        for (size_t i = 0; i < WIDTH; i++)
            besom_set(m, my->wide, &my->wide->items[i], make_item(m, i));
        my->to_last = besom_weak_new(m, BESOM_WEAK_LONG, my->wide->items[WIDTH - 1]);
        require_ok(besom_finalizer_add(m, my->wide));
        my->wide = NULL;
        bool was_seen = false;
        for (bool ended = false; !ended;) {
            require_ok(besom_step(m, 1, &ended));
            require(besom_weak_get(m, my->to_lives) == my->lives, "what lives is not seen");
            const struct item *last = besom_weak_get(m, my->to_last);
            require(last || !was_seen, "what was brought back is gone");
            require(!last || last->id == WIDTH - 1, "what was brought back is another");
            was_seen = was_seen || last;
        }
        require(was_seen, "it was not brought back");
        struct vector *wide = besom_finalizer_next(m);
        require(wide && wide->length == WIDTH, "it is not in the queue");
        for (size_t i = 0; i < WIDTH; i++)
            require(((struct item *)wide->items[i])->id == i, "a part of it is gone");
    }
    rig_close(&rig);
}

START_TEST(looks_do_not_depend_on_the_size_of_the_mark_stack)
{
    look_while_much_comes_back("mark_threads=1,mark_stack=64");
    look_while_much_comes_back("mark_threads=1,mark_stack=64,slow");
    look_while_much_comes_back("mark_threads=1,mark_stack=64,mode=incremental");
    look_while_much_comes_back("mark_threads=1,mark_stack=64,generational,poison");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_shown_while_a_finalizer_brings_it_back_is_alive_to_its_end,
        nobody_marks_between_two_steps,
        weak_phase_goes_on_in_many_small_steps,
        leaf_taken_back_is_a_key_like_any_other,
        leaf_taken_back_has_what_hung_on_it_or_lost_it_for_good,
        heap_verifies_whatever_was_changed_between_two_steps,
        heap_verifies_when_clearing_has_shrunk_a_table,
        looks_do_not_depend_on_the_size_of_the_mark_stack,
    };
    test_seed();
    return run_tests("weak steps", tests, sizeof tests / sizeof *tests);
}
