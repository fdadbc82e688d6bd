/* stream.h - the host's half of a port: a buffer, and perhaps a file.  A destroy hook frees it. */
#ifndef SCHEME_STREAM_H
#define SCHEME_STREAM_H

#include "hosts/scheme/scheme.h"

struct stream {
    FILE *file; /* NULL: a string or bytevector, which is the buffer */
    char *buffer;
    size_t at, n, cap;
    size_t charged; /* to the port, as external memory */
    bool input, binary, open, fold, blocking, mine;
    unsigned line, column;
};
static inline struct stream *stream_of(value port)
{
    return AS(port, port)->stream;
}
value stream_port(struct vm *vm, FILE *file, bool input, bool binary, const char *name);
bool stream_fill(struct vm *vm, value port); /* false: the end */
void stream_close(value port);
#endif
