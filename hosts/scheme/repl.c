/* repl.c - the loop that reads, evaluates and prints. */
#include "hosts/scheme/repl.h"
#include <editline/readline.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A thunk that calls the procedure: the form is compiled, so the argument is its constant. */
static value call_thunk(struct vm *vm, const char *name, const char *text, const value *argument)
{
    value x = argument ? *argument : scm_string(vm, text);
    value quoted = scm_list(vm, 2, known(vm, K_QUOTE), x);
    value form = scm_list(vm, 2, scm_symbol(vm, name), quoted);
    return scm_compile(vm, form, vm->world->core, NULL, NULL);
}

/* Between the jump's target and the run nothing may be a safepoint. */
value repl_call(struct vm *vm, const char *name, const char *text, const value *argument)
{
    if (setjmp(vm->jump) != 0)
        return 0;
    return scm_run(vm, call_thunk(vm, name, text, argument));
}

value repl_eval_text(struct vm *vm, const char *text, const char *name)
{
    if (setjmp(vm->jump) != 0)
        return 0;
    value port = scm_open_text(vm, text, strlen(text), name);
    return repl_call(vm, "%eval-port", NULL, &port);
}

void repl_report(struct vm *vm)
{
    value raised = vm->raised;
    fflush(stdout);
    if (!repl_call(vm, "%report", NULL, &raised))
        fputs("scheme: an error that cannot be printed\n", stderr);
}

void repl_print(struct vm *vm, value v)
{
    if (v != UNSPECIFIED && !repl_call(vm, "%print-result", NULL, &v))
        repl_report(vm);
    fflush(stdout);
}

/* Does the text end within a datum?  Then more lines belong to it. */
static bool is_whole(const char *text)
{
    long depth = 0;
    bool any = false;
    for (const char *p = text; *p; p++) {
        if (*p == ';') {
            while (p[1] && p[1] != '\n')
                p++;
        } else if (*p == '"' || *p == '|') {
            char quote = *p++;
            for (; *p && *p != quote; p++)
                if (*p == '\\' && p[1])
                    p++;
            if (!*p)
                return false;
            any = true;
        } else if (*p == '#' && p[1] == '\\' && p[2]) {
            p += 2;
            any = true;
        } else if (*p == '(') {
            depth++;
            any = true;
        } else if (*p == ')') {
            depth--;
        } else if ((unsigned char)*p > ' ') {
            any = true;
        }
    }
    return any && depth <= 0;
}

static char *read_lines(const char *prompt)
{
    char *text = NULL;
    for (;;) {
        char *line = readline(text ? "... " : prompt);
        if (!line)
            return text;
        size_t before = text ? strlen(text) : 0;
        char *more = realloc(text, before + strlen(line) + 2);
        if (!more) {
            free(line);
            return text;
        }
        text = more;
        strcpy(text + before, line);
        strcat(text, "\n");
        free(line);
        if (is_whole(text))
            return text;
        if (strspn(text, " \t\n") == strlen(text)) {
            free(text);
            text = NULL;
        }
    }
}

static void add_to_history(char *text)
{
    size_t n = strlen(text);
    if (n && text[n - 1] == '\n')
        text[n - 1] = 0;
    add_history(text);
}

static const char *history_file(void)
{
    static char path[512];
    const char *home = getenv("HOME");
    snprintf(path, sizeof path, "%s/.besom_scheme_history", home ? home : ".");
    return path;
}

/* While the user types, other threads may collect. */
int repl_run(struct vm *vm)
{
    bool terminal = isatty(STDIN_FILENO);
    vm->world->interactive = terminal;
    if (!terminal) {
        value port = vm->world->ports[0];
        if (!repl_call(vm, "%load-port", NULL, &port)) {
            repl_report(vm);
            return 1;
        }
        return 0;
    }
    printf("Besom Scheme, %s collector %s.  End with Ctrl-D.\n", "R7RS small,", besom_version());
    using_history();
    read_history(history_file());
    for (;;) {
        besom_native_enter(vm->m);
        char *text = read_lines("> ");
        besom_native_leave(vm->m);
        if (!text)
            break;
        value result = repl_eval_text(vm, text, "terminal");
        if (result)
            repl_print(vm, result);
        else
            repl_report(vm);
        add_to_history(text);
        free(text);
    }
    putchar('\n');
    write_history(history_file());
    return 0;
}
