/* test_trace.c - the option trace writes what the events say, and its troubles are not the heap's. */
#define _GNU_SOURCE /* nftw */
#include "support.h"
#include "trace_reader.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- files ---- */

/* Of the program, where it is run; it goes with it, whatever failed.  Each test has one within. */
static char base[] = "trace-XXXXXX";
static char directory[64];
static char path[200];

static const char *in_directory(const char *name)
{
    static char other[200];
    snprintf(other, sizeof other, "%s/%s", directory, name);
    return other;
}

static void begin_files(void)
{
    snprintf(directory, sizeof directory, "%s/XXXXXX", base);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s", in_directory("t.json"));
}

static bool exists(const char *name)
{
    return access(name, F_OK) == 0;
}

static void end_files(void)
{
    static const char *const names[] = {"t.json", "t.json.2", "t.json.3"};
    for (size_t i = 0; i < 3; i++)
        remove(in_directory(names[i]));
    ck_assert_int_eq(rmdir(directory), 0); /* nothing else is there */
}

static int remove_entry(const char *name, const struct stat *about, int kind, struct FTW *at)
{
    (void)about;
    (void)kind;
    (void)at;
    return remove(name);
}

static void start_traced(struct rig *rig, const char *options)
{
    static char text[400];
    snprintf(text, sizeof text, "%s,trace=%s", options, path);
    rig_init_exact(rig, text);
}

/* ---- the trace and the events ---- */

enum { HISTORY = 20000 };

struct history { /* the heap's host; events come under the heap's own lock */
    size_t n_stops, n_records;
    uint64_t stops[HISTORY];
    struct besom_cycle_record records[HISTORY];
};
static struct history history;

static void note(void *host, const struct besom_event *event)
{
    struct history *h = host;
    if (event->kind == BESOM_EVENT_STOP && h->n_stops < HISTORY)
        h->stops[h->n_stops++] = event->duration_ns;
    if (event->kind == BESOM_EVENT_CYCLE_END && h->n_records < HISTORY)
        h->records[h->n_records++] = *event->record;
}

static void *churn(void *data)
{
    struct besom_mutator *m = besom_attach(data);
    require(m != NULL, "no mutator");
    {
        BESOM_LOCALS(m, struct node * list; struct node * other;);
        unsigned long calls = 0;
        my->list = make_list(m, scaled(20000));
        for (size_t i = 0; i < scaled(300); i++) {
            my->other = make_list(m, 1000);
            besom_set(m, my->list, &my->list->other, my->other);
            if (i % 64 == 0)
                make_hooked(m, &calls);
            besom_poll(m);
        }
        collect(m);
    }
    require_ok(besom_detach(m));
    return NULL;
}

static void check_cycle(const struct trace_entry *e, const struct besom_cycle_record *r)
{
    static const char *const reasons[] = {"\"headroom\"", "\"limit\"", "\"host\"", "\"stress\""};
    ck_assert_uint_eq(trace_number(e, "cycle"), r->cycle);
    ck_assert_uint_eq(e->begin_ns, r->began_ns);
    ck_assert_uint_eq(e->duration_ns, r->ended_ns - r->began_ns);
    ck_assert(trace_says(e, "reason", reasons[r->reason]));
    ck_assert(trace_says(e, "minor", r->minor ? "true" : "false"));
    ck_assert(trace_says(e, "beside", r->beside ? "true" : "false"));
    ck_assert(trace_says(e, "overtaken", "false"));
    ck_assert_uint_eq(trace_number(e, "rounds"), r->rounds);
    ck_assert_uint_eq(trace_number(e, "marked_bytes"), r->marked_bytes);
    ck_assert_uint_eq(trace_number(e, "live_bytes"), r->live_bytes);
    ck_assert_uint_eq(trace_number(e, "used_end_bytes"), r->used_end_bytes);
    ck_assert_uint_eq(trace_number(e, "assists"), r->assists);
    ck_assert_uint_eq(trace_number(e, "waits"), r->waits);
}

