/* test_editor.c - the editor's commands: what they change, what undo restores, what is refused. */
#include "editor_rig.h"

#include <stdlib.h>
#include <string.h>

START_TEST(undo_restores_each_state_and_redo_the_next)
{
    static const char *const edits[] = {"fill #204060",
                                        "gradient red blue 0 0 90 9",
                                        "disc white 20 6 5",
                                        "noise 0.2 3",
                                        "filter blur 2",
                                        "style glow 3 yellow",
                                        "layer top",
                                        "fill green 5 5 20 5",
                                        "blend difference",
                                        "opacity 0.5",
                                        "select background",
                                        "blur 3",
                                        "levels 0.1 1 0.9",
                                        "invert",
                                        "gray",
                                        "select top",
                                        "style shadow 2 2 2 black",
                                        "remove"};
    enum { N = sizeof edits / sizeof edits[0] };
    uint64_t sum[N + 1];
    size_t n = 0;
    struct editor_rig rig;
    editor_rig_start(&rig);
    run_script(&rig, "new a 40 12\n");
    sum[n++] = picture_sum(&rig);
    for (size_t i = 0; i < N; i++) {
        run_script(&rig, edits[i]);
        if (strncmp(edits[i], "select", 6) != 0)
            sum[n++] = picture_sum(&rig);
    }
    for (size_t i = n - 1; i-- > 0;) {
        run_script(&rig, "undo");
        ck_assert_uint_eq(picture_sum(&rig), sum[i]);
    }
    refused(&rig, "undo", "there is nothing to undo in 'a'");
    for (size_t i = 1; i < n; i++) {
        run_script(&rig, "redo");
        ck_assert_uint_eq(picture_sum(&rig), sum[i]);
    }
    refused(&rig, "redo", "there is nothing to redo in 'a'");
    editor_rig_close(&rig);
}
END_TEST

START_TEST(undo_reaches_back_20_edits_of_its_own_document)
{
    struct editor_rig rig;
    editor_rig_start(&rig);
    run_script(&rig,
               "new a 9 3\nnew b 9 3\nrepeat 25\nuse a\nnoise 0.5 $\nuse b\nnoise 0.5 $\nend\n");
    run_script(&rig, "use a\nrepeat 20\nundo\nend\n");
    refused(&rig, "undo", "nothing to undo in 'a'");
    run_script(&rig, "use b\nundo 20\n");
    refused(&rig, "undo", "nothing to undo in 'b'");
    editor_rig_close(&rig);
}
END_TEST

START_TEST(an_edit_ends_what_could_be_redone)
{
    struct editor_rig rig;
    editor_rig_start(&rig);
    run_script(&rig, "new a 10 10\nfill red\nfill blue\nundo\nfill green\n");
    refused(&rig, "redo", "nothing to redo");
    editor_rig_close(&rig);
}
END_TEST

START_TEST(the_selection_keeps_no_layer)
{
    struct editor_rig rig;
    editor_rig_start(&rig);
    run_script(&rig, "new a 10 10\nlayer b\nfill red\n");
    struct layer *layer = besom_weak_get(rig.e->m, rig.e->app->selected);
    ck_assert_str_eq(layer->name, "b");
    run_script(&rig, "new c 10 10\nuse a\nclose c\n");
    layer = besom_weak_get(rig.e->m, rig.e->app->selected);
    ck_assert_str_eq(layer->name, "b");
    run_script(&rig, "close\ngc\n");
    ck_assert_ptr_null(besom_weak_get(rig.e->m, rig.e->app->selected));
    refused(&rig, "fill red", "no document is open");
    editor_rig_close(&rig);
}
END_TEST

START_TEST(a_layer_that_was_taken_out_is_not_worked_on)
{
    struct editor_rig rig;
    editor_rig_start(&rig);
    run_script(&rig, "new a 10 10\nlayer b\nundo\n");
    refused(&rig, "fill red", "no layer of 'a' is selected");
    run_script(&rig, "redo\nfill red\nremove\nlayer b\nundo 2\n");
    refused(&rig, "fill blue", "no layer of 'a' is selected");
    run_script(&rig, "select b\nfill blue\nremove\n");
    refused(&rig, "remove", "'background' is the only layer of 'a'");
    editor_rig_close(&rig);
}
END_TEST

