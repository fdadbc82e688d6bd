/* oracle_heap.c - see oracle_heap.h. */
#include "oracle_heap.h"

#include <stdio.h>
#include <string.h>

static bool one_in(struct rng *rng, size_t n)
{
    return rng_below(rng, n) == 0;
}

static void draw_options(struct oracle_heap *oracle, const struct oracle_variant *variant,
                         struct rng *rng)
{
    static const char *const paces[] = {"pace=sqrt", "pace=factor,pace_factor=130",
                                        "pace=fixed,heap_min=48m"};
    static const char *const stacks[] = {"", ",mark_stack=64", ",mark_stack=1000"};
    static const char *const delays[] = {"", ",give_back_ms=0", ",give_back_ms=1"};
    snprintf(oracle->options, sizeof oracle->options,
             "seed=%zu,heap_min=%zuk,%s,mark_threads=%zu%s%s%s%s%s%s%s%s%s%s",
             1 + rng_below(rng, 1000000), 512 + rng_below(rng, 4096), paces[rng_below(rng, 3)], 1 + rng_below(rng, 4),
             stacks[rng_below(rng, 3)], delays[rng_below(rng, 3)],
             one_in(rng, 4) ? ",poison" : "", one_in(rng, 8) ? ",verify" : "",
             one_in(rng, 8) ? ",huge_pages" : "", one_in(rng, 4) ? ",barrier" : "",
             one_in(rng, 4) ? ",check_frames" : "", one_in(rng, 8) ? ",stress=101" : "",
             variant->options ? "," : "", variant->options ? variant->options : "");
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
