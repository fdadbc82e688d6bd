/* test_gc_cycle.c - the phases in their order, the hooks of weak structures, destroy hooks. */
#include "support.h"

#include "gc/collect.h"
#include "gc/cycle.h"
#include "gc/heap.h"
#include "gc/mark.h"
#include "gc/mutator.h"
#include "gc/phase.h"

#include <stdio.h>
#include <string.h>

static void start(struct rig *rig, const char *text)
{
    rig_init_exact(rig, text);
    rig_open(rig);
}

/* ---- a weak structure that writes down how it is called ---- */

enum { DIARY = 4096 };

struct diary {
    char text[DIARY];
    struct besom_heap *heap;
};

struct writer {
    struct diary *diary;
    char name;
    int more;          /* converge still visits something so often */
    int early;         /* STAGE_CLEAR_EARLY has more to do so often */
    struct node *next; /* what it visits then, or NULL */
    struct node *late; /* what STAGE_FINALIZE visits, or NULL */
};

static void note(struct writer *w, const char *what)
{
    size_t n = strlen(w->diary->text);
    snprintf(w->diary->text + n, DIARY - n, "%s%c ", what, w->name);
}

static void on_begin(void *data)
{
    note(data, "begin");
}

static void on_roots(void *data, struct besom_tracer *tracer)
{
    if (tracer->pass == PASS_MARK)
        note(data, "roots");
}

static bool on_converge(void *data, struct besom_tracer *tracer)
{
    struct writer *w = data;
    note(w, "converge");
    if (w->more == 0)
        return false;
    w->more--;
    if (w->next) {
        struct node *visited = w->next;
        w->next = visited->next;
        besom_visit(tracer, visited);
    }
    return true;
}

static bool on_early(void *data, struct besom_tracer *tracer)
{
    struct writer *w = data;
    (void)tracer;
    note(w, "early");
    return w->early > 0 && w->early--;
}

static bool on_finalize(void *data, struct besom_tracer *tracer)
{
    struct writer *w = data;
    note(w, "finalize");
    bool visits = w->late && !besom__is_marked(w->diary->heap, w->late);
    if (visits)
        besom_visit(tracer, w->late);
    return visits;
}

static bool on_late(void *data, struct besom_tracer *tracer)
{
    (void)tracer;
    note(data, "late");
    return false;
}

static bool on_end(void *data)
{
    note(data, "end");
    return false;
}

static bool on_destroyed(void *data)
{
    note(data, "destroyed");
    return false;
}

static void add_writer(struct rig *rig, struct writer *w)
{
    struct besom__phase_hooks hooks = {.data = w,
                                       .begin = on_begin,
                                       .roots = on_roots,
                                       .converge = on_converge,
                                       .stage = {on_early, on_finalize, on_late},
                                       .end = on_end,
                                       .destroyed = on_destroyed};
    ck_assert(besom__phase_register(rig->heap, &hooks));
}

START_TEST(hooks_are_called_by_stage_and_in_the_order_of_registration)
{
    struct rig rig;
    start(&rig, NULL);
    struct diary diary = {.heap = rig.heap};
    struct writer a = {.diary = &diary, .name = 'A'}, b = {.diary = &diary, .name = 'B'};
    add_writer(&rig, &a);
    add_writer(&rig, &b);
    struct besom__phase_hooks silent = {.data = NULL}; /* any function may be NULL */
    ck_assert(besom__phase_register(rig.heap, &silent));
    for (int i = 0; i < 2; i++) {
        diary.text[0] = 0;
        collect(rig.m);
        ck_assert_str_eq(diary.text, "beginA beginB rootsA rootsB convergeA convergeB "
                                     "convergeA convergeB earlyA earlyB "
                                     "convergeA convergeB finalizeA finalizeB "
                                     "convergeA convergeB lateA lateB endA endB "
                                     "destroyedA destroyedB ");
    }
    rig_close(&rig);
}
END_TEST

START_TEST(structures_are_asked_again_until_none_has_more)
{
    struct rig rig;
    start(&rig, NULL);
    struct diary diary = {.heap = rig.heap};
    struct writer a = {.diary = &diary, .name = 'A'}, b = {.diary = &diary, .name = 'B', .more = 2};
    add_writer(&rig, &a);
    add_writer(&rig, &b);
    collect(rig.m);
    ck_assert_str_eq(diary.text, "beginA beginB rootsA rootsB convergeA convergeB "
                                 "convergeA convergeB convergeA convergeB "
                                 "convergeA convergeB earlyA earlyB "
                                 "convergeA convergeB finalizeA finalizeB "
                                 "convergeA convergeB lateA lateB endA endB "
                                 "destroyedA destroyedB ");
    rig_close(&rig);
}
END_TEST

