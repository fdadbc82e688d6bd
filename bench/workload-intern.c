/* workload-intern.c - one symbol for each text, as a reader of a language makes them.
 *
 * A text of words, some of which occur often and most seldom.  An operation takes the next word,
 * finds or makes its symbol, and holds it for as many operations as there are `entries`; there are
 * four times as many different words, of 6 to 21 letters.  After every `entries` operations there
 * is a full collection. */
#include "bench/worker.h"

#include "bench/adapter.h"
#include "bench/clock.h"
#include "bench/limited.h"
#include "bench/stream.h"
#include "bench/symbol.h"
#include "bench/weak.h"

enum { WORDS_PER_ENTRY = 4, SHORTEST = 6, LENGTHS = 16, LETTERS = 26 };

static const struct mem_type *const types[] = {&symbol_type};

/* A text, and where in it each word begins; one more marks the end of the last. */
struct words {
    char *text;
    uint32_t *at;
};

static struct words words_room(size_t n)
{
    struct words words = {malloc(n * (SHORTEST + LENGTHS)), malloc((n + 1) * sizeof(uint32_t))};
    if (!words.text || !words.at)
        worker_fail("out of memory");
    words.at[0] = 0;
    return words;
}

/* n different words; or almost, for they are random. */
static struct words dictionary_new(size_t n)
{
    struct words words = words_room(n);
    struct random32 random = {STREAM_SEED};
    for (size_t i = 0; i < n; i++) {
        uint32_t length = SHORTEST + random32_below(&random, LENGTHS);
        for (uint32_t j = 0; j < length; j++)
            words.text[words.at[i] + j] = (char)('a' + random32_below(&random, LETTERS));
        words.at[i + 1] = words.at[i] + length;
    }
    return words;
}

static void words_free(struct words words)
{
    free(words.text);
    free(words.at);
}

static struct probe word_at(struct words words, size_t i)
{
    return (struct probe){words.text + words.at[i], words.at[i + 1] - words.at[i]};
}

/* The text that a stream of choices from n words makes. */
static struct words text_new(size_t n)
{
    struct words dictionary = dictionary_new(n);
    struct stream choices = stream_skewed((uint32_t)n);
    struct words words = words_room(STREAM_LENGTH);
    for (uint32_t i = 0; i < STREAM_LENGTH; i++) {
        struct probe word = word_at(dictionary, stream_at(choices, i));
        memcpy(words.text + words.at[i], word.text, word.length);
        words.at[i + 1] = words.at[i] + (uint32_t)word.length;
    }
    stream_free(choices);
    words_free(dictionary);
    return words;
}

static uint32_t intern(struct mem m, struct weak_set *set, struct mem_roots held,
                       struct words words, uint64_t operations)
{
    uint32_t sum = 0;
    size_t oldest = 0;
    for (uint64_t i = 0; i < operations; i++) {
        mem_poll(m);
        struct probe probe = word_at(words, i % STREAM_LENGTH);
        struct symbol *symbol = weak_set_intern(m, set, &probe);
        held.slot[oldest] = symbol;
        sum = worker_sum(sum, (uint32_t)symbol->length + (unsigned char)symbol->text[0]);
        if (++oldest == held.n) {
            oldest = 0;
            mem_collect(m);
        }
    }
    return sum;
}

/* Is what is held still the one symbol of its text? */
static bool is_canonical(struct mem m, struct weak_set *set, struct mem_roots held)
{
    for (size_t i = 0; i < held.n; i++) {
        const struct symbol *symbol = held.slot[i];
        if (!symbol)
            continue;
        struct probe probe = {symbol->text, symbol->length};
        if (weak_set_intern(m, set, &probe) != symbol)
            return false;
    }
    return true;
}

void workload_intern(const struct params *params)
{
    const size_t n = params_count(params, "entries");
    const uint64_t operations = params_count(params, "operations");
    struct mem_config config = config_limited(params, types, 1);
    struct words words = text_new(WORDS_PER_ENTRY * n);
    struct mem m = mem_open(&config);
    struct mem_roots held = mem_roots_new(m, n);
    {
        MEM_LOCALS(m, struct weak_set * set;);
        my->set = weak_set_new(m);
        uint64_t began = clock_ns();
        uint32_t sum = intern(m, my->set, held, words, operations);
        uint64_t took = clock_ns() - began;
        worker_value("ns_per_op", (double)took / (double)operations);
        worker_value("stop_ms_max", (double)mem_stop_max_ns(m) / 1e6);
        worker_value("collections", (double)mem_collections(m));
        worker_check(sum);
        if (!is_canonical(m, my->set, held))
            worker_fail("two symbols have one text");
    }
    mem_roots_free(m, held);
    mem_close(m);
    words_free(words);
}
