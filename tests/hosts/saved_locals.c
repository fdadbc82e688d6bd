/* saved_locals.c - a host in chibi-scheme's shape: a list of pointers to C locals. */
#include "tests/hosts/modes.h"

struct saved_local {
    void **local;
    struct saved_local *next;
};

struct context {
    struct saved_local *saves;
};

static void visit_saves(struct besom_tracer *tracer, void *data)
{
    const struct context *context = data;
    for (const struct saved_local *save = context->saves; save; save = save->next)
        besom_visit(tracer, *save->local);
}

/* The sum of 1 to n, by a list each of whose nodes is a saved local of one C call. */
static uint64_t sum_saved(struct besom_mutator *m, struct context *context, uint64_t n)
{
    if (n == 0)
        return 0;
    void *node = NULL;
    struct saved_local save = {&node, context->saves};
    context->saves = &save;
    node = make(m, &node_type);
    ((struct node *)node)->id = n;
    uint64_t rest = sum_saved(m, context, n - 1);
    besom_poll(m);
    uint64_t sum = ((struct node *)node)->id + rest;
    context->saves = save.next;
    return sum;
}

static void saved_locals_live_until_their_function_returns_in(const char *options)
{
    struct rig rig;
    struct context context = {NULL};
    rig_init_exact(&rig, options);
    rig_open(&rig);
    ck_assert_int_eq(besom_mutator_root_source(rig.m, visit_saves, &context, "saves", NULL),
                     BESOM_OK);
    void *outer = NULL;
    struct saved_local save = {&outer, context.saves};
    context.saves = &save;
    outer = make(rig.m, &node_type);
    ck_assert_uint_eq(sum_saved(rig.m, &context, 100), 5050);
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &node_type), 1);
    context.saves = save.next;
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, &node_type), 0);
    rig_close(&rig);
}

TEST_IN_EVERY_MODE(saved_locals_live_until_their_function_returns, "")

int main(void)
{
    const TTest *const tests[] = {
        saved_locals_live_until_their_function_returns,
    };
    return run_tests("host: saved locals", tests, sizeof tests / sizeof *tests);
}
