/* support_threads.c - the threads and gates of support.h. */
#include "support.h"

#include <errno.h>
#include <time.h>

enum { PATIENCE_S = 60 };

void gate_init(struct gate *gate)
{
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->changed, NULL);
    gate->value = 0;
}

void gate_raise(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->value++;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

void gate_wait(struct gate *gate, int value)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&gate->lock);
    int error = 0;
    while (gate->value < value && error == 0)
        error = pthread_cond_timedwait(&gate->changed, &gate->lock, &end);
    pthread_mutex_unlock(&gate->lock);
    ck_assert_msg(error == 0, "nobody raised the gate to %d", value);
}

static int gate_value(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    int value = gate->value;
    pthread_mutex_unlock(&gate->lock);
    return value;
}

void gate_poll(struct gate *gate, int value, struct besom_mutator *m)
{
    uint64_t end = now_ns() + PATIENCE_S * UINT64_C(1000000000);
    while (gate_value(gate) < value) {
        besom_poll(m);
        ck_assert_msg(now_ns() < end, "nobody raised the gate to %d", value);
    }
}

void gate_wait_native(struct gate *gate, int value, struct besom_mutator *m)
{
    ck_assert_int_eq(besom_native_enter(m), BESOM_OK);
    gate_wait(gate, value);
    ck_assert_int_eq(besom_native_leave(m), BESOM_OK);
}

pthread_t thread_start(void *(*run)(void *), void *data)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, run, data), 0);
    return thread;
}

pthread_t thread_start_with_stack(void *(*run)(void *), void *data, size_t stack_bytes)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    ck_assert_int_eq(pthread_attr_setstacksize(&attributes, stack_bytes), 0);
    ck_assert_int_eq(pthread_create(&thread, &attributes, run, data), 0);
    pthread_attr_destroy(&attributes);
    return thread;
}

void thread_join(pthread_t thread)
{
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
