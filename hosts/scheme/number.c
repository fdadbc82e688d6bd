/* number.c - arithmetic. */
#include "hosts/scheme/number.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

mpz_srcptr number_read(value v, mpz_t z, mp_limb_t *limb)
{
    if (is_fix(v)) {
        int64_t n = fix_of(v);
        *limb = n < 0 ? 0 - (mp_limb_t)n : (mp_limb_t)n;
        return mpz_roinit_n(z, limb, n < 0 ? -1 : n > 0);
    }
    struct bignum *b = AS(bignum, v);
    return mpz_roinit_n(z, (mp_limb_t *)b->limbs, b->size);
}

value number_take(struct vm *vm, mpz_t z)
{
    if (mpz_fits_slong_p(z) && mpz_get_si(z) >= FIX_MIN && mpz_get_si(z) <= FIX_MAX) {
        value v = fix(mpz_get_si(z));
        mpz_clear(z);
        return v;
    }
    size_t n = mpz_size(z);
    struct bignum *b =
        besom_new_sized(vm->m, &scm_types[T_BIGNUM], sizeof *b + n * sizeof(mp_limb_t));
    if (b) {
        memcpy(b->limbs, mpz_limbs_read(z), n * sizeof(mp_limb_t));
        b->size = mpz_sgn(z) < 0 ? -(int64_t)n : (int64_t)n;
    }
    mpz_clear(z);
    if (!b)
        scm_starve(vm);
    return ref(b);
}

_Noreturn void number_too_large(struct vm *vm)
{
    scm_error(vm, "range", NIL, "an integer would have more than %d bits", MOST_LIMBS * 64);
}

bool scm_is_number(value v)
{
    return is_exact(v) || is_flonum(v);
}

value scm_integer(struct vm *vm, int64_t n)
{
    if (n >= FIX_MIN && n <= FIX_MAX)
        return fix(n);
    mpz_t z;
    mpz_init_set_si(z, n);
    return number_take(vm, z);
}

/* The double next to it, or the even one of two that are as near: mpz_get_d would truncate. */
static double nearest_double(mpz_srcptr z)
{
    size_t n = mpz_size(z);
    if (n < 2)
        return mpz_sgn(z) < 0 ? -(double)mpz_getlimbn(z, 0) : (double)mpz_getlimbn(z, 0);
    uint64_t top = mpz_getlimbn(z, (mp_size_t)n - 1), next = mpz_getlimbn(z, (mp_size_t)n - 2);
    int lead = __builtin_clzll(top);
    if (lead > 0)
        top = top << lead | next >> (64 - lead);
    size_t dropped = (n - 1) * 64 - (size_t)lead;
    top |= mpz_scan1(z, 0) < dropped; /* far below what is kept, but it tells a half from more */
    double d = ldexp((double)top, dropped > 2000 ? 2000 : (int)dropped);
    return mpz_sgn(z) < 0 ? -d : d;
}

double scm_double(struct vm *vm, value v)
{
    if (is_fix(v))
        return (double)fix_of(v);
    if (is_flonum(v))
        return flonum_of(v);
    if (!is(v, T_BIGNUM))
        scm_type_error(vm, "a number", v);
    mpz_t z;
    mp_limb_t limb;
    return nearest_double(number_read(v, z, &limb));
}

static void check_number(struct vm *vm, value a, value b)
{
    if (!scm_is_number(a))
        scm_type_error(vm, "a number", a);
    if (!scm_is_number(b))
        scm_type_error(vm, "a number", b);
}

static int64_t limbs_of(value v)
{
    return is_fix(v) ? 1 : llabs(AS(bignum, v)->size);
}

typedef void (*mpz_operation)(mpz_ptr, mpz_srcptr, mpz_srcptr);

static value integer_operation(struct vm *vm, value a, value b, mpz_operation operation)
{
    mpz_t x, y, z;
    mp_limb_t p, q;
    mpz_init(z);
    operation(z, number_read(a, x, &p), number_read(b, y, &q));
    return number_take(vm, z);
}

value scm_add(struct vm *vm, value a, value b)
{
    if (is_flonum(a) && is_flonum(b))
        return scm_flonum(vm, flonum_of(a) + flonum_of(b));
    if (is_fix(a) && is_fix(b))
        return scm_integer(vm, fix_of(a) + fix_of(b));
    check_number(vm, a, b);
    if (is_flonum(a) || is_flonum(b))
        return scm_flonum(vm, scm_double(vm, a) + scm_double(vm, b));
    return integer_operation(vm, a, b, mpz_add);
}

value scm_sub(struct vm *vm, value a, value b)
{
    if (is_flonum(a) && is_flonum(b))
        return scm_flonum(vm, flonum_of(a) - flonum_of(b));
    if (is_fix(a) && is_fix(b))
        return scm_integer(vm, fix_of(a) - fix_of(b));
    check_number(vm, a, b);
    if (is_flonum(a) || is_flonum(b))
        return scm_flonum(vm, scm_double(vm, a) - scm_double(vm, b));
    return integer_operation(vm, a, b, mpz_sub);
}

