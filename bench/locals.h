/* locals.h - MEM_LOCALS for contestants that find references in C locals by themselves, or have
 * no interest in them: plain locals, under the names that rooted ones have. */
#ifndef BENCH_LOCALS_H
#define BENCH_LOCALS_H

#define MEM_LOCALS(m, ...)                 \
    struct mem__locals {                   \
        __VA_ARGS__                        \
    } mem__my = {0}, *const my = &mem__my; \
    (void)(m)

#endif
