/* machine_code.c - functions of machine code, put together by hand as a JIT compiler does. */
#define _GNU_SOURCE
#include "machine_code.h"

#include <string.h>
#include <sys/mman.h>

#if defined __x86_64__ && defined MAP_ANONYMOUS

enum { CODE_BYTES = 4096, SLOT = -1 /* of a frame of descend, in words from its frame pointer */ };

struct emitter {
    uint8_t *at;
};

static void bytes(struct emitter *e, size_t n, const char *code)
{
    memcpy(e->at, code, n);
    e->at += n;
}

#define EMIT(e, code) bytes(e, sizeof code - 1, code)

static void emit_byte(struct emitter *e, unsigned byte)
{
    *e->at++ = (uint8_t)byte;
}

static void emit_u32(struct emitter *e, uint32_t word)
{
    memcpy(e->at, &word, sizeof word);
    e->at += sizeof word;
}

static void emit_address(struct emitter *e, uintptr_t address)
{
    memcpy(e->at, &address, sizeof address);
    e->at += sizeof address;
}

/* The distance of a short jump, filled in when its target is known. */
static uint8_t *emit_forward(struct emitter *e)
{
    return e->at++;
}

static void land(struct emitter *e, uint8_t *forward)
{
    *forward = (uint8_t)(e->at - forward - 1);
}

static void emit_tail_call(struct emitter *e, uintptr_t function)
{
    EMIT(e, "\x48\xb8"); /* mov rax, function */
    emit_address(e, function);
    EMIT(e, "\xff\xe0"); /* jmp rax */
}

static void *begin(struct emitter *e)
{
    e->at = (uint8_t *)(((uintptr_t)e->at + 15) & ~(uintptr_t)15);
    return e->at;
}

/* rax + rcx: the address of the metadata of what rsi points to. */
static void emit_meta_of_rsi(struct emitter *e)
{
    EMIT(e, "\x48\x89\xf0\x48\x25"); /* mov rax, rsi; and rax, ~mask */
    emit_u32(e, ~(uint32_t)BESOM_META_MASK);
    EMIT(e, "\x89\xf1\x81\xe1"); /* mov ecx, esi; and ecx, mask */
    emit_u32(e, BESOM_META_MASK);
    EMIT(e, "\xc1\xe9"); /* shr ecx, shift */
    emit_byte(e, BESOM_META_SHIFT);
}

static void *emit_new(struct emitter *e, const struct besom_type *type)
{
    const uint32_t size = ((uint32_t)type->size_bytes + 15) & ~15u;
    const unsigned last = size / 16 - 1;
    void *function = begin(e);
    EMIT(e, "\x48\x8b\x47"); /* mov rax, [rdi + cursor] */
    emit_byte(e, BESOM_MUTATOR_CURSOR);
    EMIT(e, "\x48\x8d\x90"); /* lea rdx, [rax + size] */
    emit_u32(e, size);
    EMIT(e, "\x48\x3b\x57"); /* cmp rdx, [rdi + limit] */
    emit_byte(e, BESOM_MUTATOR_LIMIT);
    EMIT(e, "\x77"); /* ja slow */
    uint8_t *slow = emit_forward(e);
    EMIT(e, "\x48\x89\x57"); /* mov [rdi + cursor], rdx */
    emit_byte(e, BESOM_MUTATOR_CURSOR);
    EMIT(e, "\x48\x89\xc6\x49\x89\xc0"); /* mov rsi, rax; mov r8, rax */
    emit_meta_of_rsi(e);
    EMIT(e, "\x0f\xb6\x57"); /* movzx edx, byte [rdi + birth] */
    emit_byte(e, BESOM_MUTATOR_BIRTH);
    if (type->flags & BESOM_LEAF) {
        EMIT(e, "\x83\xca"); /* or edx, LEAF */
        emit_byte(e, BESOM_META_LEAF);
    }
    if (last == 0) {
        EMIT(e, "\x83\xca"); /* or edx, END */
        emit_byte(e, BESOM_META_END);
    } else {
        EMIT(e, "\xc6\x84\x08"); /* mov byte [rax + rcx + last], END */
        emit_u32(e, last);
        emit_byte(e, BESOM_META_END);
    }
    EMIT(e, "\x88\x14\x08\x4c\x89\xc0\x48\xba"); /* mov [rax + rcx], dl; mov rax, r8; mov rdx, */
    emit_address(e, (uintptr_t)type);
    EMIT(e, "\x48\x89\x10\xc3"); /* mov [rax], rdx; ret */
    land(e, slow);
    EMIT(e, "\x48\xbe"); /* mov rsi, type */
    emit_address(e, (uintptr_t)type);
    EMIT(e, "\xba"); /* mov edx, bytes */
    emit_u32(e, (uint32_t)type->size_bytes);
    emit_tail_call(e, (uintptr_t)besom__new_slow);
    return function;
}

