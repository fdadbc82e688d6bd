/* workload-editor.c - an image editor (hosts/editor) used for a long time: documents are opened, drawn
 * on, undone, filtered, saved and closed, a few of them open at a time.
 *
 * What the user has closed is done with; right after each close the instrument takes a sample, and
 * rg_after_close_bytes is what is resident, on an average of the closes, of documents that the user has
 * closed.  (What edits have dropped in open documents is garbage too, and in the other figures.)  With a
 * mistake of the editor's planted, what it holds on to is logical,
 * whatever the collector does.  In the end all is closed and one full cycle made; the last sample is
 * what stayed. */
#include "bench/worker.h"

#include "bench/lives.h"
#include "bench/random.h"
#include "bench/residence.h"
#include "bench/tracked.h"
#include "hosts/editor/editor.h"

#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPEN_MOST = 4, DOCUMENTS_MOST = 1000 };

/* Tiles whose pixels destroy hooks have freed, and of which the instrument has not been told. */
struct emptied {
    pthread_mutex_t lock;
    void **tile;
    size_t n, room;
};

struct user {
    struct tracked t; /* the first: tracked_is_unswept */
    struct residence residence;
    struct emptied emptied;
    struct editor *editor;
    struct random random;
    size_t tile_bytes;  /* of a tile without pixels */
    uint64_t side;      /* of the largest documents, in pixels */
    uint64_t documents; /* opened so far */
    uint64_t closes;
    uint64_t left_bytes, left_most_bytes;
    double left_sum_bytes;
    char path[PATH_MAX]; /* where pictures are saved */
};

/* ---- the shadow trace ---- */

static void visit(void *data, void *obj)
{
    retention_visit(data, obj);
}

static void visit_roots(struct retention *r, void *data)
{
    editor_each_root(((struct user *)data)->editor, visit, r);
}

static void visit_edges(struct retention *r, void *data, void *obj)
{
    editor_each_reference(((struct user *)data)->editor, obj, visit, r);
}

/* A destroy hook, on any thread, has freed the pixels of a tile. */
static void hear_emptied(void *data, void *obj)
{
    struct emptied *emptied = &((struct user *)data)->emptied;
    pthread_mutex_lock(&emptied->lock);
    if (emptied->n == emptied->room) {
        emptied->room = emptied->room ? 2 * emptied->room : 1024;
        emptied->tile = realloc(emptied->tile, emptied->room * sizeof *emptied->tile);
        if (!emptied->tile)
            worker_fail("out of memory");
    }
    emptied->tile[emptied->n++] = obj;
    pthread_mutex_unlock(&emptied->lock);
}

/* Tells the instrument of ended cycles, and of the tiles that have become small: before their memory is
 * another object's. */
static void look(struct user *u)
{
    tracked_look(&u->t);
    pthread_mutex_lock(&u->emptied.lock);
    while (u->emptied.n > 0)
        retention_resize(&u->t.retention, u->emptied.tile[--u->emptied.n], u->tile_bytes);
    pthread_mutex_unlock(&u->emptied.lock);
}

static void hear_born(void *data, void *obj, size_t bytes)
{
    struct user *u = data;
    look(u);
    tracked_born(&u->t, obj, bytes);
}

static void hear_resized(void *data, void *obj, size_t bytes)
{
    struct user *u = data;
    look(u);
    retention_resize(&u->t.retention, obj, bytes);
    u->tile_bytes = besom_size(obj);
}

/* ---- what closing means ---- */

static void find(void *data, void *obj)
{
    struct lives *found = data;
    if (lives_find(found, obj) == LIVES_NONE)
        lives_add(found, obj);
}

/* Until it is closed the user has all that the document in use can reach: its history, too. */
static void use_document(struct user *u)
{
    void *document;
    struct lives *found = lives_new();
    if (editor_documents(u->editor, &document, 1) == 1)
        find(found, document);
    for (uint32_t i = 0; i < found->n; i++) {
        void *obj = found->at[i].obj;
        if (editor_document_of(obj) != editor_document_of(document))
            continue;
        retention_used(&u->t.retention, obj);
        editor_each_reference(u->editor, obj, find, found);
    }
    lives_free(found);
}

static void is_done(void *data, void *obj)
{
    struct user *u = data;
    retention_done(&u->t.retention, obj);
    u->left_bytes += besom_size(obj) + besom_external_of(editor_heap(u->editor), obj);
}

/* Right after a close.  left_bytes are what is there of all documents closed so far. */
static void sample(struct user *u)
{
    editor_wait(u->editor);
    look(u);
    u->left_bytes = 0;
    editor_each_left(u->editor, is_done, u);
    look(u);
    residence_sample(&u->residence, &u->t.retention);
    u->left_sum_bytes += (double)u->left_bytes;
    if (u->left_bytes > u->left_most_bytes)
        u->left_most_bytes = u->left_bytes;
}

/* ---- the user ---- */

__attribute__((format(printf, 2, 3))) static void say(struct user *u, const char *format, ...)
{
    char line[PATH_MAX + 100];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (!editor_command(u->editor, line))
        worker_fail(editor_error(u->editor));
    look(u);
}

static unsigned below(struct user *u, uint64_t n)
{
    return (unsigned)random_below(&u->random, n);
}

