/* printer.c - data to text.
 *
 * What is still to be printed is on a stack of its own, so that depth costs no C stack.  A first walk
 * finds what needs a label: what contains itself, or for write-shared what occurs twice. */
#include "hosts/scheme/scheme.h"
#include <string.h>

enum { SEEN = 1, INSIDE = 2, LABELLED = 4 };

enum work_kind { W_VALUE, W_TEXT, W_REST, W_ITEMS, W_LEAVE };
struct work {
    enum work_kind kind;
    value v;
    size_t i;
    const char *text;
};

struct printing {
    struct vm *vm;
    value port;
    enum style style;
    struct work *work;
    size_t n, cap;
    struct mark {
        value v;
        uint32_t state;
        uint32_t label;
    } * marks;
    size_t n_marks, cap_marks;
    uint32_t labels;
    bool labelling;
};

static void push(struct printing *p, struct work w)
{
    if (p->n == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 64;
        p->work = scm_scratch_grow(p->vm, p->work, p->cap * sizeof *p->work);
    }
    p->work[p->n++] = w;
}

static struct mark *mark_of(struct printing *p, value v)
{
    size_t i = (size_t)(v * 0x9e3779b97f4a7c15 >> 20) & (p->cap_marks - 1);
    while (p->marks[i].v && p->marks[i].v != v)
        i = (i + 1) & (p->cap_marks - 1);
    return &p->marks[i];
}

static struct mark *add_mark(struct printing *p, value v)
{
    if (2 * (p->n_marks + 1) > p->cap_marks) {
        struct printing old = *p;
        p->cap_marks = p->cap_marks ? 2 * p->cap_marks : 64;
        p->marks = scm_scratch(p->vm, p->cap_marks * sizeof *p->marks);
        memset(p->marks, 0, p->cap_marks * sizeof *p->marks);
        for (size_t i = 0; i < old.cap_marks; i++)
            if (old.marks[i].v)
                *mark_of(p, old.marks[i].v) = old.marks[i];
        scm_scratch_free(p->vm, old.marks);
    }
    struct mark *m = mark_of(p, v);
    if (!m->v) {
        m->v = v;
        p->n_marks++;
    }
    return m;
}

static bool has_parts(value v)
{
    return is_pair(v) || is(v, T_VECTOR);
}

static void find_labels(struct printing *p, value root)
{
    push(p, (struct work){W_VALUE, root, 0, NULL});
    while (p->n > 0) {
        struct work w = p->work[--p->n];
        if (!has_parts(w.v))
            continue;
        struct mark *m = add_mark(p, w.v);
        if (w.kind == W_LEAVE) {
            m->state &= ~(uint32_t)INSIDE;
            continue;
        }
        if (m->state) {
            if ((m->state & INSIDE) || p->style == WRITE_SHARED) {
                m->state |= LABELLED;
                p->labelling = true;
            }
            continue;
        }
        m->state = SEEN | INSIDE;
        push(p, (struct work){W_LEAVE, w.v, 0, NULL});
        if (is_pair(w.v)) {
            push(p, (struct work){W_VALUE, cdr(w.v), 0, NULL});
            push(p, (struct work){W_VALUE, car(w.v), 0, NULL});
        } else {
            struct vector *v = AS(vector, w.v);
            for (size_t i = v->length; i > 0; i--)
                push(p, (struct work){W_VALUE, load(&v->items[i - 1]), 0, NULL});
        }
    }
}

/* ---- atoms ---- */

static void put_char(struct printing *p, uint32_t c)
{
    char text[4];
    port_put(p->vm, p->port, text, (size_t)utf8_put(c, text));
}

static void print_quoted(struct printing *p, const char *text, size_t n, char quote)
{
    struct vm *vm = p->vm;
    port_put(vm, p->port, &quote, 1);
    for (size_t i = 0; i < n;) {
        uint32_t c;
        int length = utf8_get(text + i, n - i, &c);
        i += length ? (size_t)length : 1;
        char escape = c == '\n'   ? 'n'
                      : c == '\t' ? 't'
                      : c == '\r' ? 'r'
                      : c == 7    ? 'a'
                      : c == 8    ? 'b'
                                  : 0;
        if (c == '\\' || c == (uint8_t)quote)
            escape = (char)c;
        char out[16];
        if (escape)
            port_put(vm, p->port, (char[]){'\\', escape}, 2);
        else if (c < 32 || c == 127)
            port_put(vm, p->port, out, (size_t)snprintf(out, sizeof out, "\\x%x;", c));
        else
            put_char(p, c);
    }
    port_put(vm, p->port, &quote, 1);
}