/* Every cycle that ended has its slice, and its rounds follow. */
static void check_cycles(const struct trace *trace)
{
    size_t at = 0, rounds = 0;
    for (size_t i = 0; i < history.n_records; i++) {
        const struct besom_cycle_record *r = &history.records[i];
        const struct trace_entry *e =
            trace_next(trace, &at, 'X', r->minor ? "minor cycle" : "cycle");
        ck_assert_msg(e != NULL, "cycle %llu is missing", (unsigned long long)r->cycle);
        check_cycle(e, r);
        size_t inner = at;
        for (uint32_t n = 0; n < r->rounds && n < BESOM_RECORD_ROUNDS; n++) {
            const struct trace_entry *round = trace_next(trace, &inner, 'X', "round");
            ck_assert_ptr_nonnull(round);
            ck_assert_uint_eq(round->begin_ns, r->round[n].asked_ns);
            ck_assert_uint_eq(trace_number(round, "entries"), r->round[n].entries);
            ck_assert_uint_eq(trace_number(round, "objects"), r->round[n].objects);
            rounds++;
        }
    }
    ck_assert_uint_eq(trace_count(trace, 'X', "round"), rounds);
    ck_assert_uint_eq(trace_count(trace, 'X', "cycle") + trace_count(trace, 'X', "minor cycle"),
                      history.n_records);
    ck_assert_uint_eq(trace_count(trace, 'X', "sweep"), history.n_records);
}

/* The stops of events are among the slices, which know of some more: of besom_verify, say. */
static void check_stops(const struct trace *trace)
{
    size_t at = 0;
    for (size_t i = 0; i < history.n_stops; i++) {
        const struct trace_entry *e;
        do {
            e = trace_next(trace, &at, 'X', "stop");
            ck_assert_msg(e != NULL, "stop %zu, of %llu ns, is missing", i,
                          (unsigned long long)history.stops[i]);
        } while (e->track != 2 || e->duration_ns != history.stops[i]);
    }
}

static void check_tracks(const struct trace *trace, size_t n_mutators)
{
    ck_assert_uint_eq(trace_count(trace, 'M', "process_name"), 1);
    ck_assert_uint_eq(trace_count(trace, 'M', "thread_name"), 2 + n_mutators);
    for (size_t i = 0; i < trace->n; i++) {
        ck_assert_uint_eq(trace->entries[i].process, (uint64_t)getpid());
        ck_assert(trace->entries[i].track <= 100 + n_mutators);
    }
    static const char *const counters[] = {"used", "live", "committed", "trigger"};
    for (size_t c = 0; c < 4; c++) {
        uint64_t last_ns = 0;
        size_t at = 0, n = 0;
        for (const struct trace_entry *e; (e = trace_next(trace, &at, 'C', counters[c])); n++) {
            ck_assert_uint_ge(e->begin_ns, last_ns);
            last_ns = e->begin_ns;
        }
        ck_assert_uint_gt(n, history.n_records);
    }
}

static void trace_in_mode(const char *options)
{
    struct rig rig;
    struct trace trace;
    begin_files();
    start_traced(&rig, options);
    memset(&history, 0, sizeof history);
    rig.config.host = &history;
    rig.config.on_event = note;
    rig_open(&rig);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        threads[i] = thread_start(churn, rig.heap);
    require_ok(besom_native_enter(rig.m));
    for (int i = 0; i < 2; i++)
        thread_join(threads[i]);
    require_ok(besom_native_leave(rig.m));
    collect(rig.m);
    struct besom_stats stats = stats_of(rig.heap);
    ck_assert_uint_eq(stats.trace_lost, 0);
    ck_assert_int_eq(stats.trace_error, 0);
    ck_assert_int_eq(besom_detach(rig.m), BESOM_OK);
    ck_assert_int_eq(besom_heap_free(rig.heap), BESOM_OK);
    trace_read(&trace, path, true);
    trace_check_nesting(&trace);
    ck_assert_uint_gt(history.n_records, 2);
    check_cycles(&trace);
    check_stops(&trace);
    check_tracks(&trace, 3);
    ck_assert_uint_gt(trace_count(&trace, 'X', "collect"), 0);
    trace_free(&trace);
    end_files();
}

