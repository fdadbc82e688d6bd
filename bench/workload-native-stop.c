/* workload-native-stop.c - how long it takes to stop a world of which one thread is elsewhere.
 *
 * One thread makes and drops small objects, so that the world is stopped often.  With `others=1`
 * another, which the collector knows of, sits in native calls of `native_ms` at a time, and touches
 * objects only between them.  reach_us is the time from the request of a stop until the last
 * mutator stood; it should be the same with the other thread as without. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/item.h"
#include "bench/pauses.h"

enum { WINDOW = 1000, STOPS_ROOM = 1 << 21 };

static const struct mem_type *const types[] = {&item_type};

struct other {
    struct mem first;
    uint64_t native_ns;
    bool has_begun, is_over; /* atomic */
    pthread_t thread;
};

static void *sit(void *data)
{
    struct other *other = data;
    const struct timespec call = {(time_t)(other->native_ns / 1000000000),
                                  (long)(other->native_ns % 1000000000)};
    struct mem m = mem_attach(other->first);
    __atomic_store_n(&other->has_begun, true, __ATOMIC_RELEASE);
    for (uint64_t i = 0; !__atomic_load_n(&other->is_over, __ATOMIC_ACQUIRE); i++) {
        mem_wait_begin(m);
        nanosleep(&call, NULL);
        mem_wait_end(m);
        mem_poll(m);
        item_new(m, i);
    }
    mem_detach(m);
    return NULL;
}

static void begin(struct other *other)
{
    const struct timespec nap = {0, 1000000};
    if (pthread_create(&other->thread, NULL, sit, other) != 0)
        worker_fail("no second thread can be started");
    mem_wait_begin(other->first);
    while (!__atomic_load_n(&other->has_begun, __ATOMIC_ACQUIRE))
        nanosleep(&nap, NULL);
    mem_wait_end(other->first);
}

static void end(struct other *other)
{
    __atomic_store_n(&other->is_over, true, __ATOMIC_RELEASE);
    mem_wait_begin(other->first);
    pthread_join(other->thread, NULL);
    mem_wait_end(other->first);
}

static void churn(struct mem m, void **window, double seconds)
{
    const uint64_t until = clock_ns() + (uint64_t)(seconds * 1e9);
    for (uint64_t number = 0; clock_ns() < until;) {
        for (size_t i = 0; i < WINDOW; i++) {
            mem_poll(m);
            window[i] = item_new(m, number++);
        }
    }
}

void workload_native_stop(const struct params *params)
{
    static struct record record;
    const bool has_other = params_count(params, "others") != 0;
    record_init(&record, STOPS_ROOM);
    struct mem_config config = {
        .record = &record, .mode = params_text(params, "mode", ""), .types = types, .n_types = 1};
    struct mem m = mem_open(&config);
    struct mem_roots window = mem_roots_new(m, WINDOW);
    struct other other = {.first = m, .native_ns = params_count(params, "native_ms") * 1000000};
    if (has_other)
        begin(&other);
    record_clear(&record);
    const uint64_t began = clock_ns();
    churn(m, window.slot, params_real(params, "seconds"));
    const struct interval stretch = {began, clock_ns()};
    pauses_print_reach(&record);
    pauses_print_stops(&record, stretch);
    if (has_other)
        end(&other);
    mem_roots_free(m, window);
    mem_close(m);
    record_fini(&record);
}
