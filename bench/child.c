/* child.c - starting a worker, and reading what it prints. */
#define _GNU_SOURCE /* pipe2 */
#include "bench/child.h"

#include "bench/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_FIRST = 16384, OUTPUT_MOST = 16 << 20, ARGUMENTS_MAX = 32 };

/* The worker's path: beside this program. */
static bool worker_path(const char *worker, char *path, size_t n)
{
    ssize_t length = readlink("/proc/self/exe", path, n - 1);
    if (length < 0)
        return false;
    path[length] = '\0';
    char *name = strrchr(path, '/');
    if (!name)
        return false;
    size_t room = n - (size_t)(name + 1 - path);
    return snprintf(name + 1, room, "%s", worker) < (int)room;
}

/* In the child: never returns. */
static _Noreturn void become(const char *path, const char *library, const char *const *arguments,
                             int output, bool is_quiet)
{
    const char *argv[ARGUMENTS_MAX + 2] = {path};
    for (size_t i = 0; arguments[i] && i < ARGUMENTS_MAX; i++)
        argv[i + 1] = arguments[i];
    if (library)
        setenv("LD_PRELOAD", library, 1);
    if (is_quiet) {
        int nowhere = open("/dev/null", O_WRONLY);
        if (nowhere >= 0)
            dup2(nowhere, STDERR_FILENO);
    }
    dup2(output, STDOUT_FILENO);
    execv(path, (char *const *)argv);
    _exit(127);
}