static bool plain_symbol(struct vm *vm, const char *s, size_t n)
{
    if (n == 0 || (n == 1 && s[0] == '.') || s[0] == '#')
        return false;
    for (size_t i = 0; i < n; i++)
        if ((uint8_t)s[i] <= ' ' || s[i] == 127 || strchr("()\"';`,|\\", s[i]))
            return false;
    bool numeric = (s[0] >= '0' && s[0] <= '9') || strchr("+-.", s[0]);
    return !numeric || scm_parse_number(vm, s, n, 10) == FALSE;
}

static void print_char(struct printing *p, uint32_t c)
{
    static const struct {
        uint32_t c;
        const char *name;
    } names[] = {{' ', "space"}, {'\n', "newline"}, {'\t', "tab"},   {0, "null"}, {'\r', "return"},
                 {27, "escape"}, {8, "backspace"},  {127, "delete"}, {7, "alarm"}};
    if (p->style == DISPLAY) {
        put_char(p, c);
        return;
    }
    port_puts(p->vm, p->port, "#\\");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].c == c) {
            port_puts(p->vm, p->port, names[i].name);
            return;
        }
    if (c < 32) {
        char text[16];
        snprintf(text, sizeof text, "x%x", c);
        port_puts(p->vm, p->port, text);
    } else {
        put_char(p, c);
    }
}

static const char *constant_name(value v)
{
    switch (v) {
    case FALSE: return "#f";
    case TRUE: return "#t";
    case NIL: return "()";
    case UNSPECIFIED: return "#<unspecified>";
    case END_OF_FILE: return "#<eof>";
    default: return "#<unknown>";
    }
}

static void print_other(struct printing *p, value v)
{
    struct vm *vm = p->vm;
    value name = 0;
    if (is(v, T_CLOSURE))
        name = AS(code, AS(closure, v)->code)->name;
    else if (is(v, T_PRIMITIVE))
        name = AS(primitive, v)->name;
    else if (is(v, T_RECORD))
        name = AS(rtd, AS(record, v)->rtd)->name;
    else if (is(v, T_RTD))
        name = AS(rtd, v)->name;
    else if (is(v, T_THREAD))
        name = AS(thread, v)->name;
    else if (is(v, T_CONDITION))
        name = AS(condition, v)->message;
    port_puts(vm, p->port, "#<");
    port_puts(vm, p->port, type_of(v)->name);
    if (is(name, T_SYMBOL)) {
        port_puts(vm, p->port, " ");
        port_put(vm, p->port, AS(symbol, name)->text, AS(symbol, name)->length);
    } else if (is(name, T_STRING)) {
        port_puts(vm, p->port, " ");
        port_put(vm, p->port, string_text(name), AS(string, name)->n_bytes);
    }
    port_puts(vm, p->port, ">");
}

static void print_bytes(struct printing *p, struct bytes *b)
{
    char text[8];
    port_puts(p->vm, p->port, "#u8(");
    for (size_t i = 0; i < b->length; i++) {
        snprintf(text, sizeof text, i ? " %d" : "%d", b->data[i]);
        port_puts(p->vm, p->port, text);
    }
    port_puts(p->vm, p->port, ")");
}

static void print_atom(struct printing *p, value v)
{
    struct vm *vm = p->vm;
    if (scm_is_number(v)) {
        char *text = scm_number_text(vm, v, 10);
        port_puts(vm, p->port, text);
        scm_scratch_free(vm, text);
    } else if (is_char(v)) {
        print_char(p, char_of(v));
    } else if (is(v, T_STRING)) {
        if (p->style == DISPLAY)
            port_put(vm, p->port, string_text(v), AS(string, v)->n_bytes);
        else
            print_quoted(p, string_text(v), AS(string, v)->n_bytes, '"');
    } else if (is(v, T_SYMBOL)) {
        struct symbol *s = AS(symbol, v);
        if (p->style == DISPLAY || plain_symbol(vm, s->text, s->length))
            port_put(vm, p->port, s->text, s->length);
        else
            print_quoted(p, s->text, s->length, '|');
    } else if (is(v, T_BYTES)) {
        print_bytes(p, AS(bytes, v));
    } else if (is_object(v)) {
        print_other(p, v);
    } else {
        port_puts(vm, p->port, constant_name(v));
    }
}

