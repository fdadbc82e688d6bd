/* test_options.c - options come from struct, string and environment, or are refused by name. */
#include "support.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct besom_options defaults(void)
{
    struct besom_config config;
    besom_config_init(&config);
    return config.options;
}

static struct besom_options parsed(const char *text)
{
    struct besom_options options = defaults();
    struct besom_report report = {{0}};
    ck_assert_msg(besom_options_parse(&options, text, &report) == BESOM_OK, "%s: %s", text,
                  report.text);
    return options;
}

START_TEST(sizes_take_k_m_and_g)
{
    ck_assert_uint_eq(parsed("heap_min=4096k").heap_min_bytes, (size_t)4096 << 10);
    ck_assert_uint_eq(parsed("heap_min=3m").heap_min_bytes, (size_t)3 << 20);
    ck_assert_uint_eq(parsed("heap_max=2g").heap_max_bytes, (size_t)2 << 30);
    ck_assert_uint_eq(parsed("heap_max=123456789").heap_max_bytes, 123456789);
}
END_TEST

START_TEST(bare_name_means_one)
{
    ck_assert(parsed("verify").verify);
    ck_assert_uint_eq(parsed("stress").stress, 1);
    struct besom_options options = parsed("poison,slow,audit_stack,check_frames");
    ck_assert(options.poison && options.slow && options.audit_stack && options.check_frames);
}
END_TEST

START_TEST(each_option_is_set_by_its_name)
{
    ck_assert_int_eq(parsed("mode=stw").mode, BESOM_STW);
    ck_assert_int_eq(parsed("safepoints=alloc").safepoints, BESOM_GC_AT_ALLOC);
    ck_assert_int_eq(parsed("safepoints=alloc,safepoints=poll").safepoints, BESOM_GC_AT_POLL);
    ck_assert_int_eq(parsed("pace=factor").pace, BESOM_PACE_FACTOR);
    ck_assert_int_eq(parsed("pace=fixed").pace, BESOM_PACE_FIXED);
    ck_assert_int_eq(parsed("pace=fixed,pace=sqrt").pace, BESOM_PACE_SQRT);
    ck_assert_uint_eq(parsed("pace_factor=250").pace_factor_percent, 250);
    ck_assert_uint_eq(parsed("pace_unit=64k").pace_unit_bytes, 64 << 10);
    ck_assert_uint_eq(parsed("mark_threads=3").mark_threads, 3);
    ck_assert_uint_eq(parsed("mark_stack=64").mark_stack_entries, 64);
    ck_assert_uint_eq(parsed("give_back_ms=17").give_back_ms, 17);
    ck_assert(parsed("huge_pages=1").huge_pages);
    ck_assert(!parsed("huge_pages=1,huge_pages=0").huge_pages);
    ck_assert(parsed("scan_stacks").scan_stacks);
    ck_assert_uint_eq(parsed("stress=9").stress, 9);
    ck_assert_uint_eq(parsed("seed=12345").seed, 12345);
    ck_assert(parsed("barrier").barrier);
    ck_assert_uint_eq(parsed("pauses=65536").pauses, 65536);
}
END_TEST

START_TEST(name_of_the_trace_is_part_of_the_text)
{
    const char *text = "slow,trace=/tmp/a=b.json,poison";
    struct besom_options options = parsed(text);
    ck_assert_ptr_eq(options.trace, text + strlen("slow,trace="));
    ck_assert(options.slow && options.poison);
    char longer[1000] = "trace=";
    memset(longer + 6, 'x', sizeof longer - 7);
    ck_assert_ptr_eq(parsed(longer).trace, longer + 6);
    ck_assert_ptr_null(defaults().trace);
}
END_TEST

START_TEST(empty_text_changes_nothing)
{
    struct besom_options options = parsed(""), expected = defaults();
    ck_assert_mem_eq(&options, &expected, sizeof options);
}
END_TEST

