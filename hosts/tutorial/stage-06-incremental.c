/* Twig, stage 6: marking goes on beside the program. */
#include "twig.h"

#include <besom/besom.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* ---- the machine's memory ---- */

struct frame { /* a call that has not returned */
    struct closure *closure;
    struct environment *environment;
    int pc;
};
enum { DEPTH = 500, STACK = 4 * DEPTH };
struct stack {
    int top, depth;
    value values[STACK];
    struct frame frames[DEPTH];
};
struct vm {
    struct stack *stack;
    struct besom_mutator *m; /* this thread's access to the heap */
};

static value globals[GLOBALS];
static int64_t argument; /* of the command line, for programs */

/* ---- types ---- */

static const struct besom_field pair_fields[] = {
    {"head", offsetof(struct pair, head)},
    {"tail", offsetof(struct pair, tail)},
};
static const struct besom_field outer_field[] = {{"outer", offsetof(struct environment, outer)}};
static const struct besom_field slot_field[] = {{"slot", 0}};
static const struct besom_field closure_fields[] = {
    {"code", offsetof(struct closure, code)},
    {"environment", offsetof(struct closure, environment)},
};

static void table_trace(struct besom_tracer *tracer, void *object)
{
    struct table *t = object;
    besom_visit_words(tracer, &t->entries[0].key, 2 * (size_t)t->room);
}

static size_t table_bytes(const struct table *t)
{
    return t->room * sizeof t->entries[0];
}

static void table_destroy(struct besom_heap *heap, void *object)
{
    struct table *t = object;
    besom_external(heap, t, -(ptrdiff_t)table_bytes(t));
    free(t->entries);
}

static void code_trace(struct besom_tracer *tracer, void *object)
{
    struct code *code = object;
    besom_visit_words(tracer, code->constants, (size_t)code->n_constants);
}

static void code_destroy(struct besom_heap *heap, void *object)
{
    struct code *code = object;
    free(code->ops);
    free(code->constants);
}

static const struct besom_type types[KINDS] = {
    [STRING] = {.name = "string", .size_bytes = sizeof(struct string), .flags = BESOM_LEAF},
    [PAIR] = {.name = "pair",
              .size_bytes = sizeof(struct pair),
              .fields = pair_fields,
              .n_fields = 2},
    [TABLE] = {.name = "table",
               .size_bytes = sizeof(struct table),
               .flags = BESOM_RACY, /* entries and room change together */
               .trace = table_trace,
               .destroy = table_destroy},
    [CODE] = {.name = "code",
              .size_bytes = sizeof(struct code),
              .trace = code_trace,
              .destroy = code_destroy},
    [ENVIRONMENT] = {.name = "environment",
                     .size_bytes = sizeof(struct environment),
                     .fields = outer_field,
                     .n_fields = 1,
                     .tail = {.offset_bytes = offsetof(struct environment, slots),
                              .stride_bytes = sizeof(value),
                              .length_offset_bytes = offsetof(struct environment, n),
                              .length_width_bytes = 4,
                              .fields = slot_field,
                              .n_fields = 1}},
    [CLOSURE] = {.name = "closure",
                 .size_bytes = sizeof(struct closure),
                 .fields = closure_fields,
                 .n_fields = 2},
};

/* ---- roots ---- */

static void stack_visit(struct besom_tracer *tracer, const struct stack *s)
{
    besom_visit_words(tracer, s->values, (size_t)s->top);
    for (int i = 0; i < s->depth; i++) {
        besom_visit(tracer, s->frames[i].closure);
        besom_visit(tracer, s->frames[i].environment);
    }
}

static void vm_visit(struct besom_tracer *tracer, void *data)
{
    struct vm *vm = data;
    stack_visit(tracer, vm->stack);
}

static const struct besom_type *type_of(const void *object)
{
    return &types[((const struct object *)object)->kind];
}

