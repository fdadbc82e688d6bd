/* vm.h - the instructions.
 *
 * An accumulator and a stack.  fp is the first argument; below it lie three words: the caller's
 * closure, the place in its code and the place of its frame, so a stack can be copied and put back.
 * Words: the instruction, then its operands.  In the table: its name and the number of operands.
 * k is an index of the constants, i of a local, f of a free variable, n a count, l a label. */
#ifndef SCHEME_VM_H
#define SCHEME_VM_H

#include "hosts/scheme/scheme.h"

#define SCHEME_INSTRUCTIONS(X)                                                                   \
    X(HALT, 0)                                                                                   \
    X(CONST, 1) X(FIX, 1) X(LOCAL, 1) X(BOXED, 1) X(FREE, 1) X(FREEBOXED, 1) X(GLOBAL, 1)        \
        X(PUSH, 0) X(PUSHLOCAL, 1) X(PUSHFREE, 1) X(PUSHCONST, 1) X(PUSHFIX, 1) X(SETBOXED, 1)   \
            X(SETFREEBOXED, 1) X(SETGLOBAL, 1) X(DEFINE, 1) X(BOX, 1) X(DROP, 1) X(SETSLOT, 1)   \
                X(FRAME, 1) X(CALL, 1) X(TAILCALL, 1) X(RETURN, 0) X(JUMP, 1) X(JUMPF, 1)        \
                    X(CLOSURE, 2) X(PATCH, 3) X(LOOP, 3) X(PRIM, 2)                              \
                        X(ADDI, 1) /* in the order of enum inline_op */                          \
        X(ADD, 0) X(SUB, 0) X(MUL, 0) X(LT, 0) X(GT, 0) X(LE, 0) X(GE, 0) X(NUMEQ, 0) X(EQ, 0)   \
            X(CONS, 0) X(VECREF, 0) X(VECSET, 0) X(CAR, 0) X(CDR, 0) X(NULLP, 0) X(PAIRP, 0)     \
                X(NOT, 0) X(SETCAR, 0) X(SETCDR, 0)                                              \
                    X(RECREF, 0) /* jumps if the comparison is false, in the same order */       \
        X(JLT, 1) X(JGT, 1) X(JLE, 1) X(JGE, 1) X(JNUMEQ, 1) X(JEQ, 1) X(JNULLP, 1) X(JPAIRP, 1) \
            X(JNOT, 1)

enum instruction {
#define X(name, operands) OP_##name,
    SCHEME_INSTRUCTIONS(X)
#undef X
        OP_COUNT
};

/* What a primitive has the VM do. */
enum special_call {
    CALL_PLAIN,
    CALL_APPLY,
    CALL_CC,
    CALL_THROW,
    CALL_EC,
    CALL_ESCAPE,
    CALL_ABORT,
    CALL_THUNK /* fn's result */
};

/* ---- stack.c ---- */
void vm_release_ballast(struct vm *vm);
void vm_clean_up(struct vm *vm);
void *vm_new_or_collect(struct vm *vm, enum kind kind, size_t bytes);
_Noreturn void vm_overflow(struct vm *vm);
void vm_check_overflowed(struct vm *vm, value *sp);
_Noreturn void vm_wrong_count(struct vm *vm, value f, int n);
value vm_capture(struct vm *vm, value *end);
value *vm_reinstate(struct vm *vm, value k);
value vm_escape_here(struct vm *vm, value *end);
value vm_pick_case(value cases, int n);
value vm_new_box(struct vm *vm, value content);
struct closure *vm_new_closure(struct vm *vm, size_t n);
_Noreturn void vm_unbound(struct vm *vm, value cell);
_Noreturn void vm_uninitialized(struct vm *vm);
#endif
