/* ports.c - the procedures of ports. */
#include "hosts/scheme/stream.h"
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define P(name) static value name(struct vm *vm, int n, value *a)

static const char *path_of(struct vm *vm, value v)
{
    want(vm, v, T_STRING, "a string");
    size_t n = AS(string, v)->n_bytes;
    char *path = scm_scratch(vm, n + 1);
    memcpy(path, string_text(v), n);
    path[n] = 0;
    return path;
}

/* The boot code passes the port always, so that the parameters decide. */
static value need_input(struct vm *vm, value v, bool binary)
{
    struct stream *s = stream_of(want(vm, v, T_PORT, "a port"));
    if (!s->input || s->binary != binary)
        scm_type_error(vm, binary ? "a binary input port" : "a textual input port", v);
    if (!s->open)
        scm_error(vm, "file", scm_cons(vm, v, NIL), "the port is closed:");
    return v;
}

static value need_output(struct vm *vm, value v)
{
    struct stream *s = stream_of(want(vm, v, T_PORT, "a port"));
    if (s->input)
        scm_type_error(vm, "an output port", v);
    if (!s->open)
        scm_error(vm, "file", scm_cons(vm, v, NIL), "the port is closed:");
    return v;
}

P(open_input_file)
{
    (void)n;
    return scm_open_file(vm, path_of(vm, a[0]), true, false);
}
P(open_output_file)
{
    (void)n;
    return scm_open_file(vm, path_of(vm, a[0]), false, false);
}
P(open_binary_input)
{
    (void)n;
    return scm_open_file(vm, path_of(vm, a[0]), true, true);
}
P(open_binary_output)
{
    (void)n;
    return scm_open_file(vm, path_of(vm, a[0]), false, true);
}
P(open_input_string)
{
    (void)n;
    want(vm, a[0], T_STRING, "a string");
    return scm_open_text(vm, string_text(a[0]), AS(string, a[0])->n_bytes, "string");
}
P(open_input_bytes)
{
    (void)n;
    want(vm, a[0], T_BYTES, "a bytevector");
    value p = scm_open_text(vm, (const char *)AS(bytes, a[0])->data, AS(bytes, a[0])->length,
                            "bytevector");
    stream_of(p)->binary = true;
    return p;
}
P(open_output_string)
{
    (void)n, (void)a;
    return stream_port(vm, NULL, false, false, "string");
}
P(open_output_bytes)
{
    (void)n, (void)a;
    return stream_port(vm, NULL, false, true, "bytevector");
}
P(get_string)
{
    (void)n;
    struct stream *s = stream_of(want(vm, a[0], T_PORT, "a port"));
    if (s->file || s->input || s->binary)
        scm_type_error(vm, "a string output port", a[0]);
    return scm_string_of(vm, s->n ? s->buffer : "", s->n);
}
P(get_bytes)
{
    (void)n;
    struct stream *s = stream_of(want(vm, a[0], T_PORT, "a port"));
    if (s->file || s->input || !s->binary)
        scm_type_error(vm, "a bytevector output port", a[0]);
    value b = scm_bytes(vm, s->n);
    if (s->n)
        memcpy(AS(bytes, b)->data, s->buffer, s->n);
    return b;
}
P(close_port)
{
    (void)n;
    stream_close(want(vm, a[0], T_PORT, "a port"));
    return UNSPECIFIED;
}
P(is_port)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_PORT));
}
P(is_input)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_PORT) && stream_of(a[0])->input);
}
P(is_output)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_PORT) && !stream_of(a[0])->input);
}
P(is_textual)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_PORT) && !stream_of(a[0])->binary);
}
P(is_binary)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_PORT) && stream_of(a[0])->binary);
}
P(is_open)
{
    (void)n;
    return boolean(stream_of(want(vm, a[0], T_PORT, "a port"))->open);
}

/* ---- input ---- */

static value char_or_end(int32_t c)
{
    return c < 0 ? (value)END_OF_FILE : chr((uint32_t)c);
}
P(read_char)
{
    (void)n;
    return char_or_end(port_get(vm, need_input(vm, a[0], false)));
}
P(peek_char)
{
    (void)n;
    return char_or_end(port_peek(vm, need_input(vm, a[0], false)));
}