START_TEST(what_converging_visits_stays_and_what_it_reaches)
{
    enum { N = 50, LENGTH = 20 };
    struct rig rig;
    start(&rig, NULL);
    struct diary diary = {.heap = rig.heap};
    struct writer w = {.diary = &diary, .name = 'W', .more = N};
    add_writer(&rig, &w);
    for (int i = 0; i < N; i++) {
        struct node *node = make(rig.m, &node_type);
        node->other = make_list(rig.m, LENGTH);
        node->next = w.next;
        w.next = node;
    }
    collect(rig.m);
    ck_assert_int_eq(w.more, 0);
    ck_assert_uint_eq(count_objects(rig.m, NULL), N * (LENGTH + 1));
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(what_is_finalized_stays_and_what_it_reaches)
{
    struct rig rig;
    start(&rig, NULL);
    struct diary diary = {.heap = rig.heap};
    struct writer w = {.diary = &diary, .name = 'W'};
    add_writer(&rig, &w);
    w.late = make_list(rig.m, 100);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 100);
    check_list(w.late, 100);
    w.late = NULL;
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}
END_TEST

START_TEST(table_of_hooks_is_bounded)
{
    struct rig rig;
    start(&rig, NULL);
    struct besom__phase_hooks silent = {.data = NULL};
    for (int i = 1; i < MAX_PHASE_HOOKS; i++) /* the first are weak structures' */
        ck_assert(besom__phase_register(rig.heap, &silent));
    ck_assert(!besom__phase_register(rig.heap, &silent));
    collect(rig.m);
    rig_close(&rig);
}
END_TEST

/* ---- what the stages see ---- */

struct witness {
    struct besom_heap *heap;
    struct node *alive, *dead, *finalized;
    uint32_t phase[2];
    bool seen[2][3]; /* early, late: is it marked? */
};

static void look(struct witness *w, int stage)
{
    w->phase[stage] = w->heap->cycle.phase;
    w->seen[stage][0] = besom__is_marked(w->heap, w->alive);
    w->seen[stage][1] = besom__is_marked(w->heap, w->dead);
    w->seen[stage][2] = besom__is_marked(w->heap, w->finalized);
}

static bool look_early(void *data, struct besom_tracer *tracer)
{
    (void)tracer;
    look(data, 0);
    return false;
}

static bool look_late(void *data, struct besom_tracer *tracer)
{
    (void)tracer;
    look(data, 1);
    return false;
}

static bool finalize_one(void *data, struct besom_tracer *tracer)
{
    struct witness *w = data;
    bool visits = !besom__is_marked(w->heap, w->finalized);
    if (visits)
        besom_visit(tracer, w->finalized);
    return visits;
}

START_TEST(death_is_known_early_and_revival_late)
{
    struct rig rig;
    start(&rig, NULL);
    struct witness w = {.heap = rig.heap};
    struct besom__phase_hooks hooks = {.data = &w, .stage = {look_early, finalize_one, look_late}};
    ck_assert(besom__phase_register(rig.heap, &hooks));
    {
        BESOM_LOCALS(rig.m, struct node * alive;);
        my->alive = w.alive = make(rig.m, &node_type);
        w.dead = make(rig.m, &node_type);
        w.finalized = make(rig.m, &node_type);
        collect(rig.m);
    }
    ck_assert_uint_eq(w.phase[0], BESOM_WEAK);
    ck_assert_uint_eq(w.phase[1], BESOM_WEAK);
    ck_assert(w.seen[0][0] && !w.seen[0][1] && !w.seen[0][2]);
    ck_assert(w.seen[1][0] && !w.seen[1][1] && w.seen[1][2]);
    w.dead = w.alive = w.finalized; /* what is left to look at */
    rig_close(&rig);
}
END_TEST

/* ---- KEYED ---- */

enum { KEYS = 40000 };

struct keys {
    size_t told;
    unsigned char times[KEYS]; /* by id; each written by one marker */
};

