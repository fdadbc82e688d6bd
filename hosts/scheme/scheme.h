/* scheme.h - what the parts of the Scheme offer one another. */
#ifndef SCHEME_SCHEME_H
#define SCHEME_SCHEME_H

#include "hosts/scheme/value.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

enum { STACK_WORDS = 8 << 20, STACK_SPARE = 4096 };

struct compilation;

/* A thread of the Scheme: its mutator, and the value stack that its root source visits. */
struct vm {
    struct besom_mutator *m;
    struct world *world;
    value *base, *sp, *fp, *limit;
    value acc, closure;
    const int32_t *pc;
    value handlers, params, winds; /* the dynamic state; continuations save it */
    value self;                    /* the T_THREAD */
    value key;                     /* a T_KEY to look up with */
    value raised;                  /* on its way from a primitive to the VM */
    bool starved;                  /* the primitive ran out of memory */
    bool overflowed;               /* the stack's spare words are in use */
    jmp_buf jump;
    struct compilation *compiling; /* freed when a primitive is left by a jump */
    struct scratch *scratch;       /* the same: buffers of the primitive that runs */
    bool locked;                   /* the same: the world's lock */
    const int32_t *repeat;         /* the instruction that runs, or NULL: acc is called with argc */
    int argc;
    bool reading;  /* the reader runs: no safepoint */
    bool once;     /* it is not to be repeated */
    bool retrying; /* it is being repeated */
    value result;
    struct besom_root *root;
};

/* What all threads share.  The words before `heap` are roots: a range of the heap, which is read while
 * threads write it, so that a collection beside them need not begin with a stop. */
struct world {
    value symbols;    /* a besom_interns */
    value core, user; /* environments */
    value libraries;  /* list of T_ENV; grows, see set_root */
    value raise;      /* cell of the procedure that errors go to */
    value exhausted;  /* the condition of memory that ran out, and of the stack */
    value ballast;    /* external bytes are charged to it, to be taken back in need */
    value ports[3], arguments;
    value known[32]; /* symbols that the compiler looks for */

    struct besom_heap *heap;
    pthread_mutex_t lock; /* of symbols, and of the compiler with its environments */
    size_t ballast_bytes;
    size_t heap_max; /* the heap's hard limit in bytes, or 0 */
    uint64_t stops;  /* of all threads, by collections */
    int n_threads;   /* ever started */
    const char *program;
    bool interactive;
};
enum { WORLD_ROOTS = offsetof(struct world, heap) / sizeof(value) };
enum known {
    K_QUOTE,
    K_QUASIQUOTE,
    K_UNQUOTE,
    K_SPLICING,
    K_ELLIPSIS,
    K_UNDERSCORE,
    K_ELSE,
    K_ARROW,
    K_DEFINE,
    K_LIBRARY,
    K_AND,
    K_OR,
    K_NOT,
    K_BEGIN,
    K_EXPORT,
    K_IMPORT,
    K_INCLUDE,
    K_INCLUDE_CI,
    K_COND_EXPAND,
    K_RENAME,
    K_ONLY,
    K_EXCEPT,
    K_PREFIX,
    K_LAMBDA,
    K_DECLS,
    K_DOT3,
    K_LIBRARY_NAME
};
static inline value known(struct vm *vm, enum known k)
{
    return vm->world->known[k];
}
static inline void set_root(value *root, value v)
{
    __atomic_store_n(root, v, __ATOMIC_RELAXED);
}

