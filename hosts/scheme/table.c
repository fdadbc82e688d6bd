/* table.c - hash tables over besom_table: what the prelude makes the names of SRFI 69 and 125 of.
 *
 * Besom's tables map objects.  A key that is none (a fixnum, a character) is put into a T_KEY, which
 * hashes and compares as what it holds; one of each thread serves for looking up.  In a table with
 * weak keys such a key would be dead at once: those are in a table of their own.  Pairs have no
 * header, so a key that is an address is told apart by its first word: only other objects begin with
 * the address of one of our types.
 *
 * Besom's tables call nothing of the program's.  Those with an equality of the program's are the
 * prelude's: objects of this type that hold a vector, and no table. */
#include "hosts/scheme/scheme.h"

#define P(name) static value name(struct vm *vm, int n, value *a)

enum { EQV, EQUAL, STRING };

static value value_of_key(const void *key)
{
    uintptr_t first = *(const uintptr_t *)key;
    if (first - (uintptr_t)scm_types >= sizeof scm_types)
        return ref(key) | TAG_PAIR;
    return first == (uintptr_t)&scm_types[T_KEY] ? load(&((const struct key *)key)->content)
                                                 : ref(key);
}

#define HASHES(name, equivalence)                            \
    static uint64_t hash_##name(void *host, const void *key) \
    {                                                        \
        (void)host;                                          \
        return scm_hash(value_of_key(key), equivalence);     \
    }
HASHES(eqv, EQV)
HASHES(equal, EQUAL)

static bool same_eqv(void *host, const void *a, const void *b)
{
    (void)host;
    return scm_eqv(value_of_key(a), value_of_key(b));
}

static bool same_equal(void *host, const void *a, const void *b)
{
    (void)host;
    return scm_equal(value_of_key(a), value_of_key(b));
}

static struct besom_table *new_table(struct vm *vm, enum besom_table_kind kind, int64_t equivalence)
{
    struct besom_table *t = besom_table_new(vm->m, kind, equivalence == EQV ? hash_eqv : hash_equal,
                                            equivalence == EQV ? same_eqv : same_equal);
    if (!t)
        scm_starve(vm);
    return t;
}

/* kind, equivalence, custom */
P(make_table)
{
    (void)n;
    enum besom_table_kind kind = (enum besom_table_kind)scm_index(vm, a[0], BESOM_WEAK_BOTH);
    int64_t equivalence = scm_index(vm, a[1], STRING);
    bool weak_keys = kind == BESOM_WEAK_KEYS || kind == BESOM_WEAK_BOTH;
    struct besom_table *all = NULL, *rest = NULL;
    if (a[2] == FALSE)
        all = rest = new_table(vm, kind, equivalence);
    if (weak_keys && all)
        rest =
            new_table(vm, kind == BESOM_WEAK_BOTH ? BESOM_WEAK_VALUES : BESOM_STRONG, equivalence);
    struct table *t = scm_new(vm, T_TABLE, sizeof *t);
    t->main = all;
    t->rest = rest;
    t->custom = a[2];
    t->kind = kind;
    t->equivalence = equivalence;
    return ref(t);
}

static struct table *any_table(struct vm *vm, value v)
{
    return AS(table, want(vm, v, T_TABLE, "a hash table"));
}

static struct table *need_table(struct vm *vm, value v)
{
    struct table *t = any_table(vm, v);
    if (!t->main)
        scm_type_error(vm, "a hash table of the collector's", v);
    return t;
}

/* The table for the key, and what to look it up by. */
static struct besom_table *part_for(struct vm *vm, struct table *t, value key, void **probe)
{
    if (is_ref(key)) {
        *probe = address(key);
        return t->main;
    }
    struct key *k = AS(key, vm->key);
    set_field(vm->m, k, &k->content, key);
    *probe = k;
    return t->rest;
}

P(table_ref) /* table key default */
{
    (void)n;
    void *probe;
    struct besom_table *part = part_for(vm, need_table(vm, a[0]), a[1], &probe);
    value found = ref(besom_table_get(vm->m, part, probe));
    return found ? found : a[2];
}