START_TEST(stopping_cycles_are_traced)
{
    trace_in_mode("mode=stw,heap_min=1m");
}
END_TEST

START_TEST(incremental_cycles_are_traced)
{
    trace_in_mode("mode=incremental,heap_min=1m");
}
END_TEST

START_TEST(concurrent_cycles_are_traced)
{
    trace_in_mode("mode=concurrent,heap_min=1m");
}
END_TEST

START_TEST(minor_cycles_are_traced)
{
    trace_in_mode("mode=stw,generational,nursery=256k,heap_min=1m");
}
END_TEST

START_TEST(concurrent_minor_cycles_are_traced)
{
    trace_in_mode("mode=concurrent,generational,nursery=256k,heap_min=1m");
}
END_TEST

START_TEST(slow_and_stressed_cycles_are_traced)
{
    trace_in_mode("mode=incremental,slow,stress=50,verify,pauses=100,heap_min=1m");
}
END_TEST

START_TEST(emergency_that_overtakes_a_cycle_is_traced)
{
    struct rig rig;
    struct trace trace;
    unsigned long calls = 0;
    begin_files();
    start_traced(&rig, "slow,mark_threads=1");
    rig_open(&rig);
    bool ended = true;
    for (int i = 0; i < 100; i++)
        make_hooked(rig.m, &calls);
    ck_assert_int_eq(besom_step(rig.m, 1, &ended), BESOM_OK); /* hooks wait now */
    ck_assert(!ended);
    ck_assert_int_eq(besom_collect(rig.m, BESOM_EMERGENCY), BESOM_OK);
    rig_close(&rig);
    trace_read(&trace, path, true);
    trace_check_nesting(&trace);
    size_t at = 0;
    const struct trace_entry *first = trace_next(&trace, &at, 'X', "cycle");
    const struct trace_entry *second = trace_next(&trace, &at, 'X', "cycle");
    ck_assert(first && trace_says(first, "overtaken", "true"));
    ck_assert(second && trace_says(second, "emergency", "true"));
    trace_free(&trace);
    end_files();
}
END_TEST

/* ---- names ---- */

START_TEST(comma_ends_the_name_in_the_struct_too)
{
    struct rig rig;
    begin_files();
    rig_init_exact(&rig, NULL);
    char name[220];
    snprintf(name, sizeof name, "%s,and what follows", path);
    rig.config.options.trace = name;
    rig_open(&rig);
    memset(name, 'x', sizeof name); /* it is not needed any more */
    collect(rig.m);
    rig_close(&rig);
    struct trace trace;
    trace_read(&trace, path, true);
    ck_assert_uint_eq(trace_count(&trace, 'X', "cycle"), 1);
    trace_free(&trace);
    end_files();
}
END_TEST

START_TEST(later_trace_wins_and_an_empty_one_is_none)
{
    struct rig rig;
    char text[900];
    begin_files();
    snprintf(text, sizeof text, "trace=%s.3,trace=%s.2,trace=,trace=%s", path, path, path);
    rig_init_exact(&rig, text);
    rig_open(&rig);
    rig_close(&rig);
    ck_assert(exists(path) && !exists(in_directory("t.json.2")) &&
              !exists(in_directory("t.json.3")));
    ck_assert_int_eq(remove(path), 0);
    snprintf(text, sizeof text, "trace=%s,trace=", path);
    rig_init_exact(&rig, text);
    rig_open(&rig);
    rig_close(&rig);
    ck_assert(!exists(path));
    end_files();
}
END_TEST