/* The process, or -1; *output is the end of the pipe to read from. */
static pid_t start(const char *worker, const char *library, const char *const *arguments,
                   bool is_quiet, int *output)
{
    char path[4096];
    int ends[2];
    if (!worker_path(worker, path, sizeof path) || access(path, X_OK) != 0 ||
        pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        become(path, library, arguments, ends[1], is_quiet);
    close(ends[1]);
    if (pid < 0)
        close(ends[0]);
    else
        *output = ends[0];
    return pid;
}

/* What a process has said. */
struct text {
    char *at;
    size_t used, room; /* used < room; there is room for a 0 */
    size_t most;       /* room does not grow beyond it */
    bool is_cut;       /* there was more */
};

/* Room for more; false if there may not be, or is no memory for it. */
static bool make_room(struct text *text)
{
    if (text->used + 1 < text->room)
        return true;
    const size_t room = 2 * text->room;
    char *at = room <= text->most ? realloc(text->at, room) : NULL;
    if (!at)
        return false;
    text->at = at;
    text->room = room;
    return true;
}

/* Reads to the end, or until the time is over; false in that case.  What there is no room for is
 * dropped. */
static bool read_all(int output, uint64_t until_ns, struct text *text)
{
    char rest[256];
    bool is_ended = false;
    while (!is_ended) {
        uint64_t now = clock_ns();
        if (now >= until_ns)
            break;
        struct pollfd ready = {.fd = output, .events = POLLIN};
        if (poll(&ready, 1, (int)((until_ns - now) / 1000000 + 1)) <= 0)
            continue;
        const bool has_room = make_room(text);
        ssize_t got = has_room ? read(output, text->at + text->used, text->room - 1 - text->used)
                               : read(output, rest, sizeof rest);
        if (got > 0 && has_room)
            text->used += (size_t)got;
        text->is_cut = text->is_cut || (got > 0 && !has_room);
        is_ended = got == 0 || (got < 0 && errno != EINTR);
    }
    text->at[text->used] = '\0';
    return is_ended;
}

static void say_too_much(struct outcome *outcome)
{
    snprintf(outcome->failed, sizeof outcome->failed, "it says more than there is room for");
}

static void add(struct outcome *outcome, struct named_value *list, size_t *n, size_t max,
                const char *name, double value)
{
    if (*n == max) {
        say_too_much(outcome);
        return;
    }
    snprintf(list[*n].name, sizeof list[*n].name, "%s", name);
    list[(*n)++].value = value;
}

static void add_point(struct outcome *outcome, const struct point *point)
{
    if (outcome->n_points == outcome->room_points) {
        const size_t room = outcome->room_points ? 2 * outcome->room_points : 128;
        struct point *points = realloc(outcome->points, room * sizeof *points);
        if (!points) {
            say_too_much(outcome);
            return;
        }
        outcome->points = points;
        outcome->room_points = room;
    }
    outcome->points[outcome->n_points++] = *point;
}

void outcome_free(struct outcome *outcome)
{
    free(outcome->points);
    outcome->points = NULL;
    outcome->n_points = outcome->room_points = 0;
}

/* One line of a worker's output. */
static void understand(const char *line, struct outcome *outcome)
{
    char name[32];
    double value;
    struct point point;
    unsigned long long check;
    if (sscanf(line, "value %31s %lf", name, &value) == 2) {
        add(outcome, outcome->values, &outcome->n_values, OUTCOME_VALUES, name, value);
    } else if (sscanf(line, "param %31s %lf", name, &value) == 2) {
        add(outcome, outcome->params, &outcome->n_params, OUTCOME_PARAMS, name, value);
    } else if (sscanf(line, "point %15s %lf %lf", point.curve, &point.x, &point.y) == 3) {
        add_point(outcome, &point);
    } else if (sscanf(line, "check %llu", &check) == 1) {
        outcome->check = check;
        outcome->has_check = true;
    } else if (strncmp(line, "failed ", 7) == 0) {
        snprintf(outcome->failed, sizeof outcome->failed, "%s", line + 7);
    }
}

/* What the process's end says, unless it has said something itself. */
static void judge(int status, struct outcome *outcome)
{
    if (outcome->failed[0])
        return;
    if (WIFSIGNALED(status))
        snprintf(outcome->failed, sizeof outcome->failed, "killed by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        snprintf(outcome->failed, sizeof outcome->failed, "ended with status %d",
                 WEXITSTATUS(status));
}

void child_run(const char *worker, const char *library, const char *const *arguments,
               unsigned timeout_s, struct outcome *outcome)
{
    memset(outcome, 0, sizeof *outcome);
    int output, status;
    pid_t pid = start(worker, library, arguments, false, &output);
    if (pid < 0) {
        snprintf(outcome->failed, sizeof outcome->failed, "%s cannot be started", worker);
        return;
    }
    struct text text = {malloc(OUTPUT_FIRST), 0, OUTPUT_FIRST, OUTPUT_MOST, false};
    if (!text.at) {
        kill(pid, SIGKILL);
        snprintf(outcome->failed, sizeof outcome->failed, "out of memory for what it says");
    } else if (!read_all(output, clock_ns() + timeout_s * (uint64_t)1000000000, &text)) {
        kill(pid, SIGKILL);
        snprintf(outcome->failed, sizeof outcome->failed, "no end after %u s", timeout_s);
    }
    close(output);
    waitpid(pid, &status, 0);
    char *rest = text.at;
    for (char *line; rest && (line = strsep(&rest, "\n")) != NULL;)
        understand(line, outcome);
    if (text.is_cut)
        say_too_much(outcome);
    free(text.at);
    judge(status, outcome);
}

bool child_about(const char *worker, const char *mode, const char *library, char *line, size_t n)
{
    const char *const arguments[] = {"about", mode[0] ? mode : NULL, NULL};
    int output, status;
    pid_t pid = start(worker, library, arguments, true, &output);
    if (pid < 0)
        return false;
    struct text text = {line, 0, n, n, false};
    bool is_ended = read_all(output, clock_ns() + (uint64_t)5000000000, &text);
    if (!is_ended)
        kill(pid, SIGKILL);
    close(output);
    waitpid(pid, &status, 0);
    line[strcspn(line, "\n")] = '\0';
    return is_ended && status == 0 && line[0] != '\0';
}
