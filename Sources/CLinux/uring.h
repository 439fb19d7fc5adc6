#pragma once
// A ring of io_uring(7) by its raw system calls: one request at a time, done at once in the calling thread.
#include <errno.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct linux_ring {
    int descriptor;
    unsigned long submissionsSize, completionsSize, entriesSize;
    char *submissions, *completions;
    struct io_uring_sqe *entries;
    struct io_uring_params parameters;
};

static inline void linux_ring_close(struct linux_ring *ring) {
    if (ring->entries) munmap(ring->entries, ring->entriesSize);
    if (ring->completions) munmap(ring->completions, ring->completionsSize);
    if (ring->submissions) munmap(ring->submissions, ring->submissionsSize);
    if (ring->descriptor >= 0) close(ring->descriptor);
    memset(ring, 0, sizeof *ring);
    ring->descriptor = -1;
}

static inline void *linux_ring_map(const struct linux_ring *ring, unsigned long size, long place) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->descriptor, place);
    return memory == MAP_FAILED ? NULL : memory;
}

// False where the kernel has no io_uring (5.1 and later have it), or does not let this process use it.
static inline int linux_ring_open(struct linux_ring *ring) {
    memset(ring, 0, sizeof *ring);
    struct io_uring_params *parameters = &ring->parameters;
    ring->descriptor = (int)syscall(SYS_io_uring_setup, 2u, parameters);
    if (ring->descriptor < 0) return 0;
    ring->submissionsSize = parameters->sq_off.array + parameters->sq_entries * sizeof(uint32_t);
    ring->completionsSize = parameters->cq_off.cqes + parameters->cq_entries * sizeof(struct io_uring_cqe);
    ring->entriesSize = parameters->sq_entries * sizeof(struct io_uring_sqe);
    ring->submissions = (char *)linux_ring_map(ring, ring->submissionsSize, IORING_OFF_SQ_RING);
    ring->completions = (char *)linux_ring_map(ring, ring->completionsSize, IORING_OFF_CQ_RING);
    ring->entries = (struct io_uring_sqe *)linux_ring_map(ring, ring->entriesSize, IORING_OFF_SQES);
    if (ring->submissions && ring->completions && ring->entries) return 1;
    linux_ring_close(ring);
    return 0;
}

static inline uint32_t *linux_ring_word(char *ring, uint32_t offset) { return (uint32_t *)(void *)(ring + offset); }

// One request and its result: what the system call of the same name would return, or -errno.
static inline long linux_ring_run(struct linux_ring *ring, uint8_t operation, int socket, void *base, uint32_t size,
                                  uint32_t flags) {
    uint32_t *tail = linux_ring_word(ring->submissions, ring->parameters.sq_off.tail);
    uint32_t *head = linux_ring_word(ring->completions, ring->parameters.cq_off.head);
    uint32_t slot = *tail & *linux_ring_word(ring->submissions, ring->parameters.sq_off.ring_mask);
    struct io_uring_sqe *entry = &ring->entries[slot];
    memset(entry, 0, sizeof *entry);
    entry->opcode = operation;
    entry->fd = socket;
    entry->addr = (uintptr_t)base;
    entry->len = size;
    entry->msg_flags = flags;
    linux_ring_word(ring->submissions, ring->parameters.sq_off.array)[slot] = slot;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, ring->descriptor, 1u, 1u, IORING_ENTER_GETEVENTS, NULL, 0ul) != 1) return -EIO;
    if (__atomic_load_n(linux_ring_word(ring->completions, ring->parameters.cq_off.tail), __ATOMIC_ACQUIRE) == *head)
        return -EIO;
    struct io_uring_cqe *completions = (struct io_uring_cqe *)(void *)(ring->completions + ring->parameters.cq_off.cqes);
    uint32_t mask = *linux_ring_word(ring->completions, ring->parameters.cq_off.ring_mask);
    long result = completions[*head & mask].res;
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    return result;
}

static inline long linux_ring_send(struct linux_ring *ring, int socket, void *base, uint32_t size, uint32_t flags) {
    return linux_ring_run(ring, IORING_OP_SEND, socket, base, size, flags);
}

static inline long linux_ring_receive(struct linux_ring *ring, int socket, void *base, uint32_t size, uint32_t flags) {
    return linux_ring_run(ring, IORING_OP_RECV, socket, base, size, flags);
}
