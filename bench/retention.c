/* retention.c - how much garbage is resident, and whose it is.
 *
 * A sample marks what the program reaches with its own number, which no other sample has, and then
 * looks at every record once.  What it costs is paid by the program that is measured, but between
 * its operations, and neither clock of a moment counts it as allocation. */
#include "bench/retention.h"

#include "bench/lives.h"

#include <stdio.h>
#include <stdlib.h>

static _Noreturn void out_of_memory(void)
{
    fputs("out of memory for the record of objects\n", stderr);
    abort();
}

void retention_init(struct retention *r, const struct retention_program *program)
{
    *r = (struct retention){.program = program, .lives = lives_new()};
    r->drag = calloc(1, sizeof *r->drag);
    if (!r->drag)
        out_of_memory();
}

void retention_fini(struct retention *r)
{
    lives_free(r->lives);
    free(r->reached);
    free(r->drag);
}

static struct moment now(const struct retention *r)
{
    return (struct moment){r->allocated_bytes, r->now_ns};
}

/* NULL, and counted as a mistake, if there is no such object. */
static struct life *life_of(struct retention *r, const void *obj)
{
    const uint32_t number = lives_find(r->lives, obj);
    if (number != LIVES_NONE)
        return &r->lives->at[number];
    r->unknown++;
    return NULL;
}

/* ---- drag ---- */

static uint64_t passed(uint64_t from, uint64_t until)
{
    return until > from ? until - from : 0;
}

static void count_logical(struct retention *r, const struct life *life, struct moment end)
{
    histogram_add(&r->drag->logical_bytes, passed(life->used.bytes, end.bytes));
    histogram_add(&r->drag->logical_ns, passed(life->used.ns, end.ns));
}

static void count_collector(struct retention *r, const struct life *life, struct moment end)
{
    histogram_add(&r->drag->collector_bytes, passed(life->unreachable.bytes, end.bytes));
    histogram_add(&r->drag->collector_ns, passed(life->unreachable.ns, end.ns));
    histogram_add(&r->drag->cycles, r->full_cycles - life->full_cycles);
}

/* By now at the latest, when full_cycles had ended. */
static void make_unreachable(struct retention *r, struct life *life, uint64_t full_cycles)
{
    const bool since_sample = life->is_done && life->done_sample == r->samples;
    life->is_unreachable = true;
    life->unreachable = since_sample ? life->done : now(r);
    life->full_cycles = since_sample ? life->done_cycles : full_cycles;
    life->found_ns = r->now_ns;
}

/* cycles_before: full cycles that had ended before the one that found it dead. */
static void count_dead(struct retention *r, struct life *life, uint64_t cycles_before)
{
    if (!life->is_unreachable)
        make_unreachable(r, life, cycles_before);
    life->is_counted = true;
    count_logical(r, life, life->unreachable);
    count_collector(r, life, life->dead);
}

/* ---- the program tells ---- */

static void grow(struct retention *r, struct life *life, uint64_t bytes)
{
    if (bytes > life->bytes)
        r->allocated_bytes += bytes - life->bytes;
    life->bytes = bytes;
}

static void make_dead(struct retention *r, struct life *life)
{
    life->is_dead = true;
    life->dead = now(r);
}

void retention_born(struct retention *r, void *obj, uint64_t bytes)
{
    uint32_t number = lives_find(r->lives, obj);
    if (number != LIVES_NONE) {
        struct life *gone = &r->lives->at[number];
        if (!gone->is_dead)
            make_dead(r, gone);
        if (!gone->is_counted)
            count_dead(r, gone, r->full_cycles);
        lives_drop(r->lives, number);
    }
    number = lives_add(r->lives, obj);
    struct life *life = &r->lives->at[number];
    grow(r, life, bytes);
    life->created = life->used = now(r);
    r->objects++;
}

void retention_resize(struct retention *r, void *obj, uint64_t bytes)
{
    struct life *life = life_of(r, obj);
    if (life)
        grow(r, life, bytes);
}

void retention_used(struct retention *r, void *obj)
{
    struct life *life = life_of(r, obj);
    if (!life)
        return;
    r->used_after_done += life->is_done;
    life->is_done = false;
    life->used = now(r);
}

void retention_done(struct retention *r, void *obj)
{
    struct life *life = life_of(r, obj);
    if (!life || life->is_done)
        return;
    life->is_done = true;
    life->done = now(r);
    life->done_sample = r->samples;
    life->done_cycles = r->full_cycles;
}

/* ---- the collector tells ---- */

void retention_dead(struct retention *r, void *obj)
{
    struct life *life = life_of(r, obj);
    if (life && !life->is_dead)
        make_dead(r, life);
}

void retention_cycle(struct retention *r, uint64_t began_ns, bool is_full,
                     bool (*is_held)(void *data, const void *obj))
{
    const uint64_t cycles_before = r->full_cycles;
    r->full_cycles += is_full;
    if (is_full && began_ns > r->full_began_ns)
        r->full_began_ns = began_ns;
    for (uint32_t i = 0; i < r->lives->n; i++) {
        struct life *life = &r->lives->at[i];
        if (!life->obj)
            continue;
        if (!life->is_dead && is_held && !is_held(r->program->data, life->obj))
            make_dead(r, life);
        if (life->is_dead && !life->is_counted)
            count_dead(r, life, cycles_before);
    }
}