P(read_line)
{
    (void)n;
    value port = need_input(vm, a[0], false);
    size_t at = 0, cap = 128;
    char *text = scm_scratch(vm, cap);
    int32_t c;
    while ((c = port_get(vm, port)) >= 0 && c != '\n') {
        if (at + 4 > cap)
            text = scm_scratch_grow(vm, text, cap *= 2);
        at += (size_t)utf8_put((uint32_t)c, text + at);
    }
    value line = c < 0 && at == 0 ? (value)END_OF_FILE : scm_string_of(vm, text, at);
    scm_scratch_free(vm, text);
    return line;
}

P(read_string)
{
    (void)n;
    value port = need_input(vm, a[1], false);
    int64_t count = scm_index(vm, a[0], INT64_C(1) << 38), k = 0;
    size_t at = 0, cap = 128;
    char *text = scm_scratch(vm, cap);
    for (int32_t c; k < count && (c = port_get(vm, port)) >= 0; k++) {
        if (at + 4 > cap)
            text = scm_scratch_grow(vm, text, cap *= 2);
        at += (size_t)utf8_put((uint32_t)c, text + at);
    }
    value s = k == 0 && count > 0 ? (value)END_OF_FILE : scm_string_of(vm, text, at);
    scm_scratch_free(vm, text);
    return s;
}

static int byte_of(struct vm *vm, value port, bool take)
{
    struct stream *s = stream_of(port);
    if (s->at == s->n && !stream_fill(vm, port))
        return -1;
    int byte = (uint8_t)s->buffer[s->at];
    s->at += take;
    return byte;
}
P(read_u8)
{
    (void)n;
    int b = byte_of(vm, need_input(vm, a[0], true), true);
    return b < 0 ? (value)END_OF_FILE : fix(b);
}
P(peek_u8)
{
    (void)n;
    int b = byte_of(vm, need_input(vm, a[0], true), false);
    return b < 0 ? (value)END_OF_FILE : fix(b);
}
P(read_bytes_to) /* bytevector port from to */
{
    struct bytes *b = AS(bytes, want(vm, a[0], T_BYTES, "a bytevector"));
    value port = need_input(vm, a[1], true);
    size_t from, to, at;
    scm_span(vm, n, a, 2, b->length, &from, &to);
    for (at = from; at < to; at++) {
        int byte = byte_of(vm, port, true);
        if (byte < 0)
            break;
        b->data[at] = (uint8_t)byte;
    }
    return at == from && to > from ? (value)END_OF_FILE : fix((int64_t)(at - from));
}
P(ready)
{
    (void)n;
    struct stream *s = stream_of(want(vm, a[0], T_PORT, "a port"));
    if (s->at < s->n || !s->file)
        return TRUE;
    struct pollfd p = {fileno(s->file), POLLIN, 0};
    return boolean(poll(&p, 1, 0) != 0);
}
P(read_datum)
{
    (void)n;
    return scm_read(vm, need_input(vm, a[0], false), NULL);
}

/* ---- output ---- */

