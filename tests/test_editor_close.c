/* test_editor_close.c - what the editor keeps of documents that were closed: nothing, but by mistake. */
#include "editor_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* A user at work, who does something of everything. */
static const char work[] = "repeat 2\n"
                           "new a$ 200 150\n"
                           "gradient #102030 #a0b0c0 0 0 200 150\n"
                           "layer b\n"
                           "disc #ffffff 60 60 40\n"
                           "filter blur 2\n"
                           "filter levels 0 1.2 1\n"
                           "style shadow 3 3 2 #000000\n"
                           "thumbnail\n"
                           "layer c\n"
                           "fill red 10 10 50 50\n"
                           "blend multiply\n"
                           "undo 2\n"
                           "redo\n"
                           "select b\n"
                           "thumbnail\n"
                           "wait\n"
                           "save editor-close-test.png\n"
                           "disc #808080 100 100 20\n"
                           "thumbnail\n"
                           "end\n";

static const char *const modes[] = {
    "mode=stw",
    "mode=incremental",
    "mode=concurrent",
    "mode=stw,generational=1,nursery=64k",
    "mode=incremental,generational=1,nursery=64k",
    "mode=concurrent,generational=1,nursery=64k",
    "mode=stw,stress=40,verify",
    "mode=incremental,stress=40,verify",
    "mode=concurrent,stress=40,verify",
    "mode=stw,poison,safepoints=alloc,stress=20",
    "mode=incremental,slow,generational=1,nursery=64k,verify",
    "mode=concurrent,slow,safepoints=alloc",
};
enum { N_MODES = sizeof modes / sizeof modes[0] };

static void start(struct editor_rig *rig, const char *options, enum editor_mistake mistake)
{
    editor_rig_init(rig);
    rig->config.heap.options_text = options;
    rig->config.heap.ignore_environment = true;
    rig->config.mistake = mistake;
    editor_rig_open(rig);
}

static void close_all(struct editor_rig *rig)
{
    run_script(rig, "close a1\nclose\n");
}

/* After one full cycle. */
static struct editor_retained retained_by(struct editor_rig *rig)
{
    struct editor_retained retained;
    besom_collect(editor_mutator(rig->e), BESOM_FULL);
    ck_assert(editor_count_retained(rig->e, &retained));
    return retained;
}

static void nothing_is_left(struct editor_rig *rig)
{
    struct editor_retained retained = retained_by(rig);
    for (int kind = 0; kind < EDITOR_KINDS; kind++)
        ck_assert_msg(retained.objects[kind] == 0, "%zu of type %s are left",
                      retained.objects[kind], editor_kind_name((enum editor_kind)kind));
    ck_assert_uint_eq(retained.logical_bytes + retained.other_bytes, 0);
    ck_assert_uint_eq(editor_pixel_bytes(rig->e), 0);
    ck_assert_uint_eq(stats_of(editor_heap(rig->e)).external_bytes, 0);
}

static void work_and_close(const char *options)
{
    struct editor_rig rig;
    start(&rig, options, EDITOR_NO_MISTAKE);
    run_script(&rig, work);
    close_all(&rig);
    nothing_is_left(&rig);
    editor_rig_close(&rig);
}

START_TEST(everything_is_back_one_cycle_after_a_close_in_every_mode)
{
    for (int i = 0; i < N_MODES; i++)
        work_and_close(modes[i]);
}
END_TEST

START_TEST(pixels_are_back_at_once_without_a_cycle)
{
    struct editor_rig rig;
    start(&rig, "mode=stw,pace=fixed", EDITOR_NO_MISTAKE);
    run_script(&rig, "new a1 1000 1000\nfill red\nlayer b\ndisc white 500 500 100\nfilter blur 3\n"
                     "style glow 4 blue\nundo 2\nfill blue\nthumbnail\nwait\nfill "
                     "red\nthumbnail\nsave editor-close-test.png\nthumbnail\nwait\n"
                     "new a2 10 10\n");
    size_t before = editor_pixel_bytes(rig.e);
    ck_assert_uint_gt(before, 5 * 1000 * 1000 * PIXEL_BYTES / 2);
    run_script(&rig, "close a1\n");
    ck_assert_uint_eq(editor_pixel_bytes(rig.e), 10 * 10 * PIXEL_BYTES);
    ck_assert_uint_eq(stats_of(editor_heap(rig.e)).external_bytes, 10 * 10 * PIXEL_BYTES);
    ck_assert_uint_eq(stats_of(editor_heap(rig.e)).cycles, 0);
    editor_rig_close(&rig);
}
END_TEST

START_TEST(pixels_wait_for_the_collector_if_asked_to)
{
    struct editor_rig rig;
    editor_rig_init(&rig);
    rig.config.heap.options_text = "mode=stw,pace=fixed";
    rig.config.heap.ignore_environment = true;
    rig.config.late = true;
    editor_rig_open(&rig);
    run_script(&rig, "new a 500 500\nfill red\nclose\n");
    ck_assert_uint_eq(editor_pixel_bytes(rig.e), 2 * 500 * 500 * PIXEL_BYTES);
    struct editor_retained retained;
    ck_assert(editor_count_retained(rig.e, &retained));
    ck_assert_uint_eq(retained.logical_bytes, 0);
    ck_assert_uint_gt(retained.other_bytes, 2 * 500 * 500 * PIXEL_BYTES);
    ck_assert_uint_eq(retained.pixel_bytes, 2 * 500 * 500 * PIXEL_BYTES);
    nothing_is_left(&rig);
    editor_rig_close(&rig);
}
END_TEST

