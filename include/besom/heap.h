/* heap.h - creating, configuring and freeing heaps. */
#ifndef BESOM_HEAP_H
#define BESOM_HEAP_H

#include <besom/base.h>
#include <besom/event.h>
#include <besom/type.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the collector's work is driven. */
enum besom_mode {
    BESOM_STW,         /* whole cycles while the world is stopped */
    BESOM_INCREMENTAL, /* marked in slices, at polls of the mutators that allocate */
    BESOM_CONCURRENT   /* marked by a thread of the heap's own, beside running mutators */
};

/* How large the heap may grow before the next cycle. */
enum besom_pace {
    BESOM_PACE_SQRT,   /* live + sqrt(live x pace_unit x allocation rate / marking rate) */
    BESOM_PACE_FACTOR, /* live x pace_factor_percent / 100 */
    BESOM_PACE_FIXED   /* heap_max_bytes, or heap_min_bytes if there is no maximum */
};

/* Where a collection may happen. */
enum besom_safepoints {
    BESOM_GC_AT_POLL, /* besom_poll and the other calls that say so, and native regions */
    BESOM_GC_AT_ALLOC /* every allocation too: locals must be rooted across allocations */
};

/* The options of a heap.  besom_config_init sets the defaults; besom_options_help lists names,
 * defaults and ranges, and doc/manual.md explains each.  In text an option has the name of its
 * field, without _bytes, _percent or _entries. */
struct besom_options {
    enum besom_mode mode;             /* mode=stw|incremental|concurrent */
    bool generational;                /* minor cycles judge only what is young */
    size_t nursery_bytes;             /* generational: so much is allocated between minor cycles */
    size_t concurrent_threads;        /* mode=concurrent: threads that mark beside mutators, the
                                         collector's included */
    enum besom_safepoints safepoints; /* safepoints=poll|alloc */
    enum besom_pace pace;             /* pace=sqrt|factor|fixed */
    size_t heap_min_bytes;            /* no cycle starts below this */
    size_t heap_max_bytes;            /* hard limit on blocks, huge objects and external bytes */
    size_t pace_factor_percent;       /* pace=factor: 200 lets the heap double */
    size_t pace_unit_bytes;           /* pace=sqrt: larger means fewer cycles, more memory */
    size_t mark_threads;              /* 0: the online processors, at most 8 */
    size_t mark_stack_entries;        /* bound on marking's stack; beyond it marking is slower */
    size_t give_back_ms;              /* empty blocks go back to the system after this */
    bool huge_pages;                  /* ask for huge pages beyond the first 32 MiB */
    bool scan_stacks;                 /* C stacks of attached threads are ambiguous roots */
    size_t pauses;                    /* how many of the last ones are kept; pause.h */
    /* A file that gets a trace for Perfetto, or NULL: its name ends with the string or at the first
     * comma.  It is the caller's, or part of the text it was parsed from, which is to outlive its use
     * by besom_heap_new; a heap keeps no pointer to it. */
    const char *trace;
    /* debugging */
    size_t stress;                    /* n > 0: collect at every nth safepoint */
    bool slow;                        /* the smallest quanta of work, of seeded random size; in
                                         mode incremental one at every safepoint */
    uint64_t seed;                    /* for slow; 0: from the clock, reported by besom_stats */
    bool verify;                      /* check the invariants before and after every cycle */
    bool poison;                      /* overwrite the dead, keep them from reuse for a cycle */
    bool audit_stack;                 /* report dying objects that a C stack still mentions */
    bool check_frames;                /* report frames skipped by longjmp, and scan that stack */
    bool barrier;                     /* keep the write barrier on in a mode that ignores it */
};

/* Which words in reference maps are references: those with (word & mask) == match, of the address
 * (word & pointer_bits), NULL excepted.  mask, match and pointer_bits zero: all words are addresses.
 * The object starts ref_offset_bytes before the address: at most 4096, and such that references fit
 * the three.  So in fields, tails, root ranges, besom_visit_words and the values of tables and
 * ephemerons; everywhere else an object is told by its start. */
struct besom_encoding {
    uint64_t mask, match, pointer_bits;
    uint32_t ref_offset_bytes;
};