static value print(struct vm *vm, value *a, enum style style)
{
    scm_print(vm, a[0], need_output(vm, a[1]), style);
    return UNSPECIFIED;
}
P(display)
{
    (void)n;
    return print(vm, a, DISPLAY);
}
P(write_datum)
{
    (void)n;
    return print(vm, a, WRITE);
}
P(write_shared)
{
    (void)n;
    return print(vm, a, WRITE_SHARED);
}
P(write_simple)
{
    (void)n;
    return print(vm, a, WRITE_SIMPLE);
}
P(newline)
{
    (void)n;
    port_put(vm, need_output(vm, a[0]), "\n", 1);
    return UNSPECIFIED;
}
P(write_char)
{
    (void)n;
    if (!is_char(a[0]))
        scm_type_error(vm, "a character", a[0]);
    char text[4];
    port_put(vm, need_output(vm, a[1]), text, (size_t)utf8_put(char_of(a[0]), text));
    return UNSPECIFIED;
}
P(write_bytes) /* string or bytevector, as bytes */
{
    value port = need_output(vm, a[1]);
    struct bytes *b = AS(bytes, want(vm, a[0], T_BYTES, "a bytevector"));
    size_t from, to;
    scm_span(vm, n, a, 2, b->length, &from, &to);
    port_put(vm, port, (const char *)b->data + from, to - from);
    return UNSPECIFIED;
}
P(write_u8)
{
    (void)n;
    char byte = (char)scm_index(vm, a[0], 255);
    port_put(vm, need_output(vm, a[1]), &byte, 1);
    return UNSPECIFIED;
}
P(flush)
{
    (void)n;
    port_flush(vm, need_output(vm, a[0]));
    return UNSPECIFIED;
}
P(console)
{
    (void)n;
    return vm->world->ports[scm_index(vm, a[0], 2)];
}
P(eof_object)
{
    (void)n, (void)a, (void)vm;
    return END_OF_FILE;
}
P(is_eof)
{
    (void)n, (void)vm;
    return boolean(a[0] == END_OF_FILE);
}
P(file_exists)
{
    (void)n;
    return boolean(access(path_of(vm, a[0]), F_OK) == 0);
}
P(delete_file)
{
    (void)n;
    if (unlink(path_of(vm, a[0])) != 0)
        scm_error(vm, "file", scm_cons(vm, a[0], NIL), "cannot delete the file");
    return UNSPECIFIED;
}

const struct primitive_row scm_port_rows[] = {
    {"open-input-file", open_input_file, 1, 1, 0, 1},
    {"open-output-file", open_output_file, 1, 1, 0, 1},
    {"open-binary-input-file", open_binary_input, 1, 1, 0, 1},
    {"open-binary-output-file", open_binary_output, 1, 1, 0, 1},
    {"open-input-string", open_input_string, 1, 1, 0, 0},
    {"open-input-bytevector", open_input_bytes, 1, 1, 0, 0},
    {"open-output-string", open_output_string, 0, 0, 0, 0},
    {"open-output-bytevector", open_output_bytes, 0, 0, 0, 0},
    {"get-output-string", get_string, 1, 1, 0, 0},
    {"get-output-bytevector", get_bytes, 1, 1, 0, 0},
    {"close-port", close_port, 1, 1, 0, 1},
    {"close-input-port", close_port, 1, 1, 0, 1},
    {"close-output-port", close_port, 1, 1, 0, 1},
    {"port?", is_port, 1, 1, 0, 0},
    {"input-port?", is_input, 1, 1, 0, 0},
    {"output-port?", is_output, 1, 1, 0, 0},
    {"textual-port?", is_textual, 1, 1, 0, 0},
    {"binary-port?", is_binary, 1, 1, 0, 0},
    {"%port-open?", is_open, 1, 1, 0, 0},
    {"%read-char", read_char, 1, 1, 0, 1},
    {"%peek-char", peek_char, 1, 1, 0, 1},
    {"%read-line", read_line, 1, 1, 0, 1},
    {"%read-string", read_string, 2, 2, 0, 1},
    {"%read-u8", read_u8, 1, 1, 0, 1},
    {"%peek-u8", peek_u8, 1, 1, 0, 1},
    {"%read-bytevector!", read_bytes_to, 2, 4, 0, 1},
    {"%ready?", ready, 1, 1, 0, 1},
    {"%read", read_datum, 1, 1, 0, 1},
    {"%display", display, 2, 2, 0, 1},
    {"%write", write_datum, 2, 2, 0, 1},
    {"%write-shared", write_shared, 2, 2, 0, 1},
    {"%write-simple", write_simple, 2, 2, 0, 1},
    {"%newline", newline, 1, 1, 0, 1},
    {"%write-char", write_char, 2, 2, 0, 1},
    {"%write-bytevector", write_bytes, 2, 4, 0, 1},
    {"%write-u8", write_u8, 2, 2, 0, 1},
    {"%flush", flush, 1, 1, 0, 1},
    {"%console", console, 1, 1, 0, 0},
    {"eof-object", eof_object, 0, 0, 0, 0},
    {"eof-object?", is_eof, 1, 1, 0, 0},
    {"file-exists?", file_exists, 1, 1, 0, 0},
    {"delete-file", delete_file, 1, 1, 0, 1},
    {NULL, NULL, 0, 0, 0, 0}};