static void open_document(struct user *u)
{
    unsigned long long number = ++u->documents;
    unsigned width = (unsigned)u->side / 2 + below(u, u->side / 2);
    unsigned height = (unsigned)u->side / 2 + below(u, u->side / 2);
    if (number % 4 == 0) {
        say(u, "open d%llu %s", number, u->path);
        return;
    }
    say(u, "new d%llu %u %u", number, width, height);
    say(u, "gradient #203050 #90b0e0 0 0 %u %u", width, height);
}

/* Some of what one does to a document; the same number of edits each time. */
static void edit(struct user *u)
{
    unsigned side = (unsigned)u->side;
    say(u, "layer l%u", 1 + below(u, 1000000));
    say(u, "disc #f0d04080 %u %u %u", below(u, side), below(u, side), 1 + below(u, side / 4));
    say(u, "filter blur %u", 1 + below(u, 4));
    say(u, "style shadow 3 3 %u #00000080", 1 + below(u, 4));
    say(u, "thumbnail");
    for (int i = 0; i < 3; i++)
        say(u, "disc #d03030 %u %u %u", below(u, side), below(u, side), 1 + below(u, side / 8));
    say(u, "undo %u", 1 + below(u, 3));
    say(u, "redo");
    say(u, "fill #3060c0 %u %u 20 20", below(u, side / 2), below(u, side / 2));
    say(u, "blend multiply");
    say(u, "levels 0.05 1.1 0.95");
    say(u, "undo");
    say(u, "save %s", u->path);
    say(u, "thumbnail");
}

/* One of those that are open. */
static void use_some(struct user *u)
{
    uint64_t n = u->documents - u->closes;
    say(u, "use d%llu", (unsigned long long)(u->closes + 1 + below(u, n)));
}

static void close_oldest(struct user *u)
{
    say(u, "use d%llu", (unsigned long long)u->closes + 1);
    use_document(u);
    say(u, "close");
    u->closes++;
    sample(u);
}

static void work(struct user *u, uint64_t documents)
{
    while (u->documents < documents) {
        open_document(u);
        edit(u);
        use_some(u);
        edit(u);
        if (u->documents - u->closes > OPEN_MOST)
            close_oldest(u);
    }
    while (u->closes < u->documents)
        close_oldest(u);
}

/* ---- a run ---- */

static void print(struct user *u)
{
    uint64_t began = mem_collections(u->t.m);
    mem_collect(u->t.m);
    look(u);
    worker_value("collections", (double)began);
    retention_finish(&u->t.retention);
    worker_value("rg_after_close_bytes", u->left_sum_bytes / (double)u->closes);
    worker_value("rg_after_close_max_bytes", (double)u->left_most_bytes);
    worker_value("rg_after_cycle_bytes", (double)retention_sample_rg(&u->t.retention.last));
    residence_print(&u->residence, &u->t.retention);
    worker_value("peak_rss_bytes", (double)worker_peak_rss_bytes());
    worker_check(u->closes);
}

static void make_file(struct user *u)
{
    const char *directory = getenv("TMPDIR");
    int n = snprintf(u->path, sizeof u->path, "%s/editor-XXXXXX", directory ? directory : "/tmp");
    int file = (size_t)n < sizeof u->path ? mkstemp(u->path) : -1;
    if (file < 0)
        worker_fail(
            "no file can be made in the directory that TMPDIR names, or in /tmp without it");
    close(file);
}

static void begin(struct user *u, const struct params *params)
{
    struct editor_config config;
    struct besom_report error;
    const char *mistake = params_text(params, "mistake", "");
    editor_config_init(&config);
    config.mutator = u->t.m.mutator;
    config.heap.options.heap_max_bytes = params_limit(params, "heap_bytes");
    config.mistake = mistake[0] ? editor_mistake_named(mistake) : EDITOR_NO_MISTAKE;
    config.late = params_limit(params, "late") != 0;
    config.out = NULL;
    config.watcher = (struct editor_watcher){u, hear_born, hear_resized, hear_emptied};
    if (config.mistake == EDITOR_MISTAKES)
        worker_fail("mistake must be cache, history, observer, job, registry or handle");
    u->editor = editor_new(&config, &error);
    if (!u->editor)
        worker_fail(error.text);
}

void workload_editor(const struct params *params)
{
    static struct user user = {.emptied.lock = PTHREAD_MUTEX_INITIALIZER};
    struct user *const u = &user;
    static const struct retention_program shadow = {.data = &user,
                                                    .roots = visit_roots,
                                                    .edges = visit_edges,
                                                    .is_unswept = tracked_is_unswept};
    const uint64_t documents = params_count(params, "documents");
    u->side = params_count(params, "side");
    if (documents < 4 || documents > DOCUMENTS_MOST || u->side < 64 || u->side > 4096)
        worker_fail("documents must be 4 .. 1000, side 64 .. 4096");
    struct mem_config config = {.mode = params_text(params, "mode", ""),
                                .heap_bytes = params_limit(params, "heap_bytes"),
                                .tells_cycles = true};
    u->random = (struct random){1};
    u->t.m = mem_open(&config);
    u->residence.empty_rss_bytes = worker_rss_bytes();
    u->residence.began_ns = clock_ns();
    retention_init(&u->t.retention, &shadow);
    begin(u, params);
    make_file(u);
    work(u, documents);
    print(u);
    unlink(u->path);
    editor_free(u->editor);
    free(u->emptied.tile);
    retention_fini(&u->t.retention);
    mem_close(u->t.m);
}
