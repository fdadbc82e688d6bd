/* type_byte.c - a host in Lua's shape: a type byte in the header, growing arrays in the host's memory,
 * coroutines whose stacks have no barrier, interned strings, finalizers. */
#include "tests/hosts/modes.h"

#include <stdlib.h>
#include <string.h>

enum kind { STRING, ARRAY, COROUTINE };

struct object { /* the header */
    uint8_t kind;
};

struct string {
    struct object head;
    char text[];
};

struct array {
    struct object head;
    size_t n, capacity;
    struct object **items; /* realloc'd */
};

enum { STACK_SLOTS = 200 };

struct coroutine {
    struct object head;
    size_t top;
    struct object *stack[STACK_SLOTS];
};

/* ---- types ---- */

static void trace_array(struct besom_tracer *tracer, void *obj)
{
    const struct array *a = obj;
    for (size_t i = 0; i < a->n; i++)
        besom_visit(tracer, a->items[i]);
}

static void free_items(struct besom_heap *heap, void *obj)
{
    struct array *a = obj;
    require_ok(besom_external(heap, a, -(ptrdiff_t)(a->capacity * sizeof *a->items)));
    free(a->items);
}

static void trace_stack(struct besom_tracer *tracer, void *obj)
{
    const struct coroutine *c = obj;
    for (size_t i = 0; i < c->top; i++)
        besom_visit(tracer, c->stack[i]);
}

static const struct besom_type string_type = {
    .name = "string", .size_bytes = sizeof(struct string), .flags = BESOM_LEAF};
static const struct besom_type array_type = {.name = "array",
                                             .size_bytes = sizeof(struct array),
                                             .flags = BESOM_RACY,
                                             .trace = trace_array,
                                             .destroy = free_items};
static const struct besom_type coroutine_type = {.name = "coroutine",
                                                 .size_bytes = sizeof(struct coroutine),
                                                 .flags = BESOM_UNBARRIERED | BESOM_RACY,
                                                 .trace = trace_stack};

static const struct besom_type *type_of(const void *obj)
{
    static const struct besom_type *const types[] = {&string_type, &array_type, &coroutine_type};
    return types[((const struct object *)obj)->kind];
}

/* ---- the host ---- */

struct state {
    struct rig rig;
    struct coroutine *running;
    struct besom_interns *strings;
};

static uint64_t hash_text(void *host, const void *probe)
{
    (void)host;
    uint64_t hash = 5381;
    for (const char *c = probe; *c; c++)
        hash = hash * 33 + (unsigned char)*c;
    return hash;
}

static bool text_is(void *host, const void *probe, const void *obj)
{
    (void)host;
    return strcmp(probe, ((const struct string *)obj)->text) == 0;
}

static void *make_string(struct besom_mutator *m, void *host, const void *probe)
{
    (void)host;
    struct string *s = besom_new_sized(m, &string_type, sizeof *s + strlen(probe) + 1);
    if (!s)
        return NULL;
    s->head.kind = STRING;
    strcpy(s->text, probe);
    return s;
}

static struct string *intern(struct state *L, const char *text)
{
    return besom_intern(L->rig.m, L->strings, text, make_string);
}

static struct array *new_array(struct state *L)
{
    struct array *a = make(L->rig.m, &array_type);
    a->head.kind = ARRAY;
    return a;
}

static void append(struct state *L, struct array *a, void *item)
{
    if (a->n == a->capacity) {
        size_t capacity = a->capacity ? 2 * a->capacity : 4;
        struct object **items = realloc(a->items, capacity * sizeof *items);
        require(items != NULL, "no memory");
        a->items = items;
        require_ok(
            besom_external(L->rig.heap, a, (ptrdiff_t)((capacity - a->capacity) * sizeof *items)));
        a->capacity = capacity;
    }
    a->items[a->n++] = item;
    besom_write(L->rig.m, a);
}

static void push(struct state *L, void *obj)
{
    L->running->stack[L->running->top++] = obj;
}

static void open_state(struct state *L, const char *options)
{
    memset(L, 0, sizeof *L);
    rig_init_exact(&L->rig, options);
    L->rig.config.type_of = type_of;
    rig_open(&L->rig);
    require_ok(besom_root_range(L->rig.heap, (void **)&L->running, 1, "running", NULL));
    require_ok(besom_root_range(L->rig.heap, (void **)&L->strings, 1, "strings", NULL));
    L->running = make(L->rig.m, &coroutine_type);
    L->running->head.kind = COROUTINE;
    L->strings = besom_interns_new(L->rig.m, hash_text, text_is);
    require(L->strings != NULL, "no set of strings");
}

static const char *numbered(char *text, size_t i)
{
    sprintf(text, "string %zu", i);
    return text;
}

