/* strings.c - strings, which are UTF-8, and characters.
 *
 * An index into a string that is all ASCII is an offset; into another it is counted. */
#include "hosts/scheme/scheme.h"
#include <string.h>
#include <wctype.h>

#define P(name) static value name(struct vm *vm, int n, value *a)

static struct string *need_string(struct vm *vm, value v)
{
    return AS(string, want(vm, v, T_STRING, "a string"));
}

static uint32_t need_char(struct vm *vm, value v)
{
    if (!is_char(v))
        scm_type_error(vm, "a character", v);
    return char_of(v);
}

static size_t offset_of(const struct string *s, size_t i)
{
    if (s->n_chars == s->n_bytes)
        return i;
    const char *text = string_text(ref(s));
    size_t at = 0;
    while (i-- > 0)
        for (at++; at < s->n_bytes && ((uint8_t)text[at] & 0xc0) == 0x80;)
            at++;
    return at;
}

static uint32_t char_at(const struct string *s, size_t offset)
{
    uint32_t c;
    return utf8_get(string_text(ref(s)) + offset, s->n_bytes - offset, &c) ? c : 0xfffd;
}

/* The bytes of the optional range of characters that begins with argument `first`. */
static void byte_span(struct vm *vm, int n, value *a, int first, struct string *s, size_t *from,
                      size_t *to)
{
    scm_span(vm, n, a, first, s->n_chars, from, to);
    *from = offset_of(s, *from);
    *to = offset_of(s, *to);
}

P(is_string)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_STRING));
}
P(string_length)
{
    (void)n;
    return fix((int64_t)need_string(vm, a[0])->n_chars);
}

P(string_ref)
{
    (void)n;
    struct string *s = need_string(vm, a[0]);
    size_t i = (size_t)scm_index(vm, a[1], (int64_t)s->n_chars - 1);
    return chr(char_at(s, offset_of(s, i)));
}

/* Replaces the bytes from `from` to `to`. */
static void splice(struct vm *vm, struct string *s, size_t from, size_t to, const char *text,
                   size_t n_bytes, size_t n_chars_change)
{
    if (s->constant)
        scm_error(vm, "type", scm_cons(vm, ref(s), NIL), "a constant string cannot be changed:");
    if (to - from == n_bytes) {
        memmove(AS(bytes, s->text)->data + from, text, n_bytes);
        s->n_chars += n_chars_change;
        return;
    }
    value data = scm_bytes(vm, s->n_bytes - (to - from) + n_bytes);
    const char *old = string_text(ref(s));
    memcpy(AS(bytes, data)->data, old, from);
    memcpy(AS(bytes, data)->data + from, text, n_bytes);
    memcpy(AS(bytes, data)->data + from + n_bytes, old + to, s->n_bytes - to);
    s->n_bytes = AS(bytes, data)->length;
    s->n_chars += n_chars_change;
    set_field(vm->m, s, &s->text, data);
}

P(string_set)
{
    (void)n;
    struct string *s = need_string(vm, a[0]);
    size_t at = offset_of(s, (size_t)scm_index(vm, a[1], (int64_t)s->n_chars - 1));
    char old[4], text[4];
    size_t length = (size_t)utf8_put(char_at(s, at), old);
    splice(vm, s, at, at + length, text, (size_t)utf8_put(need_char(vm, a[2]), text), 0);
    return UNSPECIFIED;
}

static value filled(struct vm *vm, size_t n, uint32_t c)
{
    char text[4];
    size_t width = (size_t)utf8_put(c, text);
    value data = scm_bytes(vm, n * width);
    for (size_t i = 0; i < n; i++)
        memcpy(AS(bytes, data)->data + i * width, text, width);
    struct string *s = scm_new(vm, T_STRING, sizeof *s);
    s->text = data;
    s->n_chars = n;
    s->n_bytes = n * width;
    return ref(s);
}

P(make_string)
{
    size_t length = (size_t)scm_index(vm, a[0], INT64_C(1) << 38);
    return filled(vm, length, n > 1 ? need_char(vm, a[1]) : ' ');
}

