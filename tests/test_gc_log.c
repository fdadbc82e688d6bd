/* test_gc_log.c - the barrier logs what is written once an epoch, large objects by the card. */
#include "support.h"

#include "gc/heap.h"
#include "gc/log.h"
#include "gc/mutator.h"

static void start(struct rig *rig)
{
    rig_init_exact(rig, "barrier,pace=fixed,heap_min=1g");
    rig_open(rig);
}

static struct besom__log *log_of(struct besom_mutator *m)
{
    return &besom__mutator_of(m)->log;
}

static size_t n_logged(struct besom_mutator *m)
{
    size_t n = 0;
    for (struct besom__bag_part *s = log_of(m)->entries.first; s; s = s->next)
        n += s->n;
    return n;
}

static size_t n_logged_of(struct besom_mutator *m, const void *entry)
{
    size_t n = 0;
    for (struct besom__bag_part *s = log_of(m)->entries.first; s; s = s->next)
        for (size_t i = 0; i < s->n; i++)
            n += s->entries[i] == entry;
    return n;
}

static unsigned stamp_of(const void *granule)
{
    return *besom__meta(granule) >> 6;
}

static unsigned epoch(const struct rig *rig)
{
    return rig->heap->cycle.epoch;
}

START_TEST(barrier_that_is_off_logs_nothing)
{
    struct rig rig;
    rig_init_exact(&rig, NULL);
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * node;);
        my->node = make(rig.m, &node_type);
        collect(rig.m);
        besom_write(rig.m, my->node);
        besom_set(rig.m, my->node, &my->node->next, my->node);
        ck_assert_ptr_null(log_of(rig.m)->entries.first);
        ck_assert_uint_eq(stamp_of(my->node), 0);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(newborn_is_not_logged)
{
    struct rig rig;
    start(&rig);
    for (int i = 0; i < 3; i++) {
        struct node *node = make(rig.m, &node_type);
        struct vector *medium = make_vector(rig.m, 1000);
        ck_assert_uint_eq(stamp_of(node), epoch(&rig));
        ck_assert_uint_eq(stamp_of(medium), epoch(&rig));
        besom_write(rig.m, node);
        besom_write_at(rig.m, node, &node->next);
        besom_write(rig.m, medium);
        ck_assert_uint_eq(n_logged(rig.m), 0);
        collect(rig.m);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(survivor_is_logged_once_an_epoch)
{
    struct rig rig;
    start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * a; struct node * b; struct pair * pair;);
        my->a = make(rig.m, &node_type);
        my->b = make(rig.m, &node_type);
        my->pair = make(rig.m, &pair_type);
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i <= round % 3; i++) { /* whole epochs without a write, too */
                collect(rig.m);
                ck_assert_uint_eq(stamp_of(my->a), 0);
                ck_assert_uint_eq(n_logged(rig.m), 0);
            }
            for (int i = 0; i < 3; i++) {
                besom_write(rig.m, my->a);
                besom_set(rig.m, my->a, &my->a->next, my->b);
                besom_write_at(rig.m, my->b, &my->b->other);
                besom_write(rig.m, my->pair);
            }
            ck_assert_uint_eq(stamp_of(my->a), epoch(&rig));
            ck_assert_uint_eq(n_logged_of(rig.m, my->a), 1);
            ck_assert_uint_eq(n_logged_of(rig.m, my->b), 1);
            ck_assert_uint_eq(n_logged_of(rig.m, my->pair), 1);
            ck_assert_uint_eq(n_logged(rig.m), 3);
        }
    }
    rig_close(&rig);
}
END_TEST

START_TEST(stamp_leaves_the_rest_of_the_byte_alone)
{
    struct rig rig;
    start(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * node;);
        my->node = make(rig.m, &node_type);
        collect(rig.m);
        uint8_t *meta = besom__meta(my->node);
        *meta |= BESOM__KEYED;
        uint8_t before = *meta;
        besom_write(rig.m, my->node);
        ck_assert_uint_eq(*meta, before | epoch(&rig) << 6);
        *meta &= (uint8_t)~BESOM__KEYED;
    }
    rig_close(&rig);
}
END_TEST

