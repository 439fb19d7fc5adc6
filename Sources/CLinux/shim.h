#pragma once
// The Linux calls that Swift's Glibc module does not show: signalfd(2), and file calls that are declared only under
// _GNU_SOURCE. Each returns what the system call returns, -1 and errno included.
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    LINUX_SPLICE_NONBLOCK = 2,  // SPLICE_F_NONBLOCK, linux/splice.h
    LINUX_FALLOC_KEEP_SIZE = 1, // FALLOC_FL_KEEP_SIZE, linux/falloc.h
    LINUX_FALLOC_PUNCH_HOLE = 2 // FALLOC_FL_PUNCH_HOLE
};

static inline long linux_splice(int from, int64_t *fromOffset, int to, int64_t *toOffset, unsigned long count,
                                    unsigned int flags) {
    return syscall(SYS_splice, from, fromOffset, to, toOffset, count, flags);
}

static inline long linux_copy_range(int from, int64_t *fromOffset, int to, int64_t *toOffset,
                                        unsigned long count) {
    return syscall(SYS_copy_file_range, from, fromOffset, to, toOffset, count, 0u);
}

// fallocate(2); 32-bit kernels take each 64-bit argument in two registers, so only 64-bit ones are asked.
static inline long linux_allocate(int descriptor, int mode, int64_t offset, int64_t length) {
#if __SIZEOF_LONG__ == 8
    return syscall(SYS_fallocate, descriptor, mode, offset, length);
#else
    return 0;
#endif
}
