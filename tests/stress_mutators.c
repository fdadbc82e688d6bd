/* stress_mutators.c - threads attach, detach, block, allocate and collect at random, in several
 * heaps at once, with limits and hooks; everything that is rooted stays intact. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 6, HEAPS = 2, SHELF = 32, ACTIONS = 12000 };

/* A heap and lists in it that all threads exchange under a lock, whose waiters are native. */
struct shop {
    struct rig rig;
    pthread_mutex_t lock;
    struct node *shelf[SHELF]; /* a registered range */
};

struct worker {
    struct shop *shops;
    unsigned long hooked[HEAPS], destroyed[HEAPS]; /* objects with hooks, all dropped at once */
    uint64_t seed;
    uint64_t deadline_ns;
    size_t actions;
};

/* A list that tells of itself how long it is: the ids fall from n - 1 to 0. */
static void check_whole(const struct node *list)
{
    check_list(list, list ? list->id + 1 : 0);
}

static void lock_natively(struct shop *shop, struct besom_mutator *m)
{
    require(besom_native_enter(m) == BESOM_OK, "no native region");
    pthread_mutex_lock(&shop->lock);
    require(besom_native_leave(m) == BESOM_OK, "no way back");
}

static void exchange(struct shop *shop, struct besom_mutator *m, struct node **mine, size_t i)
{
    lock_natively(shop, m);
    struct node *theirs = shop->shelf[i];
    shop->shelf[i] = *mine;
    *mine = theirs;
    pthread_mutex_unlock(&shop->lock);
}

/* Whatever other threads collect meanwhile, what this one dropped before is destroyed after. */
static void collect_and_count(struct worker *w, size_t s, struct besom_mutator *m)
{
    collect(m);
    unsigned long destroyed = __atomic_load_n(&w->destroyed[s], __ATOMIC_RELAXED);
    if (destroyed != w->hooked[s])
        ck_abort_msg("after a full collection %lu of %lu hooks have run", destroyed,
                     w->hooked[s]);
}

static void act(struct worker *w, size_t s, struct besom_mutator *m, struct node **mine,
                struct rng *rng)
{
    struct shop *shop = &w->shops[s];
    switch (rng_below(rng, 24)) {
    case 0:
        collect_and_count(w, s, m);
        break;
    case 1:
        require(besom_collect(m, BESOM_EMERGENCY) == BESOM_OK, "no emergency collection");
        break;
    case 2:
        require(besom_step(m, 1 + rng_below(rng, 100000), NULL) == BESOM_OK, "no step");
        break;
    case 3:
        require(besom_native_enter(m) == BESOM_OK, "no native region");
        if (rng_below(rng, 8) == 0)
            sleep_ms(1);
        require(besom_native_leave(m) == BESOM_OK, "no way back");
        break;
    case 4:
        make_sized(m, &blob_type, 8193 + rng_below(rng, 200000));
        break;
    case 5:
        make_hooked(m, &w->destroyed[s]);
        w->hooked[s]++;
        break;
    case 6:
    case 7:
    case 8:
        *mine = make_list(m, 1 + rng_below(rng, 60));
        break;
    case 9:
    case 10:
        exchange(shop, m, mine, rng_below(rng, SHELF));
        break;
    case 11: {
        struct besom_handle *handle = besom_handle_new(m, *mine, "worker");
        require(handle != NULL, "no handle");
        besom_poll(m);
        check_whole(besom_handle_get(handle));
        require(besom_handle_free(handle) == BESOM_OK, "not freed");
        break;
    }
    default:
        besom_poll(m);
        break;
    }
    check_whole(*mine);
}

