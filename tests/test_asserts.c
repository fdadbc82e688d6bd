/* test_asserts.c - in debug builds, what cannot be checked in constant time ends with a text. */
#include "support.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef BESOM_DEBUG
#define BESOM_DEBUG 0
#endif

/* Runs fn in a child that must abort, and says why on its standard error. */
static void check_aborts(void (*fn)(void), const char *mention)
{
    if (!BESOM_DEBUG)
        return; /* a release build asserts nothing */
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        fn();
        _exit(0);
    }
    close(ends[1]);
    char text[2000] = "";
    size_t n = 0;
    for (ssize_t got; (got = read(ends[0], text + n, sizeof text - 1 - n)) > 0;)
        n += (size_t)got;
    close(ends[0]);
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
                  "the child ended with %#x and said: %s", (unsigned)status, text);
    ck_assert_msg(strstr(text, mention) != NULL, "no '%s' in: %s", mention, text);
}

static struct besom_mutator *start(void)
{
    struct besom_config config;
    besom_config_init(&config);
    struct besom_heap *heap = NULL;
    if (besom_heap_new(&config, &heap, NULL) != BESOM_OK)
        _exit(1);
    return besom_attach(heap);
}

static void allocate_of_a_bad_type(void)
{
    static const struct besom_field beyond[] = {{"beyond", 64}};
    static const struct besom_type bad = {
        .name = "a bad type", .size_bytes = 32, .fields = beyond, .n_fields = 1};
    besom_new(start(), &bad);
}

START_TEST(type_that_contradicts_itself_is_asserted)
{
    check_aborts(allocate_of_a_bad_type, "type");
}
END_TEST

static void allocate_of_a_bad_type_of_own_blocks(void)
{
    static const struct besom_field askew[] = {{"askew", 12}};
    static const struct besom_type bad = {.name = "a bad type",
                                          .size_bytes = 32,
                                          .flags = BESOM_OWN_BLOCKS,
                                          .fields = askew,
                                          .n_fields = 1};
    besom_new(start(), &bad);
}

START_TEST(type_of_own_blocks_that_contradicts_itself_is_asserted)
{
    check_aborts(allocate_of_a_bad_type_of_own_blocks, "type");
}
END_TEST

static void *attach_and_exit(void *data)
{
    return besom_attach(data);
}

static void exit_attached(void)
{
    pthread_t thread;
    struct besom_mutator *m = start();
    if (pthread_create(&thread, NULL, attach_and_exit, besom_heap_of(m)) != 0)
        _exit(1);
    pthread_join(thread, NULL);
}

START_TEST(thread_that_exits_attached_is_asserted)
{
    check_aborts(exit_attached, "attached");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        type_that_contradicts_itself_is_asserted,
        type_of_own_blocks_that_contradicts_itself_is_asserted,
        thread_that_exits_attached_is_asserted,
    };
    return run_tests("asserts", tests, sizeof tests / sizeof *tests);
}
