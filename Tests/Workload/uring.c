// io_uring, one request at a time, always one whose data is there already, so that the kernel does it at once in the
// submitting thread and never tries twice; or in a worker thread of its own, where that is asked.
#include <pthread.h>

#include "ring.h"

static void ring_open(struct ring *ring) {
    uint64_t t0 = monotonic();
    CHECK(ring_make(ring) == 0);
    if (ring_has_socket()) create_by_kernel("io_uring_setup", AF_UNIX, SOCK_RAW, 0, t0);
}

// Gives -1 and errno where the request failed, as a system call does.
static long ring_submit(struct ring *ring, int flags, int opcode, int fd, void *argument, size_t size) {
    ring_start(ring, (struct io_uring_sqe){
        .opcode = (uint8_t)opcode,
        .flags = (uint8_t)flags,
        .fd = fd,
        .addr = (uintptr_t)argument,
        .len = (uint32_t)size,
        // -1: where the file stands, the only place a socket has.
        .off = opcode == IORING_OP_WRITE || opcode == IORING_OP_READ ? (uint64_t)-1 : 0,
    });
    long result = ring_finish(ring);
    if (result >= 0) return result;
    errno = (int)-result;
    return -1;
}

static long ring_run(struct ring *ring, int opcode, int fd, void *argument, size_t size) {
    return ring_submit(ring, 0, opcode, fd, argument, size);
}

struct ends {
    int from, to;
};

static void *requests(void *argument) {
    int from = ((struct ends *)argument)->from, to = ((struct ends *)argument)->to;
    name_self("uring");
    struct ring ring;
    ring_open(&ring);
    struct iovec out[2] = {{outgoing, 30}, {outgoing, 32}}, in = {incoming, 104};
    struct msghdr send_header = {.msg_iov = out, .msg_iovlen = 2}, receive_header = {.msg_iov = &in, .msg_iovlen = 1};

    SENT("uring_send", "sendmsg", from, 61, 61, ring_run(&ring, IORING_OP_SEND, from, outgoing, 61));
    await_readable(to);
    RECEIVED("uring_recv", "recvmsg", to, 104, 61, ring_run(&ring, IORING_OP_RECV, to, incoming, 104));
    SENT("uring_sendmsg", "sendmsg", from, 62, 62, ring_run(&ring, IORING_OP_SENDMSG, from, &send_header, 1));
    await_readable(to);
    RECEIVED("uring_recvmsg", "recvmsg", to, 104, 62, ring_run(&ring, IORING_OP_RECVMSG, to, &receive_header, 1));
    SENT("uring_write", "aio_write", from, 63, 63, ring_run(&ring, IORING_OP_WRITE, from, outgoing, 63));
    await_readable(to);
    RECEIVED("uring_read", "aio_read", to, 104, 63, ring_run(&ring, IORING_OP_READ, to, incoming, 104));
    ring_close(&ring);
    return NULL;
}

// In a thread of its own: a ring's end, some time later, interrupts whoever used it, and a receive asleep at that moment
// would return ERESTARTSYS and be done again without user space ever knowing.
void uring_calls(int from, int to) {
    struct ends ends = {from, to};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, requests, &ends) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

// What the kernel's workers do for this process, which event-fork and its like do not see being made.
int uring_workers_command(int count, char **arguments) {
    if (count != 1) return -1;
    long messages = atol(arguments[0]);
    if (messages < 1) return -1;
    int fds[2];
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0);
    struct ring ring;
    ring_open(&ring);
    for (long i = 0; i < messages; i++) {
        CHECK(ring_submit(&ring, IOSQE_ASYNC, IORING_OP_SEND, fds[0], outgoing, 61) == 61);
        await_readable(fds[1]);
        CHECK(ring_submit(&ring, IOSQE_ASYNC, IORING_OP_RECV, fds[1], incoming, 104) == 61);
    }
    ring_close(&ring);
    return 0;
}