P(string)
{
    char *text = scm_scratch(vm, (size_t)n * 4 + 1);
    size_t at = 0;
    for (int i = 0; i < n; i++)
        at += (size_t)utf8_put(need_char(vm, a[i]), text + at);
    value s = scm_string_of(vm, text, at);
    scm_scratch_free(vm, text);
    return s;
}

P(string_copy)
{
    struct string *s = need_string(vm, a[0]);
    size_t from, to;
    byte_span(vm, n, a, 1, s, &from, &to);
    return scm_string_of(vm, string_text(a[0]) + from, to - from);
}

P(string_append)
{
    size_t bytes = 0, chars = 0, at = 0;
    for (int i = 0; i < n; i++) {
        bytes += need_string(vm, a[i])->n_bytes;
        chars += AS(string, a[i])->n_chars;
    }
    value data = scm_bytes(vm, bytes);
    for (int i = 0; i < n; i++) {
        memcpy(AS(bytes, data)->data + at, string_text(a[i]), AS(string, a[i])->n_bytes);
        at += AS(string, a[i])->n_bytes;
    }
    struct string *s = scm_new(vm, T_STRING, sizeof *s);
    s->text = data;
    s->n_bytes = bytes;
    s->n_chars = chars;
    return ref(s);
}

P(string_to_list)
{
    struct string *s = need_string(vm, a[0]);
    size_t from, to;
    byte_span(vm, n, a, 1, s, &from, &to);
    value l = NIL;
    while (to > from) {
        for (to--; to > from && ((uint8_t)string_text(a[0])[to] & 0xc0) == 0x80;)
            to--;
        l = scm_cons(vm, chr(char_at(s, to)), l);
    }
    return l;
}

P(list_to_string)
{
    (void)n;
    int64_t length = scm_length(a[0]);
    if (length < 0)
        scm_type_error(vm, "a list", a[0]);
    char *text = scm_scratch(vm, (size_t)length * 4 + 1);
    size_t at = 0;
    for (value l = a[0]; is_pair(l); l = cdr(l))
        at += (size_t)utf8_put(need_char(vm, car(l)), text + at);
    value s = scm_string_of(vm, text, at);
    scm_scratch_free(vm, text);
    return s;
}

P(string_fill)
{
    struct string *s = need_string(vm, a[0]);
    uint32_t c = need_char(vm, a[1]);
    size_t first, last;
    scm_span(vm, n, a, 2, s->n_chars, &first, &last);
    value text = filled(vm, last - first, c);
    splice(vm, s, offset_of(s, first), offset_of(s, last), string_text(text),
           AS(string, text)->n_bytes, 0);
    return UNSPECIFIED;
}

P(string_copy_to)
{
    struct string *to = need_string(vm, a[0]), *from = need_string(vm, a[2]);
    size_t at = (size_t)scm_index(vm, a[1], (int64_t)to->n_chars), first, last;
    scm_span(vm, n, a, 3, from->n_chars, &first, &last);
    if (last - first > to->n_chars - at)
        scm_error(vm, "range", NIL, "string-copy!: %zu characters do not fit", last - first);
    size_t begin = offset_of(from, first), end = offset_of(from, last);
    char *text = scm_scratch(vm, end - begin + 1);
    memcpy(text, string_text(a[2]) + begin, end - begin);
    splice(vm, to, offset_of(to, at), offset_of(to, at + last - first), text, end - begin, 0);
    scm_scratch_free(vm, text);
    return UNSPECIFIED;
}

/* ---- comparing ---- */

static int compare_text(value x, value y)
{
    size_t p = AS(string, x)->n_bytes, q = AS(string, y)->n_bytes;
    int c = memcmp(string_text(x), string_text(y), p < q ? p : q);
    return c < 0 || (c == 0 && p < q) ? -1 : c > 0 || p > q;
}

