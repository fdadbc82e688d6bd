/* numbers.c - the procedures of numbers. */
#include "hosts/scheme/number.h"
#include <math.h>
#include <string.h>

#define P(name) static value name(struct vm *vm, int n, value *a)

static value need_number(struct vm *vm, value v)
{
    if (!scm_is_number(v))
        scm_type_error(vm, "a number", v);
    return v;
}

static value need_integer(struct vm *vm, value v)
{
    if (!number_is_integer(v))
        scm_type_error(vm, "an integer", v);
    return v;
}

P(add)
{
    value sum = fix(0);
    for (int i = 0; i < n; i++)
        sum = scm_add(vm, sum, a[i]);
    return sum;
}

P(multiply)
{
    value product = fix(1);
    for (int i = 0; i < n; i++)
        product = scm_mul(vm, product, a[i]);
    return product;
}

P(subtract)
{
    if (n == 1 && is_flonum(a[0]))
        return scm_flonum(vm, -flonum_of(a[0]));
    value rest = n == 1 ? scm_sub(vm, fix(0), a[0]) : a[0];
    for (int i = 1; i < n; i++)
        rest = scm_sub(vm, rest, a[i]);
    return rest;
}

static value quotient_of(struct vm *vm, value x, value y)
{
    need_number(vm, x);
    need_number(vm, y);
    if (is_exact(y) && y == fix(0))
        scm_error(vm, "arithmetic", scm_cons(vm, x, NIL), "division by zero of");
    if (is_exact(x) && is_exact(y) && number_divide(vm, x, y, REMAINDER) == fix(0))
        return number_divide(vm, x, y, QUOTIENT);
    return scm_flonum(vm, scm_double(vm, x) / scm_double(vm, y));
}

P(divide)
{
    if (n == 1)
        return quotient_of(vm, fix(1), a[0]);
    value q = a[0];
    for (int i = 1; i < n; i++)
        q = quotient_of(vm, q, a[i]);
    return q;
}

static value compare_all(struct vm *vm, int n, value *a, int accepted)
{
    bool all = true;
    for (int i = 0; i < n; i++)
        need_number(vm, a[i]);
    for (int i = 0; i + 1 < n; i++) {
        int c = scm_compare(vm, a[i], a[i + 1]);
        all = all && c != 2 && (accepted >> (c + 1) & 1);
    }
    return boolean(all);
}

P(equal)
{
    return compare_all(vm, n, a, 2);
}
P(less)
{
    return compare_all(vm, n, a, 1);
}
P(greater)
{
    return compare_all(vm, n, a, 4);
}
P(less_equal)
{
    return compare_all(vm, n, a, 3);
}
P(greater_equal)
{
    return compare_all(vm, n, a, 6);
}

static value extreme(struct vm *vm, int n, value *a, int sign)
{
    value best = need_number(vm, a[0]);
    bool inexact = is_flonum(best);
    for (int i = 1; i < n; i++) {
        int c = scm_compare(vm, need_number(vm, a[i]), best);
        inexact = inexact || is_flonum(a[i]);
        if (c == sign || (c == 2 && is_flonum(a[i]) && isnan(flonum_of(a[i]))))
            best = a[i];
    }
    return inexact && is_exact(best) ? scm_flonum(vm, scm_double(vm, best)) : best;
}

P(max_of)
{
    return extreme(vm, n, a, 1);
}
P(min_of)
{
    return extreme(vm, n, a, -1);
}
P(quotient)
{
    (void)n;
    return number_divide(vm, a[0], a[1], QUOTIENT);
}
P(remainder_of)
{
    (void)n;
    return number_divide(vm, a[0], a[1], REMAINDER);
}
P(floor_quotient)
{
    (void)n;
    return number_divide(vm, a[0], a[1], FLOOR_QUOTIENT);
}
P(modulo)
{
    (void)n;
    return number_divide(vm, a[0], a[1], MODULO);
}