static void on_keyed(void *data, struct besom_tracer *tracer, void *obj)
{
    (void)tracer;
    struct keys *keys = data;
    const struct node *node = obj;
    __atomic_fetch_add(&keys->told, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&keys->times[node->id], 1, __ATOMIC_RELAXED);
}

static void set_keyed(struct node *node)
{
    *besom__meta(node) |= BESOM__KEYED;
}

/* Every key is reachable twice, and from far apart, so markers race for it. */
static void check_keyed(const char *options)
{
    static struct keys keys;
    struct rig rig;
    start(&rig, options);
    memset(&keys, 0, sizeof keys);
    struct besom__phase_hooks hooks = {.data = &keys, .keyed = on_keyed};
    ck_assert(besom__phase_register(rig.heap, &hooks));
    {
        BESOM_LOCALS(rig.m, struct vector * forth; struct vector * back;);
        my->forth = make_vector(rig.m, KEYS);
        my->back = make_vector(rig.m, KEYS);
        for (size_t i = 0; i < KEYS; i++) {
            struct node *key = make(rig.m, &node_type);
            key->id = i;
            my->forth->items[i] = my->back->items[KEYS - 1 - i] = key;
        }
        collect(rig.m);
        ck_assert_uint_eq(keys.told, 0);
        for (int round = 1; round <= 3; round++) {
            for (size_t i = 0; i < KEYS; i += 2)
                set_keyed(my->forth->items[i]);
            collect(rig.m);
            ck_assert_uint_eq(keys.told, (size_t)round * KEYS / 2);
            for (size_t i = 0; i < KEYS; i++) {
                require(keys.times[i] == (i % 2 ? 0 : round), "told once a cycle");
                require(!(*besom__meta(my->forth->items[i]) & BESOM__KEYED), "the bit is gone");
            }
            collect(rig.m);
            ck_assert_uint_eq(keys.told, (size_t)round * KEYS / 2);
        }
        for (size_t i = 0; i < KEYS; i++)
            set_keyed(my->forth->items[i]);
    }
    size_t before = keys.told;
    collect(rig.m); /* the dead are not told of */
    ck_assert_uint_eq(keys.told, before);
    rig_close(&rig);
}

START_TEST(keyed_object_is_told_of_exactly_once_when_it_is_marked)
{
    check_keyed("mark_threads=1");
    check_keyed("mark_threads=1,mark_stack=64");
    check_keyed("mark_threads=4");
    check_keyed("slow,mark_threads=1");
}
END_TEST

static void count_keyed(void *data, struct besom_tracer *tracer, void *obj)
{
    (void)tracer, (void)obj;
    ++*(size_t *)data;
}

START_TEST(keyed_leaves_and_one_granule_objects_are_told_of_too)
{
    size_t told = 0;
    struct rig rig;
    start(&rig, NULL);
    struct besom__phase_hooks hooks = {.data = &told, .keyed = count_keyed};
    ck_assert(besom__phase_register(rig.heap, &hooks));
    static const size_t sizes[] = {16, 48, 20000, 100000, 5 << 20};
    {
        BESOM_LOCALS(rig.m, struct blob * leaf;);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            my->leaf = make_sized(rig.m, &blob_type, sizes[i]);
            *besom__meta(my->leaf) |= BESOM__KEYED;
            collect(rig.m);
            ck_assert_uint_eq(told, i + 1);
            ck_assert_uint_eq(stats_of(rig.heap).live_bytes, besom_size(my->leaf));
        }
    }
    rig_close(&rig);
}
END_TEST

/* ---- the machine's own state ---- */

START_TEST(cycle_moves_colors_epochs_and_numbers_and_comes_to_rest)
{
    struct rig rig;
    start(&rig, NULL);
    for (uint64_t i = 1; i < 6; i++) {
        const struct besom__cycle before = rig.heap->cycle;
        ck_assert_uint_eq(before.number, i - 1);
        ck_assert_uint_eq(before.phase, BESOM_IDLE);
        make_list(rig.m, 10000);
        collect(rig.m);
        const struct besom__cycle *now = &rig.heap->cycle;
        ck_assert_uint_eq(now->number, i);
        ck_assert_uint_eq(now->phase, BESOM_IDLE);
        ck_assert_uint_eq(now->epoch, 3 - before.epoch);
        ck_assert_uint_eq(now->mark_color, 5 - before.mark_color);
        ck_assert_uint_eq(now->sweep_epoch, before.sweep_epoch + 1);
        ck_assert_uint_eq(now->emergency, 0);
        ck_assert_uint_eq(rig.heap->spaces.n_unswept, 0);
        ck_assert(rig.heap->spaces.may_sweep);
    }
    rig_close(&rig);
}
END_TEST