START_TEST(heaps_that_name_the_same_file_get_a_file_each)
{
    struct rig rigs[3];
    struct trace trace;
    begin_files();
    for (int i = 0; i < 3; i++) {
        start_traced(&rigs[i], "");
        rig_open(&rigs[i]);
    }
    for (int i = 0; i < 3; i++)
        for (int n = 0; n <= i; n++)
            collect(rigs[i].m);
    const char *const names[] = {"t.json", "t.json.2", "t.json.3"};
    for (int i = 0; i < 3; i++)
        rig_close(&rigs[i]);
    uint64_t processes[3];
    for (size_t i = 0; i < 3; i++) {
        trace_read(&trace, in_directory(names[i]), true);
        ck_assert_uint_eq(trace_count(&trace, 'X', "cycle"), i + 1);
        processes[i] = trace.entries[0].process;
        trace_free(&trace);
    }
    ck_assert_uint_ne(processes[0], processes[1]);
    ck_assert_uint_ne(processes[1], processes[2]);
    /* The first name is free again, and what it named is replaced. */
    start_traced(&rigs[0], "");
    rig_open(&rigs[0]);
    rig_close(&rigs[0]);
    trace_read(&trace, path, true);
    ck_assert_uint_eq(trace_count(&trace, 'X', "cycle"), 0);
    trace_free(&trace);
    end_files();
}
END_TEST

/* ---- what cannot be written ---- */

static void check_refused(const char *name, const char *because)
{
    struct ledger_host host;
    struct besom_config config;
    struct besom_heap *heap = NULL;
    struct besom_report report = {{0}};
    char text[4200];
    snprintf(text, sizeof text, "trace=%s,pauses=100", name);
    besom_config_init(&config);
    memset(&host, 0, sizeof host);
    ledger_init(&host, &config);
    config.host = &host;
    config.ignore_environment = true;
    config.options_text = text;
    ck_assert_int_eq(besom_heap_new(&config, &heap, &report), BESOM_E_OPTION);
    ck_assert_ptr_null(heap);
    ck_assert_msg(strstr(report.text, "option trace") && strstr(report.text, because), "%s",
                  report.text);
    ck_assert_int_eq(besom_heap_new(&config, &heap, NULL), BESOM_E_OPTION);
    ck_assert_int_eq(host.ledger.maps, 0);
    ck_assert_int_eq(host.ledger.allocs, 0);
}

START_TEST(file_that_cannot_be_opened_refuses_the_heap)
{
    char name[4100];
    begin_files();
    check_refused(in_directory("missing/t.json"), "missing/t.json': No such file");
    check_refused(directory, directory);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    check_refused(path, path);
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    check_refused(name, "too long");
    memset(name, 'n', 300);
    name[300] = 0;
    check_refused(name, "File name too long");
    end_files();
}
END_TEST

START_TEST(pipe_that_somebody_reads_refuses_the_heap)
{
    int ends[2];
    char name[40];
    ck_assert_int_eq(pipe(ends), 0);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    check_refused(name, name);
}
END_TEST

START_TEST(full_disk_ends_the_trace_and_not_the_heap)
{
    struct rig rig;
    rig_init_exact(&rig, "trace=/dev/full");
    rig_open(&rig);
    struct besom_handle *list = besom_handle_new(rig.m, make_list(rig.m, 3000), "list");
    for (int i = 0; i < 10; i++) {
        make_list(rig.m, 1000);
        collect(rig.m);
    }
    check_list(besom_handle_get(list), 3000);
    ck_assert_int_eq(stats_of(rig.heap).trace_error, ENOSPC);
    ck_assert_uint_eq(stats_of(rig.heap).cycles, 10);
    rig_close(&rig);
}
END_TEST

