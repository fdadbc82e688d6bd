/* test_weak_ambiguous.c - a stale word that mentions the inside of a weak structure keeps all of
 * it. */
#include "support_items.h"

#include <string.h>

enum structure { STRONG, KEYS, VALUES, BOTH, CACHE, SET, REFERENCE, EPHEMERON, STRUCTURES };

static size_t cost_one(void *host, const void *key, const void *value)
{
    (void)host, (void)key, (void)value;
    return 1;
}

/* A structure that mentions n items, which keep themselves out of sight. */
static void *make_structure(struct besom_mutator *m, enum structure structure, size_t n,
                            struct vector *items)
{
    BESOM_LOCALS(m, void *made;);
    if (structure == CACHE)
        my->made = besom_cache_new(m, n / 2 + 1, cost_one, NULL, NULL);
    else if (structure == SET)
        my->made = make_set(m);
    else if (structure == REFERENCE)
        my->made = besom_weak_new(m, BESOM_WEAK_LONG, items->items[0]);
    else if (structure == EPHEMERON)
        my->made = besom_ephemeron_new(m, items->items[0], items->items[0]);
    else
        my->made = make_table(m, (enum besom_table_kind)(BESOM_STRONG + structure));
    require(my->made != NULL, "no structure");
    for (uint64_t i = 0; i < n; i++) {
        void *item = items->items[i];
        if (structure == CACHE)
            require_ok(besom_cache_put(m, my->made, item, make_item(m, i)));
        else if (structure == SET)
            besom_set(m, items, &items->items[i], intern(m, my->made, i));
        else if (structure < CACHE)
            put(m, my->made, item, item);
    }
    return my->made;
}

struct inside {
    void *objects[64];
    size_t n;
};

static bool note_inside(void *data, void *obj, const struct besom_type *type, size_t bytes)
{
    struct inside *inside = data;
    (void)bytes;
    if (type != &item_type && type != &vector_type && inside->n < 64)
        inside->objects[inside->n++] = obj;
    return true;
}

/* Memory that is free becomes something else. */
static void reuse(struct besom_mutator *m)
{
    for (size_t bytes = 16; bytes <= 4096; bytes += bytes < 512 ? 16 : 512)
        for (size_t i = 0; i < 5000 / bytes + 20; i++) {
            struct blob *blob = make_sized(m, &blob_type, bytes);
            memset(blob->words, 0x44, bytes - sizeof blob->type);
        }
}

/* Of all objects that make up the structure the word mentions the at-th; false: there are fewer. */
static bool mention(const char *options, enum structure structure, size_t n, size_t at)
{
    struct rig rig;
    rig_init_exact(&rig, options);
    rig_open(&rig);
    struct besom_mutator *m = rig.m;
    struct inside inside = {.n = 0};
    void *word = NULL;
    struct besom_root *root;
    require_ok(besom_root_ambiguous(rig.heap, &word, 1, "a stale word", &root));
    {
        BESOM_LOCALS(m, void *structure; struct vector *items;);
        my->items = make_vector(m, n);
        for (uint64_t i = 0; i < n; i++)
            besom_set(m, my->items, &my->items->items[i], make_item(m, i));
        my->structure = make_structure(m, structure, n, my->items);
        collect(m);
        require_ok(besom_each(m, NULL, note_inside, &inside));
    }
    bool is_there = at < inside.n;
    if (is_there)
        word = inside.objects[at];
    for (int i = 0; i < 3; i++) {
        collect(m);
        ck_assert(!is_there || besom_owns(rig.heap, word));
        reuse(m);
        verify(m);
    }
    word = NULL;
    collect(m);
    collect(m);
    ck_assert_uint_eq(count_objects(m, NULL), 0);
    require_ok(besom_root_free(root));
    rig_close(&rig);
    return is_there;
}

static void mention_each(const char *options)
{
    for (int structure = 0; structure < STRUCTURES; structure++)
        for (size_t n = 1; n < 1000; n *= 30) {
            size_t at = 0;
            while (mention(options, (enum structure)structure, n, at) && at < 16)
                at++;
            ck_assert_uint_gt(at, 0);
        }
}

START_TEST(word_that_mentions_a_part_keeps_the_structure)
{
    mention_each("mark_threads=1");
    mention_each("mark_threads=4");
}
END_TEST

START_TEST(word_that_mentions_a_part_keeps_the_structure_where_the_dead_are_overwritten)
{
    mention_each("mark_threads=1,poison");
}
END_TEST

START_TEST(heap_that_verifies_itself_agrees)
{
    mention_each("mark_threads=1,verify");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        word_that_mentions_a_part_keeps_the_structure,
        word_that_mentions_a_part_keeps_the_structure_where_the_dead_are_overwritten,
        heap_that_verifies_itself_agrees,
    };
    return run_tests("weak structures mentioned by ambiguous words", tests,
                     sizeof tests / sizeof *tests);
}
