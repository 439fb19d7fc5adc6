// io_uring by its raw system calls: one request at a time, always one whose data is there already, so that the kernel
// does it at once in the submitting thread and never tries twice; or in a worker thread of its own, where that is asked.
#include <linux/io_uring.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "workload.h"

struct ring {
    int fd;
    size_t rings_size, entries_size;
    char *rings;
    struct io_uring_sqe *entries;
    struct io_uring_params parameters;
};

static int unix_sockets(void) {
    FILE *list = fopen("/proc/net/unix", "r");
    CHECK(list != NULL);
    int lines = 0;
    for (int byte; (byte = getc(list)) != EOF;) lines += byte == '\n';
    fclose(list);
    return lines;
}

// Until 6.8 each ring kept a UNIX socket for passing files, and stable kernels dropped it at various times; so the first
// ring tells. The ring's own end lets it go, in a kernel worker.
static int ring_has_socket(int sockets_before) {
    static int has = -1;
    if (has < 0) has = unix_sockets() > sockets_before;
    return has;
}

static void ring_open(struct ring *ring) {
    memset(ring, 0, sizeof *ring);
    int sockets_before = unix_sockets();
    uint64_t t0 = monotonic();
    ring->fd = (int)syscall(SYS_io_uring_setup, 4, &ring->parameters);
    CHECK(ring->fd >= 0);
    if (ring_has_socket(sockets_before)) create_by_kernel("io_uring_setup", AF_UNIX, SOCK_RAW, 0, t0);
    CHECK(ring->parameters.features & IORING_FEAT_SINGLE_MMAP);
    size_t submission_end = ring->parameters.sq_off.array + ring->parameters.sq_entries * sizeof(uint32_t);
    size_t completion_end = ring->parameters.cq_off.cqes + ring->parameters.cq_entries * sizeof(struct io_uring_cqe);
    ring->rings_size = submission_end > completion_end ? submission_end : completion_end;
    ring->entries_size = ring->parameters.sq_entries * sizeof(struct io_uring_sqe);
    int access = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_POPULATE;
    ring->rings = mmap(NULL, ring->rings_size, access, flags, ring->fd, IORING_OFF_SQ_RING);
    ring->entries = mmap(NULL, ring->entries_size, access, flags, ring->fd, IORING_OFF_SQES);
    CHECK(ring->rings != MAP_FAILED && (void *)ring->entries != MAP_FAILED);
}

static void ring_close(struct ring *ring) {
    munmap(ring->entries, ring->entries_size);
    munmap(ring->rings, ring->rings_size);
    CHECK(close(ring->fd) == 0);
}

static _Atomic uint32_t *ring_word(struct ring *ring, uint32_t offset) {
    return (_Atomic uint32_t *)(void *)(ring->rings + offset);
}

static long ring_submit(struct ring *ring, int flags, int opcode, int fd, void *argument, size_t size) {
    _Atomic uint32_t *tail = ring_word(ring, ring->parameters.sq_off.tail);
    _Atomic uint32_t *head = ring_word(ring, ring->parameters.cq_off.head);
    uint32_t mask = *ring_word(ring, ring->parameters.sq_off.ring_mask), slot = *tail & mask;
    ring->entries[slot] = (struct io_uring_sqe){
        .opcode = (uint8_t)opcode,
        .flags = (uint8_t)flags,
        .fd = fd,
        .addr = (uintptr_t)argument,
        .len = (uint32_t)size,
        // -1: where the file stands, the only place a socket has.
        .off = opcode == IORING_OP_WRITE || opcode == IORING_OP_READ ? (uint64_t)-1 : 0,
    };
    ring_word(ring, ring->parameters.sq_off.array)[slot] = slot;
    atomic_store_explicit(tail, *tail + 1, memory_order_release);
    if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1) return -1;
    struct io_uring_cqe *completions = (void *)(ring->rings + ring->parameters.cq_off.cqes);
    long result = completions[*head & *ring_word(ring, ring->parameters.cq_off.ring_mask)].res;
    atomic_store_explicit(head, *head + 1, memory_order_release);
    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    return result;
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