/* Attaches, does a random number of things, detaches; in one heap or within another. */
static size_t visit_shop(struct worker *w, size_t shop, struct rng *rng)
{
    struct besom_mutator *m = besom_attach(w->shops[shop].rig.heap);
    require(m != NULL, "not attached");
    size_t n = 1 + rng_below(rng, 400);
    {
        BESOM_LOCALS(m, struct node *mine;);
        for (size_t i = 0; i < n; i++)
            act(w, shop, m, &my->mine, rng);
        if (shop + 1 < HEAPS && rng_below(rng, 2)) {
            /* While in the other heap, this thread delays no collection here. */
            require(besom_native_enter(m) == BESOM_OK, "no native region");
            n += visit_shop(w, shop + 1, rng);
            require(besom_native_leave(m) == BESOM_OK, "no way back");
            check_whole(my->mine);
        }
    }
    require(besom_detach(m) == BESOM_OK, "not detached");
    return n;
}

static void *work(void *data)
{
    struct worker *w = data;
    struct rng rng = {w->seed};
    size_t wanted = w->actions, done = 0;
    while (done < wanted && now_ns() < w->deadline_ns)
        done += visit_shop(w, rng_below(&rng, HEAPS), &rng);
    w->actions = done;
    return NULL;
}

static void open_shop(struct shop *shop, const char *options)
{
    rig_init(&shop->rig);
    shop->rig.config.options_text = options;
    rig_open(&shop->rig);
    pthread_mutex_init(&shop->lock, NULL);
    require(besom_root_range(shop->rig.heap, (void **)shop->shelf, SHELF, "shelf", NULL) ==
                BESOM_OK,
            "no range");
    require(besom_detach(shop->rig.m) == BESOM_OK, "not detached");
}

static void close_shop(struct shop *shop)
{
    shop->rig.m = besom_attach(shop->rig.heap);
    require(shop->rig.m != NULL, "not attached");
    collect(shop->rig.m);
    size_t n = 0;
    for (size_t i = 0; i < SHELF; i++) {
        check_whole(shop->shelf[i]);
        n += shop->shelf[i] ? shop->shelf[i]->id + 1 : 0;
    }
    ck_assert_uint_eq(count_objects(shop->rig.m, NULL), n);
    rig_close(&shop->rig);
}

static void run(const char *first, const char *second)
{
    struct rng rng = {test_seed()};
    struct shop *shops = calloc(HEAPS, sizeof *shops);
    ck_assert_ptr_nonnull(shops);
    open_shop(&shops[0], first);
    open_shop(&shops[1], second);
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    uint64_t deadline_ns = now_ns() + UINT64_C(4000000000);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.shops = shops,
                                     .seed = rng_next(&rng),
                                     .deadline_ns = deadline_ns,
                                     .actions = test_ops(scaled(ACTIONS))};
        threads[i] = thread_start(work, &workers[i]);
    }
    size_t actions = 0;
    for (size_t i = 0; i < THREADS; i++) {
        thread_join(threads[i]);
        actions += workers[i].actions;
    }
    for (size_t i = 0; i < HEAPS; i++) {
        close_shop(&shops[i]);
        for (size_t j = 0; j < THREADS; j++)
            ck_assert_uint_eq(workers[j].destroyed[i], workers[j].hooked[i]);
    }
    free(shops);
    printf("%d threads: %zu actions\n", THREADS, actions);
    fflush(stdout);
}

START_TEST(rooted_lists_stay_whole_with_serial_marking)
{
    run("mark_threads=1,heap_min=1m", "mark_threads=1,heap_min=512k,pace=factor");
}
END_TEST

START_TEST(rooted_lists_stay_whole_with_parallel_marking)
{
    run("mark_threads=3,heap_min=1m", "mark_threads=2,heap_min=512k,mark_stack=64");
}
END_TEST

START_TEST(rooted_lists_stay_whole_with_the_debug_options)
{
    run("stress=20,verify,poison,heap_min=1m", "slow,give_back_ms=0,heap_min=512k,barrier");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        rooted_lists_stay_whole_with_serial_marking,
        rooted_lists_stay_whole_with_parallel_marking,
        rooted_lists_stay_whole_with_the_debug_options,
    };
    test_seed();
    return run_tests("mutators under stress", tests, sizeof tests / sizeof *tests);
}
