/* twig.h - Twig, the small language of doc/embedding.md: its values, and what its compiler and the
 * stages of its interpreter owe each other.  None of it changes from stage to stage.
 *
 * Integers, strings, pairs, tables, closures, loops.  The variables of a function are in an
 * environment, one for each call, which the closures made there refer to.
 *
 *     (let name expr)  (set name expr)  (fn (name ...) expr ...)  (do expr ...)  (yield expr)
 *     (if test then else)  (while test expr ...)  (f expr ...)  name  12  "text"  nil */
#ifndef TWIG_H
#define TWIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Natives have one signature, whether they use all of it or not. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

typedef uint64_t value; /* 2 n + 1 is the integer n, 0 is nil, all else the address of an object */
enum { NIL = 0 };

enum kind { /* of which the last three come in late stages */
            STRING,
            PAIR,
            TABLE,
            CODE,
            ENVIRONMENT,
            CLOSURE,
            WEAK_TABLE,
            COROUTINE,
            THREAD,
            KINDS
};
struct object {
    uint32_t kind;
};
struct string {
    struct object object;
    uint32_t length;
    char bytes[]; /* and a 0 */
};
struct pair {
    struct object object;
    value head, tail;
};
struct entry {
    value key, item; /* a free entry has the key nil */
};
struct table {
    struct object object;
    uint32_t used, room; /* room is a power of two */
    struct entry *entries;
};
enum opcode {
    CONSTANT,
    LOCAL,
    SET_LOCAL,
    GLOBAL,
    SET_GLOBAL,
    POP,
    JUMP,
    BRANCH,
    LOOP,
    CLOSE,
    NATIVE,
    CALL,
    YIELD,
    RETURN
};
struct op {
    enum opcode code;
    int a, b;
};
struct code {
    struct object object;
    int parameters, slots, n_ops, n_constants;
    struct op *ops;
    value *constants;
};
struct environment {
    struct object object;
    uint32_t n;
    struct environment *outer;
    value slots[];
};
struct closure {
    struct object object;
    struct code *code;
    struct environment *environment;
};

/* ---- value.c ---- */

struct vm;
value integer(int64_t n);
int64_t integer_of(value v); /* or dies */
bool is(value v, enum kind kind);
void *object_of(value v, enum kind kind); /* or dies */
bool equal(value a, value b);             /* the same integer, text or object */
void show(value v);

/* The entry of a key, or the free one where it would be. */
struct entry *table_find(const struct table *t, value key);

/* What is `depth` environments around one. */
struct environment *outer(struct environment *e, int depth);

/* Natives: the arguments lie on the machine's stack. */
value add(struct vm *vm, value *v), subtract(struct vm *vm, value *v);
value less(struct vm *vm, value *v), same(struct vm *vm, value *v);
value head(struct vm *vm, value *v), tail(struct vm *vm, value *v);
value print(struct vm *vm, value *v);

/* ---- compile.c ---- */

enum { GLOBALS = 200 };

__attribute__((noreturn)) void die(const char *message);
void *allocate(size_t bytes); /* zeroed; or dies */

/* The next form of the program as a function of one argument; NULL at its end. */
struct code *compile_form(struct vm *vm, const char **text);

/* ---- the stage ---- */

struct code *code_new(struct vm *vm);
struct string *string_new(struct vm *vm, const char *bytes, size_t length);
int native_find(const char *name, int *parameters); /* -1: there is none */

#endif
