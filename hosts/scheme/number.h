/* number.h - what the files about numbers share.
 *
 * Integers are fixnums, or bignums: leaf objects that hold the limbs of an mpz.  GMP reads them in
 * place; what it computes is copied out of its own memory. */
#ifndef SCHEME_NUMBER_H
#define SCHEME_NUMBER_H

#include "hosts/scheme/scheme.h"
#include <gmp.h>

/* Read only, and only as long as *limb and the object are there. */
mpz_srcptr number_read(value v, mpz_t z, mp_limb_t *limb);
value number_take(struct vm *vm, mpz_t z); /* clears z */
static inline bool is_flonum(value v)
{
    return is(v, T_FLONUM);
}
static inline bool is_exact(value v)
{
    return is_fix(v) || is(v, T_BIGNUM);
}
static inline double flonum_of(value v)
{
    return AS(flonum, v)->number;
}
bool number_is_integer(value v);
value number_exact(struct vm *vm, value v);
enum division { QUOTIENT, REMAINDER, FLOOR_QUOTIENT, MODULO };
value number_divide(struct vm *vm, value a, value b, enum division how);
_Noreturn void number_too_large(struct vm *vm);
enum { MOST_LIMBS = 1 << 22 };
#endif