static value mapped(struct vm *vm, value v, wint_t (*f)(wint_t))
{
    struct string *s = need_string(vm, v);
    char *text = scm_scratch(vm, s->n_chars * 4 + 1);
    size_t at = 0;
    for (size_t i = 0; i < s->n_bytes;) {
        uint32_t c;
        i += (size_t)utf8_get(string_text(v) + i, s->n_bytes - i, &c);
        at += (size_t)utf8_put((uint32_t)f((wint_t)c), text + at);
    }
    value out = scm_string_of(vm, text, at);
    scm_scratch_free(vm, text);
    return out;
}

static value compare_all(struct vm *vm, int n, value *a, int accepted, bool fold, bool chars)
{
    bool all = true;
    for (int i = 0; i < n; i++) {
        if (chars)
            need_char(vm, a[i]);
        else
            need_string(vm, a[i]);
    }
    for (int i = 0; i + 1 < n; i++) {
        value x = a[i], y = a[i + 1];
        int c;
        if (chars) {
            uint32_t p = fold ? (uint32_t)towlower((wint_t)char_of(x)) : char_of(x);
            uint32_t q = fold ? (uint32_t)towlower((wint_t)char_of(y)) : char_of(y);
            c = p < q ? -1 : p > q;
        } else {
            c = fold ? compare_text(mapped(vm, x, towlower), mapped(vm, y, towlower))
                     : compare_text(x, y);
        }
        all = all && (accepted >> (c + 1) & 1);
    }
    return boolean(all);
}