static void *object_new(struct vm *vm, enum kind kind, size_t bytes)
{
    struct object *object = besom_new_sized(vm->m, &types[kind], bytes);
    if (!object)
        die("out of memory");
    object->kind = kind;
    return object;
}

/* ---- objects ---- */

struct string *string_new(struct vm *vm, const char *bytes, size_t length)
{
    struct string *s = object_new(vm, STRING, sizeof *s + length + 1);
    memcpy(s->bytes, bytes, length);
    s->length = (uint32_t)length;
    return s;
}

struct code *code_new(struct vm *vm)
{
    return object_new(vm, CODE, sizeof(struct code));
}

static struct pair *pair_new(struct vm *vm, value head, value tail)
{
    struct pair *p = object_new(vm, PAIR, sizeof *p);
    p->head = head;
    p->tail = tail;
    return p;
}

static struct table *table_new(struct vm *vm)
{
    struct table *t = object_new(vm, TABLE, sizeof *t);
    t->room = 8;
    t->entries = allocate(t->room * sizeof t->entries[0]);
    besom_external(besom_heap_of(vm->m), t, (ptrdiff_t)table_bytes(t));
    return t;
}

static void table_grow(struct vm *vm, struct table *t)
{
    struct table old = *t;
    t->room *= 2;
    t->entries = allocate(t->room * sizeof t->entries[0]);
    for (uint32_t i = 0; i < old.room; i++)
        if (old.entries[i].key != NIL)
            *table_find(t, old.entries[i].key) = old.entries[i];
    free(old.entries);
    besom_external(besom_heap_of(vm->m), t, (ptrdiff_t)(table_bytes(t) - table_bytes(&old)));
}

static void table_put(struct vm *vm, struct table *t, value key, value item)
{
    if (key == NIL)
        die("nil is no key");
    if (t->used >= t->room / 4 * 3)
        table_grow(vm, t);
    struct entry *e = table_find(t, key);
    t->used += e->key == NIL;
    e->key = key;
    e->item = item;
    besom_write(vm->m, t);
}

/* ---- the machine ---- */

static void push(struct vm *vm, value v)
{
    if (vm->stack->top == STACK)
        die("the stack is full");
    vm->stack->values[vm->stack->top++] = v;
}

static value pop(struct vm *vm)
{
    return vm->stack->values[--vm->stack->top];
}

/* On the stack are a function and n arguments: a frame takes their place. */
static void enter(struct vm *vm, int n)
{
    besom_poll(vm->m); /* may collect: all that matters is on the stack, the arguments too */
    struct stack *s = vm->stack;
    value *arguments = &s->values[s->top - n];
    struct closure *closure = object_of(arguments[-1], CLOSURE);
    if (closure->code->parameters != n)
        die("wrong number of arguments");
    if (s->depth == DEPTH)
        die("calls are too deep");
    uint32_t slots = (uint32_t)closure->code->slots;
    struct environment *e = object_new(vm, ENVIRONMENT, sizeof *e + slots * sizeof e->slots[0]);
    e->n = slots;
    e->outer = closure->environment;
    memcpy(e->slots, arguments, (size_t)n * sizeof arguments[0]);
    s->top -= n + 1;
    s->frames[s->depth++] = (struct frame){closure, e, 0};
}

struct native {
    const char *name;
    int parameters;
    value (*fn)(struct vm *vm, value *arguments); /* which are on the stack */
};
static const struct native natives[];

static void call_native(struct vm *vm, const struct native *native)
{
    value result = native->fn(vm, &vm->stack->values[vm->stack->top - native->parameters]);
    vm->stack->top -= native->parameters;
    push(vm, result);
}

static value closure_new(struct vm *vm, value code, struct environment *environment)
{
    struct closure *c = object_new(vm, CLOSURE, sizeof *c);
    c->code = (struct code *)code;
    c->environment = environment;
    return (value)c;
}

static void set_local(struct vm *vm, struct environment *e, struct op op, value v)
{
    e = outer(e, op.a);
    e->slots[op.b] = v;
    besom_write(vm->m, e);
}

