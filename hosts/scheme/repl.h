/* repl.h - the loop that reads, evaluates and prints; and calls from C. */
#ifndef SCHEME_REPL_H
#define SCHEME_REPL_H
#include "hosts/scheme/scheme.h"
/* Calls a procedure of the core environment with a string or a value; 0: it raised vm->raised. */
value repl_call(struct vm *vm, const char *name, const char *text, const value *argument);
value repl_eval_text(struct vm *vm, const char *text, const char *name);
void repl_report(struct vm *vm); /* what was raised, on standard error */
void repl_print(struct vm *vm, value v);
int repl_run(struct vm *vm);
#endif