/* ---- the shadow trace ---- */

void retention_visit(struct retention *r, void *obj)
{
    struct life *life = obj ? life_of(r, obj) : NULL;
    if (!life || life->traced == r->samples + 1)
        return;
    if (life->is_dead) {
        r->reached_dead++;
        return;
    }
    life->traced = r->samples + 1;
    if (r->n_reached == r->room_reached) {
        r->room_reached = r->room_reached ? 2 * r->room_reached : 1024;
        r->reached = realloc(r->reached, r->room_reached * sizeof *r->reached);
        if (!r->reached)
            out_of_memory();
    }
    r->reached[r->n_reached++] = (uint32_t)(life - r->lives->at);
}

static void trace(struct retention *r)
{
    r->program->roots(r, r->program->data);
    while (r->n_reached != 0) {
        const uint32_t number = r->reached[--r->n_reached];
        r->program->edges(r, r->program->data, r->lives->at[number].obj);
    }
}

/* ---- the split ---- */

/* Is it there to be swept?  If not, its record goes. */
static bool is_unswept(struct retention *r, const struct life *life)
{
    if (!life->is_counted)
        return true;
    return r->program->is_unswept && r->program->is_unswept(r->program->data, life->obj);
}

/* The class of one that is not dead: where in the sample its bytes are counted. */
static uint64_t *class_of(struct retention *r, struct life *life, struct retention_sample *sample)
{
    if (life->traced == r->samples + 1) {
        life->is_unreachable = false;
        return life->is_done ? &sample->logical_bytes : &sample->live_bytes;
    }
    if (!life->is_unreachable)
        make_unreachable(r, life, r->full_cycles);
    const bool was_judged = r->full_cycles != 0 && r->full_began_ns >= life->found_ns;
    return was_judged ? &sample->artefact_bytes : &sample->floating_bytes;
}

static void split(struct retention *r, struct retention_sample *sample)
{
    for (uint32_t i = 0; i < r->lives->n; i++) {
        struct life *life = &r->lives->at[i];
        if (!life->obj)
            continue;
        if (!life->is_dead)
            *class_of(r, life, sample) += life->bytes;
        else if (is_unswept(r, life))
            sample->unswept_bytes += life->bytes;
        else
            lives_drop(r->lives, i);
    }
}

uint64_t retention_sample_rg(const struct retention_sample *sample)
{
    return sample->logical_bytes + sample->artefact_bytes + sample->floating_bytes +
           sample->unswept_bytes;
}

static void add_area(struct retention_area *area, const struct retention_sample *from,
                     const struct retention_sample *to, uint64_t width)
{
    const double half = (double)width / 2;
    area->live += half * (double)(from->live_bytes + to->live_bytes);
    area->logical += half * (double)(from->logical_bytes + to->logical_bytes);
    area->artefact += half * (double)(from->artefact_bytes + to->artefact_bytes);
    area->floating += half * (double)(from->floating_bytes + to->floating_bytes);
    area->unswept += half * (double)(from->unswept_bytes + to->unswept_bytes);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

void retention_sample(struct retention *r)
{
    struct retention_sample sample = {.at = now(r)};
    trace(r);
    split(r, &sample);
    if (r->samples == 0) {
        r->first = sample.at;
    } else {
        add_area(&r->by_bytes, &r->last, &sample, sample.at.bytes - r->last.at.bytes);
        add_area(&r->by_ns, &r->last, &sample, passed(r->last.at.ns, sample.at.ns));
    }
    r->rg_peak_bytes = larger(r->rg_peak_bytes, retention_sample_rg(&sample));
    r->live_peak_bytes = larger(r->live_peak_bytes, sample.live_bytes);
    r->last = sample;
    r->samples++;
}

/* ---- in the end ---- */

void retention_finish(struct retention *r)
{
    retention_sample(r);
    for (uint32_t i = 0; i < r->lives->n; i++) {
        const struct life *life = &r->lives->at[i];
        if (!life->obj || life->is_dead)
            continue;
        if (life->is_unreachable) {
            r->unreclaimed++;
            count_logical(r, life, life->unreachable);
            count_collector(r, life, now(r));
        } else if (life->is_done) {
            count_logical(r, life, now(r));
        }
    }
}

double retention_rgi(const struct retention_area *area)
{
    const double rg = area->logical + area->artefact + area->floating + area->unswept;
    return area->live > 0 ? rg / area->live : 0;
}

double retention_peak_fraction(const struct retention *r)
{
    const double width = (double)(r->last.at.bytes - r->first.bytes);
    return r->by_bytes.live > 0 ? (double)r->rg_peak_bytes * width / r->by_bytes.live : 0;
}

uint64_t retention_own_bytes(const struct retention *r)
{
    return lives_own_bytes(r->lives) + r->room_reached * sizeof *r->reached;
}
