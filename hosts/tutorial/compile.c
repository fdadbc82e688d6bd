/* compile.c - Twig's reader and compiler, which are the same in all stages.
 *
 * One pass, from text to code for a machine with a stack, without a syntax tree.  Nothing here is a
 * collection point, so nothing here needs a root; what is compiled is found by its caller. */
#include "twig.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 32, NAMES = 32, TOKEN = 256 };

static struct {
    const char *at; /* the text after token */
    const char *token_at;
    char token[TOKEN]; /* "(", ")", a name or a number; a text begins with a quote */
} reader;              /* only the main thread compiles */

struct scope { /* a function that is being compiled */
    struct vm *vm;
    struct scope *outer;
    struct code *code;
    char names[NAMES][NAME];
};

static char global_names[GLOBALS][NAME];

void die(const char *message)
{
    fflush(stdout);
    fprintf(stderr, "twig: %s\n", message);
    exit(1);
}

void *allocate(size_t bytes)
{
    void *memory = calloc(1, bytes);
    if (!memory)
        die("out of memory");
    return memory;
}

/* Makes room for element n of an array that grows by doubling. */
static void *room_for(void *array, int n, size_t size)
{
    if ((n & (n - 1)) == 0 && !(array = realloc(array, (n ? 2 * (size_t)n : 1) * size)))
        die("out of memory");
    return array;
}

/* ---- reading ---- */

/* The next token; an empty one at the end of the text. */
static void advance(void)
{
    const char *c = reader.at;
    while (isspace((unsigned char)*c) || *c == ';')
        c = *c == ';' ? c + strcspn(c, "\n") : c + 1;
    size_t n = *c == '(' || *c == ')' ? 1 : strcspn(c, "() \t\n;");
    if (*c == '"') {
        n = 1 + strcspn(c + 1, "\"");
        if (c[n] == '\0')
            die("a text has no end");
    }
    if (n >= TOKEN)
        die("a name or text is too long");
    memcpy(reader.token, c, n);
    reader.token[n] = '\0';
    reader.token_at = c;
    reader.at = c + n + (*c == '"');
}

static bool is_token(const char *token)
{
    return strcmp(reader.token, token) == 0;
}

static void skip(const char *token)
{
    if (!is_token(token))
        die("a parenthesis is missing");
    advance();
}

/* ---- code ---- */

static int emit(struct scope *s, enum opcode op, int a, int b)
{
    struct code *code = s->code;
    code->ops = room_for(code->ops, code->n_ops, sizeof code->ops[0]);
    code->ops[code->n_ops] = (struct op){op, a, b};
    return code->n_ops++;
}

static void emit_constant(struct scope *s, enum opcode op, value v)
{
    struct code *code = s->code;
    code->constants = room_for(code->constants, code->n_constants, sizeof v);
    code->constants[code->n_constants] = v;
    emit(s, op, code->n_constants++, 0);
}

static void land(struct scope *s, int jump)
{
    s->code->ops[jump].a = s->code->n_ops;
}

