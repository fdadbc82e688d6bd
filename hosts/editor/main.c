/* main.c - the image editor as a program: a script, and options. */
#include "hosts/editor/commands.h"
#include "hosts/editor/script.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name, *options;
} modes[] = {{"stw", "mode=stw"},
             {"incremental", "mode=incremental"},
             {"concurrent", "mode=concurrent"},
             {"generational", "mode=stw,generational=1"},
             {"incremental-generational", "mode=incremental,generational=1"},
             {"concurrent-generational", "mode=concurrent,generational=1"}};
enum { N_MODES = sizeof modes / sizeof modes[0] };

static void print_help(FILE *out)
{
    fputs("usage: editor [OPTION...] [SCRIPT]\n\n"
          "Edits images as the script says, or standard input.\n\n"
          "  --mode MODE      of the collector: stw, incremental, concurrent, generational,\n"
          "                   incremental-generational, concurrent-generational\n"
          "  --options TEXT   other options of the collector, as in BESOM_OPTIONS\n"
          "  --limit BYTES    for objects and pixels together; k, m, g may follow; 2g\n"
          "  --threads N      that make thumbnails, 1 to 16; 2\n"
          "  --late           pixels of a closed document wait for the collector\n"
          "  --mistake NAME   plants a leak:\n",
          out);
    for (int i = 1; i < EDITOR_MISTAKES; i++)
        fprintf(out, "                     %-9s %s\n", editor_mistake_name((enum editor_mistake)i),
                editor_mistake_about((enum editor_mistake)i));
    fputs("  --report         says at the end what is left of closed documents\n"
          "  --help           this\n\ncommands, one a line; # begins a comment\n",
          out);
    commands_help(out);
    fputs("\nExit status: 0; 1 if a command could not be done; 2 for a bad option or script.\n",
          out);
}

static bool refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

static bool refuse(const char *format, ...)
{
    va_list arguments;
    fputs("editor: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\nTry editor --help.\n", stderr);
    return false;
}

static bool parse_bytes(const char *text, size_t *out)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    unsigned shift = *end == 'k' ? 10 : *end == 'm' ? 20 : *end == 'g' ? 30 : 0;
    if (!isdigit((unsigned char)text[0]) || errno || end[shift ? 1 : 0] ||
        n > (SIZE_MAX / 4) >> shift)
        return refuse("--limit: '%s' is no number of bytes, such as 700m", text);
    *out = (size_t)n << shift;
    return true;
}

static bool parse_mode(const char *text, struct editor_config *config)
{
    for (int i = 0; i < N_MODES; i++) {
        if (strcmp(modes[i].name, text) == 0)
            return besom_options_parse(&config->heap.options, modes[i].options, NULL) == BESOM_OK;
    }
    return refuse("--mode: '%s' is none of stw, incremental, concurrent, generational, "
                  "incremental-generational, concurrent-generational",
                  text);
}

static bool parse_mistake(const char *text, struct editor_config *config)
{
    config->mistake = editor_mistake_named(text);
    return config->mistake != EDITOR_MISTAKES ||
           refuse("--mistake: '%s' is none of cache, history, observer, job, registry, handle",
                  text);
}

static bool parse_threads(const char *text, struct editor_config *config)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end || n < 1 || n > EDITOR_MAX_THREADS)
        return refuse("--threads: '%s' is no number from 1 to 16", text);
    config->threads = (unsigned)n;
    return true;
}

static bool parse_options(const char *text, struct editor_config *config)
{
    struct besom_report report;
    return besom_options_parse(&config->heap.options, text, &report) == BESOM_OK ||
           refuse("--options: %s", report.text);
}

struct asked {
    struct editor_config config;
    bool report, help;
    const char *script; /* NULL: standard input */
};

static bool parse_option(int c, struct asked *asked)
{
    switch (c) {
    case 'm': return parse_mode(optarg, &asked->config);
    case 'o': return parse_options(optarg, &asked->config);
    case 'l': return parse_bytes(optarg, &asked->config.heap.options.heap_max_bytes);
    case 't': return parse_threads(optarg, &asked->config);
    case 'x': return parse_mistake(optarg, &asked->config);
    case 'z': return asked->config.late = true;
    case 'r': return asked->report = true;
    case 'h': return asked->help = true;
    default:
        return refuse("the options are --mode, --options, --limit, --threads, --late, --mistake, "
                      "--report, --help");
    }
}

static bool parse(int argc, char **argv, struct asked *asked)
{
    static const struct option options[] = {{"mode", required_argument, NULL, 'm'},
                                            {"options", required_argument, NULL, 'o'},
                                            {"limit", required_argument, NULL, 'l'},
                                            {"threads", required_argument, NULL, 't'},
                                            {"mistake", required_argument, NULL, 'x'},
                                            {"late", no_argument, NULL, 'z'},
                                            {"report", no_argument, NULL, 'r'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int c;
    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (!parse_option(c, asked))
            return false;
    }
    if (argc - optind > 1)
        return refuse("one script at a time: '%s' is too much", argv[optind + 1]);
    asked->script = argv[optind];
    return true;
}

/* The exit status. */
static int edit(const struct asked *asked, FILE *in)
{
    struct besom_report error;
    struct editor *editor = editor_new(&asked->config, &error);
    if (!editor) {
        refuse("%s", error.text);
        return 2;
    }
    bool done =
        script_run(editor, in, asked->script ? asked->script : "stdin", isatty(fileno(in)), stderr);
    if (asked->report && !editor_report(editor, stdout)) {
        fprintf(stderr, "editor: %s\n", editor_error(editor));
        done = false;
    }
    editor_free(editor);
    return done ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct asked asked = {0};
    editor_config_init(&asked.config);
    if (!parse(argc, argv, &asked))
        return 2;
    if (asked.help) {
        print_help(stdout);
        return 0;
    }
    FILE *in = asked.script ? fopen(asked.script, "r") : stdin;
    if (!in) {
        fprintf(stderr, "editor: '%s' cannot be read: %s\n", asked.script, strerror(errno));
        return 2;
    }
    int status = edit(&asked, in);
    if (in != stdin)
        fclose(in);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "editor: standard output cannot be written: %s\n", strerror(errno));
        status = 1;
    }
    return status;
}
