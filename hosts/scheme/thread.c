/* thread.c - threads (SRFI 18), each with a mutator of the one heap, and mutexes and condition
 * variables to exclude one another with.
 *
 * What threads wait on is the host's memory, counted, so that it outlives the object; whoever waits is
 * in a native region, so that the others can collect. */
#include "hosts/scheme/vm.h"
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#define P(name) static value name(struct vm *vm, int n, value *a)

struct lock {
    pthread_mutex_t guard;
    pthread_cond_t changed;
    bool locked;
    uint64_t signals, waiting;
};

/* What a thread and its object share; `done` is written under the guard. */
struct worker {
    pthread_mutex_t guard;
    pthread_cond_t changed;
    bool started, done;
    int users;
    struct world *world;
    struct besom_handle *handle; /* of the T_THREAD, until the thread has rooted it */
};

static void worker_release(struct worker *w)
{
    if (__atomic_sub_fetch(&w->users, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->guard);
    free(w);
}

void scm_thread_destroy(struct besom_heap *heap, void *object)
{
    (void)heap;
    struct thread *t = object;
    if (t->worker)
        worker_release(t->worker);
    t->worker = NULL;
}

void scm_mutex_destroy(struct besom_heap *heap, void *object)
{
    (void)heap;
    struct mutex *m = object;
    if (!m->lock)
        return;
    pthread_cond_destroy(&m->lock->changed);
    pthread_mutex_destroy(&m->lock->guard);
    free(m->lock);
    m->lock = NULL;
}

static void init_condition(pthread_cond_t *c)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(c, &attributes);
    pthread_condattr_destroy(&attributes);
}

P(make_thread)
{
    struct thread *t = scm_new(vm, T_THREAD, sizeof *t);
    t->thunk = a[0];
    t->name = n > 1 ? a[1] : (value)FALSE;
    t->result = UNSPECIFIED;
    t->failed = FALSE;
    struct worker *w = calloc(1, sizeof *w);
    if (!w)
        scm_starve(vm);
    pthread_mutex_init(&w->guard, NULL);
    init_condition(&w->changed);
    w->users = 1;
    w->world = vm->world;
    t->worker = w;
    return ref(t);
}

static struct thread *need_thread(struct vm *vm, value v)
{
    return AS(thread, want(vm, v, T_THREAD, "a thread"));
}

static void finish(struct worker *w)
{
    pthread_mutex_lock(&w->guard);
    w->done = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->guard);
    worker_release(w);
}

static void *run_thread(void *data)
{
    struct worker *w = data;
    struct vm *vm = scm_vm_new(w->world);
    if (vm) {
        struct thread *t = besom_handle_get(w->handle);
        vm->self = ref(t);
        value result = scm_run(vm, t->thunk);
        set_field(vm->m, t, &t->failed, boolean(!result));
        set_field(vm->m, t, &t->result, result ? result : vm->raised);
        besom_handle_free(w->handle);
        scm_vm_free(vm);
    }
    finish(w);
    return NULL;
}

P(thread_start)
{
    (void)n;
    struct thread *t = need_thread(vm, a[0]);
    struct worker *w = t->worker;
    pthread_mutex_lock(&w->guard);
    bool started = w->started;
    w->started = true;
    pthread_mutex_unlock(&w->guard);
    if (started)
        scm_error(vm, "thread", scm_cons(vm, a[0], NIL), "started already:");
    w->handle = besom_handle_new(vm->m, t, "thread");
    if (!w->handle)
        scm_starve(vm);
    __atomic_add_fetch(&w->users, 1, __ATOMIC_ACQ_REL);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 8 << 20);
    pthread_t id;
    int error = pthread_create(&id, &attributes, run_thread, w);
    pthread_attr_destroy(&attributes);
    if (error) {
        besom_handle_free(w->handle);
        worker_release(w);
        scm_error(vm, "thread", NIL, "no new thread can be had");
    }
    __atomic_add_fetch(&vm->world->n_threads, 1, __ATOMIC_RELAXED);
    return a[0];
}

