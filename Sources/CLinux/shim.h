#pragma once
// The Linux calls that Swift's Glibc module does not show: signalfd(2), and file and socket calls that are declared only
// under _GNU_SOURCE. Each returns what the system call returns, -1 and errno included.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
    LINUX_SPLICE_NONBLOCK = 2,   // SPLICE_F_NONBLOCK, linux/splice.h
    LINUX_FALLOC_KEEP_SIZE = 1,  // FALLOC_FL_KEEP_SIZE, linux/falloc.h
    LINUX_FALLOC_PUNCH_HOLE = 2, // FALLOC_FL_PUNCH_HOLE
    // Declared by fcntl.h under _GNU_SOURCE only; the same numbers on every processor that Swift runs on.
    LINUX_O_PATH = 010000000,
    LINUX_O_TMPFILE = 020000000 | O_DIRECTORY
};

// Both ends close-on-exec.
static inline long linux_pipe(int32_t *ends) { return syscall(SYS_pipe2, ends, O_CLOEXEC); }

// Locks a byte of an open file for reading (with others) or writing (alone), until its last descriptor is closed. Such locks
// are the open file's, not the process's: F_OFD_SETLK and F_OFD_GETLK, which fcntl.h declares under _GNU_SOURCE only.
static inline struct flock linux_byte_lock(int writes, int64_t byte) {
    struct flock lock = {.l_type = writes ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    return lock;
}

static inline int linux_lock_byte(int descriptor, int writes, int64_t byte) {
    struct flock lock = linux_byte_lock(writes, byte);
    return fcntl(descriptor, 37, &lock);
}

// Whether another open file's lock would keep this one from it: 1 or 0; -1 and errno where the kernel does not say.
static inline int linux_is_byte_locked(int descriptor, int writes, int64_t byte) {
    struct flock lock = linux_byte_lock(writes, byte);
    if (fcntl(descriptor, 36, &lock) < 0) return -1;
    return lock.l_type == F_UNLCK ? 0 : 1;
}

// The type of the file system that a file is on, as linux/magic.h names them.
static inline long linux_file_system(int descriptor, uint64_t *type) {
    struct statfs facts;
    long result = fstatfs(descriptor, &facts);
    if (result == 0) *type = (uint64_t)facts.f_type;
    return result;
}

// The calling thread is in a network namespace of its own from now on: CLONE_NEWNET, sched.h under _GNU_SOURCE.
static inline long linux_leave_network(void) { return syscall(SYS_unshare, 0x40000000); }

static inline long linux_thread_id(void) { return syscall(SYS_gettid); }

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

// pthread_create(3) of a detached thread in which all signals are blocked; -1 and errno where none can be made.
static inline int linux_start_thread(unsigned long stackSize, void *_Nullable (*_Nonnull body)(void *_Nonnull),
                                     void *_Nonnull argument) {
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, usual;
    int error = pthread_attr_init(&attributes);
    if (error) { errno = error; return -1; }
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, stackSize);
    // A new thread takes its creator's mask over.
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &usual);
    error = pthread_create(&thread, &attributes, (void *(*)(void *))body, argument);
    pthread_sigmask(SIG_SETMASK, &usual, NULL);
    pthread_attr_destroy(&attributes);
    errno = error;
    return error ? -1 : 0;
}

// struct mmsghdr of sendmmsg(2) and recvmmsg(2).
struct linux_message {
    struct msghdr header;
    unsigned int length;
};

enum { LINUX_MESSAGES = 4 };

// sendmmsg(2) of up to LINUX_MESSAGES messages of one vector each, all with one name.
static inline long linux_send_messages(int socket, struct iovec *vectors, unsigned int count, void *name,
                                       unsigned int nameLength, int flags) {
    struct linux_message messages[LINUX_MESSAGES] = {{{0}}};
    if (count > LINUX_MESSAGES) { errno = EINVAL; return -1; }
    for (unsigned int i = 0; i < count; i++) {
        messages[i].header.msg_iov = vectors + i;
        messages[i].header.msg_iovlen = 1;
        messages[i].header.msg_name = name;
        messages[i].header.msg_namelen = nameLength;
    }
    return syscall(SYS_sendmmsg, socket, messages, count, flags);
}

// recvmmsg(2) of up to LINUX_MESSAGES messages of one vector each.
static inline long linux_receive_messages(int socket, struct iovec *vectors, unsigned int count, int flags) {
    struct linux_message messages[LINUX_MESSAGES] = {{{0}}};
    if (count > LINUX_MESSAGES) { errno = EINVAL; return -1; }
    for (unsigned int i = 0; i < count; i++) {
        messages[i].header.msg_iov = vectors + i;
        messages[i].header.msg_iovlen = 1;
    }
    return syscall(SYS_recvmmsg, socket, messages, count, flags, (void *)0);
}
