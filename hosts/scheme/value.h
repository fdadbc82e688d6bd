/* value.h - what a Scheme value looks like in a word, and in memory.
 *
 *     ...1   fixnum, 63 bits
 *     .000   object: its first word is its type
 *     .100   pair: two words, no header, in blocks of its own
 *     0010   character, above bit 8
 *     1010   constant, above bit 8
 *
 * So a word is a reference if its low two bits are 0, which is the encoding that Besom is told.  0 is
 * no value: it marks what is not there (an unbound variable).
 *
 * Stores into objects that a collection may have seen go through set_field, which is the barrier;
 * those into newborns are plain. */
#ifndef SCHEME_VALUE_H
#define SCHEME_VALUE_H

#include <besom/besom.h>

typedef uint64_t value;

enum kind {
    T_PAIR,
    T_FLONUM,
    T_BIGNUM,
    T_SYMBOL,
    T_STRING,
    T_VECTOR,
    T_BYTES,
    T_BOX,
    T_CELL,
    T_CODE,
    T_CLOSURE,
    T_CASES,
    T_PRIMITIVE,
    T_CONTINUATION,
    T_ESCAPE,
    T_VALUES,
    T_RTD,
    T_RECORD,
    T_CONDITION,
    T_PROMISE,
    T_PARAMETER,
    T_PORT,
    T_TABLE,
    T_KEY,
    T_EPHEMERON,
    T_GUARDIAN,
    T_THREAD,
    T_MUTEX,
    T_CONDVAR,
    T_ENV,
    T_MACRO,
    T_SPECIAL,
    T_ALIAS,
    T_KINDS
};

extern const struct besom_type scm_types[T_KINDS];

struct pair {
    value car, cdr;
};
struct object {
    const struct besom_type *type;
};
struct flonum {
    const struct besom_type *type;
    double number;
};
struct bignum {
    const struct besom_type *type;
    int64_t size;
    uint64_t limbs[];
}; /* as mpz */
struct symbol {
    const struct besom_type *type;
    uint64_t hash;
    size_t length;
    char text[];
};
/* UTF-8: text is a T_BYTES of at least n_bytes.  All ASCII if n_chars == n_bytes. */
struct string {
    const struct besom_type *type;
    size_t n_chars, n_bytes;
    value text;
    bool constant;
};
struct vector {
    const struct besom_type *type;
    size_t length;
    value items[];
};
struct bytes {
    const struct besom_type *type;
    size_t length;
    uint8_t data[];
};
struct box {
    const struct besom_type *type;
    value content;
};
/* A variable of the top level, or of a library.  op: of a procedure that is compiled in line. */
struct cell {
    const struct besom_type *type;
    value content, name, home;
    int64_t op;
};
struct code {
    const struct besom_type *type;
    value constants, words, lines, name, file; /* lines: u32 pc, line, column, in order */
    const int32_t *start;                      /* within words */
    int32_t required, rest, need, n_words;     /* need: stack slots beyond the arguments */
};
struct closure {
    const struct besom_type *type;
    value code;
    size_t length;
    value items[];
};
struct vm;
typedef value (*primitive_fn)(struct vm *vm, int n, value *args);
struct primitive {
    const struct besom_type *type;
    value name;
    primitive_fn fn;
    int32_t least, most; /* arguments; most < 0: any number */
    int32_t special;     /* what the VM does instead of a call of fn; see vm.h */
    int32_t again;       /* may be called again after it ran out of memory */
};
/* A copy of the value stack; not written after its birth but without barriers. */
struct continuation {
    const struct besom_type *type;
    value handlers, params, winds;
    size_t length;
    value items[];
};
struct escape {
    const struct besom_type *type;
    value handlers, params, winds;
    int64_t height;
};
struct rtd {
    const struct besom_type *type;
    value name, fields;
};
struct record {
    const struct besom_type *type;
    value rtd;
    size_t length;
    value items[];
};
struct condition {
    const struct besom_type *type;
    value kind, message, irritants, where;
};
struct promise {
    const struct besom_type *type;
    value state;
}; /* a box: (done? . value) */
struct parameter {
    const struct besom_type *type;
    value content, converter;
};
struct port {
    const struct besom_type *type;
    struct stream *stream;
    value name;
};
struct table {
    const struct besom_type *type;
    struct besom_table *main, *rest; /* rest: of keys that are no objects, if those need another */
    value custom;                    /* #f, or what the prelude has instead of main and rest */
    int64_t equivalence, kind;
};
struct key {
    const struct besom_type *type;
    value content;
};
struct eph {
    const struct besom_type *type;
    struct besom_ephemeron *ephemeron;
    int64_t tag;
};
struct guardian {
    const struct besom_type *type;
    value queue;
};
struct thread {
    const struct besom_type *type;
    value thunk, result, name, failed;
    struct worker *worker;
};
struct mutex {
    const struct besom_type *type;
    struct lock *lock;
    value name, specific;
};
struct env {
    const struct besom_type *type;
    struct besom_table *names, *exports;
    value name, body;
};
/* syntax-rules, or a special form.  An alias is an identifier that an expansion introduced. */
struct macro {
    const struct besom_type *type;
    value ellipsis, literals, rules, scope;
};
struct special {
    const struct besom_type *type;
    int64_t form;
    value name;
};
struct alias {
    const struct besom_type *type;
    value name, scope;
};