/* When a wait of so many seconds, or without end (#f), is over. */
static bool deadline(struct vm *vm, value seconds, struct timespec *until)
{
    if (seconds == FALSE)
        return false;
    double s = scm_double(vm, seconds);
    s = s < 0 ? 0 : s > 1e8 ? 1e8 : s;
    clock_gettime(CLOCK_MONOTONIC, until);
    until->tv_sec += (time_t)s;
    until->tv_nsec += (long)((s - (double)(time_t)s) * 1e9);
    if (until->tv_nsec >= 1000000000) {
        until->tv_nsec -= 1000000000;
        until->tv_sec++;
    }
    return true;
}

static bool wait_on(pthread_cond_t *c, pthread_mutex_t *guard, const struct timespec *until)
{
    return (until ? pthread_cond_timedwait(c, guard, until) : pthread_cond_wait(c, guard)) !=
           ETIMEDOUT;
}

P(thread_wait) /* thread, seconds or #f: has it ended? */
{
    (void)n;
    struct worker *w = need_thread(vm, a[0])->worker;
    struct timespec until;
    bool timed = deadline(vm, a[1], &until), in_time = true;
    besom_native_enter(vm->m);
    pthread_mutex_lock(&w->guard);
    while (!w->done && in_time)
        in_time = wait_on(&w->changed, &w->guard, timed ? &until : NULL);
    bool done = w->done;
    pthread_mutex_unlock(&w->guard);
    besom_native_leave(vm->m);
    return boolean(done);
}
P(thread_result)
{
    (void)n;
    return load(&need_thread(vm, a[0])->result);
}
P(thread_failed)
{
    (void)n;
    return load(&need_thread(vm, a[0])->failed);
}
P(thread_name)
{
    (void)n;
    return need_thread(vm, a[0])->name;
}
P(is_thread)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_THREAD));
}
P(current_thread)
{
    if (vm->self == FALSE || !vm->self) {
        value args[] = {FALSE, FALSE};
        vm->self = make_thread(vm, 2, args);
    }
    (void)n, (void)a;
    return vm->self;
}
P(thread_yield)
{
    (void)n, (void)a;
    besom_native_enter(vm->m);
    sched_yield();
    besom_native_leave(vm->m);
    return UNSPECIFIED;
}
P(thread_sleep)
{
    (void)n;
    struct timespec until;
    if (!deadline(vm, a[0], &until))
        scm_type_error(vm, "a number of seconds", a[0]);
    besom_native_enter(vm->m);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
    besom_native_leave(vm->m);
    return UNSPECIFIED;
}

/* ---- mutexes and condition variables ---- */

static value make_lock(struct vm *vm, enum kind kind, value name)
{
    struct mutex *m = scm_new(vm, kind, sizeof *m);
    m->name = name;
    m->specific = UNSPECIFIED;
    struct lock *l = calloc(1, sizeof *l);
    if (!l)
        scm_starve(vm);
    pthread_mutex_init(&l->guard, NULL);
    init_condition(&l->changed);
    m->lock = l;
    return ref(m);
}
P(make_mutex)
{
    return make_lock(vm, T_MUTEX, n ? a[0] : (value)FALSE);
}
P(make_condvar)
{
    return make_lock(vm, T_CONDVAR, n ? a[0] : (value)FALSE);
}
P(is_mutex)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_MUTEX));
}
P(is_condvar)
{
    (void)n, (void)vm;
    return boolean(is(a[0], T_CONDVAR));
}

static struct lock *lock_of(struct vm *vm, value v, enum kind kind)
{
    return AS(mutex, want(vm, v, kind, kind == T_MUTEX ? "a mutex" : "a condition variable"))->lock;
}
P(mutex_name)
{
    (void)n;
    return AS(mutex, want(vm, a[0], T_MUTEX, "a mutex"))->name;
}