START_TEST(thumbnails_live_as_long_as_their_layers)
{
    struct editor_rig rig;
    editor_rig_start(&rig);
    run_script(&rig, "new a 500 30\nfill red\nthumbnail\nwait\ngc\n");
    struct layer *layer = besom_weak_get(rig.e->m, rig.e->app->selected);
    struct thumbnail *thumbnail = besom_table_get(rig.e->m, rig.e->app->thumbnails, layer);
    ck_assert_ptr_nonnull(thumbnail);
    ck_assert_ptr_eq(thumbnail->layer, layer);
    uint32_t run;
    ck_assert_uint_eq(thumbnail->image->width * 1000 + thumbnail->image->height, 96006);
    ck_assert_float_eq_tol(image_at(thumbnail->image, 50, 3, &run)[0], 0xd0 / 255.0f, 1e-5);
    run_script(&rig, "close\ngc\n");
    ck_assert_uint_eq(besom_table_count(rig.e->app->thumbnails), 0);
    editor_rig_close(&rig);
}
END_TEST

/* Lines that cannot be done, and something that the message says. */
static const char *const bad[][2] = {
    {"blurr 3", "there are new, open"},
    {"new b 0 10", "the width must be a whole number from 1 to 32768, not '0'"},
    {"new b 100000 10", "from 1 to 32768"},
    {"new b 32768 32768", "17179869184 bytes of pixels are needed"},
    {"new b 10", "new NAME WIDTH HEIGHT"},
    {"new a 10 10", "a document 'a' is open already"},
    {"new abcdefghijklmnopqrstuvwxyzabcdefghijklmn 1 1", "1 to 31 characters"},
    {"open b nowhere.png", "'nowhere.png' cannot be read: No such file"},
    {"layer top", "has a layer 'top' already"},
    {"place p nowhere.png", "cannot be read"},
    {"select nobody", "has no layer 'nobody'"},
    {"use nobody", "no document 'nobody' is open"},
    {"close nobody", "no document 'nobody' is open"},
    {"fill purple", "'purple' is no color: write #rrggbb"},
    {"fill #12345", "is no color"},
    {"fill #1234567g", "is no color"},
    {"fill red 1 2 3", "fill COLOR [X Y WIDTH HEIGHT]"},
    {"fill red 1 2 3 nan", "the height must be a number"},
    {"gradient red blue 0 0 1", "gradient COLOR COLOR X Y X Y"},
    {"disc red 1 1 -4", "the radius must be a number from 0"},
    {"noise 1.5", "the amount must be a number from 0 to 1"},
    {"levels 0.5 1 0.5", "white must be a number from 0.501"},
    {"blur 501", "sigma must be a number from 0 to 500"},
    {"blur inf", "sigma must be a number"},
    {"filter sharpen 3", "there are blur, levels, invert, gray"},
    {"filter blur", "filter blur SIGMA"},
    {"filter invert 1", "this is how to say it: filter invert"},
    {"style halo 1 red", "there are shadow, glow, outline"},
    {"style shadow 1 red", "style shadow DX DY SIGMA COLOR"},
    {"style glow 1 2 3 red", "style glow SIGMA COLOR"},
    {"blend dissolve", "there are normal, multiply, screen"},
    {"opacity 2", "opacity must be a number from 0 to 1"},
    {"undo 0", "the number of steps must be a whole number from 1 to 20"},
    {"save /nowhere/at/all.png", "'/nowhere/at/all.png' cannot be written: No such file"},
    {"save .", "cannot be written: it is not a file"},
    {"save", "save FILE"},
    {"fill \"red", "a quote does not end"},
    {"fill 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "more than 16 words"},
};

/* Everything that a user can see. */
static uint64_t state_sum(struct editor_rig *rig)
{
    const struct document *d = rig->e->app->documents;
    const struct layer *layer = besom_weak_get(rig->e->m, rig->e->app->selected);
    const struct step *step = d->history->done, *undone = d->history->undone;
    return picture_sum(rig) ^ (uint64_t)(uintptr_t)d ^ (uint64_t)(uintptr_t)layer << 16 ^
           (uint64_t)(uintptr_t)step << 32 ^ (uint64_t)(uintptr_t)undone << 8 ^ d->stack->n ^
           (uint64_t)(uintptr_t)layer->filters << 24;
}

START_TEST(what_cannot_be_done_is_refused_and_changes_nothing)
{
    struct editor_rig rig;
    editor_rig_start(&rig);
    run_script(
        &rig,
        "new a 50 10\nfill red\nlayer top\ndisc white 20 5 4\nfilter blur 1\nfill blue\nundo\n");
    uint64_t before = state_sum(&rig);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        refused(&rig, bad[i][0], bad[i][1]);
        ck_assert_msg(state_sum(&rig) == before, "'%s' has changed something", bad[i][0]);
    }
    run_script(&rig, "redo\nclose\n");
    refused(&rig, "save x.png", "no document is open");
    refused(&rig, "close", "no document is open");
    editor_rig_close(&rig);
}
END_TEST

