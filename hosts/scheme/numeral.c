/* numeral.c - numbers as text, read and written. */
#include "hosts/scheme/number.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

static size_t digits(const char *s, size_t n, int radix)
{
    size_t i = 0;
    while (i < n && digit_of(s[i]) < radix)
        i++;
    return i;
}

static value integer_of(struct vm *vm, const char *s, size_t n, int radix, bool negative)
{
    if (n <= 18 && radix <= 10) {
        int64_t x = 0;
        for (size_t i = 0; i < n; i++)
            x = x * radix + digit_of(s[i]);
        return scm_integer(vm, negative ? -x : x);
    }
    if (n > (size_t)MOST_LIMBS * 8)
        number_too_large(vm);
    char *copy = scm_scratch(vm, n + 1);
    memcpy(copy, s, n);
    copy[n] = 0;
    mpz_t z;
    mpz_init(z);
    mpz_set_str(z, copy, radix);
    scm_scratch_free(vm, copy);
    if (negative)
        mpz_neg(z, z);
    return number_take(vm, z);
}

/* An exact decimal: mantissa x 10^exponent, if that is an integer. */
static value exact_decimal(struct vm *vm, const char *s, size_t n, bool negative)
{
    char *copy = scm_scratch(vm, n + 1);
    size_t m = 0, i = 0;
    long scale = 0;
    for (; i < n && (s[i] == '.' || digit_of(s[i]) < 10); i++) {
        if (s[i] == '.')
            scale = (long)(i + 1);
        else
            copy[m++] = s[i];
    }
    long exponent = scale ? scale - (long)i : 0;
    if (i < n) {
        char rest[32] = "";
        memcpy(rest, s + i + 1, n - i - 1 < 31 ? n - i - 1 : 31);
        exponent += strtol(rest, NULL, 10);
    }
    copy[m] = 0;
    if (exponent > MOST_LIMBS || m > (size_t)MOST_LIMBS * 8)
        number_too_large(vm);
    mpz_t z, power;
    mpz_init_set_str(z, m ? copy : "0", 10);
    scm_scratch_free(vm, copy);
    bool whole = true;
    if (mpz_sgn(z) != 0) {
        if (exponent < -1000000) {
            whole = false;
        } else {
            mpz_init(power);
            mpz_ui_pow_ui(power, 10, (unsigned long)labs(exponent));
            whole = exponent >= 0 || mpz_divisible_p(z, power);
            if (exponent >= 0)
                mpz_mul(z, z, power);
            else if (whole)
                mpz_divexact(z, z, power);
            mpz_clear(power);
        }
    }
    if (negative)
        mpz_neg(z, z);
    if (whole)
        return number_take(vm, z);
    mpz_clear(z);
    scm_error(vm, "range", NIL, "no exact integer (there are no rationals): %.*s",
              (int)(n < 80 ? n : 80), s);
}

/* Unsigned decimals: digits, at most one point, perhaps an exponent.  False: not of that shape. */
static bool is_decimal(const char *s, size_t n)
{
    size_t whole = digits(s, n, 10), i = whole, part = 0;
    if (i < n && s[i] == '.') {
        part = digits(s + i + 1, n - i - 1, 10);
        i += 1 + part;
    }
    if (whole + part == 0)
        return false;
    if (i < n && (s[i] | 0x20) == 'e') {
        i++;
        if (i < n && (s[i] == '+' || s[i] == '-'))
            i++;
        size_t e = digits(s + i, n - i, 10);
        if (e == 0)
            return false;
        i += e;
    }
    return i == n;
}

static double decimal_of(struct vm *vm, const char *s, size_t n)
{
    char *copy = scm_scratch(vm, n + 1);
    memcpy(copy, s, n);
    copy[n] = 0;
    double d = strtod(copy, NULL);
    scm_scratch_free(vm, copy);
    return d;
}

static value unsigned_of(struct vm *vm, const char *s, size_t n, int radix, bool negative,
                         char exactness)
{
    size_t whole = digits(s, n, radix);
    if (whole == n && n > 0) {
        value v = integer_of(vm, s, n, radix, negative);
        if (exactness != 'i')
            return v;
        double d = scm_double(vm, v);
        return scm_flonum(vm, negative && d == 0 ? -0.0 : d);
    }
    if (whole > 0 && s[whole] == '/' &&
        digits(s + whole + 1, n - whole - 1, radix) == n - whole - 1 && whole + 1 < n) {
        value a = integer_of(vm, s, whole, radix, negative);
        value b = integer_of(vm, s + whole + 1, n - whole - 1, radix, false);
        if (b == fix(0))
            return FALSE;
        if (number_divide(vm, a, b, REMAINDER) == fix(0) && exactness != 'i')
            return number_divide(vm, a, b, QUOTIENT);
        if (exactness == 'e')
            scm_error(vm, "range", NIL, "no exact integer (there are no rationals)");
        return scm_flonum(vm, scm_double(vm, a) / scm_double(vm, b));
    }
    if (radix != 10 || !is_decimal(s, n))
        return FALSE;
    if (exactness == 'e')
        return exact_decimal(vm, s, n, negative);
    double d = decimal_of(vm, s, n);
    return scm_flonum(vm, negative ? -d : d);
}

static bool same(const char *s, size_t n, const char *word)
{
    size_t i = 0;
    for (; i < n && word[i]; i++)
        if ((s[i] | 0x20) != (word[i] | 0x20))
            return false;
    return i == n && !word[i];
}

value scm_parse_number(struct vm *vm, const char *s, size_t n, int radix)
{
    char exactness = 0;
    while (n > 2 && s[0] == '#') {
        switch (s[1] | 0x20) {
        case 'x': radix = 16; break;
        case 'b': radix = 2; break;
        case 'o': radix = 8; break;
        case 'd': radix = 10; break;
        case 'e':
        case 'i': exactness = (char)(s[1] | 0x20); break;
        default: return FALSE;
        }
        s += 2;
        n -= 2;
    }
    if (n == 0)
        return FALSE;
    bool sign = s[0] == '+' || s[0] == '-', negative = s[0] == '-';
    if (sign && exactness != 'e' && same(s + 1, n - 1, "inf.0"))
        return scm_flonum(vm, negative ? -INFINITY : INFINITY);
    if (sign && exactness != 'e' && same(s + 1, n - 1, "nan.0"))
        return scm_flonum(vm, NAN);
    return unsigned_of(vm, s + sign, n - sign, radix, negative, exactness);
}

static char *flonum_text(struct vm *vm, double d)
{
    char *text = scm_scratch(vm, 40);
    if (isnan(d))
        return strcpy(text, "+nan.0");
    if (isinf(d))
        return strcpy(text, d > 0 ? "+inf.0" : "-inf.0");
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, 38, "%.*g", precision, d);
        if (strtod(text, NULL) == d)
            break;
    }
    if (!strpbrk(text, ".e"))
        strcat(text, ".0");
    return text;
}

char *scm_number_text(struct vm *vm, value v, int radix)
{
    if (is_flonum(v)) {
        if (radix != 10 && number_is_integer(v))
            v = number_exact(vm, v);
        else
            return flonum_text(vm, flonum_of(v));
    }
    mpz_t z;
    mp_limb_t limb;
    mpz_srcptr x = number_read(v, z, &limb);
    char *text = scm_scratch(vm, mpz_sizeinbase(x, radix) + 3);
    return mpz_get_str(text, radix, x);
}