/* Runs until frame number `base`, counted from 1, has returned. */
static value run(struct vm *vm, int base)
{
    for (;;) {
        struct stack *s = vm->stack;
        struct frame *f = &s->frames[s->depth - 1];
        struct code *code = f->closure->code;
        struct op op = code->ops[f->pc++];
        switch (op.code) {
        case CONSTANT: push(vm, code->constants[op.a]); break;
        case LOCAL: push(vm, outer(f->environment, op.a)->slots[op.b]); break;
        case SET_LOCAL: set_local(vm, f->environment, op, s->values[s->top - 1]); break;
        case GLOBAL: push(vm, globals[op.a]); break;
        case SET_GLOBAL: globals[op.a] = s->values[s->top - 1]; break;
        case POP: s->top--; break;
        case JUMP: f->pc = op.a; break;
        case BRANCH: f->pc = pop(vm) == NIL ? op.a : f->pc; break;
        case LOOP:
            f->pc = op.a;
            besom_poll(vm->m);
            break;
        case CLOSE: push(vm, closure_new(vm, code->constants[op.a], f->environment)); break;
        case NATIVE: call_native(vm, &natives[op.a]); break;
        case CALL: enter(vm, op.a); break;
        case YIELD: die("this stage has no coroutines");
        case RETURN:
            if (--s->depth < base)
                return pop(vm);
        }
    }
}

/* Calls a function of one argument from C. */
static value call(struct vm *vm, value function, value v)
{
    push(vm, function);
    push(vm, v);
    enter(vm, 1);
    return run(vm, vm->stack->depth);
}

static void vm_open(struct vm *vm, struct besom_heap *heap)
{
    vm->stack = allocate(sizeof *vm->stack);
    vm->m = besom_attach(heap);
    if (!vm->m || besom_mutator_root_source(vm->m, vm_visit, vm, "stack", NULL) != BESOM_OK)
        die("out of memory");
}

static void vm_close(struct vm *vm)
{
    besom_detach(vm->m);
    free(vm->stack);
}

/* ---- natives ---- */

static value cons(struct vm *vm, value *v)
{
    return (value)pair_new(vm, v[0], v[1]);
}

static value set_tail(struct vm *vm, value *v)
{
    struct pair *p = object_of(v[0], PAIR);
    p->tail = v[1];
    besom_write(vm->m, p);
    return v[1];
}

/* (map f list): the list of what f makes of each element. */
static value map(struct vm *vm, value *v)
{
    BESOM_LOCALS(vm->m, struct pair * first;);
    struct pair *last = NULL;
    for (; v[1] != NIL; v[1] = tail(vm, &v[1])) {
        value item = call(vm, v[0], head(vm, &v[1]));
        struct pair *next = pair_new(vm, item, NIL);
        if (last) {
            last->tail = (value)next;
            besom_write(vm->m, last);
        } else {
            my->first = next;
        }
        last = next;
    }
    return (value)my->first;
}

static value table(struct vm *vm, value *v)
{
    return (value)table_new(vm);
}

static value get(struct vm *vm, value *v)
{
    return table_find(object_of(v[0], TABLE), v[1])->item;
}

static value put(struct vm *vm, value *v)
{
    table_put(vm, object_of(v[0], TABLE), v[1], v[2]);
    return v[2];
}

static value count(struct vm *vm, value *v)
{
    return integer(((struct table *)object_of(v[0], TABLE))->used);
}

/* (join a b): a text; each of the two is one, or an integer. */
static value join(struct vm *vm, value *v)
{
    char digits[2][24];
    const char *part[2];
    for (int i = 0; i < 2; i++) {
        if (v[i] & 1)
            snprintf(digits[i], sizeof digits[i], "%lld", (long long)integer_of(v[i]));
        part[i] = v[i] & 1 ? digits[i] : ((struct string *)object_of(v[i], STRING))->bytes;
    }
    size_t n = strlen(part[0]), length = n + strlen(part[1]);
    struct string *s = object_new(vm, STRING, sizeof *s + length + 1);
    s->length = (uint32_t)length;
    memcpy(s->bytes, part[0], n);
    memcpy(s->bytes + n, part[1], length - n);
    return (value)s;
}

