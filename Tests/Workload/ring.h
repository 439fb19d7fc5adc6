// io_uring by its raw system calls, one request at a time.
#pragma once

#include <linux/io_uring.h>

#include "workload.h"

struct ring {
    int fd;
    size_t rings_size, entries_size;
    char *rings;
    struct io_uring_sqe *entries;
    struct io_uring_params parameters;
};

// Gives 0 or -errno.
int ring_make(struct ring *ring);
// Whether this kernel's rings keep a UNIX socket; the first one made tells.
int ring_has_socket(void);
void ring_close(struct ring *ring);
// Hands one request to the kernel, and waits for nothing.
void ring_start(struct ring *ring, struct io_uring_sqe request);
// Waits for the one request under way; gives its result.
long ring_finish(struct ring *ring);
// Whether the kernel knows the operation.
int ring_knows(struct ring *ring, int opcode);
