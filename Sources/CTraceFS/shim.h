#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <tracefs.h>

/// splice(2) without offsets: declared by <fcntl.h> only under _GNU_SOURCE, which Swift's own C module does not set.
/// The flags are the kernel's (include/linux/splice.h): 1 move, 2 do not block.
static inline ssize_t sockftrace_splice(int from, int to, size_t length, unsigned int flags) {
    return syscall(SYS_splice, from, (void *)0, to, (void *)0, length, flags);
}
