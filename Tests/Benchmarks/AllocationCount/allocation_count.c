// Counts what is allocated, by standing in for the C library's allocators.
//
// In a program that is linked with libc.so these are its allocators, since the program's own symbols come first. In a
// static one libc's win, as these are weak; there the linker's --wrap sends callers here (scripts/bench links so).
#include "AllocationCount.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static _Atomic uint64_t allocations;

uint64_t allocation_count(void) { return atomic_load_explicit(&allocations, memory_order_relaxed); }

static void count(void) { atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed); }

void *__wrap_malloc(size_t size)
{
    count();
    return __libc_malloc(size);
}

void *__wrap_calloc(size_t number, size_t size)
{
    count();
    return __libc_calloc(number, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    count();
    return __libc_realloc(memory, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    count();
    return __libc_memalign(alignment, size);
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size)
{
    count();
    void *found = __libc_memalign(alignment, size);
    if (!found) return ENOMEM;
    *memory = found;
    return 0;
}

#define STAND_IN __attribute__((weak))

STAND_IN void *malloc(size_t size) { return __wrap_malloc(size); }
STAND_IN void *calloc(size_t number, size_t size) { return __wrap_calloc(number, size); }
STAND_IN void *realloc(void *memory, size_t size) { return __wrap_realloc(memory, size); }
STAND_IN void *aligned_alloc(size_t alignment, size_t size) { return __wrap_aligned_alloc(alignment, size); }
STAND_IN int posix_memalign(void **memory, size_t alignment, size_t size)
{
    return __wrap_posix_memalign(memory, alignment, size);
}