static value collect(struct vm *vm, value *v)
{
    besom_collect(vm->m, BESOM_FULL);
    return NIL;
}

static value number(struct vm *vm, value *v)
{
    return integer(argument);
}

/* clang-format off */
static const struct native natives[] = {
    {"+", 2, add}, {"-", 2, subtract}, {"<", 2, less}, {"=", 2, same}, {"print", 1, print},
    {"cons", 2, cons}, {"head", 1, head}, {"tail", 1, tail}, {"set-tail", 2, set_tail},
    {"map", 2, map}, {"table", 0, table}, {"get", 2, get}, {"put", 3, put}, {"count", 1, count},
    {"join", 2, join}, {"collect", 0, collect}, {"number", 0, number},
};
/* clang-format on */

int native_find(const char *name, int *parameters)
{
    for (size_t i = 0; i < sizeof natives / sizeof natives[0]; i++) {
        *parameters = natives[i].parameters;
        if (strcmp(natives[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

/* ---- programs ---- */

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        die("the program cannot be read");
    size_t room = 1 << 16;
    char *text = allocate(room + 1);
    if (fread(text, 1, room, file) == room)
        die("the program is too long");
    fclose(file);
    return text;
}

static void run_program(struct vm *vm, const char *text)
{
    struct code *code;
    while ((code = compile_form(vm, &text)) != NULL)
        call(vm, closure_new(vm, (value)code, NULL), NIL);
}

static void on_event(void *host, const struct besom_event *event)
{
    if (!event->text)
        return;
    fflush(stdout); /* a debug option has found something, after which nothing is worth much */
    fprintf(stderr, "%s\n", event->text);
    _Exit(3);
}

static struct besom_heap *heap_open(void)
{
    struct besom_config config;
    struct besom_heap *heap = NULL;
    struct besom_report report;
    besom_config_init(&config);
    config.type_of = type_of;
    config.encoding = (struct besom_encoding){.mask = 1, .match = 0, .pointer_bits = ~UINT64_C(0)};
    config.on_event = on_event;
    config.options.mode = BESOM_INCREMENTAL; /* unless BESOM_OPTIONS says otherwise */
    for (int kind = 0; kind < KINDS; kind++)
        if (types[kind].name && besom_type_check(&types[kind], false, &report) != BESOM_OK)
            die(report.text);
    if (besom_heap_new(&config, &heap, &report) != BESOM_OK)
        die(report.text);
    if (besom_root_range(heap, (void **)globals, GLOBALS, "globals", NULL) != BESOM_OK)
        die("out of memory");
    return heap;
}

/* twig [-m] PROGRAM [NUMBER]; -m tells how much memory it took. */
int main(int argc, char **argv)
{
    bool tell = argc > 1 && strcmp(argv[1], "-m") == 0;
    argv += tell ? 2 : 1;
    if (!argv[0])
        die("usage: twig [-m] PROGRAM [NUMBER]");
    argument = argv[1] ? atoll(argv[1]) : 0;
    struct besom_heap *heap = heap_open();
    struct vm vm;
    vm_open(&vm, heap);
    char *text = read_file(argv[0]);
    run_program(&vm, text);
    free(text);
    struct besom_report report;
    if (besom_verify(vm.m, &report) != BESOM_OK)
        die(report.text);
    vm_close(&vm);
    besom_heap_free(heap);
    struct rusage usage;
    if (tell && getrusage(RUSAGE_SELF, &usage) == 0)
        fprintf(stderr, "%ld KiB\n", usage.ru_maxrss);
    return 0;
}
