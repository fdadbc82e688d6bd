/* token.c - characters to tokens: symbols, numbers, characters, strings. */
#include "hosts/scheme/reader.h"
#include <ctype.h>
#include <string.h>
#include <wctype.h>

_Noreturn void reader_error(struct reader *r, const char *text)
{
    struct vm *vm = r->vm;
    vm->reading = false;
    value place = scm_place(vm, string_text(AS(port, r->port)->name), r->line, r->column);
    value message = scm_string(vm, text);
    scm_raise(vm, scm_condition(vm, scm_symbol(vm, "read"), message, NIL, place));
}

static void add_char(struct reader *r, uint32_t c)
{
    if (r->n + 4 > r->cap) {
        r->cap = r->cap ? 2 * r->cap : 64;
        r->text = scm_scratch_grow(r->vm, r->text, r->cap);
    }
    r->n += (size_t)utf8_put(c, r->text + r->n);
}

static bool is_delimiter(int32_t c)
{
    return c < 0 || c == '(' || c == ')' || c == '"' || c == ';' || c == '|' || c == '\'' ||
           c <= ' ' || c == 0x7f || c == 0xa0 || (c > 0x7f && iswspace((wint_t)c));
}

static bool is_space(int32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0xfeff ||
           (c > 0x7f && iswspace((wint_t)c));
}

static void skip_block_comment(struct reader *r)
{
    for (int depth = 1; depth > 0;) {
        int32_t c = port_get(r->vm, r->port);
        if (c < 0)
            reader_error(r, "a comment is not closed");
        int32_t next = port_peek(r->vm, r->port);
        if (c == '|' && next == '#') {
            depth--;
            port_get(r->vm, r->port);
        } else if (c == '#' && next == '|') {
            depth++;
            port_get(r->vm, r->port);
        }
    }
}