value scm_mul(struct vm *vm, value a, value b)
{
    if (is_flonum(a) && is_flonum(b))
        return scm_flonum(vm, flonum_of(a) * flonum_of(b));
    int64_t r;
    if (is_fix(a) && is_fix(b) && !__builtin_mul_overflow(fix_of(a), fix_of(b), &r))
        return scm_integer(vm, r);
    check_number(vm, a, b);
    if (is_flonum(a) || is_flonum(b))
        return scm_flonum(vm, scm_double(vm, a) * scm_double(vm, b));
    if (limbs_of(a) + limbs_of(b) > MOST_LIMBS)
        number_too_large(vm);
    return integer_operation(vm, a, b, mpz_mul);
}

int scm_compare(struct vm *vm, value a, value b)
{
    (void)vm;
    if (is_fix(a) && is_fix(b))
        return fix_of(a) < fix_of(b) ? -1 : fix_of(a) > fix_of(b);
    if (is_flonum(a) && is_flonum(b)) {
        double x = flonum_of(a), y = flonum_of(b);
        return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
    }
    if (!scm_is_number(a) || !scm_is_number(b))
        return 2;
    mpz_t x, y;
    mp_limb_t p, q;
    int c;
    if (is_flonum(a) || is_flonum(b)) {
        double d = is_flonum(a) ? flonum_of(a) : flonum_of(b);
        if (isnan(d))
            return 2;
        c = isinf(d) ? (d > 0 ? -1 : 1) : mpz_cmp_d(number_read(is_flonum(a) ? b : a, x, &p), d);
        if (is_flonum(a))
            c = -c;
    } else {
        c = mpz_cmp(number_read(a, x, &p), number_read(b, y, &q));
    }
    return c < 0 ? -1 : c > 0;
}

bool number_is_integer(value v)
{
    return is_exact(v) ||
           (is_flonum(v) && floor(flonum_of(v)) == flonum_of(v) && !isinf(flonum_of(v)));
}

value number_exact(struct vm *vm, value v)
{
    if (is_exact(v))
        return v;
    if (!is_flonum(v))
        scm_type_error(vm, "a number", v);
    if (!number_is_integer(v))
        scm_error(vm, "range", scm_cons(vm, v, NIL), "no exact integer (there are no rationals):");
    mpz_t z;
    mpz_init_set_d(z, flonum_of(v));
    return number_take(vm, z);
}

static double divide_flonums(double x, double y, enum division how)
{
    switch (how) {
    case QUOTIENT: return trunc(x / y);
    case REMAINDER: return fmod(x, y);
    case FLOOR_QUOTIENT: return floor(x / y);
    case MODULO: {
        double r = fmod(x, y);
        return r != 0 && (r < 0) != (y < 0) ? r + y : r;
    }
    }
    return 0;
}

static int64_t divide_fixnums(int64_t x, int64_t y, enum division how)
{
    int64_t q = x / y, r = x % y;
    bool lower = r != 0 && (r < 0) != (y < 0);
    switch (how) {
    case QUOTIENT: return q;
    case REMAINDER: return r;
    case FLOOR_QUOTIENT: return q - lower;
    case MODULO: return lower ? r + y : r;
    }
    return 0;
}

value number_divide(struct vm *vm, value a, value b, enum division how)
{
    static const mpz_operation operations[] = {mpz_tdiv_q, mpz_tdiv_r, mpz_fdiv_q, mpz_fdiv_r};
    check_number(vm, a, b);
    if (!number_is_integer(a))
        scm_type_error(vm, "an integer", a);
    if (!number_is_integer(b))
        scm_type_error(vm, "an integer", b);
    if (b == fix(0) || (is_flonum(b) && flonum_of(b) == 0))
        scm_error(vm, "arithmetic", scm_cons(vm, a, NIL), "division by zero of");
    if (is_fix(a) && is_fix(b))
        return scm_integer(vm, divide_fixnums(fix_of(a), fix_of(b), how));
    if (is_flonum(a) || is_flonum(b))
        return scm_flonum(vm, divide_flonums(scm_double(vm, a), scm_double(vm, b), how));
    return integer_operation(vm, a, b, operations[how]);
}

bool scm_eqv(value a, value b)
{
    if (a == b)
        return true;
    if (!is_object(a) || !is_object(b) || type_of(a) != type_of(b))
        return false;
    if (is(a, T_FLONUM))
        return memcmp(&AS(flonum, a)->number, &AS(flonum, b)->number, sizeof(double)) == 0;
    if (is(a, T_BIGNUM))
        return AS(bignum, a)->size == AS(bignum, b)->size &&
               memcmp(AS(bignum, a)->limbs, AS(bignum, b)->limbs,
                      (size_t)limbs_of(a) * sizeof(mp_limb_t)) == 0;
    if (is(a, T_STRING))
        return AS(string, a)->n_bytes == 0 && AS(string, b)->n_bytes == 0;
    return false;
}
