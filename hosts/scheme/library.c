/* library.c - environments, import and define-library. */
#include "hosts/scheme/compile.h"
#include "hosts/scheme/libraries.h"
#include <stdlib.h>
#include <string.h>

value scm_env_new(struct vm *vm, value name)
{
    struct env *e = scm_new(vm, T_ENV, sizeof *e);
    e->name = name;
    e->body = FALSE;
    e->names = besom_table_new(vm->m, BESOM_STRONG, NULL, NULL);
    e->exports = besom_table_new(vm->m, BESOM_STRONG, NULL, NULL);
    if (!e->names || !e->exports)
        scm_starve(vm);
    return ref(e);
}

value scm_env_lookup(struct vm *vm, value env, value id)
{
    return ref(besom_table_get(vm->m, AS(env, env)->names, address(id)));
}

static void put(struct vm *vm, struct besom_table *table, value key, value v)
{
    if (besom_table_put(vm->m, table, address(key), (void *)(uintptr_t)v) != BESOM_OK)
        scm_starve(vm);
}

void scm_env_set(struct vm *vm, value env, value id, value binding)
{
    put(vm, AS(env, env)->names, id, binding);
}

value scm_env_cell(struct vm *vm, value env, value id, bool define)
{
    value found = scm_env_lookup(vm, env, id);
    if (is(found, T_CELL) && (!define || AS(cell, found)->home == env))
        return found;
    struct cell *c = scm_new(vm, T_CELL, sizeof *c);
    while (is(id, T_ALIAS) && !define)
        id = AS(alias, id)->name;
    c->name = strip_id(id);
    c->home = env;
    scm_env_set(vm, env, id, ref(c));
    return ref(c);
}

/* ---- libraries ---- */

value find_library(struct vm *vm, value name)
{
    for (value l = vm->world->libraries; is_pair(l); l = cdr(l))
        if (scm_equal(AS(env, car(l))->name, name))
            return car(l);
    return 0;
}

static value parse_name(struct vm *vm, const char *text)
{
    value list = NIL;
    while (*text) {
        size_t n = strcspn(text, " ");
        value part = text[0] >= '0' && text[0] <= '9' ? fix(strtol(text, NULL, 10))
                                                      : scm_symbol_of(vm, text, n);
        list = scm_cons(vm, part, list);
        text += n + (text[n] == ' ');
    }
    return scm_reverse(vm, list);
}

static void export_names(struct vm *vm, struct env *e, const char *names)
{
    while (*names) {
        size_t n = strcspn(names, " ");
        value symbol = scm_symbol_of(vm, names, n);
        if (!besom_table_get(vm->m, e->names, address(symbol)))
            fprintf(stderr, "scheme: a library exports %.*s, which is not there\n", (int)n, names);
        put(vm, e->exports, symbol, symbol);
        names += n + (names[n] == ' ');
    }
}

void scm_libraries_init(struct vm *vm)
{
    struct world *w = vm->world;
    for (const struct standard_library *l = standard_libraries; l->name; l++) {
        value env = scm_env_new(vm, parse_name(vm, l->name));
        AS(env, env)->names = AS(env, w->core)->names;
        export_names(vm, AS(env, env), l->names);
        set_root(&w->libraries, scm_cons(vm, env, w->libraries));
    }
    struct besom_cursor cursor = {0};
    void *key, *binding;
    while (besom_table_next(vm->m, AS(env, w->core)->names, &cursor, &key, &binding))
        if (is(ref(key), T_SYMBOL) && ((struct symbol *)key)->text[0] != '%')
            scm_env_set(vm, w->user, ref(key), ref(binding));
}

/* ---- import ---- */