START_TEST(limit_of_file_sizes_ends_the_trace_with_a_whole_entry)
{
    struct rig rig;
    struct trace trace;
    struct stat about;
    begin_files();
    struct rlimit limit = {.rlim_cur = 20000, .rlim_max = RLIM_INFINITY};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    start_traced(&rig, "");
    rig_open(&rig);
    for (int i = 0; i < 50; i++)
        collect(rig.m);
    int error = stats_of(rig.heap).trace_error;
    rig_close(&rig);
    limit.rlim_cur = RLIM_INFINITY;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(error, EFBIG);
    trace_read(&trace, path, false);
    ck_assert_uint_gt(trace_count(&trace, 'X', "cycle"), 2);
    trace_free(&trace);
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_int_le(about.st_size, 20000);
    end_files();
}
END_TEST

/* ---- processes ---- */

static void wait_for(pid_t child)
{
    int status = -1;
    ck_assert_int_ge(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %#x",
                  (unsigned)status);
}

static void fork_in_mode(const char *options)
{
    struct rig rig;
    struct trace trace;
    begin_files();
    start_traced(&rig, options);
    rig_open(&rig);
    collect(rig.m);
    ck_assert_int_eq(besom_fork_prepare(rig.heap), BESOM_OK);
    pid_t child = fork();
    if (child == 0) {
        ck_assert_int_eq(besom_fork_child(rig.heap), BESOM_OK);
        for (int i = 0; i < 500; i++)
            collect(rig.m);
        ck_assert_int_eq(stats_of(rig.heap).trace_error, 0);
        require_ok(besom_detach(rig.m));
        require_ok(besom_heap_free(rig.heap));
        _exit(0);
    }
    ck_assert_int_eq(besom_fork_parent(rig.heap), BESOM_OK);
    collect(rig.m);
    wait_for(child);
    collect(rig.m);
    size_t cycles = stats_of(rig.heap).cycles;
    rig_close(&rig);
    trace_read(&trace, path, true);
    trace_check_nesting(&trace);
    ck_assert_uint_eq(cycles, 3);
    ck_assert_uint_eq(trace_count(&trace, 'X', "cycle"), 3);
    trace_free(&trace);
    end_files();
}

START_TEST(child_does_not_write_to_its_parents_file)
{
    fork_in_mode("mode=stw");
}
END_TEST

START_TEST(child_of_a_concurrent_heap_does_not_either)
{
#ifndef __SANITIZE_THREAD__ /* which loses count of threads in such a child */
    fork_in_mode("mode=concurrent");
#endif
}
END_TEST

START_TEST(trace_of_a_process_that_died_can_be_read)
{
    struct trace trace;
    begin_files();
    pid_t child = fork();
    if (child == 0) {
        struct rig rig;
        start_traced(&rig, "");
        rig_open(&rig);
        for (int i = 0; i < 7; i++)
            collect(rig.m);
        _exit(0);
    }
    wait_for(child);
    trace_read(&trace, path, false);
    trace_check_nesting(&trace);
    ck_assert_uint_ge(trace_count(&trace, 'X', "cycle"), 6);
    trace_free(&trace);
    end_files();
}
END_TEST

int main(void)
{
    if (!mkdtemp(base)) {
        perror(base);
        return EXIT_FAILURE;
    }
    const TTest *const tests[] = {
        stopping_cycles_are_traced,
        incremental_cycles_are_traced,
        concurrent_cycles_are_traced,
        minor_cycles_are_traced,
        concurrent_minor_cycles_are_traced,
        slow_and_stressed_cycles_are_traced,
        emergency_that_overtakes_a_cycle_is_traced,
        comma_ends_the_name_in_the_struct_too,
        later_trace_wins_and_an_empty_one_is_none,
        heaps_that_name_the_same_file_get_a_file_each,
        file_that_cannot_be_opened_refuses_the_heap,
        pipe_that_somebody_reads_refuses_the_heap,
        full_disk_ends_the_trace_and_not_the_heap,
        limit_of_file_sizes_ends_the_trace_with_a_whole_entry,
        child_does_not_write_to_its_parents_file,
        child_of_a_concurrent_heap_does_not_either,
        trace_of_a_process_that_died_can_be_read,
    };
    int status = run_tests("trace", tests, sizeof tests / sizeof *tests);
    nftw(base, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    return status;
}