P(is_number)
{
    (void)n, (void)vm;
    return boolean(scm_is_number(a[0]));
}
P(is_integer)
{
    (void)n, (void)vm;
    return boolean(number_is_integer(a[0]));
}
P(is_rational)
{
    (void)n, (void)vm;
    return boolean(is_exact(a[0]) || (is_flonum(a[0]) && isfinite(flonum_of(a[0]))));
}
P(is_exact_p)
{
    (void)n;
    return boolean(is_exact(need_number(vm, a[0])));
}
P(is_inexact)
{
    (void)n;
    return boolean(is_flonum(need_number(vm, a[0])));
}
P(is_exact_integer)
{
    (void)n, (void)vm;
    return boolean(is_exact(a[0]));
}
P(is_finite)
{
    (void)n;
    return boolean(isfinite(scm_double(vm, a[0])) || is(a[0], T_BIGNUM));
}
P(is_infinite)
{
    (void)n;
    return boolean(is_flonum(need_number(vm, a[0])) && isinf(flonum_of(a[0])));
}
P(is_nan)
{
    (void)n;
    return boolean(is_flonum(need_number(vm, a[0])) && isnan(flonum_of(a[0])));
}
P(is_zero)
{
    (void)n;
    return boolean(scm_compare(vm, need_number(vm, a[0]), fix(0)) == 0);
}
P(is_positive)
{
    (void)n;
    return boolean(scm_compare(vm, need_number(vm, a[0]), fix(0)) == 1);
}
P(is_negative)
{
    (void)n;
    return boolean(scm_compare(vm, need_number(vm, a[0]), fix(0)) == -1);
}

P(is_odd)
{
    (void)n;
    need_integer(vm, a[0]);
    if (is_fix(a[0]))
        return boolean(fix_of(a[0]) & 1);
    if (is_flonum(a[0]))
        return boolean(fmod(flonum_of(a[0]), 2) != 0);
    return boolean(AS(bignum, a[0])->limbs[0] & 1);
}
P(is_even)
{
    return boolean(is_odd(vm, n, a) == FALSE);
}

static value gcd_two(struct vm *vm, value x, value y, bool lcm)
{
    need_integer(vm, x);
    need_integer(vm, y);
    bool inexact = is_flonum(x) || is_flonum(y);
    mpz_t p, q, r;
    mp_limb_t s, t;
    x = number_exact(vm, x);
    y = number_exact(vm, y);
    mpz_init(r);
    (lcm ? mpz_lcm : mpz_gcd)(r, number_read(x, p, &s), number_read(y, q, &t));
    value g = number_take(vm, r);
    return inexact ? scm_flonum(vm, scm_double(vm, g)) : g;
}

P(gcd_of)
{
    value g = fix(0);
    for (int i = 0; i < n; i++)
        g = gcd_two(vm, g, a[i], false);
    return g;
}

P(lcm_of)
{
    value l = fix(1);
    for (int i = 0; i < n; i++)
        l = gcd_two(vm, l, a[i], true);
    return l;
}

static value rounded(struct vm *vm, value v, double (*f)(double))
{
    return is_exact(need_number(vm, v)) ? v : scm_flonum(vm, f(flonum_of(v)));
}
P(floor_of)
{
    (void)n;
    return rounded(vm, a[0], floor);
}
P(ceiling_of)
{
    (void)n;
    return rounded(vm, a[0], ceil);
}
P(truncate_of)
{
    (void)n;
    return rounded(vm, a[0], trunc);
}
P(round_of)
{
    (void)n;
    return rounded(vm, a[0], rint);
}
P(exact_of)
{
    (void)n;
    return number_exact(vm, a[0]);
}
P(inexact_of)
{
    (void)n;
    return is_flonum(a[0]) ? a[0] : scm_flonum(vm, scm_double(vm, a[0]));
}

static value transcendental(struct vm *vm, value v, double (*f)(double), value at, value is_exactly)
{
    return v == at ? is_exactly : scm_flonum(vm, f(scm_double(vm, v)));
}
P(exp_of)
{
    (void)n;
    return transcendental(vm, a[0], exp, fix(0), fix(1));
}
P(sin_of)
{
    (void)n;
    return transcendental(vm, a[0], sin, fix(0), fix(0));
}
P(cos_of)
{
    (void)n;
    return transcendental(vm, a[0], cos, fix(0), fix(1));
}
P(tan_of)
{
    (void)n;
    return transcendental(vm, a[0], tan, fix(0), fix(0));
}
P(asin_of)
{
    (void)n;
    return transcendental(vm, a[0], asin, fix(0), fix(0));
}
P(acos_of)
{
    (void)n;
    return transcendental(vm, a[0], acos, fix(1), fix(0));
}

