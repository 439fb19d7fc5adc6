#include "ring.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static int unix_sockets(void) {
    FILE *list = fopen("/proc/net/unix", "r");
    CHECK(list != NULL);
    int lines = 0;
    for (int byte; (byte = getc(list)) != EOF;) lines += byte == '\n';
    fclose(list);
    return lines;
}

static int has_socket = -1;

// Until 6.8 each ring kept a UNIX socket for passing files, and stable kernels dropped it at various times; so the first
// ring tells. The ring's own end lets it go, in a kernel worker.
int ring_has_socket(void) {
    return has_socket == 1;
}

int ring_make(struct ring *ring) {
    memset(ring, 0, sizeof *ring);
    int sockets_before = unix_sockets();
    ring->fd = (int)syscall(SYS_io_uring_setup, 4, &ring->parameters);
    if (ring->fd < 0) return -errno;
    if (has_socket < 0) has_socket = unix_sockets() > sockets_before;
    CHECK(ring->parameters.features & IORING_FEAT_SINGLE_MMAP);
    size_t submission_end = ring->parameters.sq_off.array + ring->parameters.sq_entries * sizeof(uint32_t);
    size_t completion_end = ring->parameters.cq_off.cqes + ring->parameters.cq_entries * sizeof(struct io_uring_cqe);
    ring->rings_size = submission_end > completion_end ? submission_end : completion_end;
    ring->entries_size = ring->parameters.sq_entries * sizeof(struct io_uring_sqe);
    int access = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_POPULATE;
    ring->rings = mmap(NULL, ring->rings_size, access, flags, ring->fd, IORING_OFF_SQ_RING);
    ring->entries = mmap(NULL, ring->entries_size, access, flags, ring->fd, IORING_OFF_SQES);
    CHECK(ring->rings != MAP_FAILED && (void *)ring->entries != MAP_FAILED);
    return 0;
}

void ring_close(struct ring *ring) {
    munmap(ring->entries, ring->entries_size);
    munmap(ring->rings, ring->rings_size);
    CHECK(close(ring->fd) == 0);
}

static _Atomic uint32_t *ring_word(struct ring *ring, uint32_t offset) {
    return (_Atomic uint32_t *)(void *)(ring->rings + offset);
}

void ring_start(struct ring *ring, struct io_uring_sqe request) {
    _Atomic uint32_t *tail = ring_word(ring, ring->parameters.sq_off.tail);
    uint32_t mask = *ring_word(ring, ring->parameters.sq_off.ring_mask), slot = *tail & mask;
    ring->entries[slot] = request;
    ring_word(ring, ring->parameters.sq_off.array)[slot] = slot;
    atomic_store_explicit(tail, *tail + 1, memory_order_release);
    CHECK(syscall(SYS_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0) == 1);
}

long ring_finish(struct ring *ring) {
    _Atomic uint32_t *head = ring_word(ring, ring->parameters.cq_off.head);
    _Atomic uint32_t *tail = ring_word(ring, ring->parameters.cq_off.tail);
    while (atomic_load_explicit(tail, memory_order_acquire) == *head)
        CHECK(syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) >= 0 || errno == EINTR);
    struct io_uring_cqe *completions = (void *)(ring->rings + ring->parameters.cq_off.cqes);
    long result = completions[*head & *ring_word(ring, ring->parameters.cq_off.ring_mask)].res;
    atomic_store_explicit(head, *head + 1, memory_order_release);
    return result;
}

int ring_knows(struct ring *ring, int opcode) {
    enum { OPERATIONS = 256 };
    char memory[sizeof(struct io_uring_probe) + OPERATIONS * sizeof(struct io_uring_probe_op)] = {0};
    struct io_uring_probe *probe = (void *)memory;
    CHECK(syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_PROBE, probe, OPERATIONS) == 0);
    return opcode <= probe->last_op && (probe->ops[opcode].flags & IO_URING_OP_SUPPORTED);
}