/* ---- structure ---- */

/* True if a reference to a label was all there is to print. */
static bool print_label(struct printing *p, value v)
{
    struct mark *m = p->labelling ? mark_of(p, v) : NULL;
    if (!m || !(m->state & LABELLED))
        return false;
    char text[24];
    bool again = m->label != 0;
    if (!again)
        m->label = ++p->labels;
    snprintf(text, sizeof text, again ? "#%u#" : "#%u=", m->label - 1);
    port_puts(p->vm, p->port, text);
    return again;
}

static bool is_labelled(struct printing *p, value v)
{
    return p->labelling && is_pair(v) && (mark_of(p, v)->state & LABELLED);
}

static const char *abbreviation(struct vm *vm, value v)
{
    if (!is_pair(cdr(v)) || cdr(cdr(v)) != NIL)
        return NULL;
    value head = car(v);
    return head == known(vm, K_QUOTE)        ? "'"
           : head == known(vm, K_QUASIQUOTE) ? "`"
           : head == known(vm, K_UNQUOTE)    ? ","
           : head == known(vm, K_SPLICING)   ? ",@"
                                             : NULL;
}

static void print_value(struct printing *p, value v)
{
    if (!has_parts(v)) {
        print_atom(p, v);
        return;
    }
    if (print_label(p, v))
        return;
    if (is(v, T_VECTOR)) {
        port_puts(p->vm, p->port, "#(");
        push(p, (struct work){W_ITEMS, v, 0, NULL});
        return;
    }
    const char *prefix = abbreviation(p->vm, v);
    if (prefix && !is_labelled(p, cdr(v))) {
        port_puts(p->vm, p->port, prefix);
        push(p, (struct work){W_VALUE, car(cdr(v)), 0, NULL});
        return;
    }
    port_puts(p->vm, p->port, "(");
    push(p, (struct work){W_REST, cdr(v), 0, NULL});
    push(p, (struct work){W_VALUE, car(v), 0, NULL});
}

static void print_rest(struct printing *p, value rest)
{
    if (rest == NIL) {
        port_puts(p->vm, p->port, ")");
    } else if (is_pair(rest) && !is_labelled(p, rest)) {
        port_puts(p->vm, p->port, " ");
        push(p, (struct work){W_REST, cdr(rest), 0, NULL});
        push(p, (struct work){W_VALUE, car(rest), 0, NULL});
    } else {
        port_puts(p->vm, p->port, " . ");
        push(p, (struct work){W_TEXT, 0, 0, ")"});
        push(p, (struct work){W_VALUE, rest, 0, NULL});
    }
}

static void print_items(struct printing *p, value v, size_t i)
{
    if (i == AS(vector, v)->length) {
        port_puts(p->vm, p->port, ")");
        return;
    }
    if (i)
        port_puts(p->vm, p->port, " ");
    push(p, (struct work){W_ITEMS, v, i + 1, NULL});
    push(p, (struct work){W_VALUE, load(&AS(vector, v)->items[i]), 0, NULL});
}

void scm_print(struct vm *vm, value v, value port, enum style style)
{
    struct printing p = {.vm = vm, .port = port, .style = style};
    if (has_parts(v) && style != WRITE_SIMPLE)
        find_labels(&p, v);
    push(&p, (struct work){W_VALUE, v, 0, NULL});
    while (p.n > 0) {
        struct work w = p.work[--p.n];
        switch (w.kind) {
        case W_VALUE: print_value(&p, w.v); break;
        case W_REST: print_rest(&p, w.v); break;
        case W_ITEMS: print_items(&p, w.v, w.i); break;
        case W_TEXT: port_puts(vm, port, w.text); break;
        case W_LEAVE: break;
        }
    }
    scm_scratch_free(vm, p.work);
    scm_scratch_free(vm, p.marks);
}
