/* reader.c - text to data.
 *
 * What is open (lists, vectors, quotes, labels) is on a stack of its own, so that depth costs no C
 * stack.  Nothing here is a safepoint, so what is half-built needs no root. */
#include "hosts/scheme/reader.h"
#include <string.h>

enum open_kind { O_LIST, O_VECTOR, O_BYTES, O_PREFIX, O_COMMENT, O_LABEL };

struct open {
    enum open_kind kind;
    value head,
        tail;   /* LIST: first and last pair; VECTOR, BYTES: items in reverse; PREFIX: symbol */
    int dotted; /* LIST: 1 after the dot, 2 after the datum that follows it */
    size_t label;
    unsigned line, column;
};

struct label {
    uint64_t number;
    value placeholder, datum;
};

struct reading {
    struct reader r;
    struct positions *positions;
    struct open *open;
    size_t n, cap;
    struct label *labels;
    size_t n_labels, cap_labels;
};

static struct open *open_datum(struct reading *g, enum open_kind kind, value head)
{
    if (g->n == g->cap) {
        g->cap = g->cap ? 2 * g->cap : 32;
        g->open = scm_scratch_grow(g->r.vm, g->open, g->cap * sizeof *g->open);
    }
    g->open[g->n] = (struct open){kind, head, NIL, 0, 0, g->r.line, g->r.column};
    return &g->open[g->n++];
}

static value close_list(struct reading *g, struct open *o)
{
    if (o->dotted == 1)
        reader_error(&g->r, "nothing after the dot");
    if (g->positions && is_pair(o->head))
        positions_put(g->r.vm, g->positions, o->head, o->line, o->column);
    return o->head;
}

static value close_vector(struct reading *g, struct open *o)
{
    size_t n = (size_t)scm_length(o->head);
    struct vm *vm = g->r.vm;
    value v = o->kind == O_VECTOR ? scm_vector(vm, n, FALSE) : scm_bytes(vm, n);
    for (value l = o->head; is_pair(l); l = cdr(l)) {
        value item = car(l);
        n--;
        if (o->kind == O_VECTOR)
            AS(vector, v)->items[n] = item;
        else if (is_fix(item) && fix_of(item) >= 0 && fix_of(item) < 256)
            AS(bytes, v)->data[n] = (uint8_t)fix_of(item);
        else
            reader_error(&g->r, "not a byte in a bytevector");
    }
    return v;
}

static void add_item(struct reading *g, struct open *o, value v)
{
    if (o->kind != O_LIST) {
        o->head = scm_cons(g->r.vm, v, o->head);
        return;
    }
    if (o->dotted == 2)
        reader_error(&g->r, "more than one datum after the dot");
    if (o->dotted == 1) {
        pair_of(o->tail)->cdr = v;
        o->dotted = 2;
        return;
    }
    value pair = scm_cons(g->r.vm, v, NIL);
    if (o->head == NIL)
        o->head = pair;
    else
        pair_of(o->tail)->cdr = pair;
    o->tail = pair;
}

/* v is complete: hands it to what is open.  True: it is the datum that was to be read. */
static bool deliver(struct reading *g, value v, value *out)
{
    while (g->n > 0) {
        struct open *o = &g->open[g->n - 1];
        switch (o->kind) {
        case O_COMMENT: g->n--; return false;
        case O_PREFIX: {
            value rest = scm_cons(g->r.vm, v, NIL);
            v = scm_cons(g->r.vm, o->head, rest);
            if (g->positions)
                positions_put(g->r.vm, g->positions, v, o->line, o->column);
            g->n--;
            break;
        }
        case O_LABEL:
            if (g->labels[o->label].placeholder == v)
                reader_error(&g->r, "a label stands for itself");
            g->labels[o->label].datum = v;
            g->n--;
            break;
        default: add_item(g, o, v); return false;
        }
    }
    *out = v;
    return true;
}

static void open_label(struct reading *g, uint64_t number)
{
    for (size_t i = 0; i < g->n_labels; i++)
        if (g->labels[i].number == number)
            reader_error(&g->r, "a label is defined twice");
    if (g->n_labels == g->cap_labels) {
        g->cap_labels = g->cap_labels ? 2 * g->cap_labels : 8;
        g->labels = scm_scratch_grow(g->r.vm, g->labels, g->cap_labels * sizeof *g->labels);
    }
    value placeholder = scm_box(g->r.vm, FALSE);
    g->labels[g->n_labels] = (struct label){number, placeholder, 0};
    open_datum(g, O_LABEL, FALSE)->label = g->n_labels++;
}