P(log_of)
{
    if (n == 2)
        return scm_flonum(vm, log(scm_double(vm, a[0])) / log(scm_double(vm, a[1])));
    return transcendental(vm, a[0], log, fix(1), fix(0));
}

P(atan_of)
{
    if (n == 1)
        return transcendental(vm, a[0], atan, fix(0), fix(0));
    if (a[0] == fix(0) && is_exact(a[1]) && scm_compare(vm, a[1], fix(0)) == 1)
        return fix(0);
    return scm_flonum(vm, atan2(scm_double(vm, a[0]), scm_double(vm, a[1])));
}

/* The root, and what remains, of an exact integer. */
static value integer_root(struct vm *vm, value v, value *rest)
{
    mpz_t x, root, left;
    mp_limb_t limb;
    mpz_srcptr from = number_read(v, x, &limb);
    mpz_inits(root, left, NULL);
    mpz_sqrtrem(root, left, from);
    value r = FALSE;
    if (mpz_sizeinbase(root, 2) < 62) {
        r = number_take(vm, root);
        *rest = number_take(vm, left);
    } else {
        mpz_clear(left);
        r = number_take(vm, root);
        *rest = scm_sub(vm, v, scm_mul(vm, r, r));
    }
    return r;
}

P(sqrt_of)
{
    (void)n;
    if (is_exact(a[0]) && scm_compare(vm, a[0], fix(0)) >= 0) {
        value rest, root = integer_root(vm, a[0], &rest);
        if (rest == fix(0))
            return root;
    }
    double d = scm_double(vm, a[0]);
    if (d < 0)
        scm_error(vm, "range", scm_cons(vm, a[0], NIL),
                  "no real root (there are no complex numbers):");
    return scm_flonum(vm, sqrt(d));
}

P(exact_integer_sqrt)
{
    (void)n;
    if (!is_exact(a[0]) || scm_compare(vm, a[0], fix(0)) < 0)
        scm_type_error(vm, "an exact nonnegative integer", a[0]);
    value rest, root = integer_root(vm, a[0], &rest);
    struct vector *v = scm_new(vm, T_VALUES, sizeof *v + 2 * sizeof(value));
    v->length = 2;
    v->items[0] = root;
    v->items[1] = rest;
    return ref(v);
}

P(expt)
{
    (void)n;
    need_number(vm, a[0]);
    need_number(vm, a[1]);
    if (!is_exact(a[0]) || !is_exact(a[1]) || scm_compare(vm, a[1], fix(0)) < 0) {
        if (is_exact(a[1]) && (a[0] == fix(1) || a[0] == fix(-1)))
            return a[0] == fix(1) || is_even(vm, 1, a + 1) == TRUE ? fix(1) : fix(-1);
        return scm_flonum(vm, pow(scm_double(vm, a[0]), scm_double(vm, a[1])));
    }
    if (a[0] == fix(0) || a[0] == fix(1) || a[0] == fix(-1)) {
        if (a[1] == fix(0) || a[0] == fix(1))
            return fix(1);
        return a[0] == fix(0) ? a[0] : is_even(vm, 1, a + 1) == TRUE ? fix(1) : fix(-1);
    }
    mpz_t x, z;
    mp_limb_t limb;
    mpz_srcptr base = number_read(a[0], x, &limb);
    if (!is_fix(a[1]) || fix_of(a[1]) > (int64_t)MOST_LIMBS * 64 / (int64_t)mpz_sizeinbase(base, 2))
        number_too_large(vm);
    mpz_init(z);
    mpz_pow_ui(z, base, (unsigned long)fix_of(a[1]));
    return number_take(vm, z);
}

