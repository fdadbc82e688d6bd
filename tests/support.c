/* support.c - see support.h. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- a heap whose findings fail the test ---- */

static bool is_finding(enum besom_event_kind kind)
{
    return kind >= BESOM_EVENT_INVARIANT;
}

static void note_event(void *host, const struct besom_event *event)
{
    struct watch *watch = host;
    const char *text = event->text ? event->text : "";
    pthread_mutex_lock(&watch->lock);
    watch->count[event->kind]++;
    watch->object[event->kind] = event->object;
    snprintf(watch->text[event->kind], sizeof watch->text[0], "%s", text);
    if (is_finding(event->kind) && !(watch->expected & 1u << event->kind)) {
        if (!watch->unexpected[0]) {
            snprintf(watch->unexpected, sizeof watch->unexpected, "finding %d: %s",
                     (int)event->kind, text);
            fprintf(stderr, "%s\n", watch->unexpected);
        }
    }
    pthread_mutex_unlock(&watch->lock);
}

void watch_init(struct watch *watch, struct besom_config *config)
{
    memset(watch, 0, sizeof *watch);
    pthread_mutex_init(&watch->lock, NULL);
    config->host = watch;
    config->on_event = note_event;
}

void watch_check(struct watch *watch)
{
    ck_assert_msg(!watch->unexpected[0], "%s", watch->unexpected);
}

unsigned long watch_count(struct watch *watch, enum besom_event_kind kind)
{
    pthread_mutex_lock(&watch->lock);
    unsigned long n = watch->count[kind];
    pthread_mutex_unlock(&watch->lock);
    return n;
}

void rig_init(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    besom_config_init(&rig->config);
    watch_init(&rig->watch, &rig->config);
}

void rig_init_exact(struct rig *rig, const char *text)
{
    rig_init(rig);
    rig->config.ignore_environment = true;
    rig->config.options_text = text;
}

void rig_open(struct rig *rig)
{
    struct besom_report report = {{0}};
    enum besom_status status = besom_heap_new(&rig->config, &rig->heap, &report);
    ck_assert_msg(status == BESOM_OK, "%s: %s", besom_status_text(status), report.text);
    rig->m = besom_attach(rig->heap);
    ck_assert_ptr_nonnull(rig->m);
}

void rig_start(struct rig *rig)
{
    rig_init(rig);
    rig_open(rig);
}

void rig_close(struct rig *rig)
{
    verify(rig->m);
    ck_assert_int_eq(besom_detach(rig->m), BESOM_OK);
    ck_assert_int_eq(besom_heap_free(rig->heap), BESOM_OK);
    watch_check(&rig->watch);
    pthread_mutex_destroy(&rig->watch.lock);
}

/* ---- shorthands ---- */

void require_ok(enum besom_status status)
{
    require(status == BESOM_OK, besom_status_text(status));
}

void require(bool holds, const char *otherwise)
{
    if (!holds)
        ck_abort_msg("%s", otherwise);
}

void collect(struct besom_mutator *m)
{
    require_ok(besom_collect(m, BESOM_FULL));
}

bool in_stw(const struct rig *rig)
{
    const char *environment = getenv("BESOM_OPTIONS"), *text = rig->config.options_text;
    if (rig->config.options.mode != BESOM_STW || (text && strstr(text, "mode=")))
        return false;
    return rig->config.ignore_environment || !environment || !strstr(environment, "mode=");
}

struct besom_stats stats_of(const struct besom_heap *heap)
{
    struct besom_stats stats;
    require(besom_stats(heap, &stats) == BESOM_OK, "no statistics");
    return stats;
}

void verify(struct besom_mutator *m)
{
    struct besom_report report = {{0}};
    enum besom_status status = besom_verify(m, &report);
    ck_assert_msg(status == BESOM_OK, "verify: %s: %s", besom_status_text(status), report.text);
}

static bool count_one(void *data, void *obj, const struct besom_type *type, size_t bytes)
{
    (void)obj, (void)type, (void)bytes;
    ++*(size_t *)data;
    return true;
}

size_t count_objects(struct besom_mutator *m, const struct besom_type *type)
{
    size_t n = 0;
    require(besom_each(m, type, count_one, &n) == BESOM_OK, "no walk");
    return n;
}

void *make(struct besom_mutator *m, const struct besom_type *type)
{
    void *obj = besom_new(m, type);
    require(obj != NULL, "no memory");
    return obj;
}

void *make_sized(struct besom_mutator *m, const struct besom_type *type, size_t bytes)
{
    void *obj = besom_new_sized(m, type, bytes);
    require(obj != NULL, "no memory");
    return obj;
}

/* ---- types ---- */