static value label_ref(struct reading *g, uint64_t number)
{
    for (size_t i = 0; i < g->n_labels; i++)
        if (g->labels[i].number == number)
            return g->labels[i].datum ? g->labels[i].datum : g->labels[i].placeholder;
    reader_error(&g->r, "a label that is not defined");
}

static value resolve(struct reading *g, value v)
{
    for (size_t i = 0; is(v, T_BOX) && i < g->n_labels; i++)
        if (g->labels[i].placeholder == v)
            return g->labels[i].datum;
    return v;
}

/* Puts data in the place of placeholders. */
static value patch(struct reading *g, value root)
{
    struct vm *vm = g->r.vm;
    struct positions *seen = positions_new(vm);
    size_t n = 0, cap = 64;
    value *todo = scm_scratch(vm, cap * sizeof *todo);
    unsigned line, column;
    root = resolve(g, root);
    todo[n++] = root;
    while (n > 0) {
        value v = todo[--n];
        if ((!is_pair(v) && !is(v, T_VECTOR)) || positions_get(seen, v, &line, &column))
            continue;
        positions_put(vm, seen, v, 1, 1);
        size_t count = is_pair(v) ? 2 : AS(vector, v)->length;
        value *items = is_pair(v) ? &pair_of(v)->car : AS(vector, v)->items;
        if (n + count > cap) {
            cap = 2 * (n + count);
            todo = scm_scratch_grow(vm, todo, cap * sizeof *todo);
        }
        for (size_t i = 0; i < count; i++) {
            set_field(vm->m, address(v), &items[i], resolve(g, items[i]));
            todo[n++] = items[i];
        }
    }
    return root;
}

/* The end of a list or vector; the datum. */
static value close_datum(struct reading *g)
{
    if (g->n == 0)
        reader_error(&g->r, "a ) that closes nothing");
    struct open *o = &g->open[g->n - 1];
    if (o->kind >= O_PREFIX)
        reader_error(&g->r, "a datum is missing before )");
    value v = o->kind == O_LIST ? close_list(g, o) : close_vector(g, o);
    g->n--;
    return v;
}

static void check_end(struct reading *g)
{
    if (g->n == 0)
        return;
    struct open *o = &g->open[g->n - 1];
    g->r.line = o->line;
    g->r.column = o->column;
    reader_error(&g->r, o->kind == O_LIST ? "a list is not closed before the end of the input"
                                          : "the input ends within a datum");
}

value scm_read(struct vm *vm, value port, struct positions *positions)
{
    struct reading g = {.r = {.vm = vm, .port = port}, .positions = positions};
    vm->reading = true;
    value out = FALSE;
    for (bool done = false; !done;) {
        struct token t = reader_token(&g.r);
        switch (t.kind) {
        case TOKEN_END:
            check_end(&g);
            vm->reading = false;
            return END_OF_FILE;
        case TOKEN_DATUM: done = deliver(&g, t.datum, &out); break;
        case TOKEN_OPEN: open_datum(&g, O_LIST, NIL); break;
        case TOKEN_OPEN_VECTOR: open_datum(&g, O_VECTOR, NIL); break;
        case TOKEN_OPEN_BYTES: open_datum(&g, O_BYTES, NIL); break;
        case TOKEN_CLOSE: done = deliver(&g, close_datum(&g), &out); break;
        case TOKEN_PREFIX: open_datum(&g, O_PREFIX, t.datum); break;
        case TOKEN_COMMENT: open_datum(&g, O_COMMENT, FALSE); break;
        case TOKEN_LABEL: open_label(&g, t.number); break;
        case TOKEN_LABEL_REF: done = deliver(&g, label_ref(&g, t.number), &out); break;
        case TOKEN_DOT:
            if (g.n == 0 || g.open[g.n - 1].kind != O_LIST || g.open[g.n - 1].head == NIL ||
                g.open[g.n - 1].dotted)
                reader_error(&g.r, "a dot out of place");
            g.open[g.n - 1].dotted = 1;
            break;
        }
    }
    if (g.n_labels)
        out = patch(&g, out);
    vm->reading = false;
    scm_scratch_free(vm, g.open);
    scm_scratch_free(vm, g.labels);
    scm_scratch_free(vm, g.r.text);
    return out;
}