/* \x41; within a string or |symbol|: the x has been read. */
static uint32_t hex_escape(struct reader *r)
{
    uint64_t x = 0;
    int n = 0;
    for (;; n++) {
        int32_t c = port_get(r->vm, r->port);
        if (c == ';' && n > 0)
            break;
        if (c < 0 || c > 'f' || !isxdigit(c))
            reader_error(r, "a hexadecimal escape must be \\x and digits and ;");
        x = x * 16 + (uint64_t)(isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
        if (x > 0x10ffff)
            reader_error(r, "a character beyond U+10FFFF");
    }
    if (x >= 0xd800 && x < 0xe000)
        reader_error(r, "a surrogate is no character");
    return (uint32_t)x;
}

/* A backslash, spaces, the end of the line and spaces are nothing. */
static void skip_line_end(struct reader *r, int32_t c)
{
    while (c == ' ' || c == '\t')
        c = port_get(r->vm, r->port);
    if (c == '\r' && port_peek(r->vm, r->port) == '\n')
        c = port_get(r->vm, r->port);
    if (c != '\n' && c != '\r')
        reader_error(r, "an unknown escape in a string");
    while ((c = port_peek(r->vm, r->port)) == ' ' || c == '\t')
        port_get(r->vm, r->port);
}

static void read_quoted(struct reader *r, int32_t quote)
{
    for (;;) {
        int32_t c = port_get(r->vm, r->port);
        if (c < 0)
            reader_error(r, quote == '"' ? "a string is not closed" : "a |symbol| is not closed");
        if (c == quote)
            return;
        if (c != '\\') {
            if (c == '\r') {
                if (port_peek(r->vm, r->port) == '\n')
                    port_get(r->vm, r->port);
                c = '\n';
            }
            add_char(r, (uint32_t)c);
            continue;
        }
        c = port_get(r->vm, r->port);
        switch (c) {
        case 'a': add_char(r, 7); break;
        case 'b': add_char(r, 8); break;
        case 't': add_char(r, '\t'); break;
        case 'n': add_char(r, '\n'); break;
        case 'r': add_char(r, '\r'); break;
        case '"':
        case '\\':
        case '|': add_char(r, (uint32_t)c); break;
        case 'x':
        case 'X': add_char(r, hex_escape(r)); break;
        default: skip_line_end(r, c);
        }
    }
}

/* The rest of an atom; true if a part was |quoted|, so it is a symbol. */
static bool read_atom(struct reader *r)
{
    bool quoted = false, fold = port_folds(r->port);
    for (;;) {
        int32_t c = port_peek(r->vm, r->port);
        if (c == '|') {
            port_get(r->vm, r->port);
            read_quoted(r, '|');
            quoted = true;
        } else if (is_delimiter(c)) {
            return quoted;
        } else {
            port_get(r->vm, r->port);
            add_char(r, fold ? (uint32_t)towlower((wint_t)c) : (uint32_t)c);
        }
    }
}

static const struct {
    const char *name;
    uint32_t c;
} char_names[] = {{"space", ' '}, {"newline", '\n'}, {"tab", '\t'},      {"nul", 0},
                  {"null", 0},    {"return", '\r'},  {"linefeed", '\n'}, {"altmode", 27},
                  {"escape", 27}, {"backspace", 8},  {"delete", 127},    {"rubout", 127},
                  {"alarm", 7},   {"page", 12}};

static value read_char(struct reader *r)
{
    int32_t first = port_get(r->vm, r->port);
    if (first < 0)
        reader_error(r, "the input ends within a character");
    r->n = 0;
    add_char(r, (uint32_t)first);
    size_t one = r->n;
    while (!is_delimiter(port_peek(r->vm, r->port)))
        add_char(r, (uint32_t)port_get(r->vm, r->port));
    if (r->n == one)
        return chr((uint32_t)first);
    add_char(r, 0);
    if (first == 'x' || first == 'X') {
        uint64_t x = 0;
        const char *p = r->text + 1;
        for (; isxdigit((unsigned char)*p) && x <= 0x10ffff; p++)
            x = x * 16 + (uint64_t)(isdigit((unsigned char)*p) ? *p - '0' : (*p | 0x20) - 'a' + 10);
        if (!*p && x <= 0x10ffff && (x < 0xd800 || x >= 0xe000))
            return chr((uint32_t)x);
    }
    for (size_t i = 0; i < sizeof char_names / sizeof *char_names; i++)
        if (strcmp(r->text, char_names[i].name) == 0)
            return chr(char_names[i].c);
    reader_error(r, "an unknown name of a character");
}

static struct token datum(value v)
{
    return (struct token){TOKEN_DATUM, v, 0};
}

static struct token atom(struct reader *r)
{
    bool quoted = read_atom(r);
    if (!quoted) {
        if (r->n == 1 && r->text[0] == '.')
            return (struct token){TOKEN_DOT, 0, 0};
        char c = r->text[0];
        if (isdigit((unsigned char)c) || c == '+' || c == '-' || c == '.' || c == '#') {
            value number = scm_parse_number(r->vm, r->text, r->n, 10);
            if (number != FALSE)
                return datum(number);
        }
    }
    return datum(scm_symbol_of(r->vm, r->n ? r->text : "", r->n));
}

static struct token directive(struct reader *r)
{
    r->n = 0;
    read_atom(r);
    add_char(r, 0);
    if (strcmp(r->text, "!fold-case") == 0)
        port_fold_case(r->port, true);
    else if (strcmp(r->text, "!no-fold-case") == 0)
        port_fold_case(r->port, false);
    else if (strcmp(r->text, "!eof") == 0)
        return datum(END_OF_FILE);
    else if (r->line == 1 && r->column == 1) /* #!/usr/bin/env scheme */
        while (port_peek(r->vm, r->port) >= 0 && port_get(r->vm, r->port) != '\n')
            ;
    else
        reader_error(r, "an unknown #! directive");
    return reader_token(r);
}

static struct token label(struct reader *r)
{
    uint64_t x = 0;
    int32_t c;
    while ((c = port_get(r->vm, r->port)) >= '0' && c <= '9') {
        x = x * 10 + (uint64_t)(c - '0');
        if (x > 1000000000)
            reader_error(r, "a label that large");
    }
    if (c == '=')
        return (struct token){TOKEN_LABEL, 0, x};
    if (c == '#')
        return (struct token){TOKEN_LABEL_REF, 0, x};
    reader_error(r, "a label must be #n= or #n#");
}

static struct token hash(struct reader *r)
{
    struct vm *vm = r->vm;
    int32_t c = port_peek(vm, r->port);
    switch (c) {
    case '(': port_get(vm, r->port); return (struct token){TOKEN_OPEN_VECTOR, 0, 0};
    case ';': port_get(vm, r->port); return (struct token){TOKEN_COMMENT, 0, 0};
    case '|':
        port_get(vm, r->port);
        skip_block_comment(r);
        return reader_token(r);
    case '\\': port_get(vm, r->port); return datum(read_char(r));
    case '!': return directive(r);
    default:
        if (c >= '0' && c <= '9')
            return label(r);
    }
    r->n = 0;
    add_char(r, '#');
    read_atom(r);
    add_char(r, 0);
    const char *t = r->text;
    if (!strcmp(t, "#t") || !strcmp(t, "#true"))
        return datum(TRUE);
    if (!strcmp(t, "#f") || !strcmp(t, "#false"))
        return datum(FALSE);
    if (!strcmp(t, "#u8") && port_peek(vm, r->port) == '(') {
        port_get(vm, r->port);
        return (struct token){TOKEN_OPEN_BYTES, 0, 0};
    }
    value number = scm_parse_number(vm, t, r->n - 1, 10);
    if (number == FALSE)
        reader_error(r, "unknown syntax after #");
    return datum(number);
}

static struct token prefix(struct reader *r, enum known name)
{
    return (struct token){TOKEN_PREFIX, known(r->vm, name), 0};
}

struct token reader_token(struct reader *r)
{
    struct vm *vm = r->vm;
    for (;;) {
        port_where(r->port, &r->line, &r->column);
        r->n = 0;
        int32_t c = port_get(vm, r->port);
        if (is_space(c))
            continue;
        switch (c) {
        case -1: return (struct token){TOKEN_END, 0, 0};
        case ';':
            while ((c = port_get(vm, r->port)) >= 0 && c != '\n')
                ;
            continue;
        case '(': return (struct token){TOKEN_OPEN, 0, 0};
        case ')': return (struct token){TOKEN_CLOSE, 0, 0};
        case '\'': return prefix(r, K_QUOTE);
        case '`': return prefix(r, K_QUASIQUOTE);
        case ',':
            if (port_peek(vm, r->port) != '@')
                return prefix(r, K_UNQUOTE);
            port_get(vm, r->port);
            return prefix(r, K_SPLICING);
        case '"': {
            read_quoted(r, '"');
            value s = scm_string_of(vm, r->n ? r->text : "", r->n);
            AS(string, s)->constant = true;
            return datum(s);
        }
        case '#': return hash(r);
        case '|':
            read_quoted(r, '|');
            read_atom(r);
            return datum(scm_symbol_of(vm, r->n ? r->text : "", r->n));
        default:
            add_char(r, port_folds(r->port) ? (uint32_t)towlower((wint_t)c) : (uint32_t)c);
            return atom(r);
        }
    }
}
