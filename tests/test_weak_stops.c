/* test_weak_stops.c - what the weak phase cannot do beside mutators it does in a stop, and without
 * memory it does it all the same. */
#include "support_items.h"

#include <stdlib.h>
#include <time.h>

/* ---- a heap whose memory can be refused ---- */

struct miser {          /* the heap's host */
    struct watch watch; /* first: it hears the events */
    bool refuses;
    size_t refused;
};

static void *alloc_or_not(void *host, size_t bytes)
{
    struct miser *miser = host;
    if (__atomic_load_n(&miser->refuses, __ATOMIC_SEQ_CST)) {
        __atomic_fetch_add(&miser->refused, 1, __ATOMIC_SEQ_CST);
        return NULL;
    }
    return malloc(bytes);
}

static void release(void *host, void *block)
{
    (void)host;
    free(block);
}

static void miser_open(struct miser *miser, struct rig *rig, const char *options)
{
    rig_init_exact(rig, options);
    *miser = (struct miser){.refuses = false};
    watch_init(&miser->watch, &rig->config);
    rig->config.memory.alloc = alloc_or_not;
    rig->config.memory.release = release;
    rig_open(rig);
}

static void miser_close(struct miser *miser, struct rig *rig)
{
    rig_close(rig);
    watch_check(&miser->watch);
}

static void refuse(struct miser *miser, bool refuses)
{
    __atomic_store_n(&miser->refuses, refuses, __ATOMIC_SEQ_CST);
}

static void step_to_the_end(struct besom_mutator *m)
{
    for (bool ended = false; !ended;)
        require_ok(besom_step(m, 1, &ended));
}

/* ---- another mutator, to see whether it runs ---- */

struct runner {
    struct besom_heap *heap;
    bool stop;
    bool allocates; /* once `go` is raised */
    struct gate ready, go;
};

static size_t laps; /* what the runners have done */

static void *run(void *data)
{
    struct runner *r = data;
    struct besom_mutator *m = besom_attach(r->heap);
    require(m != NULL, "no mutator");
    gate_raise(&r->ready);
    if (r->allocates)
        gate_wait_native(&r->go, 1, m);
    while (!__atomic_load_n(&r->stop, __ATOMIC_SEQ_CST)) {
        if (r->allocates)
            make(m, &blob_type);
        else
            besom_poll(m);
        __atomic_fetch_add(&laps, 1, __ATOMIC_SEQ_CST);
    }
    require_ok(besom_detach(m));
    return NULL;
}

static pthread_t runner_start(struct runner *r, struct rig *rig, bool allocates)
{
    *r = (struct runner){.heap = rig->heap, .allocates = allocates};
    gate_init(&r->ready);
    gate_init(&r->go);
    pthread_t thread = thread_start(run, r);
    gate_poll(&r->ready, 1, rig->m);
    return thread;
}

static void runner_end(struct runner *r, struct rig *rig, pthread_t thread)
{
    __atomic_store_n(&r->stop, true, __ATOMIC_SEQ_CST);
    require_ok(besom_native_enter(rig->m));
    thread_join(thread);
    require_ok(besom_native_leave(rig->m));
}

/* Is the world stopped?  If it is not, it is most unlikely that this says so. */
static bool is_stopped(void)
{
    size_t before = __atomic_load_n(&laps, __ATOMIC_SEQ_CST);
    nanosleep(&(struct timespec){0, 5000000}, NULL);
    return __atomic_load_n(&laps, __ATOMIC_SEQ_CST) == before;
}

/* ---- the host's functions ---- */

struct guest { /* of a type of the host's, that defers */
    const struct besom_type *type;
    void *next;
};

static enum besom_stage stage;
static unsigned n_calls, n_stopped;

static void note_stop(struct besom_tracer *tracer, void *obj)
{
    (void)tracer, (void)obj;
    n_calls++;
    n_stopped += is_stopped();
}

static void trace_guest(struct besom_tracer *tracer, void *obj)
{
    besom_visit(tracer, ((struct guest *)obj)->next);
    besom_defer(tracer, stage, note_stop, obj);
}

static const struct besom_type guest_type = {
    .name = "guest", .size_bytes = sizeof(struct guest), .trace = trace_guest};

