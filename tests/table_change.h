/* table_change.h - what is done to a world between collections, and questions about it. */
#ifndef TESTS_TABLE_CHANGE_H
#define TESTS_TABLE_CHANGE_H

#include "table_world.h"

void world_set_root(struct world *world, size_t root, int thing);

/* Fail the test if the library says anything else than the model. */
void world_check_item(struct world *world, int i);
void world_check_table(struct world *world, int i);
void world_check_ephemeron(struct world *world, int i);
void world_check_weak(struct world *world, int i);

#endif