/* As if so much time had passed. */
static void age_empty_blocks(struct besom_heap *heap, uint64_t ns)
{
    for (struct besom__chunk *c = heap->blocks.chunks; c; c = c->next)
        for (unsigned i = CHUNK_FIRST_BLOCK; i < CHUNK_BLOCKS; i++)
            c->blocks[i].emptied_ns -= c->blocks[i].resident ? ns : 0;
    heap->blocks.oldest_empty_ns -= ns;
}

START_TEST(cycle_gives_back_what_has_been_empty_for_the_delay_and_no_more)
{
    struct rig rig;
    start(&rig, "give_back_ms=10000,heap_min=1g,pace=fixed");
    enum { PER_BLOCK = BLOCK_BYTES / sizeof(struct node) };
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = make_list(rig.m, 10 * PER_BLOCK);
        make_list(rig.m, 20 * PER_BLOCK);
        collect(rig.m);
        ck_assert_uint_eq(rig.heap->blocks.n_empty_resident, 20);
        age_empty_blocks(rig.heap, UINT64_C(11000000000));
        my->list = NULL;
        collect(rig.m);
        ck_assert_uint_eq(rig.heap->blocks.n_empty_resident, 10);
        age_empty_blocks(rig.heap, UINT64_C(5000000000));
        collect(rig.m);
        ck_assert_uint_eq(rig.heap->blocks.n_empty_resident, 10);
        age_empty_blocks(rig.heap, UINT64_C(6000000000));
        collect(rig.m);
        ck_assert_uint_eq(rig.heap->blocks.n_empty_resident, 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(slow_cycles_take_many_turns_and_end_the_same)
{
    struct rig rig;
    start(&rig, "slow,seed=5,mark_threads=1");
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = make_list(rig.m, 5000);
        make_list(rig.m, 5000);
        collect(rig.m);
        check_list(my->list, 5000);
        ck_assert_uint_eq(count_objects(rig.m, NULL), 5000);
    }
    rig_close(&rig);
}
END_TEST

/* Whoever begins one has asked before, perhaps before they were disabled. */
START_TEST(no_cycle_of_the_heaps_own_begins_once_they_are_disabled)
{
    struct rig rig;
    start(&rig, "mode=concurrent");
    struct besom__mutator *m = besom__mutator_of(rig.m);
    require_ok(besom_disable(rig.heap));
    besom__collect_lock(rig.heap, m);
    rig.heap->cycle.driver = m;
    const uint64_t number = rig.heap->cycle.number;
    ck_assert(!besom__collect_begin(rig.heap, BESOM_REASON_HEADROOM, false));
    ck_assert(!besom__collect_begin(rig.heap, BESOM_REASON_LIMIT, false));
    ck_assert(!besom__collect_begin(rig.heap, BESOM_REASON_STRESS, true));
    ck_assert_uint_eq(rig.heap->cycle.number, number);
    ck_assert_uint_eq(rig.heap->cycle.phase, BESOM_IDLE);
    ck_assert_uint_eq(watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN), 0);
    besom__collect_unlock(rig.heap);
    collect(rig.m); /* what the host asks for */
    ck_assert_uint_eq(watch_count(&rig.watch, BESOM_EVENT_CYCLE_BEGIN), 1);
    require_ok(besom_enable(rig.heap));
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        hooks_are_called_by_stage_and_in_the_order_of_registration,
        structures_are_asked_again_until_none_has_more,
        what_converging_visits_stays_and_what_it_reaches,
        what_is_finalized_stays_and_what_it_reaches,
        table_of_hooks_is_bounded,
        death_is_known_early_and_revival_late,
        keyed_object_is_told_of_exactly_once_when_it_is_marked,
        keyed_leaves_and_one_granule_objects_are_told_of_too,
        cycle_moves_colors_epochs_and_numbers_and_comes_to_rest,
        cycle_gives_back_what_has_been_empty_for_the_delay_and_no_more,
        no_cycle_of_the_heaps_own_begins_once_they_are_disabled,
        slow_cycles_take_many_turns_and_end_the_same,
    };
    return run_tests("gc cycle", tests, sizeof tests / sizeof *tests);
}