/* The number of a name among n; -1 if it is not there. */
static int name_find(char (*names)[NAME], int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static int name_add(char (*names)[NAME], int n, int room, const char *name)
{
    if (n == room || strlen(name) >= NAME)
        die("too many names, or too long ones");
    strcpy(names[n], name);
    return n;
}

static int declare(struct scope *s)
{
    int i = name_find(s->names, s->code->slots, reader.token);
    if (i < 0)
        i = name_add(s->names, s->code->slots++, NAMES, reader.token);
    advance();
    return i;
}

static void variable(struct scope *s, const char *name, enum opcode of_local, enum opcode of_global)
{
    int depth = 0;
    for (struct scope *in = s; in; in = in->outer, depth++) {
        int i = name_find(in->names, in->code->slots, name);
        if (i >= 0) {
            emit(s, of_local, depth, i);
            return;
        }
    }
    int n = 0;
    while (n < GLOBALS && global_names[n][0])
        n++;
    int i = name_find(global_names, n, name);
    emit(s, of_global, i >= 0 ? i : name_add(global_names, n, GLOBALS, name), 0);
}

/* ---- expressions ---- */

static void expression(struct scope *s);

/* Expressions up to a parenthesis, of which the last is the value. */
static void body(struct scope *s)
{
    emit_constant(s, CONSTANT, NIL);
    while (!is_token(")")) {
        emit(s, POP, 0, 0);
        expression(s);
    }
}

static void let(struct scope *s)
{
    char name[TOKEN];
    strcpy(name, reader.token);
    if (s->outer)
        declare(s);
    else
        advance();
    expression(s);
    variable(s, name, SET_LOCAL, SET_GLOBAL);
}

static void set(struct scope *s)
{
    char name[TOKEN];
    strcpy(name, reader.token);
    advance();
    expression(s);
    variable(s, name, SET_LOCAL, SET_GLOBAL);
}

static void function(struct scope *s)
{
    struct scope *inner = allocate(sizeof *inner);
    inner->vm = s->vm;
    inner->outer = s;
    inner->code = code_new(s->vm);
    skip("(");
    while (!is_token(")"))
        inner->code->parameters = 1 + declare(inner);
    skip(")");
    body(inner);
    emit(inner, RETURN, 0, 0);
    emit_constant(s, CLOSE, (value)inner->code);
    free(inner);
}

static void if_else(struct scope *s)
{
    expression(s);
    int past_then = emit(s, BRANCH, 0, 0);
    expression(s);
    int past_else = emit(s, JUMP, 0, 0);
    land(s, past_then);
    body(s);
    land(s, past_else);
}

static void while_loop(struct scope *s)
{
    emit_constant(s, CONSTANT, NIL);
    int begin = s->code->n_ops;
    expression(s);
    int past = emit(s, BRANCH, 0, 0);
    emit(s, POP, 0, 0);
    body(s);
    emit(s, LOOP, begin, 0);
    land(s, past);
}

static void yield(struct scope *s)
{
    expression(s);
    emit(s, YIELD, 0, 0);
}

static int arguments(struct scope *s)
{
    int n = 0;
    for (; !is_token(")"); n++)
        expression(s);
    return n;
}

static void call(struct scope *s)
{
    int parameters, native = native_find(reader.token, &parameters);
    if (native < 0) {
        expression(s);
        emit(s, CALL, arguments(s), 0);
        return;
    }
    advance();
    if (arguments(s) != parameters)
        die("wrong number of arguments for a native function");
    emit(s, NATIVE, native, 0);
}

static void form(struct scope *s)
{
    static const struct {
        const char *name;
        void (*compile)(struct scope *);
    } special[] = {{"let", let},          {"set", set}, {"fn", function}, {"if", if_else},
                   {"while", while_loop}, {"do", body}, {"yield", yield}};
    advance();
    void (*compile)(struct scope *) = NULL;
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (is_token(special[i].name))
            compile = special[i].compile;
    if (compile) {
        advance();
        compile(s);
    } else {
        call(s);
    }
    skip(")");
}

static void expression(struct scope *s)
{
    char *end;
    long long n = strtoll(reader.token, &end, 10);
    if (is_token("(")) {
        form(s);
        return;
    }
    if (is_token(")") || is_token(""))
        die("an expression is missing");
    if (end != reader.token && *end == '\0')
        emit_constant(s, CONSTANT, (uint64_t)n << 1 | 1);
    else if (reader.token[0] == '"')
        emit_constant(s, CONSTANT,
                      (value)string_new(s->vm, reader.token + 1, strlen(reader.token + 1)));
    else if (is_token("nil"))
        emit_constant(s, CONSTANT, NIL);
    else
        variable(s, reader.token, LOCAL, GLOBAL);
    advance();
}

struct code *compile_form(struct vm *vm, const char **text)
{
    struct scope s = {.vm = vm};
    reader.at = *text;
    advance();
    if (is_token(""))
        return NULL;
    s.code = code_new(vm);
    s.code->parameters = s.code->slots = 1;
    expression(&s);
    emit(&s, RETURN, 0, 0);
    *text = reader.token_at;
    return s.code;
}
