/* options.h - the table of options. */
#ifndef GC_OPTIONS_H
#define GC_OPTIONS_H

#include <besom/heap.h>

void besom__options_defaults(struct besom_options *options);

/* Are all values in their ranges, and do they go together?  BESOM_OK or BESOM_E_OPTION; report
 * may be NULL. */
enum besom_status besom__options_check(const struct besom_options *options,
                                       struct besom_report *report);

#endif
