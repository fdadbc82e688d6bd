/* gnuplot.c - runs gnuplot.
 *
 * What goes in and what comes out are temporary files without a name, so that neither side waits
 * for the other, and nothing is left whatever happens. */
#include "bench/report/gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct pipes {
    FILE *in, *out, *complaints;
};

static bool open_pipes(struct pipes *pipes)
{
    pipes->in = tmpfile();
    pipes->out = tmpfile();
    pipes->complaints = tmpfile();
    return pipes->in && pipes->out && pipes->complaints;
}

static void close_pipes(struct pipes *pipes)
{
    FILE *const files[] = {pipes->in, pipes->out, pipes->complaints};
    for (size_t i = 0; i < 3; i++) {
        if (files[i])
            fclose(files[i]);
    }
}

/* Starts gnuplot on the files and waits; the error of starting it, or 0 and its wait status. */
static int spawn(const struct pipes *pipes, int *status)
{
    /* -d: no start-up file of the user's has a say. */
    static char program[] = "gnuplot", option[] = "-d";
    char *const arguments[] = {program, option, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(pipes->in), 0);
    posix_spawn_file_actions_adddup2(&actions, fileno(pipes->out), 1);
    posix_spawn_file_actions_adddup2(&actions, fileno(pipes->complaints), 2);
    pid_t child;
    const int error = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        return error;
    while (waitpid(child, status, 0) < 0) {
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

static void read_all(FILE *from, struct text *text)
{
    char bytes[4096];
    rewind(from);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, from)) != 0;)
        text_put(text, bytes, n);
}

static bool complain(const char *what, const char *detail)
{
    fprintf(stderr, "besom-report: %s%s%s\n", what, detail[0] ? ": " : "", detail);
    return false;
}

static bool complain_of_start(int error)
{
    if (error == ENOENT)
        return complain("gnuplot is not installed", "on Debian it is in the package gnuplot-nox");
    return complain("gnuplot cannot be started", strerror(error));
}

/* Runs it on the pipes and judges how it ended; what else it says is passed on. */
static bool run(struct pipes *pipes)
{
    int status = 0;
    rewind(pipes->in);
    const int error = spawn(pipes, &status);
    if (error != 0)
        return complain_of_start(error);
    struct text said = {0};
    read_all(pipes->complaints, &said);
    const bool is_good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    /* posix_spawn may leave it to the child to find out that there is no such program. */
    if (!is_good && WIFEXITED(status) && WEXITSTATUS(status) == 127 && said.n == 0)
        complain_of_start(ENOENT);
    else if (!is_good && WIFSIGNALED(status))
        complain("gnuplot was killed", strsignal(WTERMSIG(status)));
    else if (!is_good)
        complain("gnuplot failed", said.at ? said.at : "");
    else if (said.n != 0)
        complain("gnuplot says", said.at);
    text_fini(&said);
    return is_good;
}

bool gnuplot_run(const struct text *script, struct text *svg)
{
    struct pipes pipes;
    bool is_good = open_pipes(&pipes) && fwrite(script->at, 1, script->n, pipes.in) == script->n &&
                   fflush(pipes.in) == 0;
    if (!is_good)
        complain("no temporary file can be written", strerror(errno));
    const size_t before = svg->n;
    if (is_good && (is_good = run(&pipes))) {
        read_all(pipes.out, svg);
        if (svg->n == before || !strstr(svg->at + before, "</svg>"))
            is_good = complain("gnuplot drew nothing that is whole",
                               "is there room for temporary files?");
    }
    close_pipes(&pipes);
    return is_good;
}