enum { TAG_PAIR = 4 };
#define CONSTANT(n) ((value)(n) << 8 | 0x0a)
enum {
    FALSE = CONSTANT(0),
    TRUE = CONSTANT(1),
    NIL = CONSTANT(2),
    UNSPECIFIED = CONSTANT(3),
    END_OF_FILE = CONSTANT(4),
    DEFAULT = CONSTANT(5),
    CLOSER = CONSTANT(6),
    DOT = CONSTANT(7)
};

static inline bool is_fix(value v)
{
    return v & 1;
}
static inline value fix(int64_t n)
{
    return (value)n << 1 | 1;
}
static inline int64_t fix_of(value v)
{
    return (int64_t)v >> 1;
}
#define FIX_MAX INT64_C(0x3fffffffffffffff)
#define FIX_MIN (-FIX_MAX - 1)
static inline bool is_char(value v)
{
    return (v & 0xff) == 2;
}
static inline value chr(uint32_t c)
{
    return (value)c << 8 | 2;
}
static inline uint32_t char_of(value v)
{
    return (uint32_t)(v >> 8);
}
static inline value boolean(bool b)
{
    return b ? (value)TRUE : (value)FALSE;
}
static inline bool truthy(value v)
{
    return v != FALSE;
}
static inline bool is_ref(value v)
{
    return (v & 3) == 0 && v;
}
static inline void *address(value v)
{
    return (void *)(uintptr_t)(v & ~(value)7);
}

static inline bool is_pair(value v)
{
    return (v & 7) == TAG_PAIR;
}
static inline struct pair *pair_of(value v)
{
    return (struct pair *)(uintptr_t)(v - TAG_PAIR);
}
static inline value load(const value *slot)
{
    return __atomic_load_n(slot, __ATOMIC_RELAXED);
}
static inline value car(value v)
{
    return load(&pair_of(v)->car);
}
static inline value cdr(value v)
{
    return load(&pair_of(v)->cdr);
}

static inline bool is_object(value v)
{
    return (v & 7) == 0 && v;
}
static inline value ref(const void *object)
{
    return (value)(uintptr_t)object;
}
static inline const struct besom_type *type_of(value v)
{
    return ((const struct object *)(uintptr_t)v)->type;
}
static inline bool is(value v, enum kind kind)
{
    return is_object(v) && type_of(v) == &scm_types[kind];
}
/* The object, whose kind the caller knows. */
#define AS(structure, v) ((struct structure *)(uintptr_t)(v))

/* A store into an object, of which `slot` is a word. */
static inline void set_field(struct besom_mutator *m, void *object, value *slot, value v)
{
    __atomic_store_n(slot, v, __ATOMIC_RELAXED);
    besom_write_at(m, object, slot);
}
#endif
