/* test_gc_block_lock.c - allocating does not wait for those who take the lock of blocks again and again. */
#include "support.h"

#include "gc/heap.h"
#include "gc/os.h"

static void spin(uint64_t ns)
{
    for (uint64_t until = besom__os_now_ns() + ns; besom__os_now_ns() < until;)
        ;
}

/* As who sweeps or gives memory back: holds the lock for a while, and wants it back at once. */
static struct {
    struct besom_heap *heap;
    uint32_t turns, is_over; /* atomic */
} taker;

static void *take_again_and_again(void *data)
{
    (void)data;
    while (!__atomic_load_n(&taker.is_over, __ATOMIC_RELAXED)) {
        besom__block_lock_behind(taker.heap);
        __atomic_add_fetch(&taker.turns, 1, __ATOMIC_RELAXED);
        spin(300000);
        besom__block_unlock(taker.heap);
    }
    return NULL;
}

/* The turns that others have while this thread waits: the one under way, and hardly another. */
START_TEST(who_wants_the_lock_back_at_once_comes_last)
{
    enum { WAITS = 50 };
    struct rig rig;
    uint32_t turns = 0;
    rig_init(&rig);
    rig_open(&rig);
    taker.heap = rig.heap;
    taker.is_over = 0;
    pthread_t thread = thread_start(take_again_and_again, NULL);
    for (int i = 0; i < WAITS; i++) {
        uint32_t before = __atomic_load_n(&taker.turns, __ATOMIC_RELAXED);
        besom__block_lock(rig.heap);
        turns += __atomic_load_n(&taker.turns, __ATOMIC_RELAXED) - before;
        besom__block_unlock(rig.heap);
        sleep_ms(1);
    }
    __atomic_store_n(&taker.is_over, 1, __ATOMIC_RELAXED);
    thread_join(thread);
    ck_assert_msg(turns < WAITS, "%u turns in %d waits", turns, WAITS);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        who_wants_the_lock_back_at_once_comes_last,
    };
    return run_tests("block lock", tests, sizeof tests / sizeof *tests);
}
