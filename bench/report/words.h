/* words.h - figures and parameters in words for people. */
#ifndef BENCH_REPORT_WORDS_H
#define BENCH_REPORT_WORDS_H

#include "bench/report/model.h"

/* Which way a metric is better. */
enum sense { SENSE_LESS, SENSE_MORE, SENSE_NEITHER };

enum sense words_sense(const char *metric);
const char *words_of_sense(enum sense sense);

/* How values of a unit are shown together: divided by `scale`, with so many digits, in `unit`. */
struct shown {
    double scale;
    int digits;
    const char *unit; /* "" if the number says all */
};

/* A form in which `value` has about three digits; all zero in their own unit. */
struct shown words_shown(const char *unit, double value);

/* "12.3 ms", "0.5"; the caller's to free. */
char *words_value(const struct shown *shown, double value);

/* "0.14 ×"; the caller's to free. */
char *words_ratio(double ratio);

/* "heap_bytes" 67108864: "heap 64 MiB"; "mutators" 2: "mutators 2"; the caller's to free. */
char *words_param(const struct fact *param);

/* The setting in words: what the plan calls it if it has a name for it, and the heap's limit; else
 * its parameters; the caller's to free. */
char *words_setting(const struct origin *from);

/* What goes before the reason why there is no figure: "failed: ", or nothing if it was not run. */
const char *words_before_reason(const char *error);

/* What the plan says of a workload; "" of one that it does not know. */
const char *words_about(const char *workload);

#endif
