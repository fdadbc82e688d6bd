/* reader.h - between the tokens and the reader. */
#ifndef SCHEME_READER_H
#define SCHEME_READER_H

#include "hosts/scheme/scheme.h"

enum token_kind {
    TOKEN_END,
    TOKEN_DATUM,
    TOKEN_OPEN,
    TOKEN_OPEN_VECTOR,
    TOKEN_OPEN_BYTES,
    TOKEN_CLOSE,
    TOKEN_PREFIX,
    TOKEN_COMMENT,
    TOKEN_LABEL,
    TOKEN_LABEL_REF,
    TOKEN_DOT
};
struct token {
    enum token_kind kind;
    value datum;
    uint64_t number;
};

struct reader {
    struct vm *vm;
    value port;
    unsigned line, column; /* of the token */
    char *text;            /* scratch */
    size_t n, cap;
};
struct token reader_token(struct reader *r);
_Noreturn void reader_error(struct reader *r, const char *text);
#endif