START_TEST(at_the_limit_edits_are_refused_and_change_nothing)
{
    struct editor_rig rig;
    editor_rig_init(&rig);
    rig.config.heap.options.heap_max_bytes = 24 << 20;
    editor_rig_open(&rig);
    run_script(&rig, "new a 2048 128\ngradient red blue 0 0 2048 0\n"); /* of 4 MiB each */
    uint64_t before = 0;
    bool done = true;
    for (int i = 0; i < 10 && done; i++) {
        before = image_sum(rig.e->app->documents->stack->layer[0]->image);
        done = editor_command(rig.e, "invert");
    }
    ck_assert(!done);
    ck_assert_ptr_nonnull(strstr(editor_error(rig.e), "close a document, or raise --limit"));
    ck_assert_uint_eq(image_sum(rig.e->app->documents->stack->layer[0]->image), before);
    run_script(&rig, "new b 10 10\nfill red\nclose a\nnew c 2048 128\n");
    editor_rig_close(&rig);
}
END_TEST

START_TEST(edits_that_are_forgotten_leave_memory_without_a_close)
{
    struct editor_rig rig;
    editor_rig_start(&rig);
    run_script(&rig, "new a 2048 8\nrepeat 60\nnoise 0.1 $\nend\ngc\n");
    /* 20 steps and what there is now */
    ck_assert_uint_eq(editor_pixel_bytes(rig.e), 21 * 2048 * 8 * PIXEL_BYTES);
    editor_rig_close(&rig);
}
END_TEST

START_TEST(repetitions_are_nested_and_count)
{
    struct editor_rig rig;
    editor_rig_start(&rig);
    run_script(&rig, "repeat 2\nnew a$ 10 10\nrepeat 3\nlayer l$\nend\nend\n");
    for (struct document *d = rig.e->app->documents; d; d = d->next)
        ck_assert_uint_eq(d->stack->n, 4);
    ck_assert_uint_eq(rig.e->opened, 2);
    editor_rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        undo_restores_each_state_and_redo_the_next,
        undo_reaches_back_20_edits_of_its_own_document,
        an_edit_ends_what_could_be_redone,
        the_selection_keeps_no_layer,
        a_layer_that_was_taken_out_is_not_worked_on,
        thumbnails_live_as_long_as_their_layers,
        what_cannot_be_done_is_refused_and_changes_nothing,
        at_the_limit_edits_are_refused_and_change_nothing,
        edits_that_are_forgotten_leave_memory_without_a_close,
        repetitions_are_nested_and_count,
    };
    return run_tests("editor", tests, sizeof tests / sizeof *tests);
}