/* Refuses text, names the option, changes nothing; the report is for the caller. */
static void check_refused(const char *text, const char *name, struct besom_report *report)
{
    struct besom_options options = defaults(), before;
    options.seed = 77;
    memcpy(&before, &options, sizeof before);
    enum besom_status status = besom_options_parse(&options, text, report);
    ck_assert_msg(status == BESOM_E_OPTION, "%s: %s", text, besom_status_text(status));
    ck_assert_mem_eq(&options, &before, sizeof options);
    ck_assert_msg(strstr(report->text, name) != NULL, "%s: %s", text, report->text);
    ck_assert_int_eq(besom_options_parse(&options, text, NULL), BESOM_E_OPTION);
    ck_assert_mem_eq(&options, &before, sizeof options);
}

START_TEST(unknown_name_is_refused_by_name)
{
    struct besom_report report;
    check_refused("nonsense=1", "nonsense", &report);
    check_refused("seed=5,wonky", "wonky", &report);
    check_refused("seed=5,verif=1,slow", "verif", &report);
    check_refused("verifyy", "verifyy", &report);
}
END_TEST

START_TEST(malformed_value_is_refused_by_name)
{
    static const struct {
        const char *text, *name;
    } bad[] = {
        {"heap_min=", "heap_min"},
        {"heap_min=abc", "heap_min"},
        {"heap_min=1x", "heap_min"},
        {"heap_min=1kk", "heap_min"},
        {"heap_max=-1", "heap_max"},
        {"heap_max=99999999999999999999999", "heap_max"},
        {"heap_max=99999999999999999g", "heap_max"},
        {"mode=sideways", "mode"},
        {"pace=", "pace"},
        {"pace=slowly", "pace"},
        {"safepoints=never", "safepoints"},
        {"verify=2", "verify"},
        {"verify=yes!", "verify"},
        {"stress=1.5", "stress"},
        {"pauses=all", "pauses"},
        {"pauses=99999999", "pauses"},
        {"trace", "trace"},
        {"seed=1,trace,slow", "trace"},
        {"seed=5,mark_threads=two,slow", "mark_threads"},
    };
    struct besom_report report;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_refused(bad[i].text, bad[i].name, &report);
}
END_TEST

/* Is there a number in text that is not in `given`? */
static bool names_a_number_besides(const char *text, const char *given)
{
    for (const char *p = text; *p;) {
        size_t n = strspn(p, "0123456789");
        if (n && (n != strlen(given) || strncmp(p, given, n) != 0))
            return true;
        p += n ? n : 1;
    }
    return false;
}