P(table_set)
{
    (void)n;
    void *probe;
    struct besom_table *part = part_for(vm, need_table(vm, a[0]), a[1], &probe);
    if (!is_ref(a[1])) {
        struct key *k = scm_new(vm, T_KEY, sizeof *k);
        k->content = a[1];
        probe = k;
    }
    enum besom_status status = besom_table_put(vm->m, part, probe, (void *)(uintptr_t)a[2]);
    if (status == BESOM_E_MEMORY)
        scm_starve(vm);
    if (status != BESOM_OK)
        scm_error(vm, "table", NIL, "the table refuses: %s", besom_status_text(status));
    return UNSPECIFIED;
}

P(table_delete)
{
    (void)n;
    void *probe;
    struct besom_table *part = part_for(vm, need_table(vm, a[0]), a[1], &probe);
    return boolean(besom_table_remove(vm->m, part, probe) == BESOM_OK);
}

P(table_size)
{
    (void)n;
    struct table *t = need_table(vm, a[0]);
    size_t count = besom_table_count(t->main);
    return fix((int64_t)(t->rest == t->main ? count : count + besom_table_count(t->rest)));
}

P(table_clear)
{
    (void)n;
    struct table *t = need_table(vm, a[0]);
    besom_table_clear(vm->m, t->main);
    besom_table_clear(vm->m, t->rest);
    return UNSPECIFIED;
}

static value entries(struct vm *vm, struct besom_table *t, value list)
{
    struct besom_cursor cursor = {0};
    void *key, *v;
    while (besom_table_next(vm->m, t, &cursor, &key, &v)) {
        value pair = scm_cons(vm, value_of_key(key), ref(v));
        list = scm_cons(vm, pair, list);
    }
    return list;
}

/* Some entry, as a pair, or #f. */
P(table_first)
{
    (void)n;
    struct table *t = need_table(vm, a[0]);
    struct besom_cursor first = {0}, second = {0};
    void *key, *v;
    if (!besom_table_next(vm->m, t->main, &first, &key, &v) &&
        !besom_table_next(vm->m, t->rest, &second, &key, &v))
        return FALSE;
    return scm_cons(vm, value_of_key(key), ref(v));
}

P(table_entries)
{
    (void)n;
    struct table *t = need_table(vm, a[0]);
    value list = entries(vm, t->main, NIL);
    return t->rest == t->main ? list : entries(vm, t->rest, list);
}

P(table_kind)
{
    (void)n;
    return fix(any_table(vm, a[0])->kind);
}
P(table_equivalence)
{
    (void)n;
    return fix(any_table(vm, a[0])->equivalence);
}
P(table_custom)
{
    (void)n;
    return any_table(vm, a[0])->custom;
}
P(is_table)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_TABLE));
}
/* object, equivalence: not negative */
P(hash_of)
{
    (void)n;
    return fix((int64_t)(scm_hash(a[0], (int)scm_index(vm, a[1], STRING)) >> 2));
}

const struct primitive_row scm_table_rows[] = {
    {"%make-table", make_table, 3, 3, 0, 0},
    {"%table-custom", table_custom, 1, 1, 0, 0},
    {"%table-ref", table_ref, 3, 3, 0, 0},
    {"%table-set!", table_set, 3, 3, 0, 0},
    {"%table-delete!", table_delete, 2, 2, 0, 0},
    {"%table-size", table_size, 1, 1, 0, 0},
    {"%table-clear!", table_clear, 1, 1, 0, 0},
    {"%table-first", table_first, 1, 1, 0, 0},
    {"%table->alist", table_entries, 1, 1, 0, 0},
    {"%table-kind", table_kind, 1, 1, 0, 0},
    {"%table-equivalence", table_equivalence, 1, 1, 0, 0},
    {"hash-table?", is_table, 1, 1, 0, 0},
    {"%hash", hash_of, 2, 2, 0, 0},
    {NULL, NULL, 0, 0, 0, 0}};
