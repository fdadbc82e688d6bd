/* oracle_model.c - see oracle_model.h. */
#include "oracle_model.h"

#include <check.h>
#include <stdlib.h>

void model_init(struct model *model)
{
    *model = (struct model){0};
}

void model_fini(struct model *model)
{
    for (size_t i = 0; i < model->n; i++)
        free(model->objects[i]);
    free(model->objects);
    *model = (struct model){0};
}

struct model_object *model_add(struct model *model)
{
    if (model->n == model->capacity) {
        model->capacity = model->capacity ? 2 * model->capacity : 1024;
        model->objects = realloc(model->objects, model->capacity * sizeof *model->objects);
        ck_assert_ptr_nonnull(model->objects);
    }
    struct model_object *object = calloc(1, sizeof *object);
    if (!object)
        ck_abort_msg("no memory for the model");
    model->objects[model->n++] = object;
    return object;
}

void model_forget(struct model *model, uint64_t round)
{
    size_t kept = 0;
    for (size_t i = 0; i < model->n; i++) {
        struct model_object *object = model->objects[i];
        if (object->round >= round)
            model->objects[kept++] = object;
        else
            free(object);
    }
    model->n = kept;
}

struct stack {
    struct model_object **items;
    size_t n;
    size_t capacity;
};

static void push(struct stack *stack, struct model_object *object, uint64_t round)
{
    if (!object || object->round == round)
        return;
    object->round = round;
    if (stack->n == stack->capacity) {
        stack->capacity = stack->capacity ? 2 * stack->capacity : 256;
        stack->items = realloc(stack->items, stack->capacity * sizeof *stack->items);
        ck_assert_ptr_nonnull(stack->items);
    }
    stack->items[stack->n++] = object;
}

void model_reach(struct model_object *from, uint64_t round)
{
    struct stack stack = {0};
    push(&stack, from, round);
    while (stack.n) {
        struct model_object *object = stack.items[--stack.n];
        for (unsigned i = 0; i < object->n_slots; i++)
            push(&stack, object->targets[i], round);
    }
    free(stack.items);
}

/* ---- the map: open addressing, linear probing ---- */

void model_map_init(struct model_map *map, size_t capacity)
{
    size_t n = 64;
    while (n < 2 * capacity)
        n *= 2;
    map->mask = n - 1;
    map->cells = calloc(n, sizeof *map->cells);
    ck_assert_ptr_nonnull(map->cells);
}

void model_map_fini(struct model_map *map)
{
    free(map->cells);
}

static size_t place_of(const struct model_map *map, const void *address)
{
    size_t i = (size_t)(((uintptr_t)address >> 4) * 0x9E3779B97F4A7C15u >> 20) & map->mask;
    while (map->cells[i] && map->cells[i]->address != address)
        i = (i + 1) & map->mask;
    return i;
}

bool model_map_put(struct model_map *map, struct model_object *object)
{
    size_t i = place_of(map, object->address);
    if (map->cells[i])
        return false;
    map->cells[i] = object;
    return true;
}

void model_map_replace(struct model_map *map, struct model_object *object)
{
    map->cells[place_of(map, object->address)] = object;
}

struct model_object *model_map_get(const struct model_map *map, const void *address)
{
    return map->cells[place_of(map, address)];
}