START_TEST(log_grows_and_shrinks)
{
    struct rig rig;
    start(&rig);
    enum { N = 3 * BAG_PART_ENTRIES + 7 };
    {
        BESOM_LOCALS(rig.m, struct node * list;);
        my->list = make_list(rig.m, N);
        collect(rig.m);
        for (struct node *n = my->list; n; n = n->next)
            besom_write(rig.m, n);
        ck_assert_uint_eq(n_logged(rig.m), N);
        for (struct node *n = my->list; n; n = n->next)
            require(n_logged_of(rig.m, n) == 1, "logged once");
        collect(rig.m);
        ck_assert_uint_eq(n_logged(rig.m), 0);
        ck_assert_ptr_null(log_of(rig.m)->entries.first);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(log_that_cannot_grow_says_so)
{
    struct ledger_host host;
    struct rig rig;
    rig_init_exact(&rig, "barrier");
    ledger_init(&host, &rig.config);
    rig_open(&rig);
    {
        BESOM_LOCALS(rig.m, struct node * a; struct node * b;);
        my->a = make(rig.m, &node_type);
        my->b = make(rig.m, &node_type);
        collect(rig.m);
        host.ledger.failing = host.ledger.calls + 1;
        besom_write(rig.m, my->a);
        ck_assert(besom__block_of(my->a)->dirty); /* the next minor cycle looks there */
        ck_assert_uint_eq(n_logged(rig.m), 0);
        besom_write(rig.m, my->b);
        ck_assert_uint_eq(n_logged_of(rig.m, my->b), 1);
        collect(rig.m);
    }
    ck_assert_int_eq(besom_detach(rig.m), BESOM_OK);
    ck_assert_int_eq(besom_heap_free(rig.heap), BESOM_OK);
    ck_assert_int_eq(host.ledger.allocs, 0);
}
END_TEST

/* ---- cards ---- */

static char *card_of(const void *obj, const void *slot)
{
    char *card = (char *)((uintptr_t)slot & ~(uintptr_t)(CARD_BYTES - 1));
    char *second = (char *)(uintptr_t)obj + BESOM__GRANULE_BYTES; /* stands for the first card */
    return card < second ? second : card;
}

/* An array of n slots, over 8 KiB and below 4 MiB, is logged a card at a time. */
static void check_cards(size_t n)
{
    struct rig rig;
    start(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector * v;);
        my->v = make_vector(rig.m, n);
        for (int cycles = 1; cycles < 5; cycles++) {
            for (int i = 0; i < cycles; i++)
                collect(rig.m);
            ck_assert_uint_eq(n_logged(rig.m), 0);
            size_t want = 0;
            const char *last = NULL;
            for (size_t i = 0; i < n; i += 1 + i % 100) {
                char *card = card_of(my->v, &my->v->items[i]);
                want += card != last;
                last = card;
                besom_write_at(rig.m, my->v, &my->v->items[i]);
                besom_set(rig.m, my->v, &my->v->items[i], my->v);
                require(n_logged_of(rig.m, card) == 1, "a card is logged once");
                require(n_logged(rig.m) == want, "nothing else is logged");
            }
            verify(rig.m);
            my->v->items[n - 1] = NULL;
        }
    }
    collect(rig.m);
    ck_assert_uint_eq(count_objects(rig.m, NULL), 0);
    rig_close(&rig);
}

START_TEST(large_objects_are_logged_by_card_once_an_epoch)
{
    check_cards(1500);  /* in a small block */
    check_cards(20000); /* in blocks of its own */
    check_cards((BESOM__CHUNK_BYTES - CHUNK_FIRST_BLOCK * BLOCK_BYTES) / sizeof(void *) - 3);
}
END_TEST

START_TEST(write_to_the_whole_of_a_large_object_logs_its_start)
{
    struct rig rig;
    start(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector * v;);
        my->v = make_vector(rig.m, 20000);
        collect(rig.m);
        besom_write(rig.m, my->v);
        besom_write(rig.m, my->v);
        ck_assert_uint_eq(n_logged_of(rig.m, my->v), 1);
        ck_assert_uint_eq(n_logged(rig.m), 1);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(card_without_metadata_is_logged_once_in_a_row)
{
    struct rig rig;
    start(&rig);
    {
        BESOM_LOCALS(rig.m, struct vector * v;);
        const size_t n = 2 << 20; /* 16 MiB */
        my->v = make_vector(rig.m, n);
        collect(rig.m);
        for (int i = 0; i < 1000; i++)
            besom_write_at(rig.m, my->v, &my->v->items[n - 1]);
        ck_assert_uint_eq(n_logged_of(rig.m, card_of(my->v, &my->v->items[n - 1])), 1);
        ck_assert_uint_eq(n_logged(rig.m), 1);
        besom_write_at(rig.m, my->v, &my->v->items[n - 1000]);
        ck_assert_uint_eq(n_logged_of(rig.m, card_of(my->v, &my->v->items[n - 1000])), 1);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(stamps_of_cards_die_with_their_object)
{
    struct rig rig;
    start(&rig);
    for (size_t n = 1200; n < 400000; n *= 3) {
        struct vector *v = make_vector(rig.m, n);
        for (size_t i = 0; i < n; i++)
            besom_write_at(rig.m, v, &v->items[i]);
        verify(rig.m);
        collect(rig.m);
        verify(rig.m);
        ck_assert_uint_eq(rig.heap->blocks.committed_bytes, 0);
    }
    rig_close(&rig);
}
END_TEST

/* A large object may begin anywhere in a card: each of its slots is in what its entry stands for. */
START_TEST(entries_of_cards_cover_the_slots_they_were_made_for)
{
    struct rig rig;
    rig_init_exact(&rig, "generational,pace=fixed,heap_min=1g,verify");
    rig_open(&rig);
    enum { N = 1100, OBJECTS = 70 };
    {
        BESOM_LOCALS(rig.m, struct vector * v[OBJECTS];);
        for (int i = 0; i < OBJECTS; i++) {
            make(rig.m, &node_type);
            my->v[i] = make_vector(rig.m, N + 2 * (size_t)i);
        }
        collect(rig.m);
        for (size_t slot = 0; slot < N; slot += slot < 70 ? 1 : 97) {
            collect(rig.m);
            for (int i = 0; i < OBJECTS; i++) {
                void **at = &my->v[i]->items[slot];
                besom_set(rig.m, my->v[i], at, my->v[0]);
                require(n_logged(rig.m) == (size_t)i + 1, "each is logged");
                struct besom__bag_part *part = log_of(rig.m)->entries.first;
                char *start, *end;
                require(besom__log_object(rig.heap, part->entries[part->n - 1], &start, &end) ==
                            my->v[i],
                        "its object");
                require(start <= (char *)at && (char *)at < end, "its slot");
                *at = NULL;
            }
        }
    }
    rig_close(&rig);
}
END_TEST

/* ---- epochs ---- */

START_TEST(cycles_alternate_between_two_epochs)
{
    struct rig rig;
    start(&rig);
    for (int i = 0; i < 6; i++) {
        unsigned before = epoch(&rig);
        ck_assert(before == 1 || before == 2);
        ck_assert_uint_eq(rig.m->stamp, before << 6);
        ck_assert_uint_eq(rig.m->birth, before << 6 | BESOM__YOUNG);
        collect(rig.m);
        ck_assert_uint_eq(epoch(&rig), 3 - before);
    }
    rig_close(&rig);
}
END_TEST

static void *attach_and_look(void *data)
{
    struct rig *rig = data;
    struct besom_mutator *m = besom_attach(rig->heap);
    ck_assert_uint_eq(m->stamp, epoch(rig) << 6);
    ck_assert(m->barrier_on);
    ck_assert_int_eq(besom_detach(m), BESOM_OK);
    return NULL;
}

START_TEST(late_mutators_are_born_into_the_present_epoch)
{
    struct rig rig;
    start(&rig);
    for (int i = 0; i < 3; i++) {
        thread_join(thread_start(attach_and_look, &rig));
        collect(rig.m);
    }
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        barrier_that_is_off_logs_nothing,
        newborn_is_not_logged,
        survivor_is_logged_once_an_epoch,
        stamp_leaves_the_rest_of_the_byte_alone,
        log_grows_and_shrinks,
        log_that_cannot_grow_says_so,
        large_objects_are_logged_by_card_once_an_epoch,
        write_to_the_whole_of_a_large_object_logs_its_start,
        card_without_metadata_is_logged_once_in_a_row,
        stamps_of_cards_die_with_their_object,
        entries_of_cards_cover_the_slots_they_were_made_for,
        cycles_alternate_between_two_epochs,
        late_mutators_are_born_into_the_present_epoch,
    };
    return run_tests("gc log", tests, sizeof tests / sizeof *tests);
}