#define COMPARE(name, accepted)                               \
    P(string_##name)                                          \
    {                                                         \
        return compare_all(vm, n, a, accepted, false, false); \
    }                                                         \
    P(string_ci_##name)                                       \
    {                                                         \
        return compare_all(vm, n, a, accepted, true, false);  \
    }                                                         \
    P(char_##name)                                            \
    {                                                         \
        return compare_all(vm, n, a, accepted, false, true);  \
    }                                                         \
    P(char_ci_##name)                                         \
    {                                                         \
        return compare_all(vm, n, a, accepted, true, true);   \
    }
COMPARE(eq, 2)
COMPARE(lt, 1)
COMPARE(gt, 4)
COMPARE(le, 3)
COMPARE(ge, 6)

P(string_upcase)
{
    (void)n;
    return mapped(vm, a[0], towupper);
}
P(string_downcase)
{
    (void)n;
    return mapped(vm, a[0], towlower);
}

P(string_to_utf8)
{
    struct string *s = need_string(vm, a[0]);
    size_t from, to;
    byte_span(vm, n, a, 1, s, &from, &to);
    value b = scm_bytes(vm, to - from);
    memcpy(AS(bytes, b)->data, string_text(a[0]) + from, to - from);
    return b;
}
P(utf8_to_string)
{
    struct bytes *b = AS(bytes, want(vm, a[0], T_BYTES, "a bytevector"));
    size_t from, to;
    scm_span(vm, n, a, 1, b->length, &from, &to);
    return scm_string_of(vm, (const char *)b->data + from, to - from);
}

/* ---- characters ---- */

P(is_char_p)
{
    (void)n, (void)vm;
    return boolean(is_char(a[0]));
}
P(char_to_integer)
{
    (void)n;
    return fix(need_char(vm, a[0]));
}
P(integer_to_char)
{
    (void)n;
    int64_t c = scm_index(vm, a[0], 0x10ffff);
    if (c >= 0xd800 && c < 0xe000)
        scm_error(vm, "range", NIL, "a surrogate is no character");
    return chr((uint32_t)c);
}
P(char_upcase)
{
    (void)n;
    return chr((uint32_t)towupper((wint_t)need_char(vm, a[0])));
}
P(char_downcase)
{
    (void)n;
    return chr((uint32_t)towlower((wint_t)need_char(vm, a[0])));
}
static int digit_value_of(uint32_t c)
{
    static const uint32_t zeros[] = {'0',   0x660, 0x6f0, 0x7c0, 0x966,  0x9e6,
                                     0xa66, 0xae6, 0xb66, 0xbe6, 0xc66,  0xce6,
                                     0xd66, 0xe50, 0xed0, 0xf20, 0x1040, 0xff10};
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
        if (c >= zeros[i] && c < zeros[i] + 10)
            return (int)(c - zeros[i]);
    return -1;
}
P(is_alphabetic)
{
    (void)n;
    uint32_t c = need_char(vm, a[0]);
    return boolean(iswalpha((wint_t)c) && digit_value_of(c) < 0);
}
P(is_numeric)
{
    (void)n;
    return boolean(digit_value_of(need_char(vm, a[0])) >= 0);
}
P(is_whitespace)
{
    (void)n;
    return boolean(iswspace((wint_t)need_char(vm, a[0])) || a[0] == chr(0xa0));
}
P(is_upper)
{
    (void)n;
    return boolean(iswupper((wint_t)need_char(vm, a[0])));
}
P(is_lower)
{
    (void)n;
    return boolean(iswlower((wint_t)need_char(vm, a[0])));
}
P(digit_value)
{
    (void)n;
    int d = digit_value_of(need_char(vm, a[0]));
    return d < 0 ? (value)FALSE : fix(d);
}

#define COMPARE_ROWS(sign, name)                                                                  \
    {"string" sign "?", string_##name, 1, -1, 0, 0}, {"char" sign "?", char_##name, 1, -1, 0, 0}, \
        {"string-ci" sign "?", string_ci_##name, 1, -1, 0, 0},                                    \
    {                                                                                             \
        "char-ci" sign "?", char_ci_##name, 1, -1, 0, 0                                           \
    }
const struct primitive_row scm_string_rows[] = {COMPARE_ROWS("=", eq),
                                                COMPARE_ROWS("<", lt),
                                                COMPARE_ROWS(">", gt),
                                                COMPARE_ROWS("<=", le),
                                                COMPARE_ROWS(">=", ge),
                                                {"string?", is_string, 1, 1, 0, 0},
                                                {"string-length", string_length, 1, 1, 0, 0},
                                                {"string-ref", string_ref, 2, 2, 0, 0},
                                                {"string-set!", string_set, 3, 3, 0, 0},
                                                {"make-string", make_string, 1, 2, 0, 0},
                                                {"string", string, 0, -1, 0, 0},
                                                {"string-copy", string_copy, 1, 3, 0, 0},
                                                {"substring", string_copy, 3, 3, 0, 0},
                                                {"string-append", string_append, 0, -1, 0, 0},
                                                {"string->list", string_to_list, 1, 3, 0, 0},
                                                {"list->string", list_to_string, 1, 1, 0, 0},
                                                {"string-fill!", string_fill, 2, 4, 0, 0},
                                                {"string-copy!", string_copy_to, 3, 5, 0, 0},
                                                {"string-upcase", string_upcase, 1, 1, 0, 0},
                                                {"string-downcase", string_downcase, 1, 1, 0, 0},
                                                {"string-foldcase", string_downcase, 1, 1, 0, 0},
                                                {"string->utf8", string_to_utf8, 1, 3, 0, 0},
                                                {"utf8->string", utf8_to_string, 1, 3, 0, 0},
                                                {"char?", is_char_p, 1, 1, 0, 0},
                                                {"char->integer", char_to_integer, 1, 1, 0, 0},
                                                {"integer->char", integer_to_char, 1, 1, 0, 0},
                                                {"char-upcase", char_upcase, 1, 1, 0, 0},
                                                {"char-downcase", char_downcase, 1, 1, 0, 0},
                                                {"char-foldcase", char_downcase, 1, 1, 0, 0},
                                                {"char-alphabetic?", is_alphabetic, 1, 1, 0, 0},
                                                {"char-numeric?", is_numeric, 1, 1, 0, 0},
                                                {"char-whitespace?", is_whitespace, 1, 1, 0, 0},
                                                {"char-upper-case?", is_upper, 1, 1, 0, 0},
                                                {"char-lower-case?", is_lower, 1, 1, 0, 0},
                                                {"digit-value", digit_value, 1, 1, 0, 0},
                                                {NULL, NULL, 0, 0, 0, 0}};