/* ---- error.c: conditions ---- */
/* None returns: they leave the primitive that runs. */
_Noreturn void scm_raise(struct vm *vm, value condition);
_Noreturn void scm_error(struct vm *vm, const char *kind, value irritants, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
_Noreturn void scm_type_error(struct vm *vm, const char *wanted, value got);
_Noreturn void scm_starve(struct vm *vm);
value scm_condition(struct vm *vm, value kind, value message, value irritants, value where);
value scm_format(struct vm *vm, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* "file:line:column": as told, of an instruction, or of the one that runs; #f where there is none. */
value scm_place(struct vm *vm, const char *file, unsigned line, unsigned column);
value scm_where(struct vm *vm, value code, const int32_t *pc);
value scm_where_now(struct vm *vm);

/* ---- scratch.c: memory of a primitive that a jump out of it frees ---- */
void *scm_scratch(struct vm *vm, size_t bytes);
void *scm_scratch_grow(struct vm *vm, void *block, size_t bytes);
void scm_scratch_free(struct vm *vm, void *block);
void scm_scratch_clear(struct vm *vm);

/* ---- make.c: new objects; they leave for the VM if there is no memory ---- */
void *scm_new(struct vm *vm, enum kind kind, size_t bytes);
value scm_cons(struct vm *vm, value a, value d);
value scm_flonum(struct vm *vm, double number);
value scm_string(struct vm *vm, const char *text);
value scm_string_of(struct vm *vm, const char *text, size_t n_bytes); /* checks UTF-8 */
value scm_symbol(struct vm *vm, const char *text);
value scm_symbol_of(struct vm *vm, const char *text, size_t n_bytes);
value scm_vector(struct vm *vm, size_t length, value fill);
value scm_bytes(struct vm *vm, size_t length);
value scm_box(struct vm *vm, value content);
value scm_list(struct vm *vm, int n, ...);
value scm_reverse(struct vm *vm, value list);
int64_t scm_length(value list); /* -1: not a proper list */
enum besom_status scm_symbols_init(struct vm *vm);

static inline const char *string_text(value s)
{
    return (const char *)AS(bytes, AS(string, s)->text)->data;
}

/* ---- utf8.c ---- */
int utf8_put(uint32_t c, char *out);                        /* bytes written, 1 .. 4 */
int utf8_get(const char *text, size_t n, uint32_t *c);      /* bytes read; 0: invalid */
bool utf8_count(const char *text, size_t n, size_t *chars); /* false: invalid */

/* ---- number.c ---- */
bool scm_is_number(value v);
value scm_integer(struct vm *vm, int64_t n);
value scm_add(struct vm *vm, value a, value b);
value scm_sub(struct vm *vm, value a, value b);
value scm_mul(struct vm *vm, value a, value b);
int scm_compare(struct vm *vm, value a, value b); /* -1, 0, 1; 2: not a number */
bool scm_eqv(value a, value b);
double scm_double(struct vm *vm, value v);
/* The number that the text is, in the radix; #f if it is none. */
value scm_parse_number(struct vm *vm, const char *text, size_t n, int radix);
char *scm_number_text(struct vm *vm, value v, int radix); /* scratch */

/* ---- compare.c ---- */
bool scm_equal(value a, value b);
uint64_t scm_hash(value v, int equivalence); /* 0 eqv, 1 equal, 2 string=? */

/* ---- port.c ---- */
struct stream;
value scm_open_text(struct vm *vm, const char *text, size_t n, const char *name);
value scm_open_file(struct vm *vm, const char *path, bool input, bool binary);
value scm_port_of(struct vm *vm, FILE *file, bool input, const char *name);
int32_t port_get(struct vm *vm, value port); /* character; -1: end */
int32_t port_peek(struct vm *vm, value port);
void port_where(value port, unsigned *line, unsigned *column);
void port_put(struct vm *vm, value port, const char *text, size_t n);
void port_puts(struct vm *vm, value port, const char *text);
void port_flush(struct vm *vm, value port);
void port_fold_case(value port, bool on);
bool port_folds(value port);
void port_forget_line(value port);
void scm_port_destroy(struct besom_heap *heap, void *object);
void scm_thread_destroy(struct besom_heap *heap, void *object);
void scm_mutex_destroy(struct besom_heap *heap, void *object);
value scm_console(struct vm *vm, int i);

/* ---- reader.c ---- */
struct positions;
value scm_read(struct vm *vm, value port, struct positions *positions);

/* ---- printer.c ---- */
enum style { DISPLAY, WRITE, WRITE_SHARED, WRITE_SIMPLE };
void scm_print(struct vm *vm, value v, value port, enum style style);

/* ---- compile ---- */
/* A thunk of one form in env. */
value scm_compile(struct vm *vm, value form, value env, struct positions *positions,
                  const char *file);
struct positions *positions_new(struct vm *vm);
void positions_put(struct vm *vm, struct positions *p, value pair, unsigned line, unsigned column);
bool positions_get(const struct positions *p, value pair, unsigned *line, unsigned *column);

/* ---- library.c ---- */
value scm_env_new(struct vm *vm, value name);
value scm_env_lookup(struct vm *vm, value env, value symbol); /* cell, macro, special; 0: none */
value scm_env_cell(struct vm *vm, value env, value symbol, bool define);
void scm_env_set(struct vm *vm, value env, value symbol, value binding);
void scm_libraries_init(struct vm *vm);
void scm_define_primitive(struct vm *vm, const char *name, primitive_fn fn, int least, int most,
                          int special, int again);

/* ---- vm.c ---- */
value scm_run(struct vm *vm, value procedure); /* calls it without arguments; 0: raised beyond */
struct vm *scm_vm_new(struct world *world);
void scm_vm_free(struct vm *vm);

/* ---- primitives, a table a file ---- */
struct primitive_row {
    const char *name;
    primitive_fn fn;
    int least, most, special, once;
};
void scm_define_rows(struct vm *vm, const struct primitive_row *rows);
extern const struct primitive_row scm_number_rows[], scm_number_more_rows[], scm_list_rows[],
    scm_char_rows[], scm_string_rows[], scm_vector_rows[], scm_port_rows[], scm_port_more_rows[],
    scm_control_rows[], scm_table_rows[], scm_thread_rows[], scm_system_rows[], scm_weak_rows[];
extern const char scm_boot[];

/* Arguments. */
int64_t scm_index(struct vm *vm, value v, int64_t limit); /* 0 .. limit */
void scm_span(struct vm *vm, int n, value *args, int first, size_t length, size_t *from,
              size_t *to);
static inline value want(struct vm *vm, value v, enum kind kind, const char *name)
{
    if (!is(v, kind))
        scm_type_error(vm, name, v);
    return v;
}
#endif