static void *emit_poll(struct emitter *e)
{
    void *function = begin(e);
    EMIT(e, "\x83\x7f"); /* cmp dword [rdi + requests], 0 */
    emit_byte(e, BESOM_MUTATOR_REQUESTS);
    EMIT(e, "\x00\x75"); /* jne slow */
    uint8_t *slow = emit_forward(e);
    EMIT(e, "\x31\xc0\xc3"); /* xor eax, eax; ret */
    land(e, slow);
    emit_tail_call(e, (uintptr_t)besom__poll_slow);
    return function;
}

static void *emit_set(struct emitter *e, bool any_size)
{
    void *function = begin(e);
    uint8_t *card = NULL;
    EMIT(e, "\x48\x89\x0a\x80\x7f"); /* mov [rdx], rcx; cmp byte [rdi + barrier_on], 0 */
    emit_byte(e, BESOM_MUTATOR_BARRIER_ON);
    EMIT(e, "\x00\x74"); /* je done */
    uint8_t *off = emit_forward(e);
    emit_meta_of_rsi(e);
    EMIT(e, "\x8a\x04\x08"); /* mov al, [rax + rcx] */
    if (any_size) {
        EMIT(e, "\xa8"); /* test al, LARGE */
        emit_byte(e, BESOM_META_LARGE);
        EMIT(e, "\x75"); /* jne card */
        card = emit_forward(e);
    }
    EMIT(e, "\x32\x47"); /* xor al, [rdi + stamp] */
    emit_byte(e, BESOM_MUTATOR_STAMP);
    EMIT(e, "\xa8"); /* test al, the stamp's bits */
    emit_byte(e, BESOM_META_STAMP);
    EMIT(e, "\x74"); /* je done */
    uint8_t *logged = emit_forward(e);
    EMIT(e, "\x48\x89\xf2"); /* mov rdx, rsi: the whole object */
    if (card)
        land(e, card);
    emit_tail_call(e, (uintptr_t)besom__write_slow);
    land(e, off);
    land(e, logged);
    EMIT(e, "\xc3"); /* ret */
    return function;
}

static void *emit_descend(struct emitter *e)
{
    uint8_t *function = begin(e);
    EMIT(e, "\x55\x48\x89\xe5\x48\x83\xec\x10"); /* push rbp; mov rbp, rsp; sub rsp, 16 */
    EMIT(e, "\x48\x8b\x06\x48\x89\x45");         /* mov rax, [rsi]; mov [rbp + slot], rax */
    emit_byte(e, (uint8_t)(SLOT * 8));
    EMIT(e, "\x48\xff\xca\x74"); /* dec rdx; jz last */
    uint8_t *last = emit_forward(e);
    EMIT(e, "\x48\x83\xc6\x08\xe8"); /* add rsi, 8; call function */
    emit_u32(e, (uint32_t)(function - (e->at + 4)));
    EMIT(e, "\xeb"); /* jmp done */
    uint8_t *done = emit_forward(e);
    land(e, last);
    EMIT(e, "\x4c\x89\xc6\xff\xd1"); /* mov rsi, r8; call rcx */
    land(e, done);
    EMIT(e, "\x48\x8b\x45"); /* mov rax, [rbp + slot]; leave; ret */
    emit_byte(e, (uint8_t)(SLOT * 8));
    EMIT(e, "\xc9\xc3");
    return function;
}

/* An object pointer as one of the pointers to functions that share its representation. */
#define AS_FUNCTION(to, from) memcpy(&(to), &(void *){from}, sizeof(void *))

bool machine_code_init(struct machine_code *code, const struct besom_type *type)
{
    void *memory =
        mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    struct emitter e = {memory};
    AS_FUNCTION(code->new_object, emit_new(&e, type));
    AS_FUNCTION(code->poll, emit_poll(&e));
    AS_FUNCTION(code->set, emit_set(&e, false));
    AS_FUNCTION(code->set_in_any, emit_set(&e, true));
    AS_FUNCTION(code->descend, emit_descend(&e));
    code->memory = memory;
    code->bytes = CODE_BYTES;
    if (mprotect(memory, CODE_BYTES, PROT_READ | PROT_EXEC) == 0)
        return true;
    munmap(memory, CODE_BYTES);
    return false;
}

void machine_code_fini(struct machine_code *code)
{
    munmap(code->memory, code->bytes);
}

void machine_code_walk(struct besom_tracer *tracer, void *const *frame,
                       const struct machine_code *code)
{
    while (frame && (uintptr_t)frame[1] - (uintptr_t)code->memory < code->bytes) {
        frame = frame[0]; /* of the function that is returned to */
        besom_visit(tracer, frame[SLOT]);
    }
}

#else

bool machine_code_init(struct machine_code *code, const struct besom_type *type)
{
    (void)code, (void)type;
    return false;
}

void machine_code_fini(struct machine_code *code)
{
    (void)code;
}

void machine_code_walk(struct besom_tracer *tracer, void *const *frame,
                       const struct machine_code *code)
{
    (void)tracer, (void)frame, (void)code;
}

#endif