START_TEST(hosts_functions_find_the_world_stopped_for_what_finalizers_brought_back_too)
{
    for (int s = BESOM_RETRACE; s <= BESOM_CLEAR_KEYS; s++)
        for (int stepped = 0; stepped < 2; stepped++) {
            struct rig rig;
            rig_init_exact(&rig, stepped ? "mark_threads=1" : "mark_threads=2");
            rig_open(&rig);
            struct runner runner;
            pthread_t thread = runner_start(&runner, &rig, false);
            stage = (enum besom_stage)s;
            n_calls = n_stopped = 0;
            struct guest *guest = make(rig.m, &guest_type);
            guest->next = make(rig.m, &guest_type);
            require_ok(besom_finalizer_add(rig.m, guest));
            if (stepped)
                step_to_the_end(rig.m);
            else
                collect(rig.m);
            ck_assert_uint_ge(n_calls, 2);
            ck_assert_uint_eq(n_stopped, n_calls);
            ck_assert_ptr_nonnull(besom_finalizer_next(rig.m));
            runner_end(&runner, &rig, thread);
            rig_close(&rig);
        }
}
END_TEST

/* ---- a mark stack that overflows ---- */

struct twig {
    const struct besom_type *type;
    struct twig *left, *right;
    uint64_t lives;
};

enum { SAMPLES = 20 };
static bool marked_once; /* the cycle is past marking */
static unsigned n_retraced, n_retraced_in_stop;

/* Nobody but a stop may look at what mutators may be changing. */
static void trace_twig(struct besom_tracer *tracer, void *obj)
{
    const struct twig *twig = obj;
    if (marked_once && twig->lives && n_retraced < SAMPLES) {
        n_retraced++;
        n_retraced_in_stop += is_stopped();
    }
    besom_visit(tracer, twig->left);
    besom_visit(tracer, twig->right);
}

static const struct besom_type twig_type = {
    .name = "twig", .size_bytes = sizeof(struct twig), .trace = trace_twig};

START_TEST(overflow_of_what_finalizers_bring_back_is_made_good_in_a_stop)
{
    enum { N = 50000, WIDE = 4000 };
    struct miser miser;
    struct rig rig;
    miser_open(&miser, &rig, "mark_threads=1,heap_min=1g,mark_stack=64");
    {
        BESOM_LOCALS(rig.m, struct twig * lives; struct vector * wide;);
        my->wide = make_vector(rig.m, WIDE);
        for (size_t i = 0; i < N; i++) {
            struct twig *live = make(rig.m, &twig_type), *dead = make(rig.m, &twig_type);
            live->lives = 1;
            live->left = my->lives;
            my->lives = live;
            dead->left = my->wide->items[i % WIDE];
            dead->right = my->wide->items[(i + WIDE / 2) % WIDE];
            my->wide->items[i % WIDE] = dead;
        }
        besom_write(rig.m, my->wide);
        require_ok(besom_finalizer_add(rig.m, my->wide));
        my->wide = NULL;
        struct runner runner;
        pthread_t thread = runner_start(&runner, &rig, false);
        require_ok(besom_step(rig.m, 1, NULL));
        marked_once = true;
        refuse(&miser, true); /* the stack grows beside mutators as long as there is memory */
        step_to_the_end(rig.m);
        refuse(&miser, false);
        ck_assert_uint_gt(n_retraced, 0); /* it did overflow */
        ck_assert_uint_eq(n_retraced_in_stop, n_retraced);
        marked_once = false;
        runner_end(&runner, &rig, thread);
        verify(rig.m);
        my->wide = besom_finalizer_next(rig.m);
        my->lives = NULL;
        collect(rig.m);
        ck_assert_uint_eq(count_objects(rig.m, &twig_type), N);
    }
    miser_close(&miser, &rig);
}
END_TEST

/* ---- without memory ---- */

START_TEST(table_that_a_finalizer_brings_back_is_whole_without_memory)
{
    static const char *const modes[] = {"mark_threads=1", "mark_threads=4", "mark_threads=1,slow"};
    for (int mode = 0; mode < 3; mode++)
        for (int kind = BESOM_WEAK_KEYS; kind <= BESOM_WEAK_BOTH; kind++) {
            struct miser miser;
            struct rig rig;
            miser_open(&miser, &rig, modes[mode]);
            struct besom_mutator *m = rig.m;
            {
                enum { N = 300 };
                BESOM_LOCALS(m, struct vector * owner; struct besom_table * table;);
                my->owner = make_vector(m, N + 1);
                my->table = make_table(m, (enum besom_table_kind)kind);
                my->owner->items[N] = my->table;
                for (uint64_t i = 0; i < N; i++) {
                    struct item *key = make_item(m, i), *value = make_item(m, 1000 + i);
                    put(m, my->table, key, value);
                    my->owner->items[i] = kind == BESOM_WEAK_VALUES ? value : key;
                    if (kind == BESOM_WEAK_BOTH)
                        key->ref = value;
                }
                besom_write(m, my->owner);
                require_ok(besom_finalizer_add(m, my->owner));
                my->owner = NULL;
                my->table = NULL;
                require_ok(besom_step(m, 1, NULL));
                refuse(&miser, true);
                step_to_the_end(m);
                refuse(&miser, false);
                ck_assert_uint_gt(miser.refused, 0);
                my->owner = besom_finalizer_next(m);
                my->table = my->owner->items[N];
                for (int i = 0; i < 2; i++) {
                    ck_assert_uint_eq(count_entries(m, my->table), N);
                    ck_assert_uint_eq(count_items(m), 2 * N);
                    verify(m);
                    collect(m);
                }
            }
            miser_close(&miser, &rig);
        }
}
END_TEST

