/* world.h - making a world. */
#ifndef SCHEME_WORLD_H
#define SCHEME_WORLD_H
#include "hosts/scheme/scheme.h"
/* NULL: report says why. */
struct vm *scm_world_new(struct world *world, struct besom_config *config,
                         struct besom_report *report);
#endif