static void load_library(struct compilation *c, value name)
{
    char path[512] = "", full[1024];
    for (value l = name; is_pair(l); l = cdr(l)) {
        size_t at = strlen(path);
        if (is(car(l), T_SYMBOL))
            snprintf(path + at, sizeof path - at, "%s%s", at ? "/" : "", AS(symbol, car(l))->text);
        else if (is_fix(car(l)))
            snprintf(path + at, sizeof path - at, "%s%lld", at ? "/" : "",
                     (long long)fix_of(car(l)));
    }
    const char *slash = c->file ? strrchr(c->file, '/') : NULL;
    FILE *file = NULL;
    if (slash) {
        snprintf(full, sizeof full, "%.*s/%s.sld", (int)(slash - c->file), c->file, path);
        file = fopen(full, "r");
    }
    if (!file) {
        snprintf(full, sizeof full, "%s.sld", path);
        file = fopen(full, "r");
    }
    if (!file)
        syntax_error(c, name, "there is no library, and no file %s.sld, for", path);
    fclose(file);
    value port = scm_open_file(c->vm, full, true, false);
    const char *outer = c->file;
    char *copy = arena(c, strlen(full) + 1);
    c->file = strcpy(copy, full);
    for (value x; (x = scm_read(c->vm, port, c->positions)) != END_OF_FILE;) {
        if (!is_pair(x) || strip_id(car(x)) != known(c->vm, K_LIBRARY))
            syntax_error(c, x, "a file of a library must hold define-library:");
        expand_library(c, x);
    }
    c->file = outer;
}

static value rename_set(struct compilation *c, value set, value modifier, value args);

/* A list of (name . binding); adds the libraries to *used. */
static value import_set(struct compilation *c, value set, value *used)
{
    struct vm *vm = c->vm;
    if (!is_pair(set) || scm_length(set) < 0)
        syntax_error(c, set, "not an import set:");
    value head = car(set);
    if (is_pair(cdr(set)) && is_pair(car(cdr(set))) &&
        (head == known(vm, K_ONLY) || head == known(vm, K_EXCEPT) || head == known(vm, K_PREFIX) ||
         head == known(vm, K_RENAME)))
        return rename_set(c, import_set(c, car(cdr(set)), used), head, cdr(cdr(set)));
    value env = find_library(vm, set);
    if (!env) {
        if (++c->depth > 200)
            syntax_error(c, set, "libraries import one another:");
        load_library(c, set);
        c->depth--;
        env = find_library(vm, set);
        if (!env)
            syntax_error(c, set, "the file does not define the library");
    }
    *used = scm_cons(vm, env, *used);
    value out = NIL;
    struct besom_cursor cursor = {0};
    void *key, *inner;
    while (besom_table_next(vm->m, AS(env, env)->exports, &cursor, &key, &inner)) {
        value binding = scm_env_lookup(vm, env, ref(inner));
        if (!binding)
            binding = scm_env_cell(vm, env, ref(inner), true);
        out = scm_cons(vm, scm_cons(vm, ref(key), binding), out);
    }
    return out;
}

static value assq(value key, value list)
{
    for (; is_pair(list); list = cdr(list))
        if (is_pair(car(list)) && car(car(list)) == key)
            return car(list);
    return FALSE;
}

static bool memq(value x, value list)
{
    for (; is_pair(list); list = cdr(list))
        if (car(list) == x)
            return true;
    return false;
}

static value new_name(struct compilation *c, value name, value modifier, value args)
{
    struct vm *vm = c->vm;
    if (modifier == known(vm, K_PREFIX)) {
        value prefix = is_pair(args) ? car(args) : (value)FALSE;
        if (!is(prefix, T_SYMBOL))
            syntax_error(c, args, "prefix needs an identifier:");
        char text[512];
        snprintf(text, sizeof text, "%s%s", AS(symbol, prefix)->text, AS(symbol, name)->text);
        return scm_symbol(vm, text);
    }
    if (modifier == known(vm, K_RENAME)) {
        value pair = assq(name, args);
        return is_pair(pair) && is_pair(cdr(pair)) ? car(cdr(pair)) : name;
    }
    return memq(name, args) == (modifier == known(vm, K_ONLY)) ? name : 0;
}

static value rename_set(struct compilation *c, value set, value modifier, value args)
{
    value out = NIL;
    if (modifier != known(c->vm, K_PREFIX))
        for (value a = args; is_pair(a); a = cdr(a)) {
            value name = is_pair(car(a)) ? car(car(a)) : car(a);
            if (!is_pair(assq(name, set)))
                syntax_error(c, name, "not exported:");
        }
    for (; is_pair(set); set = cdr(set)) {
        value name = new_name(c, car(car(set)), modifier, args);
        if (name)
            out = scm_cons(c->vm, scm_cons(c->vm, name, cdr(car(set))), out);
    }
    return out;
}