/* A call to clear a new store is lost amid the weak phase. */
struct loss {
    struct besom_table *table;
    struct besom_weak *weak;
    void *key, *value, *shown;
};

static void lose_a_call(struct miser *miser, struct rig *rig, struct loss *loss)
{
    struct besom_mutator *m = rig->m;
    loss->table = make_table(m, BESOM_WEAK_VALUES);
    loss->value = make_item(m, 1);
    loss->weak = besom_weak_new(m, BESOM_WEAK_LONG, make_list(m, 100));
    loss->key = make_item(m, 3);
    require_ok(besom_step(m, 1, NULL));
    refuse(miser, true);
    put(m, loss->table, loss->key, loss->value);
    refuse(miser, false);
    ck_assert_uint_gt(miser->refused, 0);
}

static void check_after_loss(struct rig *rig, struct loss *loss)
{
    verify(rig->m);
    collect(rig->m);
    ck_assert_uint_eq(count_entries(rig->m, loss->table), 1);
    ck_assert_ptr_eq(besom_table_get(rig->m, loss->table, loss->key), loss->value);
    if (loss->shown)
        check_list(loss->shown, 100);
    collect(rig->m);
    ck_assert_uint_eq(count_objects(rig->m, &node_type), loss->shown ? 100 : 0);
}

START_TEST(read_returns_when_a_call_to_clear_was_lost)
{
    struct miser miser;
    struct rig rig;
    miser_open(&miser, &rig, "mark_threads=1");
    {
        BESOM_LOCALS(rig.m, struct loss loss;);
        lose_a_call(&miser, &rig, &my->loss);
        my->loss.shown = besom_weak_get(rig.m, my->loss.weak);
        step_to_the_end(rig.m);
        check_after_loss(&rig, &my->loss);
    }
    miser_close(&miser, &rig);
}
END_TEST

static void *step_once(void *data)
{
    struct runner *r = data;
    struct besom_mutator *m = besom_attach(r->heap);
    require(m != NULL, "no mutator");
    gate_raise(&r->ready);
    gate_wait_native(&r->go, 1, m);
    require_ok(besom_step(m, 1, NULL)); /* needs a stop */
    require_ok(besom_detach(m));
    return NULL;
}

START_TEST(read_beside_a_thread_that_waits_for_a_stop_does_not_walk_the_heap)
{
    for (int i = 0; i < 5; i++) {
        struct miser miser;
        struct rig rig;
        miser_open(&miser, &rig, "mark_threads=1,heap_min=1g");
        struct runner stepper = {.heap = rig.heap}, runner;
        gate_init(&stepper.ready);
        gate_init(&stepper.go);
        {
            BESOM_LOCALS(rig.m, struct loss loss;);
            pthread_t allocating = runner_start(&runner, &rig, true);
            pthread_t stepping = thread_start(step_once, &stepper);
            gate_poll(&stepper.ready, 1, rig.m);
            lose_a_call(&miser, &rig, &my->loss);
            gate_raise(&runner.go);
            gate_raise(&stepper.go);
            sleep_ms(20); /* it waits for this thread to come to a safepoint */
            my->loss.shown = besom_weak_get(rig.m, my->loss.weak);
            __atomic_store_n(&runner.stop, true, __ATOMIC_SEQ_CST); /* it detaches: it can stop */
            require_ok(besom_native_enter(rig.m));
            thread_join(stepping);
            require_ok(besom_native_leave(rig.m));
            runner_end(&runner, &rig, allocating);
            check_after_loss(&rig, &my->loss);
        }
        miser_close(&miser, &rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        hosts_functions_find_the_world_stopped_for_what_finalizers_brought_back_too,
        overflow_of_what_finalizers_bring_back_is_made_good_in_a_stop,
        table_that_a_finalizer_brings_back_is_whole_without_memory,
        read_returns_when_a_call_to_clear_was_lost,
        read_beside_a_thread_that_waits_for_a_stop_does_not_walk_the_heap,
    };
    return run_tests("weak stops", tests, sizeof tests / sizeof *tests);
}