static const struct besom_field node_fields[] = {
    {"next", offsetof(struct node, next)},
    {"other", offsetof(struct node, other)},
};
const struct besom_type node_type = {
    .name = "node", .size_bytes = sizeof(struct node), .fields = node_fields, .n_fields = 2};

static const struct besom_field pair_fields[] = {
    {"head", offsetof(struct pair, head)},
    {"tail", offsetof(struct pair, tail)},
};
const struct besom_type pair_type = {.name = "pair",
                                     .size_bytes = sizeof(struct pair),
                                     .flags = BESOM_OWN_BLOCKS,
                                     .fields = pair_fields,
                                     .n_fields = 2};

const struct besom_type blob_type = {
    .name = "blob", .size_bytes = offsetof(struct blob, words), .flags = BESOM_LEAF};

static const struct besom_field item_fields[] = {{"item", 0}};
const struct besom_type vector_type = {
    .name = "vector",
    .size_bytes = sizeof(struct vector),
    .tail = {.offset_bytes = offsetof(struct vector, items),
             .stride_bytes = sizeof(void *),
             .length_offset_bytes = offsetof(struct vector, length),
             .length_width_bytes = 8,
             .fields = item_fields,
             .n_fields = 1}};

struct vector *make_vector(struct besom_mutator *m, size_t length)
{
    struct vector *v =
        make_sized(m, &vector_type, sizeof(struct vector) + length * sizeof(void *));
    v->length = length;
    return v;
}

static const struct besom_field hooked_fields[] = {{"next", offsetof(struct hooked, next)}};

static void count_destroy(struct besom_heap *heap, void *obj)
{
    (void)heap;
    __atomic_fetch_add(((struct hooked *)obj)->calls, 1, __ATOMIC_RELAXED);
}

const struct besom_type hooked_type = {.name = "hooked",
                                       .size_bytes = sizeof(struct hooked),
                                       .fields = hooked_fields,
                                       .n_fields = 1,
                                       .destroy = count_destroy};

struct hooked *make_hooked(struct besom_mutator *m, unsigned long *calls)
{
    struct hooked *h = make(m, &hooked_type);
    h->calls = calls;
    return h;
}

struct node *make_list(struct besom_mutator *m, size_t n)
{
    struct node *list = NULL;
    for (size_t i = 0; i < n; i++) {
        struct node *node = make(m, &node_type);
        node->id = i;
        node->next = list;
        besom_write(m, node);
        list = node;
    }
    return list;
}

void check_list(const struct node *list, size_t n)
{
    for (size_t i = n; i-- > 0; list = list->next) {
        require(list && list->type == &node_type, "the list is too short");
        require(list->id == i, "the list was overwritten");
    }
    require(!list, "the list is too long");
}

/* ---- time, seeds, sizes ---- */

uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void sleep_ms(unsigned ms)
{
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

size_t rss_bytes(void)
{
    unsigned long size = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fscanf(f, "%lu %lu", &size, &resident), 2);
    fclose(f);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { BUILT_WITH_SANITIZER = 1 };
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { BUILT_WITH_SANITIZER = 1 };
#else
enum { BUILT_WITH_SANITIZER = 0 };
#endif
#else
enum { BUILT_WITH_SANITIZER = 0 };
#endif

/* The makefile's; the headers need no configuration. */
#ifndef BESOM_DEBUG
#define BESOM_DEBUG 0
#endif

bool is_instrumented(void)
{
    /* Valgrind preloads its own objects into the programs it runs. */
    const char *preload = getenv("LD_PRELOAD");
    return BUILT_WITH_SANITIZER || (preload && strstr(preload, "vgpreload"));
}

size_t scaled(size_t n)
{
    const char *options = getenv("BESOM_OPTIONS");
    if (is_instrumented() || BESOM_DEBUG > 1 || (options && options[0]))
        n /= 16;
    return n ? n : 1;
}

uint64_t test_seed(void)
{
    static uint64_t seed;
    if (!seed) {
        const char *text = getenv("BESOM_TEST_SEED");
        seed = text ? strtoull(text, NULL, 0) : now_ns();
        seed += !seed;
        printf("seed: BESOM_TEST_SEED=%llu\n", (unsigned long long)seed);
        fflush(stdout);
    }
    return seed;
}

size_t test_ops(size_t otherwise)
{
    const char *text = getenv("BESOM_TEST_OPS");
    return text ? strtoull(text, NULL, 0) : otherwise;
}

/* Sebastiano Vigna's splitmix64. */
uint64_t rng_next(struct rng *rng)
{
    uint64_t z = rng->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

size_t rng_below(struct rng *rng, size_t n)
{
    return (size_t)(rng_next(rng) % n);
}

/* ---- running ---- */

int run_tests(const char *name, const TTest *const *tests, size_t n)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 600);
    for (size_t i = 0; i < n; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