/* Calls of the bodies of libraries, which do nothing the second time. */
static struct node *run_libraries(struct compilation *c, value used)
{
    int n = (int)scm_length(used);
    struct node *seq = new_node(c, N_SEQ, n + 1);
    for (int i = n; i > 0; i--, used = cdr(used)) {
        struct node *call = new_node(c, N_CALL, 1);
        call->a = core_ref(c, "%library-body");
        call->list[0] = constant(c, car(used));
        seq->list[i - 1] = call;
    }
    seq->list[n] = constant(c, UNSPECIFIED);
    return seq;
}

struct node *expand_import(struct compilation *c, value x)
{
    value used = NIL;
    check_form(c, x, 1, -1, "(import import-set ...)");
    for (x = cdr(x); is_pair(x); x = cdr(x)) {
        value set = import_set(c, strip(c, car(x)), &used);
        for (; is_pair(set); set = cdr(set))
            scm_env_set(c->vm, c->env, car(car(set)), cdr(car(set)));
    }
    return run_libraries(c, used);
}

/* ---- define-library ---- */

struct declarations {
    value env, forms;
    struct node **nodes;
    int n, cap;
};

static void add_node(struct compilation *c, struct declarations *d, struct node *node)
{
    if (d->n == d->cap) {
        int cap = d->cap ? 2 * d->cap : 8;
        struct node **grown = arena(c, (size_t)cap * sizeof *grown);
        for (int i = 0; i < d->n; i++)
            grown[i] = d->nodes[i];
        d->nodes = grown;
        d->cap = cap;
    }
    d->nodes[d->n++] = node;
}

static void export(struct compilation *c, struct declarations *d, value specs)
{
    for (; is_pair(specs); specs = cdr(specs)) {
        value inner = car(specs), outer = inner;
        if (is_pair(inner)) {
            check_form(c, inner, 3, 3, "(rename inner outer)");
            outer = form_at(c, inner, 2);
            inner = form_at(c, inner, 1);
        }
        if (!is(inner, T_SYMBOL) || !is(outer, T_SYMBOL))
            syntax_error(c, car(specs), "not an export:");
        put(c->vm, AS(env, d->env)->exports, outer, inner);
    }
}

static void declare(struct compilation *c, struct declarations *d, value x, bool imports)
{
    struct vm *vm = c->vm;
    if (!is_pair(x) || scm_length(x) < 0)
        syntax_error(c, x, "not a declaration of a library:");
    value head = car(x);
    if (head == known(vm, K_COND_EXPAND) || head == known(vm, K_DECLS)) {
        value forms =
            head == known(vm, K_DECLS) ? read_includes(c, x, false) : cond_expand_forms(c, x, NULL);
        for (; is_pair(forms); forms = cdr(forms))
            declare(c, d, car(forms), imports);
    } else if (head == known(vm, K_IMPORT)) {
        if (imports)
            add_node(c, d, expand_import(c, x));
    } else if (head == known(vm, K_EXPORT)) {
        if (imports)
            export(c, d, cdr(x));
    } else if (head == known(vm, K_BEGIN) || head == known(vm, K_INCLUDE) ||
               head == known(vm, K_INCLUDE_CI)) {
        value forms = head == known(vm, K_BEGIN)
                          ? cdr(x)
                          : read_includes(c, x, head == known(vm, K_INCLUDE_CI));
        for (; !imports && is_pair(forms); forms = cdr(forms))
            add_node(c, d, expand_top(c, car(forms)));
    } else {
        syntax_error(c, x, "not a declaration of a library:");
    }
}

struct node *expand_library(struct compilation *c, value x)
{
    x = strip(c, x);
    check_form(c, x, 2, -1, "(define-library name declaration ...)");
    struct vm *vm = c->vm;
    struct declarations d = {.env = scm_env_new(vm, form_at(c, x, 1))};
    value outer = c->env;
    c->env = d.env;
    for (value l = cdr(cdr(x)); is_pair(l); l = cdr(l))
        declare(c, &d, car(l), true);
    for (value l = cdr(cdr(x)); is_pair(l); l = cdr(l))
        declare(c, &d, car(l), false);
    add_node(c, &d, constant(c, UNSPECIFIED));
    struct node *seq = new_node(c, N_SEQ, 0);
    seq->list = d.nodes;
    seq->n = d.n;
    value body = emit_thunk(c, seq);
    set_field(vm->m, address(d.env), &AS(env, d.env)->body, body);
    c->env = outer;
    set_root(&vm->world->libraries, scm_cons(vm, d.env, vm->world->libraries));
    return constant(c, UNSPECIFIED);
}
