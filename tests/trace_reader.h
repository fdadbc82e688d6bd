/* trace_reader.h - reads a trace file back, and fails the test if it is not what the format asks for. */
#ifndef TESTS_TRACE_READER_H
#define TESTS_TRACE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trace_entry {
    char phase; /* "ph": X, C or M */
    char name[40];
    uint64_t process, track;
    uint64_t begin_ns, duration_ns;
    const char *args; /* the text of an object */
};

struct trace {
    char *text;
    struct trace_entry *entries;
    size_t n;
};

/* A JSON array of objects, each with what its phase asks for, and nothing behind it.  Without
 * `complete` the last bracket may be missing. */
void trace_read(struct trace *trace, const char *path, bool complete);
void trace_free(struct trace *trace);

/* On each track slices come in the order in which they begin, and lie within or beside each other. */
void trace_check_nesting(const struct trace *trace);

/* The next entry of that phase and name at or after *at, which is moved behind it; NULL: none. */
const struct trace_entry *trace_next(const struct trace *trace, size_t *at, char phase,
                                     const char *name);
size_t trace_count(const struct trace *trace, char phase, const char *name);

/* The argument of that name, which is a number, true or false. */
uint64_t trace_number(const struct trace_entry *entry, const char *name);
bool trace_says(const struct trace_entry *entry, const char *name, const char *value);

#endif