/* Where the library gets its memory; a NULL function means the system's.  They may be called by
 * any thread that uses the heap, and by the library's own. */
struct besom_memory {
    void *(*map)(void *host, size_t bytes, size_t align_bytes); /* zeroed; NULL: no more */
    void (*unmap)(void *host, void *start, size_t bytes);
    void *(*alloc)(void *host, size_t bytes);                    /* like malloc */
    void (*release)(void *host, void *block);                    /* like free; may get NULL */
};

#define BESOM_CONFIG_VERSION 1

struct besom_config {
    uint32_t version;                                     /* BESOM_CONFIG_VERSION */
    void *host;                                           /* handed back to every callback */
    const struct besom_type *(*type_of)(const void *obj); /* NULL: the object's first word */
    struct besom_encoding encoding;
    bool foreign_refs;       /* references to memory that is not the heap's occur: skip them */
    bool ignore_environment; /* do not read BESOM_OPTIONS */
    struct besom_memory memory;
    struct besom_options options;
    const char *options_text; /* "name=value,name,..." over options; NULL: none */
    void (*on_event)(void *host, const struct besom_event *event);
    /* An allocation found no memory.  True: try again.  It may call Besom; if it collects, the
     * allocation was a safepoint. */
    bool (*on_out_of_memory)(void *host, size_t bytes);
    /* The queue of finalizers is no longer empty.  At the end of a safepoint of some mutator, on
     * its thread; it may do what the thread may do. */
    void (*on_finalizers_ready)(void *host);
};

/* Sets version and default options, everything else to zero. */
BESOM_API void besom_config_init(struct besom_config *config);

/* Applies "name=value,name,..." (a bare name means 1; sizes take k, m, g) to options.  On an
 * unknown name or a value out of range: BESOM_E_OPTION, options unchanged, and report (may be
 * NULL) names the option and its range.  options->trace may point into text afterwards. */
BESOM_API enum besom_status besom_options_parse(struct besom_options *options, const char *text,
                                                struct besom_report *report);

/* Option number index, counted from 0: its name, default, range and help, one line, into *line.
 * False, and *line untouched, past the last one. */
BESOM_API bool besom_options_help(size_t index, struct besom_report *line);

/* Creates a heap.  Options are taken from config->options, then config->options_text, then the
 * environment's BESOM_OPTIONS, and checked as a whole.  On failure *out is untouched, nothing
 * remains, and report (may be NULL) says what was wrong.
 * BESOM_OK, BESOM_E_ARGUMENT, BESOM_E_OPTION or BESOM_E_MEMORY. */
BESOM_API enum besom_status besom_heap_new(const struct besom_config *config,
                                           struct besom_heap **out, struct besom_report *report);

/* Frees a heap: runs the destroy hook of every object that has one, then releases everything.
 * BESOM_E_STATE, and nothing happens, while a mutator is attached.  NULL is BESOM_E_ARGUMENT. */
BESOM_API enum besom_status besom_heap_free(struct besom_heap *heap);

/* Gives all empty blocks back to the system now, whatever give_back_ms says: for a host that
 * goes idle.  Any thread; waits for a collection in progress, so it is a safepoint for the calling
 * thread's mutator, but starts none.  Returns the bytes given back; 0 for NULL. */
BESOM_API size_t besom_give_back(struct besom_heap *heap);

/* The `host` pointer of the configuration. */
BESOM_API void *besom_heap_host(const struct besom_heap *heap);

/* Around fork, as with pthread_atfork: prepare waits for the work another thread is at (a safepoint
 * for this thread's mutator), stops the others, and holds the heap's locks; parent and child let go
 * of them.  A cycle that is under way goes on in both.  In the child every mutator of another thread
 * is detached, what its frames and root sources held with it.  BESOM_E_ARGUMENT for NULL. */
BESOM_API enum besom_status besom_fork_prepare(struct besom_heap *heap);
BESOM_API enum besom_status besom_fork_parent(struct besom_heap *heap);
BESOM_API enum besom_status besom_fork_child(struct besom_heap *heap);

#ifdef __cplusplus
}
#endif
#endif
