/* interrupt.c - what is left behind when the program is interrupted: nothing. */
#define _GNU_SOURCE /* prctl */
#include "bench/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

static const int fatal[] = {SIGINT, SIGTERM, SIGHUP};

enum { FATAL = sizeof fatal / sizeof fatal[0] };

/* Read by a signal handler, on the one thread that there is. */
static volatile sig_atomic_t worker_now; /* a process number fits */
static const char *volatile file_now;

static void on_fatal(int number)
{
    static const char text[] = "\nbesom-bench: interrupted\n";
    if (worker_now > 0)
        kill(worker_now, SIGKILL);
    if (file_now)
        unlink(file_now);
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0) {
        /* There is nobody to tell. */
    }
    raise(number); /* the handler is gone, and the signal comes when this returns */
}

void interrupt_prepare(void)
{
    struct sigaction action = {.sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND};
    struct sigaction before;
    for (size_t i = 0; i < FATAL; i++)
        sigaddset(&action.sa_mask, fatal[i]);
    for (size_t i = 0; i < FATAL; i++) {
        sigaction(fatal[i], NULL, &before);
        if (before.sa_handler != SIG_IGN) /* nohup */
            sigaction(fatal[i], &action, NULL);
    }
    /* A file that may not grow is an error of writing, which is reported. */
    signal(SIGXFSZ, SIG_IGN);
}

void interrupt_worker(pid_t worker)
{
    worker_now = worker;
}

void interrupt_file(const char *path)
{
    file_now = path;
}

void interrupt_inherit(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    signal(SIGXFSZ, SIG_DFL);
}