START_TEST(value_out_of_range_is_refused_with_the_range)
{
    static const struct {
        const char *name, *value;
    } bad[] = {
        {"mark_threads", "1000000"},
        {"mark_stack", "1"},
        {"pace_factor", "99"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[100];
        struct besom_report report;
        snprintf(text, sizeof text, "%s=%s", bad[i].name, bad[i].value);
        check_refused(text, bad[i].name, &report);
        ck_assert_msg(names_a_number_besides(report.text, bad[i].value), "no range in: %s",
                      report.text);
    }
}
END_TEST

START_TEST(struct_value_out_of_range_is_refused)
{
    for (int i = 0; i < 4; i++) {
        struct rig rig;
        rig_init_exact(&rig, NULL);
        struct besom_options *o = &rig.config.options;
        const char *name[] = {"mode", "pace", "safepoints", "mark_threads"};
        switch (i) {
        case 0: o->mode = (enum besom_mode)99; break;
        case 1: o->pace = (enum besom_pace)99; break;
        case 2: o->safepoints = (enum besom_safepoints)99; break;
        default: o->mark_threads = 1000000; break;
        }
        struct besom_report report = {{0}};
        struct besom_heap *heap = NULL;
        ck_assert_int_eq(besom_heap_new(&rig.config, &heap, &report), BESOM_E_OPTION);
        ck_assert_ptr_null(heap);
        ck_assert_msg(strstr(report.text, name[i]) != NULL, "%s: %s", name[i], report.text);
        ck_assert_int_eq(besom_heap_new(&rig.config, &heap, NULL), BESOM_E_OPTION);
    }
}
END_TEST

/* The seed that a heap ends up with tells which source of options won. */
static uint64_t seed_with(uint64_t in_struct, const char *in_text, const char *in_environment,
                          bool ignore)
{
    setenv("BESOM_OPTIONS", in_environment, 1);
    struct rig rig;
    rig_init(&rig);
    rig.config.options.seed = in_struct;
    rig.config.options_text = in_text;
    rig.config.ignore_environment = ignore;
    rig_open(&rig);
    uint64_t seed = stats_of(rig.heap).seed;
    rig_close(&rig);
    return seed;
}

START_TEST(text_overrides_struct_and_environment_overrides_text)
{
    ck_assert_uint_eq(seed_with(11, NULL, "", false), 11);
    ck_assert_uint_eq(seed_with(11, "seed=22", "", false), 22);
    ck_assert_uint_eq(seed_with(11, "seed=22", "seed=33", false), 33);
    ck_assert_uint_eq(seed_with(11, "seed=22", "verify", false), 22);
    ck_assert_uint_eq(seed_with(11, "seed=22", "seed=33", true), 22);
}
END_TEST

START_TEST(seed_zero_is_replaced_by_the_clocks)
{
    ck_assert_uint_ne(seed_with(0, NULL, "", false), 0);
}
END_TEST

START_TEST(bad_environment_refuses_the_heap)
{
    setenv("BESOM_OPTIONS", "stress=1,gobble=2", 1);
    struct rig rig;
    rig_init(&rig);
    struct besom_report report = {{0}};
    ck_assert_int_eq(besom_heap_new(&rig.config, &rig.heap, &report), BESOM_E_OPTION);
    ck_assert_ptr_null(rig.heap);
    ck_assert_ptr_nonnull(strstr(report.text, "gobble"));
    rig.config.ignore_environment = true;
    rig_open(&rig);
    rig_close(&rig);
}
END_TEST

static bool begins_with_word(const char *line, const char *word)
{
    size_t n = strlen(word);
    return strncmp(line, word, n) == 0 && !isalnum((unsigned char)line[n]) && line[n] != '_';
}

START_TEST(help_has_a_line_for_every_option)
{
    static const char *const names[] = {
        "mode", "generational", "nursery", "concurrent_threads", "safepoints", "pace", "heap_min", "heap_max", "pace_factor",
        "pace_unit", "mark_threads", "mark_stack", "give_back_ms", "huge_pages",
        "scan_stacks", "stress", "slow", "seed", "verify", "poison", "audit_stack",
        "check_frames", "barrier", "pauses", "trace"};
    enum { NAMES = sizeof names / sizeof *names };
    size_t lines = 0;
    struct besom_report line;
    bool found[NAMES] = {false};
    for (; besom_options_help(lines, &line); lines++) {
        ck_assert_ptr_null(strchr(line.text, '\n'));
        for (size_t i = 0; i < NAMES; i++)
            found[i] |= begins_with_word(line.text, names[i]);
    }
    for (size_t i = 0; i < NAMES; i++)
        ck_assert_msg(found[i], "no help for %s", names[i]);
    ck_assert_uint_eq(lines, NAMES);
    strcpy(line.text, "untouched");
    ck_assert(!besom_options_help(lines, &line));
    ck_assert(!besom_options_help(SIZE_MAX, &line));
    ck_assert_str_eq(line.text, "untouched");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        sizes_take_k_m_and_g,
        bare_name_means_one,
        each_option_is_set_by_its_name,
        name_of_the_trace_is_part_of_the_text,
        empty_text_changes_nothing,
        unknown_name_is_refused_by_name,
        malformed_value_is_refused_by_name,
        value_out_of_range_is_refused_with_the_range,
        struct_value_out_of_range_is_refused,
        text_overrides_struct_and_environment_overrides_text,
        seed_zero_is_replaced_by_the_clocks,
        bad_environment_refuses_the_heap,
        help_has_a_line_for_every_option,
    };
    return run_tests("options", tests, sizeof tests / sizeof *tests);
}