P(number_to_string)
{
    need_number(vm, a[0]);
    int radix = n > 1 ? (int)scm_index(vm, a[1], 36) : 10;
    if (radix < 2)
        scm_type_error(vm, "a radix", a[1]);
    return scm_string(vm, scm_number_text(vm, a[0], radix));
}

P(string_to_number)
{
    want(vm, a[0], T_STRING, "a string");
    int radix = n > 1 ? (int)scm_index(vm, a[1], 36) : 10;
    if (radix < 2)
        scm_type_error(vm, "a radix", a[1]);
    return scm_parse_number(vm, string_text(a[0]), AS(string, a[0])->n_bytes, radix);
}

const struct primitive_row scm_number_rows[] = {
    {"+", add, 0, -1, 0, 0},
    {"*", multiply, 0, -1, 0, 0},
    {"-", subtract, 1, -1, 0, 0},
    {"/", divide, 1, -1, 0, 0},
    {"=", equal, 1, -1, 0, 0},
    {"<", less, 1, -1, 0, 0},
    {">", greater, 1, -1, 0, 0},
    {"<=", less_equal, 1, -1, 0, 0},
    {">=", greater_equal, 1, -1, 0, 0},
    {"max", max_of, 1, -1, 0, 0},
    {"min", min_of, 1, -1, 0, 0},
    {"quotient", quotient, 2, 2, 0, 0},
    {"remainder", remainder_of, 2, 2, 0, 0},
    {"modulo", modulo, 2, 2, 0, 0},
    {"truncate-quotient", quotient, 2, 2, 0, 0},
    {"truncate-remainder", remainder_of, 2, 2, 0, 0},
    {"floor-quotient", floor_quotient, 2, 2, 0, 0},
    {"floor-remainder", modulo, 2, 2, 0, 0},
    {"number?", is_number, 1, 1, 0, 0},
    {"complex?", is_number, 1, 1, 0, 0},
    {"real?", is_number, 1, 1, 0, 0},
    {"rational?", is_rational, 1, 1, 0, 0},
    {"integer?", is_integer, 1, 1, 0, 0},
    {"exact?", is_exact_p, 1, 1, 0, 0},
    {"inexact?", is_inexact, 1, 1, 0, 0},
    {"exact-integer?", is_exact_integer, 1, 1, 0, 0},
    {"finite?", is_finite, 1, 1, 0, 0},
    {"infinite?", is_infinite, 1, 1, 0, 0},
    {"nan?", is_nan, 1, 1, 0, 0},
    {"zero?", is_zero, 1, 1, 0, 0},
    {"positive?", is_positive, 1, 1, 0, 0},
    {"negative?", is_negative, 1, 1, 0, 0},
    {"odd?", is_odd, 1, 1, 0, 0},
    {"even?", is_even, 1, 1, 0, 0},
    {"gcd", gcd_of, 0, -1, 0, 0},
    {"lcm", lcm_of, 0, -1, 0, 0},
    {"floor", floor_of, 1, 1, 0, 0},
    {"ceiling", ceiling_of, 1, 1, 0, 0},
    {"truncate", truncate_of, 1, 1, 0, 0},
    {"round", round_of, 1, 1, 0, 0},
    {"exact", exact_of, 1, 1, 0, 0},
    {"inexact", inexact_of, 1, 1, 0, 0},
    {"exp", exp_of, 1, 1, 0, 0},
    {"log", log_of, 1, 2, 0, 0},
    {"sin", sin_of, 1, 1, 0, 0},
    {"cos", cos_of, 1, 1, 0, 0},
    {"tan", tan_of, 1, 1, 0, 0},
    {"asin", asin_of, 1, 1, 0, 0},
    {"acos", acos_of, 1, 1, 0, 0},
    {"atan", atan_of, 1, 2, 0, 0},
    {"sqrt", sqrt_of, 1, 1, 0, 0},
    {"exact-integer-sqrt", exact_integer_sqrt, 1, 1, 0, 0},
    {"expt", expt, 2, 2, 0, 0},
    {"number->string", number_to_string, 1, 2, 0, 0},
    {"string->number", string_to_number, 1, 2, 0, 0},
    {NULL, NULL, 0, 0, 0, 0}};