/* ---- its claims ---- */

static void growing_array_keeps_its_items_and_charges_its_buffer_in(const char *options)
{
    struct state L;
    char text[32];
    open_state(&L, options);
    push(&L, new_array(&L));
    for (size_t i = 0; i < 100; i++) {
        struct array *a = (struct array *)L.running->stack[0];
        append(&L, a, intern(&L, numbered(text, i)));
        besom_poll(L.rig.m);
    }
    collect(L.rig.m);
    struct array *a = (struct array *)L.running->stack[0];
    for (size_t i = 0; i < 100; i++)
        require(strcmp(((struct string *)a->items[i])->text, numbered(text, i)) == 0, "an item");
    ck_assert_uint_eq(besom_external_of(L.rig.heap, a), 128 * sizeof *a->items);
    ck_assert_uint_eq(besom_interns_count(L.strings), 100);
    L.running->top = 0;
    collect(L.rig.m);
    ck_assert_uint_eq(count_objects(L.rig.m, &array_type), 0);
    ck_assert_uint_eq(count_objects(L.rig.m, &string_type), 0);
    ck_assert_uint_eq(besom_interns_count(L.strings), 0);
    rig_close(&L.rig);
}

static void stack_needs_no_barrier_in(const char *options)
{
    struct state L;
    open_state(&L, options);
    collect(L.rig.m);
    for (int i = 0; i < 100; i++) {
        push(&L, new_array(&L));
        besom_poll(L.rig.m);
    }
    collect(L.rig.m);
    ck_assert_uint_eq(count_objects(L.rig.m, &array_type), 100);
    L.running->top = 10;
    collect(L.rig.m);
    ck_assert_uint_eq(count_objects(L.rig.m, &array_type), 10);
    rig_close(&L.rig);
}

/* Looked up between the steps of cycles: what marking has found dead, and that is not gone yet, is
 * made alive by the lookup; there is never a second of one content. */
static void dead_string_is_alive_again_when_it_is_looked_up_in(const char *options)
{
    struct state L;
    open_state(&L, options);
    size_t n_revived = 0;
    for (int i = 0; i < 20; i++) {
        bool ended = false;
        while (!ended) {
            struct string *before = intern(&L, "transient");
            require_ok(besom_step(L.rig.m, 64, &ended));
            bool was_dead = !ended && besom_is_dead(L.rig.heap, before);
            struct string *s = intern(&L, "transient");
            n_revived += was_dead && s == before;
            require(!besom_is_dead(L.rig.heap, s), "a dead string was returned");
            require(s == intern(&L, "transient"), "two of one content");
            require(strcmp(s->text, "transient") == 0, "a string that was reused");
        }
    }
    ck_assert_uint_gt(n_revived, 0);
    ck_assert_uint_eq(besom_interns_count(L.strings), 1);
    rig_close(&L.rig);
}

static void finalizers_come_once_and_last_registered_first_in(const char *options)
{
    struct state L;
    open_state(&L, options);
    for (int i = 0; i < 3; i++) {
        push(&L, new_array(&L));
        require_ok(besom_finalizer_add(L.rig.m, L.running->stack[i]));
    }
    collect(L.rig.m);
    ck_assert_ptr_null(besom_finalizer_next(L.rig.m));
    void *first = L.running->stack[0], *last = L.running->stack[2];
    L.running->top = 0;
    collect(L.rig.m);
    ck_assert_ptr_eq(besom_finalizer_next(L.rig.m), last);
    ck_assert_ptr_nonnull(besom_finalizer_next(L.rig.m));
    ck_assert_ptr_eq(besom_finalizer_next(L.rig.m), first);
    ck_assert_ptr_null(besom_finalizer_next(L.rig.m));
    collect(L.rig.m);
    ck_assert_ptr_null(besom_finalizer_next(L.rig.m));
    ck_assert_uint_eq(count_objects(L.rig.m, &array_type), 0);
    rig_close(&L.rig);
}

TEST_IN_EVERY_MODE(growing_array_keeps_its_items_and_charges_its_buffer, "")
TEST_IN_EVERY_MODE(stack_needs_no_barrier, "")
TEST_IN_EVERY_MODE(dead_string_is_alive_again_when_it_is_looked_up, "")
TEST_IN_EVERY_MODE(finalizers_come_once_and_last_registered_first, "")

int main(void)
{
    const TTest *const tests[] = {
        growing_array_keeps_its_items_and_charges_its_buffer,
        stack_needs_no_barrier,
        dead_string_is_alive_again_when_it_is_looked_up,
        finalizers_come_once_and_last_registered_first,
    };
    return run_tests("host: type byte", tests, sizeof tests / sizeof *tests);
}
