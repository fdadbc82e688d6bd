/* report.c - saying what is wrong, in words. */
#include "gc/report.h"

#include <stdarg.h>
#include <stdio.h>

enum besom_status besom__refuse(struct besom_report *report, enum besom_status status,
                                const char *format, ...)
{
    if (report) {
        va_list args;
        va_start(args, format);
        vsnprintf(report->text, sizeof report->text, format, args);
        va_end(args);
    }
    return status;
}