P(mutex_lock) /* mutex [seconds]: was it had in time? */
{
    struct lock *l = lock_of(vm, a[0], T_MUTEX);
    struct timespec until;
    bool timed = deadline(vm, n > 1 ? a[1] : (value)FALSE, &until), in_time = true;
    besom_native_enter(vm->m);
    pthread_mutex_lock(&l->guard);
    while (l->locked && in_time)
        in_time = wait_on(&l->changed, &l->guard, timed ? &until : NULL);
    bool mine = !l->locked;
    l->locked = true;
    pthread_mutex_unlock(&l->guard);
    besom_native_leave(vm->m);
    return boolean(mine);
}

static void unlock(struct lock *l)
{
    pthread_mutex_lock(&l->guard);
    l->locked = false;
    pthread_cond_signal(&l->changed);
    pthread_mutex_unlock(&l->guard);
}

/* mutex [condition-variable [seconds]] */
P(mutex_unlock)
{
    struct lock *l = lock_of(vm, a[0], T_MUTEX);
    if (n == 1 || a[1] == FALSE) {
        unlock(l);
        return TRUE;
    }
    struct lock *c = lock_of(vm, a[1], T_CONDVAR);
    struct timespec until;
    bool timed = deadline(vm, n > 2 ? a[2] : (value)FALSE, &until), in_time = true;
    besom_native_enter(vm->m);
    pthread_mutex_lock(&c->guard);
    uint64_t mine = ++c->waiting; /* signalled once this many have been */
    unlock(l);
    while (c->signals < mine && in_time)
        in_time = wait_on(&c->changed, &c->guard, timed ? &until : NULL);
    bool signalled = c->signals >= mine;
    if (!signalled)
        c->signals++; /* nobody else's signal is to be lost on us */
    pthread_mutex_unlock(&c->guard);
    besom_native_leave(vm->m);
    return boolean(signalled);
}

static value signal_some(struct lock *c, bool all)
{
    pthread_mutex_lock(&c->guard);
    if (all)
        c->signals = c->waiting;
    else if (c->signals < c->waiting)
        c->signals++;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->guard);
    return UNSPECIFIED;
}
P(condvar_signal)
{
    (void)n;
    return signal_some(lock_of(vm, a[0], T_CONDVAR), false);
}
P(condvar_broadcast)
{
    (void)n;
    return signal_some(lock_of(vm, a[0], T_CONDVAR), true);
}

const struct primitive_row scm_thread_rows[] = {
    {"make-thread", make_thread, 1, 2, 0, 0},
    {"thread-start!", thread_start, 1, 1, 0, 1},
    {"%thread-wait", thread_wait, 2, 2, 0, 1},
    {"%thread-result", thread_result, 1, 1, 0, 0},
    {"%thread-failed?", thread_failed, 1, 1, 0, 0},
    {"thread-name", thread_name, 1, 1, 0, 0},
    {"thread?", is_thread, 1, 1, 0, 0},
    {"current-thread", current_thread, 0, 0, 0, 0},
    {"thread-yield!", thread_yield, 0, 0, 0, 1},
    {"thread-sleep!", thread_sleep, 1, 1, 0, 1},
    {"make-mutex", make_mutex, 0, 1, 0, 0},
    {"mutex?", is_mutex, 1, 1, 0, 0},
    {"mutex-name", mutex_name, 1, 1, 0, 0},
    {"mutex-lock!", mutex_lock, 1, 2, 0, 1},
    {"mutex-unlock!", mutex_unlock, 1, 3, 0, 1},
    {"make-condition-variable", make_condvar, 0, 1, 0, 0},
    {"condition-variable?", is_condvar, 1, 1, 0, 0},
    {"condition-variable-signal!", condvar_signal, 1, 1, 0, 1},
    {"condition-variable-broadcast!", condvar_broadcast, 1, 1, 0, 1},
    {NULL, NULL, 0, 0, 0, 0}};
