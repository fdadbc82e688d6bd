/* compile.h - from a datum to bytecode: scopes, and the tree between the expander and the emitter.
 *
 * A form is expanded and compiled whole, without a safepoint: the compiler's C structures, which
 * mention objects, need no roots.  They are scratch memory, which goes when the primitive ends. */
#ifndef SCHEME_COMPILE_H
#define SCHEME_COMPILE_H

#include "hosts/scheme/vm.h"

struct var {
    value name;
    int refs;
    bool assigned;       /* lives in a box */
    struct lambda *home; /* the emitter's: whose frame it is in, and where */
    int slot;
    struct loop *loop;
    int decided; /* is it the name of a loop: 1, -1; 0: not known yet */
};

/* What an identifier means in a scope: a variable, or a macro or special form. */
struct binding {
    value id;
    struct var *var;
    value syntax;
    struct binding *next;
};
struct scope {
    struct scope *parent;
    struct binding *bindings;
};

enum node_kind {
    N_CONST,
    N_LOCAL,
    N_SETLOCAL,
    N_GLOBAL,
    N_SETGLOBAL,
    N_DEFINE,
    N_IF,
    N_OR,
    N_SEQ,
    N_LAMBDA,
    N_CASES,
    N_CALL,
    N_LET,
    N_FIX
};
struct node {
    enum node_kind kind;
    unsigned line, column;
    value constant;     /* CONST; the cell of GLOBAL, SETGLOBAL, DEFINE */
    struct var *var;    /* LOCAL, SETLOCAL */
    struct node *a;     /* test, value, function, body of LET and FIX */
    struct node **list; /* IF: then, else; OR, SEQ, CASES, arguments; what LET and FIX bind */
    int n;
    struct var **vars; /* LET, FIX */
    struct lambda *lambda;
};

struct lambda {
    struct var **params;
    int n_params;
    bool rest;
    value name;
    struct node *body;
    /* the emitter's */
    struct lambda *outer;
    int32_t *words;
    int n_words, cap_words, max_depth;
    value *constants;
    int n_constants, cap_constants;
    struct var **free;
    int n_free, cap_free;
    uint32_t *lines;
    int n_lines, cap_lines;
};

struct compilation {
    struct vm *vm;
    value env;
    struct scope *top; /* NULL */
    struct positions *positions;
    const char *file;
    unsigned line, column;
    int depth;
    struct chunk *chunks;
    struct alias_row *renames;
};

void *arena(struct compilation *c, size_t bytes); /* zeroed */
/* The condition of kind syntax. */
_Noreturn void raise_syntax(struct compilation *c, value message, value irritants);
_Noreturn void syntax_error(struct compilation *c, value form, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- scope.c ---- */
struct meaning {
    struct var *var;
    value global;
    value id;
}; /* global: cell, T_MACRO or T_SPECIAL; or 0 */
bool is_id(value v);
value strip(struct compilation *c, value datum); /* aliases become symbols, everywhere */
value strip_id(value id);
struct meaning lookup(struct compilation *c, value id, struct scope *scope);
struct var *bind_var(struct compilation *c, struct scope *scope, value id);
void bind_syntax(struct compilation *c, struct scope *scope, value id, value syntax);
struct scope *new_scope(struct compilation *c, struct scope *parent);
value scope_value(struct compilation *c, struct scope *scope);
value core_id(struct compilation *c, const char *name);
bool means(struct compilation *c, value id, struct scope *scope, const char *core_name);

/* ---- rules.c ---- */
value make_rules(struct compilation *c, value form, struct scope *scope);
value expand_rules(struct compilation *c, value macro, value form, struct scope *scope);

/* ---- expand.c, forms.c, body.c ---- */
struct node *new_node(struct compilation *c, enum node_kind kind, int n);
struct node *constant(struct compilation *c, value v);
struct node *expand(struct compilation *c, value form, struct scope *scope);
struct node *expand_lambda(struct compilation *c, value params, value body, struct scope *scope,
                           value name);
struct node *expand_body(struct compilation *c, value body, struct scope *scope);
struct node *expand_top(struct compilation *c, value form);
struct node *expand_sequence(struct compilation *c, value forms, struct scope *scope);
struct node *local_ref(struct compilation *c, struct var *var);
struct node *core_ref(struct compilation *c, const char *name);
value form_at(struct compilation *c, value form, int i); /* the i-th item */
void check_form(struct compilation *c, value form, int least, int most, const char *shape);
value eval_syntax(struct compilation *c, value spec, struct scope *scope);
/* The meaning of a form's head if it is syntax, or 0. */
value head_syntax(struct compilation *c, value form, struct scope *scope);
struct node *expand_special(struct compilation *c, int form, value x, struct scope *scope);
struct node *expand_quasi(struct compilation *c, value x, struct scope *scope);
value record_definitions(struct compilation *c, value form);
value read_includes(struct compilation *c, value form, bool fold);
bool feature_holds(struct compilation *c, value requirement);
value cond_expand_forms(struct compilation *c, value form, struct scope *scope);
struct node *expand_define_values(struct compilation *c, value form, struct scope *scope);

/* ---- library.c ---- */
struct node *expand_import(struct compilation *c, value form);
struct node *expand_library(struct compilation *c, value form);
value find_library(struct vm *vm, value name);

/* ---- emit.c ---- */
value emit_thunk(struct compilation *c, struct node *node);

enum form {
    F_QUOTE,
    F_QUASIQUOTE,
    F_LAMBDA,
    F_IF,
    F_SET,
    F_DEFINE,
    F_BEGIN,
    F_LET,
    F_LETREC,
    F_LETRECSTAR,
    F_AND,
    F_OR,
    F_DEFINE_SYNTAX,
    F_LET_SYNTAX,
    F_LETREC_SYNTAX,
    F_RECORD,
    F_DEFINE_VALUES,
    F_CASE_LAMBDA,
    F_COND_EXPAND,
    F_INCLUDE,
    F_INCLUDE_CI,
    F_IMPORT,
    F_LIBRARY,
    F_SYNTAX_ERROR,
    F_SYNTAX_RULES,
    F_ELSE,
    F_ARROW,
    F_UNQUOTE,
    F_SPLICING,
    F_DOT3,
    F_UNDERSCORE,
    F_COUNT
};
extern const char *const scm_form_names[F_COUNT];
#endif
