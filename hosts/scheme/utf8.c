/* utf8.c - characters as bytes; surrogates, overlong forms and what is beyond U+10FFFF are invalid. */
#include "hosts/scheme/scheme.h"

int utf8_put(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (int i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(0xf00 >> n | c);
    return n;
}

int utf8_get(const char *text, size_t n, uint32_t *c)
{
    uint8_t first = (uint8_t)text[0];
    if (first < 0x80) {
        *c = first;
        return 1;
    }
    int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || (size_t)length > n)
        return 0;
    uint32_t x = first & (0x7f >> length);
    for (int i = 1; i < length; i++) {
        if (((uint8_t)text[i] & 0xc0) != 0x80)
            return 0;
        x = x << 6 | ((uint8_t)text[i] & 0x3f);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (x < least[length] || x > 0x10ffff || (x >= 0xd800 && x < 0xe000))
        return 0;
    *c = x;
    return length;
}

bool utf8_count(const char *text, size_t n, size_t *chars)
{
    size_t count = 0;
    for (size_t i = 0; i < n; count++) {
        uint32_t c;
        int length = utf8_get(text + i, n - i, &c);
        if (!length)
            return false;
        i += (size_t)length;
    }
    *chars = count;
    return true;
}
