/* make.c - new objects, and the symbols, of which there is one for each name. */
#include "hosts/scheme/scheme.h"
#include <stdarg.h>
#include <string.h>

void *scm_new(struct vm *vm, enum kind kind, size_t bytes)
{
    void *object = besom_new_sized(vm->m, &scm_types[kind], bytes);
    if (!object)
        scm_starve(vm);
    return object;
}

value scm_cons(struct vm *vm, value a, value d)
{
    struct pair *p = scm_new(vm, T_PAIR, sizeof *p);
    p->car = a;
    p->cdr = d;
    return ref(p) | TAG_PAIR;
}

value scm_flonum(struct vm *vm, double number)
{
    struct flonum *f = scm_new(vm, T_FLONUM, sizeof *f);
    f->number = number;
    return ref(f);
}

value scm_box(struct vm *vm, value content)
{
    struct box *b = scm_new(vm, T_BOX, sizeof *b);
    b->content = content;
    return ref(b);
}

value scm_bytes(struct vm *vm, size_t length)
{
    if (length > (size_t)1 << 40)
        scm_starve(vm);
    struct bytes *b = scm_new(vm, T_BYTES, sizeof *b + length + 1); /* and a 0, for C */
    b->length = length;
    return ref(b);
}

value scm_vector(struct vm *vm, size_t length, value fill)
{
    if (length > (size_t)1 << 40)
        scm_starve(vm);
    struct vector *v = scm_new(vm, T_VECTOR, sizeof *v + length * sizeof(value));
    v->length = length;
    for (size_t i = 0; i < length; i++)
        v->items[i] = fill;
    return ref(v);
}

value scm_string_of(struct vm *vm, const char *text, size_t n_bytes)
{
    size_t chars;
    if (!utf8_count(text, n_bytes, &chars))
        scm_error(vm, "encoding", NIL, "invalid UTF-8");
    value data = scm_bytes(vm, n_bytes);
    memcpy(AS(bytes, data)->data, text, n_bytes);
    struct string *s = scm_new(vm, T_STRING, sizeof *s);
    s->text = data;
    s->n_chars = chars;
    s->n_bytes = n_bytes;
    return ref(s);
}

value scm_string(struct vm *vm, const char *text)
{
    return scm_string_of(vm, text, strlen(text));
}

/* ---- symbols ---- */

struct name {
    const char *text;
    size_t length;
};

static uint64_t hash_name(void *host, const void *probe)
{
    (void)host;
    const struct name *name = probe;
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < name->length; i++)
        h = (h ^ (uint8_t)name->text[i]) * 0x100000001b3;
    return h ^ h >> 29;
}

static bool equal_name(void *host, const void *probe, const void *object)
{
    (void)host;
    const struct name *name = probe;
    const struct symbol *s = object;
    return s->length == name->length && memcmp(s->text, name->text, s->length) == 0;
}

static void *make_symbol(struct besom_mutator *m, void *host, const void *probe)
{
    const struct name *name = probe;
    struct symbol *s = besom_new_sized(m, &scm_types[T_SYMBOL], sizeof *s + name->length + 1);
    if (!s)
        return NULL;
    s->hash = hash_name(host, probe);
    s->length = name->length;
    memcpy(s->text, name->text, name->length);
    return s;
}

enum besom_status scm_symbols_init(struct vm *vm)
{
    set_root(&vm->world->symbols, ref(besom_interns_new(vm->m, hash_name, equal_name)));
    return vm->world->symbols ? BESOM_OK : BESOM_E_MEMORY;
}

static struct besom_interns *symbols_of(struct vm *vm)
{
    return address(vm->world->symbols);
}

/* The lock is not held across a safepoint, so nobody waits for long. */
value scm_symbol_of(struct vm *vm, const char *text, size_t n_bytes)
{
    struct name name = {text, n_bytes};
    bool mine = !vm->locked;
    if (mine)
        pthread_mutex_lock(&vm->world->lock);
    void *symbol = besom_intern(vm->m, symbols_of(vm), &name, make_symbol);
    if (mine)
        pthread_mutex_unlock(&vm->world->lock);
    if (!symbol)
        scm_starve(vm);
    return ref(symbol);
}

value scm_symbol(struct vm *vm, const char *text)
{
    return scm_symbol_of(vm, text, strlen(text));
}

/* ---- lists ---- */

value scm_list(struct vm *vm, int n, ...)
{
    value items[8], list = NIL;
    va_list ap;
    va_start(ap, n);
    for (int i = 0; i < n; i++)
        items[i] = va_arg(ap, value);
    va_end(ap);
    while (n > 0)
        list = scm_cons(vm, items[--n], list);
    return list;
}

value scm_reverse(struct vm *vm, value list)
{
    value out = NIL;
    for (; is_pair(list); list = cdr(list))
        out = scm_cons(vm, car(list), out);
    return out;
}

int64_t scm_length(value list)
{
    int64_t n = 0;
    for (value slow = list; is_pair(list); n++) {
        list = cdr(list);
        if (n % 2)
            slow = cdr(slow);
        if (slow == list && is_pair(list))
            return -1;
    }
    return list == NIL ? n : -1;
}
