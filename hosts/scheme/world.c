/* world.c - what is there before a program runs: the heap's configuration, the core environment, the
 * prelude. */
#include "hosts/scheme/world.h"
#include "hosts/scheme/compile.h"
#include "hosts/scheme/libraries.h"
#include <stdlib.h>
#include <string.h>

/* Procedures that are instructions, in the order of the emitter's table. */
static const char *const inlined[] = {"+",   "-",        "*",          "<",
                                      ">",   "<=",       ">=",         "=",
                                      "eq?", "cons",     "vector-ref", "vector-set!",
                                      "car", "cdr",      "null?",      "pair?",
                                      "not", "set-car!", "set-cdr!",   "%record-ref"};

void scm_define_rows(struct vm *vm, const struct primitive_row *rows)
{
    for (; rows->name; rows++) {
        value name = scm_symbol(vm, rows->name);
        struct primitive *p = scm_new(vm, T_PRIMITIVE, sizeof *p);
        *p = (struct primitive){p->type,    name,          rows->fn,   rows->least,
                                rows->most, rows->special, !rows->once};
        struct cell *c = AS(cell, scm_env_cell(vm, vm->world->core, name, true));
        set_field(vm->m, c, &c->content, ref(p));
        c->op = -1;
        for (size_t i = 0; i < sizeof inlined / sizeof *inlined; i++)
            if (strcmp(inlined[i], rows->name) == 0)
                c->op = (int64_t)i + 1;
    }
}

static void define_forms(struct vm *vm)
{
    for (int i = 0; i < F_COUNT; i++) {
        struct special *s = scm_new(vm, T_SPECIAL, sizeof *s);
        s->form = i;
        s->name = scm_symbol(vm, scm_form_names[i]);
        scm_env_set(vm, vm->world->core, s->name, ref(s));
    }
}

static void make_known(struct vm *vm)
{
    static const char *const names[] = {"quote",
                                        "quasiquote",
                                        "unquote",
                                        "unquote-splicing",
                                        "...",
                                        "_",
                                        "else",
                                        "=>",
                                        "define",
                                        "define-library",
                                        "and",
                                        "or",
                                        "not",
                                        "begin",
                                        "export",
                                        "import",
                                        "include",
                                        "include-ci",
                                        "cond-expand",
                                        "rename",
                                        "only",
                                        "except",
                                        "prefix",
                                        "lambda",
                                        "include-library-declarations",
                                        "...",
                                        "library"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        set_root(&vm->world->known[i], scm_symbol(vm, names[i]));
}

static void make_condition(struct vm *vm)
{
    value kind = scm_symbol(vm, "memory"), message = scm_string(vm, "out of memory");
    set_root(&vm->world->exhausted, scm_condition(vm, kind, message, NIL, FALSE));
}

/* The hard limit that besom_heap_new found: the environment comes after the configuration. */
static size_t heap_limit(const struct besom_config *config)
{
    struct besom_options options = config->options;
    const char *text = getenv("BESOM_OPTIONS");
    if (text)
        besom_options_parse(&options, text, NULL);
    return options.heap_max_bytes;
}

static void make_ballast(struct vm *vm)
{
    struct world *w = vm->world;
    size_t heap_max = w->heap_max;
    set_root(&w->ballast, scm_box(vm, FALSE));
    size_t bytes = heap_max / 16 < 4 << 20 ? heap_max / 16 : 4 << 20;
    if (heap_max && besom_external(w->heap, address(w->ballast), (ptrdiff_t)bytes) == BESOM_OK)
        w->ballast_bytes = bytes;
}

/* Everything in here happens without a safepoint; a jump out of it means no memory. */
static bool make_core(struct vm *vm)
{
    struct world *w = vm->world;
    static const struct primitive_row *const tables[] = {
        scm_number_rows,  scm_list_rows,  scm_string_rows, scm_vector_rows, scm_port_rows,
        scm_control_rows, scm_table_rows, scm_weak_rows,   scm_thread_rows, scm_system_rows};
    if (setjmp(vm->jump) != 0)
        return false;
    set_root(&w->core, scm_env_new(vm, FALSE));
    set_root(&w->user, scm_env_new(vm, FALSE));
    make_known(vm);
    make_condition(vm);
    define_forms(vm);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        scm_define_rows(vm, tables[i]);
    set_root(&w->raise, scm_env_cell(vm, w->core, scm_symbol(vm, "%signal"), true));
    set_root(&w->ports[0], scm_port_of(vm, stdin, true, "stdin"));
    set_root(&w->ports[1], scm_port_of(vm, stdout, false, "stdout"));
    set_root(&w->ports[2], scm_port_of(vm, stderr, false, "stderr"));
    make_ballast(vm);
    return true;
}

static bool boot(struct vm *vm)
{
    if (setjmp(vm->jump) != 0)
        return false;
    value port = scm_open_text(vm, scm_boot, strlen(scm_boot), "boot.scm");
    value symbol = scm_symbol(vm, "%boot-port");
    struct cell *c = AS(cell, scm_env_cell(vm, vm->world->core, symbol, true));
    set_field(vm->m, c, &c->content, port);
    for (;;) {
        if (setjmp(vm->jump) != 0)
            break;
        struct positions *p = positions_new(vm);
        value x = scm_read(vm, c->content, p);
        if (x == END_OF_FILE)
            return true;
        value thunk = scm_compile(vm, x, vm->world->core, p, "boot.scm");
        scm_run(vm, thunk);
    }
    value e = vm->raised;
    if (is(e, T_CONDITION))
        fprintf(stderr, "scheme: the prelude: %s %s\n", string_text(AS(condition, e)->message),
                is(AS(condition, e)->where, T_STRING) ? string_text(AS(condition, e)->where) : "");
    return false;
}

/* Perhaps on a thread of the collector's. */
static void count_stops(void *host, const struct besom_event *event)
{
    struct world *w = host;
    if (event->kind == BESOM_EVENT_STOP)
        __atomic_add_fetch(&w->stops, 1, __ATOMIC_RELAXED);
}

struct vm *scm_world_new(struct world *world, struct besom_config *config,
                         struct besom_report *report)
{
    *world = (struct world){.libraries = NIL, .arguments = NIL};
    pthread_mutex_init(&world->lock, NULL);
    config->host = world;
    config->on_event = count_stops;
    if (besom_heap_new(config, &world->heap, report) != BESOM_OK)
        return NULL;
    snprintf(report->text, sizeof report->text, "no memory for the prelude");
    world->heap_max = heap_limit(config);
    void **roots = (void **)(void *)world;
    if (besom_root_range(world->heap, roots, WORLD_ROOTS, "world", NULL) != BESOM_OK)
        return NULL;
    struct vm *vm = scm_vm_new(world);
    if (!vm || scm_symbols_init(vm) != BESOM_OK || !make_core(vm) || !boot(vm))
        return NULL;
    if (setjmp(vm->jump) != 0)
        return NULL;
    scm_libraries_init(vm);
    return vm;
}