static void close_beside_threads(const char *options)
{
    struct editor_rig rig;
    start(&rig, options, EDITOR_NO_MISTAKE);
    for (size_t i = 0; i < scaled(6) * 2; i++) {
        run_script(&rig,
                   "new a1 400 300\nfill red\nthumbnail\nnew a2 400 300\nthumbnail\nthumbnail\n"
                   "fill blue\nthumbnail\n");
        if (i % 2)
            besom_collect(editor_mutator(rig.e), BESOM_FULL);
        close_all(&rig);
        ck_assert_uint_eq(editor_pixel_bytes(rig.e) / (400 * 300 * PIXEL_BYTES * 4), 0);
    }
    nothing_is_left(&rig);
    editor_rig_close(&rig);
}

START_TEST(documents_can_be_closed_while_threads_work_on_them)
{
    for (int i = 0; i < N_MODES; i++)
        close_beside_threads(modes[i]);
}
END_TEST

/* What each mistake keeps: at least an object of this kind, and the documents. */
static const enum editor_kind kept_kind[EDITOR_MISTAKES] = {
    [EDITOR_CACHE] = EDITOR_THUMBNAIL,   [EDITOR_HISTORY] = EDITOR_STEP,
    [EDITOR_OBSERVER] = EDITOR_LISTENER, [EDITOR_JOB] = EDITOR_TASK,
    [EDITOR_REGISTRY] = EDITOR_FILTER,   [EDITOR_HANDLE] = EDITOR_DOCUMENT};

static const char *const held_by[EDITOR_MISTAKES] = {
    [EDITOR_CACHE] = "application.thumbnails -> table.key -> layer 'b'",
    [EDITOR_HISTORY] = "application.history -> history.done -> ",
    [EDITOR_OBSERVER] = "application.listeners -> listener.document -> document 'a2'",
    [EDITOR_JOB] = "application.listed -> ",
    [EDITOR_REGISTRY] = "application.filters -> table.key -> filter '",
    [EDITOR_HANDLE] = "the handle 'saving' -> document 'a1'"};

static void blunder(enum editor_mistake mistake)
{
    struct editor_rig rig;
    char *report = NULL;
    size_t length = 0;
    start(&rig, "mode=stw", mistake);
    run_script(&rig, work);
    close_all(&rig);
    struct editor_retained retained = retained_by(&rig);
    ck_assert_uint_eq(retained.closed, 2);
    ck_assert_uint_eq(retained.objects[EDITOR_DOCUMENT], 2);
    ck_assert_uint_gt(retained.objects[kept_kind[mistake]], 0);
    ck_assert_uint_gt(retained.logical_bytes, 0);
    ck_assert_uint_eq(retained.other_bytes, 0);
    FILE *out = open_memstream(&report, &length);
    ck_assert(editor_report(rig.e, out));
    fclose(out);
    ck_assert_msg(strstr(report, held_by[mistake]) != NULL, "%s", report);
    ck_assert_ptr_nonnull(strstr(report, "logical retention"));
    free(report);
    editor_rig_close(&rig);
}

START_TEST(each_mistake_keeps_closed_documents_and_the_report_names_who_holds_them)
{
    for (int i = 1; i < EDITOR_MISTAKES; i++)
        blunder((enum editor_mistake)i);
}
END_TEST

static void count_open(enum editor_mistake mistake)
{
    struct editor_rig rig;
    start(&rig, "mode=stw", mistake);
    run_script(&rig, work);
    editor_wait(rig.e);
    struct editor_retained retained = retained_by(&rig);
    ck_assert_uint_eq(retained.logical_bytes + retained.other_bytes, 0);
    editor_rig_close(&rig);
}

START_TEST(a_mistake_keeps_nothing_of_what_is_open)
{
    for (int i = 1; i < EDITOR_MISTAKES; i++)
        count_open((enum editor_mistake)i);
}
END_TEST

/* A layer of 4000 x 4000 pixels is 256 MB, so that two fit into 700 MB and three do not. */
static void open_large(bool late)
{
    struct rlimit before, limit;
    struct editor_rig rig;
    editor_rig_init(&rig);
    rig.config.heap.options.heap_max_bytes = 700u * 1000 * 1000;
    rig.config.late = late;
    rig.config.threads = 1;
    editor_rig_open(&rig);
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &before), 0);
    limit = before;
    limit.rlim_cur = 700u * 1000 * 1000;
    if (!is_instrumented()) /* whose shadow memory has no room there */
        ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    for (size_t i = 0; i < scaled(100); i++) {
        run_script(&rig, "new a 4000 4000\n");
        ck_assert_uint_eq(editor_pixel_bytes(rig.e) >= 256 * 1000 * 1000, true);
        if (i % 25 == 0)
            run_script(&rig, "layer b\n");
        run_script(&rig, "close\n");
    }
    if (!late)
        ck_assert_uint_eq(editor_pixel_bytes(rig.e), 0);
    run_script(&rig, "new a 4000 4000\nlayer b\n");
    refused(&rig, "layer c", "256000000 bytes of pixels are needed");
    run_script(&rig, "close\n");
    nothing_is_left(&rig);
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &before), 0);
    editor_rig_close(&rig);
}

START_TEST(layers_of_256_megabytes_come_and_go_100_times_in_700)
{
    open_large(false);
    open_large(true);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        everything_is_back_one_cycle_after_a_close_in_every_mode,
        pixels_are_back_at_once_without_a_cycle,
        pixels_wait_for_the_collector_if_asked_to,
        documents_can_be_closed_while_threads_work_on_them,
        each_mistake_keeps_closed_documents_and_the_report_names_who_holds_them,
        a_mistake_keeps_nothing_of_what_is_open,
        layers_of_256_megabytes_come_and_go_100_times_in_700,
    };
    const int status = run_tests("editor_close", tests, sizeof tests / sizeof *tests);
    remove("editor-close-test.png"); /* what the scripts save */
    return status;
}
