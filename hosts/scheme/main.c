/* main.c - the program: scheme [OPTION...] [FILE [ARG...]]. */
#include "hosts/scheme/repl.h"
#include "hosts/scheme/world.h"
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void usage(FILE *out)
{
    fputs("usage: scheme [OPTION...] [FILE [ARG...]]\n"
          "\n"
          "  -e EXPR             evaluates EXPR, and prints what it returns\n"
          "  --mode MODE         of the collector: stw, incremental, concurrent\n"
          "  --options OPTIONS   Besom's, as in BESOM_OPTIONS: generational,stress=1\n"
          "  --heap-max SIZE     hard limit of the heap: 64m\n"
          "  --help\n"
          "\n"
          "Without a FILE or -e it reads from the terminal, and prints what it evaluates.\n",
          out);
}

struct arguments {
    const char *expression, *file;
    char **rest;
    int n_rest;
    char options[512];
};

static bool add_option(struct arguments *a, const char *name, const char *text)
{
    size_t n = strlen(a->options);
    int wrote = snprintf(a->options + n, sizeof a->options - n, "%s%s%s", n ? "," : "", name, text);
    return wrote >= 0 && (size_t)wrote < sizeof a->options - n;
}

/* False: wrong, and said so. */
static bool parse(int argc, char **argv, struct arguments *a)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        const char *o = argv[i];
        if (strcmp(o, "--help") == 0) {
            usage(stdout);
            exit(0);
        }
        bool known = !strcmp(o, "-e") || !strcmp(o, "--mode") || !strcmp(o, "--options") ||
                     !strcmp(o, "--heap-max");
        if (!known || i + 1 == argc) {
            fprintf(stderr,
                    known ? "scheme: %s needs an argument\n" : "scheme: unknown option %s\n", o);
            return false;
        }
        const char *text = argv[++i];
        bool fits = true;
        if (!strcmp(o, "-e"))
            a->expression = text;
        else
            fits = add_option(a,
                              !strcmp(o, "--mode")       ? "mode="
                              : !strcmp(o, "--heap-max") ? "heap_max="
                                                         : "",
                              text);
        if (!fits) {
            fprintf(stderr, "scheme: the options are too long\n");
            return false;
        }
    }
    if (i < argc && !a->expression)
        a->file = argv[i];
    a->rest = argv + i;
    a->n_rest = argc - i;
    return true;
}

/* The command line's, and then the environment's, as Besom would: but not every one will do. */
static bool set_options(struct besom_config *config, const char *text, struct besom_report *report)
{
    const char *environment = getenv("BESOM_OPTIONS");
    config->ignore_environment = true;
    if (text[0] && besom_options_parse(&config->options, text, report) != BESOM_OK)
        return false;
    if (environment && besom_options_parse(&config->options, environment, report) != BESOM_OK)
        return false;
    if (config->options.safepoints == BESOM_GC_AT_POLL)
        return true;
    snprintf(report->text, sizeof report->text,
             "safepoints=alloc will not do: this program roots nothing across allocations");
    return false;
}

static void keep_arguments(struct vm *vm, struct arguments *a, const char *program)
{
    struct world *w = vm->world;
    set_root(&w->arguments, NIL);
    if (setjmp(vm->jump) != 0)
        return;
    for (int i = a->n_rest - 1; i >= 0; i--)
        set_root(&w->arguments, scm_cons(vm, scm_string(vm, a->rest[i]), w->arguments));
    if (!a->n_rest)
        set_root(&w->arguments, scm_cons(vm, scm_string(vm, program), NIL));
}

static int run_file(struct vm *vm, const char *path)
{
    if (!repl_call(vm, "load", path, NULL)) {
        repl_report(vm);
        return 1;
    }
    return 0;
}

static int run_expression(struct vm *vm, const char *text)
{
    value result = repl_eval_text(vm, text, "-e");
    if (!result) {
        repl_report(vm);
        return 1;
    }
    repl_print(vm, result);
    return 0;
}

int main(int argc, char **argv)
{
    struct arguments a = {0};
    if (!parse(argc, argv, &a)) {
        usage(stderr);
        return 2;
    }
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, "");
    struct besom_config config;
    struct besom_report report = {""};
    besom_config_init(&config);
    config.encoding = (struct besom_encoding){3, 0, ~(uint64_t)7, 0};
    if (!set_options(&config, a.options, &report)) {
        fprintf(stderr, "scheme: %s\n", report.text);
        return 2;
    }
    static struct world world; /* collections read it until the process ends */
    struct vm *vm = scm_world_new(&world, &config, &report);
    if (!vm) {
        fprintf(stderr, "scheme: %s\n", report.text);
        return 1;
    }
    world.program = argv[0];
    keep_arguments(vm, &a, argv[0]);
    int status = a.expression ? run_expression(vm, a.expression)
                 : a.file     ? run_file(vm, a.file)
                              : repl_run(vm);
    fflush(NULL);
    if (__atomic_load_n(&world.n_threads, __ATOMIC_RELAXED)) /* they end with the process */
        _exit(status);
    scm_vm_free(vm);
    besom_heap_free(world.heap);
    return status;
}
