/* types.c - what Besom is told of every kind of object. */
#include "hosts/scheme/scheme.h"

#define F(structure, member)                        \
    {                                               \
#member, offsetof(struct structure, member) \
    }
static const struct besom_field item[] = {{"item", 0}};
#define TAIL(structure, items, length)           \
    .tail = {offsetof(struct structure, items),  \
             sizeof(value),                      \
             offsetof(struct structure, length), \
             sizeof(size_t),                     \
             item,                               \
             1}
#define FIELDS(list)    .fields = list, .n_fields = sizeof list / sizeof *list
#define SIZE(structure) .size_bytes = sizeof(struct structure)

static const struct besom_field pair_f[] = {F(pair, car), F(pair, cdr)};
static const struct besom_field string_f[] = {F(string, text)};
static const struct besom_field box_f[] = {F(box, content)};
static const struct besom_field cell_f[] = {F(cell, content), F(cell, name), F(cell, home)};
static const struct besom_field code_f[] = {F(code, constants), F(code, words), F(code, lines),
                                            F(code, name), F(code, file)};
static const struct besom_field closure_f[] = {F(closure, code)};
static const struct besom_field primitive_f[] = {F(primitive, name)};
static const struct besom_field continuation_f[] = {
    F(continuation, handlers), F(continuation, params), F(continuation, winds)};
static const struct besom_field escape_f[] = {F(escape, handlers), F(escape, params),
                                              F(escape, winds)};
static const struct besom_field rtd_f[] = {F(rtd, name), F(rtd, fields)};
static const struct besom_field record_f[] = {F(record, rtd)};
static const struct besom_field condition_f[] = {F(condition, kind), F(condition, message),
                                                 F(condition, irritants), F(condition, where)};
static const struct besom_field promise_f[] = {F(promise, state)};
static const struct besom_field parameter_f[] = {F(parameter, content), F(parameter, converter)};
static const struct besom_field port_f[] = {F(port, name)};
static const struct besom_field table_f[] = {F(table, main), F(table, rest), F(table, custom)};
static const struct besom_field key_f[] = {F(key, content)};
static const struct besom_field eph_f[] = {F(eph, ephemeron)};
static const struct besom_field guardian_f[] = {F(guardian, queue)};
static const struct besom_field thread_f[] = {F(thread, thunk), F(thread, result), F(thread, name),
                                              F(thread, failed)};
static const struct besom_field mutex_f[] = {F(mutex, name), F(mutex, specific)};
static const struct besom_field env_f[] = {F(env, names), F(env, exports), F(env, name),
                                           F(env, body)};
static const struct besom_field macro_f[] = {F(macro, ellipsis), F(macro, literals),
                                             F(macro, rules), F(macro, scope)};
static const struct besom_field special_f[] = {F(special, name)};
static const struct besom_field alias_f[] = {F(alias, name), F(alias, scope)};

const struct besom_type scm_types[T_KINDS] = {
    [T_PAIR] = {.name = "pair", SIZE(pair), .flags = BESOM_OWN_BLOCKS, FIELDS(pair_f)},
    [T_FLONUM] = {.name = "flonum", SIZE(flonum), .flags = BESOM_LEAF},
    [T_BIGNUM] = {.name = "bignum", SIZE(bignum), .flags = BESOM_LEAF},
    [T_SYMBOL] = {.name = "symbol", SIZE(symbol), .flags = BESOM_LEAF},
    [T_STRING] = {.name = "string", SIZE(string), FIELDS(string_f)},
    [T_VECTOR] = {.name = "vector", SIZE(vector), TAIL(vector, items, length)},
    [T_BYTES] = {.name = "bytevector", SIZE(bytes), .flags = BESOM_LEAF},
    [T_BOX] = {.name = "box", SIZE(box), FIELDS(box_f)},
    [T_CELL] = {.name = "variable", SIZE(cell), FIELDS(cell_f)},
    [T_CODE] = {.name = "code", SIZE(code), FIELDS(code_f)},
    [T_CLOSURE] = {.name = "procedure",
                   SIZE(closure),
                   FIELDS(closure_f),
                   TAIL(closure, items, length)},
    [T_CASES] = {.name = "case-lambda", SIZE(vector), TAIL(vector, items, length)},
    [T_PRIMITIVE] = {.name = "primitive", SIZE(primitive), FIELDS(primitive_f)},
    [T_CONTINUATION] = {.name = "continuation",
                        SIZE(continuation),
                        .flags = BESOM_UNBARRIERED,
                        FIELDS(continuation_f),
                        TAIL(continuation, items, length)},
    [T_ESCAPE] = {.name = "escape", SIZE(escape), FIELDS(escape_f)},
    [T_VALUES] = {.name = "values", SIZE(vector), TAIL(vector, items, length)},
    [T_RTD] = {.name = "record type", SIZE(rtd), FIELDS(rtd_f)},
    [T_RECORD] = {.name = "record", SIZE(record), FIELDS(record_f), TAIL(record, items, length)},
    [T_CONDITION] = {.name = "condition", SIZE(condition), FIELDS(condition_f)},
    [T_PROMISE] = {.name = "promise", SIZE(promise), FIELDS(promise_f)},
    [T_PARAMETER] = {.name = "parameter", SIZE(parameter), FIELDS(parameter_f)},
    [T_PORT] = {.name = "port", SIZE(port), FIELDS(port_f), .destroy = scm_port_destroy},
    [T_TABLE] = {.name = "hash table", SIZE(table), FIELDS(table_f)},
    [T_KEY] = {.name = "key", SIZE(key), FIELDS(key_f)},
    [T_EPHEMERON] = {.name = "ephemeron", SIZE(eph), FIELDS(eph_f)},
    [T_GUARDIAN] = {.name = "guardian", SIZE(guardian), FIELDS(guardian_f)},
    [T_THREAD] = {.name = "thread", SIZE(thread), FIELDS(thread_f), .destroy = scm_thread_destroy},
    [T_MUTEX] = {.name = "mutex", SIZE(mutex), FIELDS(mutex_f), .destroy = scm_mutex_destroy},
    [T_CONDVAR] = {.name = "condition variable",
                   SIZE(mutex),
                   FIELDS(mutex_f),
                   .destroy = scm_mutex_destroy},
    [T_ENV] = {.name = "environment", SIZE(env), FIELDS(env_f)},
    [T_MACRO] = {.name = "macro", SIZE(macro), FIELDS(macro_f)},
    [T_SPECIAL] = {.name = "special form", SIZE(special), FIELDS(special_f)},
    [T_ALIAS] = {.name = "alias", SIZE(alias), FIELDS(alias_f)},
};
