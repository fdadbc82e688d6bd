/* oracle_heap.c - see oracle_heap.h. */
#include "oracle_heap.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* `text` once in n times. */
static const char *sometimes(struct rng *rng, size_t n, const char *text)
{
    return rng_below(rng, n) == 0 ? text : "";
}

__attribute__((format(printf, 2, 3)))
static void append(struct oracle_heap *oracle, const char *format, ...)
{
    size_t n = strlen(oracle->options);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(oracle->options + n, sizeof oracle->options - n, format, arguments);
    va_end(arguments);
}

/* One draw to a statement: a seed means the same whatever order a compiler evaluates in. */
static void draw_options(struct oracle_heap *oracle, const struct oracle_variant *variant,
                         struct rng *rng)
{
    static const char *const paces[] = {"sqrt", "factor,pace_factor=130", "fixed,heap_min=48m"};
    static const char *const stacks[] = {"", ",mark_stack=64", ",mark_stack=1000"};
    static const char *const delays[] = {"", ",give_back_ms=0", ",give_back_ms=1"};
    append(oracle, "seed=%zu", 1 + rng_below(rng, 1000000));
    append(oracle, ",heap_min=%zuk", 512 + rng_below(rng, 4096));
    append(oracle, ",pace=%s", paces[rng_below(rng, 3)]);
    append(oracle, ",mark_threads=%zu", 1 + rng_below(rng, 4));
    append(oracle, "%s", stacks[rng_below(rng, 3)]);
    append(oracle, "%s", delays[rng_below(rng, 3)]);
    append(oracle, "%s", sometimes(rng, 4, ",poison"));
    append(oracle, "%s", sometimes(rng, 8, ",verify"));
    append(oracle, "%s", sometimes(rng, 8, ",huge_pages"));
    append(oracle, "%s", sometimes(rng, 4, ",barrier"));
    append(oracle, "%s", sometimes(rng, 4, ",check_frames"));
    append(oracle, "%s", sometimes(rng, 8, ",stress=101"));
    if (variant->options)
        append(oracle, ",%s", variant->options);
}

/* ---- disturbances ---- */

/* Any thread. */
static size_t chance(struct oracle_host *host, size_t n)
{
    struct rng rng = {__atomic_add_fetch(&host->chances, 1, __ATOMIC_RELAXED) * 0x9E3779B97F4Bu};
    return rng_below(&rng, n);
}

static void dawdle(struct oracle_host *host)
{
    size_t r = chance(host, 8);
    if (r == 0)
        usleep((useconds_t)chance(host, 300));
    else if (r < 4)
        sched_yield();
}

static void note_and_dawdle(void *data, const struct besom_event *event)
{
    struct oracle_host *host = data;
    host->note(host, event);
    if (event->kind == BESOM_EVENT_STOP) {
        host->stops++;
        host->stop_ns += event->duration_ns;
        if (event->duration_ns > host->longest_stop_ns)
            host->longest_stop_ns = event->duration_ns;
    }
    if (host->delays && event->kind <= BESOM_EVENT_STOP)
        dawdle(host);
}

/* What logs and bags are made of, and pieces of the marking stack; nobody but marking asks for so
 * much. */
enum { PART_BYTES_MIN = 4096, PART_BYTES_MAX = 4200 };

static void *alloc_or_fail(void *data, size_t bytes)
{
    struct oracle_host *host = data;
    bool is_part = bytes >= PART_BYTES_MIN && bytes <= PART_BYTES_MAX;
    if (is_part && host->alloc_fails && chance(host, host->alloc_fails) == 0) {
        __atomic_add_fetch(&host->failed_allocs, 1, __ATOMIC_RELAXED);
        return NULL;
    }
    return malloc(bytes);
}

static void release(void *data, void *block)
{
    (void)data;
    free(block);
}

static void disturb(struct oracle_host *host, const struct oracle_variant *variant,
                    struct besom_config *config, struct rng *rng)
{
    host->note = config->on_event;
    host->chances = rng_next(rng);
    host->delays = variant->delays;
    host->alloc_fails = variant->alloc_fails;
    config->on_event = note_and_dawdle;
    config->memory.alloc = alloc_or_fail;
    config->memory.release = release;
}

void oracle_heap_open(struct oracle_heap *oracle, const struct oracle_variant *variant,
                      struct rng *rng, uint64_t n_ids)
{
    memset(oracle, 0, sizeof *oracle);
    oracle_host_init(&oracle->host, n_ids);
    oracle->host.encoding = variant->encoding;
    oracle->host.own_headers = variant->own_headers;
    draw_options(oracle, variant, rng);
    oracle->host.marks_alone = strstr(oracle->options, "mark_threads=1") != NULL;
    struct besom_config config;
    besom_config_init(&config);
    watch_init(&oracle->host.watch, &config);
    config.encoding = variant->encoding;
    config.foreign_refs = variant->foreign;
    config.type_of = variant->own_headers ? oracle_type_of : NULL;
    config.options_text = oracle->options;
    disturb(&oracle->host, variant, &config, rng);
    struct besom_report report = {{0}};
    enum besom_status status = besom_heap_new(&config, &oracle->heap, &report);
    ck_assert_msg(status == BESOM_OK, "%s: %s", oracle->options, report.text);
}

void oracle_heap_close(struct oracle_heap *oracle, const struct model *const *models,
                       unsigned n_models)
{
    ck_assert_int_eq(besom_heap_free(oracle->heap), BESOM_OK);
    watch_check(&oracle->host.watch);
    ck_assert_uint_eq(oracle->host.broken_id, 0);
    ck_assert_int_eq(oracle->host.external_bytes, 0);
    for (unsigned i = 0; i < n_models; i++) {
        for (size_t j = 0; j < models[i]->n; j++) {
            const struct model_object *object = models[i]->objects[j];
            if (oracle_shapes[object->shape].is_hooked)
                ck_assert_uint_eq(oracle_calls(&oracle->host, object->id), 1);
        }
    }
    oracle_host_fini(&oracle->host);
}

uint64_t oracle_deadline_ns(void)
{
    /* scaled is smaller where everything takes longer. */
    return now_ns() + scaled(12) * UINT64_C(1000000000) + UINT64_C(2000000000);
}
