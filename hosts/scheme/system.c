/* system.c - the process, time, and the collector as Scheme sees it. */
#include "hosts/scheme/scheme.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define P(name) static value name(struct vm *vm, int n, value *a)
extern char **environ;

P(command_line)
{
    (void)n, (void)a;
    return vm->world->arguments;
}

P(leave)
{
    int status = n == 0 || a[0] == TRUE ? 0 : is_fix(a[0]) ? (int)(fix_of(a[0]) & 255) : 1;
    for (int i = 1; i < 3; i++)
        port_flush(vm, vm->world->ports[i]);
    fflush(NULL);
    _exit(status);
}

P(get_variable)
{
    (void)n;
    want(vm, a[0], T_STRING, "a string");
    char name[256];
    snprintf(name, sizeof name, "%.*s", (int)AS(string, a[0])->n_bytes, string_text(a[0]));
    const char *v = getenv(name);
    size_t chars;
    return v && utf8_count(v, strlen(v), &chars) ? scm_string(vm, v) : (value)FALSE;
}

P(get_variables)
{
    (void)n, (void)a;
    value l = NIL;
    for (char **e = environ; *e; e++) {
        char *equals = strchr(*e, '=');
        size_t chars;
        if (!equals || !utf8_count(*e, strlen(*e), &chars))
            continue;
        value name = scm_string_of(vm, *e, (size_t)(equals - *e));
        l = scm_cons(vm, scm_cons(vm, name, scm_string(vm, equals + 1)), l);
    }
    return l;
}

static int64_t now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}
P(current_second)
{
    (void)n, (void)a;
    return scm_flonum(vm, (double)now(CLOCK_REALTIME) / 1e9);
}
P(current_jiffy)
{
    (void)n, (void)a, (void)vm;
    return fix(now(CLOCK_MONOTONIC));
}
P(jiffies)
{
    (void)n, (void)a, (void)vm;
    return fix(1000000000);
}

/* ---- the collector ---- */

P(gc)
{
    (void)n, (void)a;
    besom_collect(vm->m, BESOM_FULL);
    return UNSPECIFIED;
}

static value entry(struct vm *vm, const char *name, uint64_t v, value rest)
{
    return scm_cons(vm, scm_cons(vm, scm_symbol(vm, name), scm_integer(vm, (int64_t)v)), rest);
}

P(gc_stats)
{
    (void)n, (void)a;
    struct besom_stats s;
    besom_stats(vm->world->heap, &s);
    const struct besom_histogram *h = besom_pauses(vm->world->heap);
    value l = NIL;
    l = entry(vm, "max-pause-ns", besom_histogram_max_ns(h), l);
    l = entry(vm, "pause-ns", besom_histogram_sum_ns(h), l);
    l = entry(vm, "mark-ns", s.mark_ns_sum, l);
    l = entry(vm, "external-bytes", s.external_bytes, l);
    l = entry(vm, "committed-bytes", s.committed_bytes, l);
    l = entry(vm, "used-bytes", s.used_bytes, l);
    l = entry(vm, "live-bytes", s.live_bytes, l);
    l = entry(vm, "allocated-bytes", s.allocated_bytes, l);
    l = entry(vm, "minor-cycles", s.minor_cycles, l);
    l = entry(vm, "stops", __atomic_load_n(&vm->world->stops, __ATOMIC_RELAXED), l);
    return entry(vm, "cycles", s.cycles, l);
}

P(core_environment)
{
    (void)n, (void)a;
    return vm->world->core;
}
P(user_environment)
{
    (void)n, (void)a;
    return vm->world->user;
}
P(new_environment) /* in which there is only import */
{
    (void)n, (void)a;
    value env = scm_env_new(vm, FALSE), import = known(vm, K_IMPORT);
    scm_env_set(vm, env, import, scm_env_lookup(vm, vm->world->core, import));
    return env;
}
P(set_raise)
{
    (void)n;
    struct cell *c = AS(cell, vm->world->raise);
    set_field(vm->m, c, &c->content, a[0]);
    return UNSPECIFIED;
}

const struct primitive_row scm_system_rows[] = {
    {"command-line", command_line, 0, 0, 0, 0},
    {"emergency-exit", leave, 0, 1, 0, 1},
    {"get-environment-variable", get_variable, 1, 1, 0, 0},
    {"get-environment-variables", get_variables, 0, 0, 0, 0},
    {"current-second", current_second, 0, 0, 0, 0},
    {"current-jiffy", current_jiffy, 0, 0, 0, 0},
    {"jiffies-per-second", jiffies, 0, 0, 0, 0},
    {"gc", gc, 0, 0, 0, 0},
    {"gc-stats", gc_stats, 0, 0, 0, 0},
    {"%core-environment", core_environment, 0, 0, 0, 0},
    {"interaction-environment", user_environment, 0, 0, 0, 0},
    {"%new-environment", new_environment, 0, 0, 0, 0},
    {"%set-raise!", set_raise, 1, 1, 0, 0},
    {NULL, NULL, 0, 0, 0, 0}};
