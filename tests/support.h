/* support.h - what the black-box tests share: a heap that listens, types, threads, seeds.
 *
 * These tests see the public headers only.  The environment's BESOM_OPTIONS is applied to every
 * heap (the suite is run under stress, verify and slow as well), so a claim that needs exact
 * options sets config.ignore_environment. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <besom/besom.h>
#include <check.h>
#include <pthread.h>

/* ---- a heap whose findings fail the test ---- */

enum { EVENT_KINDS = BESOM_EVENT_CLEANUP_CYCLE + 1 };

/* What a heap said through on_event.  Written by whichever thread the event runs on, under lock. */
struct watch {
    pthread_mutex_t lock;
    unsigned expected;                 /* findings the test provokes: bits 1u << kind */
    unsigned long count[EVENT_KINDS];
    const void *object[EVENT_KINDS];   /* of the last event of the kind */
    char text[EVENT_KINDS][512];       /* likewise */
    char unexpected[512];              /* the first finding that was not expected; else empty */
};

/* A heap, its watch, and the mutator of the thread that opened it. */
struct rig {
    struct besom_config config;
    struct watch watch;
    struct besom_heap *heap;
    struct besom_mutator *m;
};

/* Lets the watch hear every event of a heap made from config; sets config->host to it. */
void watch_init(struct watch *watch, struct besom_config *config);
/* Default options; config.host is the watch.  Change config, then open. */
void rig_init(struct rig *rig);
/* The same, with options fixed to `text` whatever the environment says. */
void rig_init_exact(struct rig *rig, const char *text);
/* Creates the heap and attaches the calling thread, or fails the test. */
void rig_open(struct rig *rig);
/* rig_init and rig_open. */
void rig_start(struct rig *rig);
/* Verifies, detaches, frees; fails the test on a finding that was not expected. */
void rig_close(struct rig *rig);
/* Fails the test on a finding that was not expected. */
void watch_check(struct watch *watch);
unsigned long watch_count(struct watch *watch, enum besom_event_kind kind);

/* ---- shorthands that fail the test ---- */

/* An assertion for long loops: Check's own write to a file each time, even if they hold. */
void require(bool holds, const char *otherwise);
void require_ok(enum besom_status status);
void collect(struct besom_mutator *m); /* BESOM_FULL */
/* Do its cycles mark in one stop, whatever the environment asks for? */
bool in_stw(const struct rig *rig);

struct besom_stats stats_of(const struct besom_heap *heap);
void verify(struct besom_mutator *m);
/* Objects of type (NULL: all) that besom_each sees.  A safepoint. */
size_t count_objects(struct besom_mutator *m, const struct besom_type *type);
/* besom_new and besom_new_sized that must succeed. */
void *make(struct besom_mutator *m, const struct besom_type *type);
void *make_sized(struct besom_mutator *m, const struct besom_type *type, size_t bytes);

/* ---- types ---- */

struct node { /* two references */
    const struct besom_type *type;
    struct node *next;
    struct node *other;
    uint64_t id;
};
extern const struct besom_type node_type;

struct pair { /* no header: owns its blocks */
    void *head;
    void *tail;
};
extern const struct besom_type pair_type;

struct blob { /* a leaf, of any size */
    const struct besom_type *type;
    uint64_t words[1];
};
extern const struct besom_type blob_type;

struct vector { /* an array of references */
    const struct besom_type *type;
    uint64_t length;
    void *items[];
};
extern const struct besom_type vector_type;
struct vector *make_vector(struct besom_mutator *m, size_t length);

struct hooked { /* its destroy hook adds one to *calls */
    const struct besom_type *type;
    struct hooked *next;
    unsigned long *calls;
    uint64_t id;
};
extern const struct besom_type hooked_type;
struct hooked *make_hooked(struct besom_mutator *m, unsigned long *calls);

/* A list of n nodes with ids n-1 .. 0, rooted by nobody; no safepoint within. */
struct node *make_list(struct besom_mutator *m, size_t n);
/* Fails the test unless list is what make_list(n) made. */
void check_list(const struct node *list, size_t n);

/* ---- time, seeds, sizes ---- */

uint64_t now_ns(void);
void sleep_ms(unsigned ms);
size_t rss_bytes(void);
/* n in a plain run; a part of it under sanitizers, Valgrind, BESOM_OPTIONS or full debugging. */
size_t scaled(size_t n);
/* Is this binary, or this run, slowed by sanitizers or Valgrind? */
bool is_instrumented(void);
/* BESOM_TEST_SEED, or the clock's; printed once. */
uint64_t test_seed(void);
/* BESOM_TEST_OPS, or otherwise. */
size_t test_ops(size_t otherwise);

struct rng {
    uint64_t state;
};
uint64_t rng_next(struct rng *rng);
size_t rng_below(struct rng *rng, size_t n); /* 0 .. n-1 */

/* ---- threads ---- */

/* A counter to wait for. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int value;
};
void gate_init(struct gate *gate);
void gate_raise(struct gate *gate);
/* Until gate->value >= value; fails the test after a minute. */
void gate_wait(struct gate *gate, int value);
/* The same with this thread's mutator polling instead of blocking. */
void gate_poll(struct gate *gate, int value, struct besom_mutator *m);
/* The same in a native region. */
void gate_wait_native(struct gate *gate, int value, struct besom_mutator *m);
pthread_t thread_start(void *(*run)(void *), void *data);
pthread_t thread_start_with_stack(void *(*run)(void *), void *data, size_t stack_bytes);
void thread_join(pthread_t thread);

/* ---- memory that is counted ---- */

/* What a heap holds through config.memory, and which call is to fail.  Atomic counters. */
struct ledger {
    uint64_t calls;       /* of map and alloc */
    uint64_t failing;     /* the call, counted from 1, that fails; 0: none does */
    int64_t maps, allocs; /* outstanding */
    int64_t mapped_bytes;
    bool failed;          /* it did */
    bool refuse_maps;     /* all of them fail from now on */
};
struct ledger_host { /* the heap's host */
    struct watch watch; /* first: it hears the events */
    struct ledger ledger;
};
/* Gives config the system's memory through host->ledger. */
void ledger_init(struct ledger_host *host, struct besom_config *config);

/* ---- running ---- */

/* Runs the tests, each in a process of its own; the exit status for main. */
int run_tests(const char *name, const TTest *const *tests, size_t n);

#endif
