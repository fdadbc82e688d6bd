/* port.c - streams of characters and bytes: files, strings and bytevectors. */
#include "hosts/scheme/stream.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_BYTES = 16384 };

value stream_port(struct vm *vm, FILE *file, bool input, bool binary, const char *name)
{
    value text = scm_string(vm, name);
    struct port *p = scm_new(vm, T_PORT, sizeof *p);
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        scm_starve(vm);
    *s = (struct stream){
        .file = file, .input = input, .binary = binary, .open = true, .line = 1, .column = 1};
    p->stream = s;
    p->name = text;
    return ref(p);
}

void scm_port_destroy(struct besom_heap *heap, void *object)
{
    struct port *p = object;
    struct stream *s = p->stream;
    if (!s)
        return;
    if (s->charged)
        besom_external(heap, p, -(ptrdiff_t)s->charged);
    if (s->file && s->mine && s->open)
        fclose(s->file);
    free(s->buffer);
    free(s);
    p->stream = NULL;
}

value scm_open_text(struct vm *vm, const char *text, size_t n, const char *name)
{
    value port = stream_port(vm, NULL, true, false, name);
    struct stream *s = stream_of(port);
    s->buffer = malloc(n + 1);
    if (!s->buffer)
        scm_starve(vm);
    memcpy(s->buffer, text, n);
    s->n = s->cap = n;
    return port;
}

value scm_port_of(struct vm *vm, FILE *file, bool input, const char *name)
{
    value port = stream_port(vm, file, input, false, name);
    stream_of(port)->blocking = input;
    return port;
}

value scm_open_file(struct vm *vm, const char *path, bool input, bool binary)
{
    FILE *file = fopen(path, input ? "rb" : "wb");
    if (!file)
        scm_error(vm, "file", NIL, "cannot open %.300s: %s", path, strerror(errno));
    value port = stream_port(vm, file, input, binary, path);
    stream_of(port)->mine = true;
    return port;
}

void stream_close(value port)
{
    struct stream *s = stream_of(port);
    if (s->open && s->file && s->mine)
        fclose(s->file);
    else if (s->open && s->file && !s->input)
        fflush(s->file);
    s->open = false;
}

/* A terminal or a pipe may keep us waiting: meanwhile other threads may collect. */
bool stream_fill(struct vm *vm, value port)
{
    struct stream *s = stream_of(port);
    if (!s->file)
        return false;
    if (!s->buffer) {
        s->buffer = malloc(BUFFER_BYTES);
        if (!s->buffer)
            scm_starve(vm);
        s->cap = BUFFER_BYTES;
    }
    size_t kept = s->n - s->at;
    memmove(s->buffer, s->buffer + s->at, kept);
    s->at = 0;
    s->n = kept;
    bool native = s->blocking && !vm->reading && besom_native_enter(vm->m) == BESOM_OK;
    ssize_t got;
    do
        got = read(fileno(s->file), s->buffer + kept, s->cap - kept);
    while (got < 0 && errno == EINTR);
    int error = errno;
    if (native)
        besom_native_leave(vm->m);
    if (got < 0)
        scm_error(vm, "file", NIL, "cannot read: %s", strerror(error));
    s->n += (size_t)got;
    return got > 0;
}

int32_t port_peek(struct vm *vm, value port)
{
    struct stream *s = stream_of(port);
    if (s->at == s->n && !stream_fill(vm, port))
        return -1;
    uint32_t c;
    while (!utf8_get(s->buffer + s->at, s->n - s->at, &c)) {
        bool more = s->n - s->at < 4 && stream_fill(vm, port);
        if (!more) {
            s->at++; /* so that who handles it can go on */
            scm_error(vm, "encoding", NIL, "invalid UTF-8 in %.200s, line %u, column %u",
                      string_text(AS(port, port)->name), s->line, s->column);
        }
    }
    return (int32_t)c;
}

int32_t port_get(struct vm *vm, value port)
{
    int32_t c = port_peek(vm, port);
    struct stream *s = stream_of(port);
    if (c < 0)
        return c;
    s->at += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    s->column++;
    if (c == '\n') {
        s->line++;
        s->column = 1;
    }
    return c;
}

void port_where(value port, unsigned *line, unsigned *column)
{
    *line = stream_of(port)->line;
    *column = stream_of(port)->column;
}

void port_fold_case(value port, bool on)
{
    stream_of(port)->fold = on;
}

bool port_folds(value port)
{
    return stream_of(port)->fold;
}

/* Room for n more bytes in a port to memory.  What is charged to the heap makes its next allocation
 * fail, but who only writes makes none: so its limit is looked at here. */
static void grow_buffer(struct vm *vm, value port, size_t n)
{
    struct stream *s = stream_of(port);
    size_t cap = s->cap ? 2 * s->cap : 128;
    while (cap < s->n + n)
        cap *= 2;
    struct besom_stats stats;
    besom_stats(vm->world->heap, &stats);
    if (vm->world->heap_max && stats.external_bytes + (cap - s->cap) > vm->world->heap_max)
        scm_starve(vm);
    char *more = realloc(s->buffer, cap);
    if (!more)
        scm_starve(vm);
    s->buffer = more;
    if (besom_external(vm->world->heap, address(port), (ptrdiff_t)(cap - s->cap)) == BESOM_OK)
        s->charged += cap - s->cap;
    s->cap = cap;
}

void port_put(struct vm *vm, value port, const char *text, size_t n)
{
    struct stream *s = stream_of(port);
    if (!s->open || s->input)
        scm_error(vm, "file", NIL, "the port is not open for output");
    if (s->file) {
        if (fwrite(text, 1, n, s->file) != n)
            scm_error(vm, "file", NIL, "cannot write: %s", strerror(errno));
        const char *newline = n ? memchr(text, '\n', n) : NULL;
        s->column = newline ? 1 : s->column + (unsigned)n;
        return;
    }
    if (s->n + n > s->cap)
        grow_buffer(vm, port, n);
    memcpy(s->buffer + s->n, text, n);
    s->n += n;
}

void port_puts(struct vm *vm, value port, const char *text)
{
    port_put(vm, port, text, strlen(text));
}

void port_flush(struct vm *vm, value port)
{
    struct stream *s = stream_of(port);
    if (s->file && !s->input && s->open && fflush(s->file) != 0)
        scm_error(vm, "file", NIL, "cannot write: %s", strerror(errno));
}
