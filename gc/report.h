/* report.h - saying what is wrong, in words. */
#ifndef GC_REPORT_H
#define GC_REPORT_H

#include <besom/base.h>

/* Writes a text, format as for printf, into *report (may be NULL) and returns status. */
__attribute__((format(printf, 3, 4))) enum besom_status besom__refuse(struct besom_report *report,
                                                                      enum besom_status status,
                                                                      const char *format, ...);

#endif
