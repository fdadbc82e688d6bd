/* symbol.h - what the interning workload interns: texts, and the objects that stand for them. */
#ifndef BENCH_SYMBOL_H
#define BENCH_SYMBOL_H

#include "bench/adapter.h"

#include <string.h>

/* A text that is looked for; it lies in somebody's buffer. */
struct probe {
    const char *text;
    size_t length;
};

struct symbol {
    const void *type;
    size_t length;
    char text[];
};

static const struct mem_type symbol_type = {
    .layout = {.name = "symbol", .size_bytes = sizeof(struct symbol), .flags = BESOM_LEAF},
};

/* Of 32 bits, since what looks like an address costs a collector that guesses. */
static inline uint32_t probe_hash(const struct probe *probe)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < probe->length; i++)
        hash = (hash ^ (unsigned char)probe->text[i]) * 16777619u;
    return hash;
}

static inline bool symbol_is(const struct symbol *symbol, const struct probe *probe)
{
    return symbol->length == probe->length && memcmp(symbol->text, probe->text, probe->length) == 0;
}

static inline struct symbol *symbol_new(struct mem m, const struct probe *probe)
{
    struct symbol *symbol = mem_new_sized(m, &symbol_type, sizeof *symbol + probe->length);
    symbol->length = probe->length;
    memcpy(symbol->text, probe->text, probe->length);
    return symbol;
}

#endif
