/* machine_code.h - functions of machine code, put together by hand as a JIT compiler does, from what
 * besom/compiled.h says alone.  x86-64; elsewhere there are none. */
#ifndef TESTS_MACHINE_CODE_H
#define TESTS_MACHINE_CODE_H

#include <besom/besom.h>

struct machine_code {
    void *memory;
    size_t bytes;

    /* besom_new of a type without a destroy hook, of 16 .. 4096 bytes. */
    void *(*new_object)(struct besom_mutator *m);
    /* besom_poll. */
    bool (*poll)(struct besom_mutator *m);
    /* besom_set for an object of at most 8 KiB, and for one of any size. */
    void (*set)(struct besom_mutator *m, void *obj, void *slot, void *value);
    void (*set_in_any)(struct besom_mutator *m, void *obj, void *slot, void *value);
    /* A function that keeps objects[0] in its frame and calls itself for the next; the last of the
     * n > 0 calls fn(m, argument).  Answers with what its frame kept. */
    void *(*descend)(struct besom_mutator *m, void *const *objects, size_t n,
                     int (*fn)(struct besom_mutator *, uint64_t), uint64_t argument);
};

/* False: not on this machine, or the system forbids it. */
bool machine_code_init(struct machine_code *code, const struct besom_type *type);
void machine_code_fini(struct machine_code *code);

/* Visits what the frames of `descend` keep, from the library's frame upwards. */
void machine_code_walk(struct besom_tracer *tracer, void *const *frame,
                       const struct machine_code *code);

#endif
