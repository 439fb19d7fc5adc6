// The ledger: what this program did, one line for each kernel-level socket operation.
// README.md beside this file says what every key means.
#pragma once

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// An expected result that may be any number, for what the kernel alone decides.
#define ANY LONG_MIN

// socket.state, as struct socket holds it.
enum { UNCONNECTED = 1, CONNECTED = 3 };

struct operation {
    const char *op, *call, *via;
    int fd;
    size_t asked;
    uint64_t t0;
};

uint64_t monotonic(void);

// Ledgers of all processors have the numbers that most use (asm-generic/errno.h, and SOCK_STREAM 1, SOCK_DGRAM 2); MIPS has
// others. A negative result is an error; one that is not listed there stays as it is.
long long generic_type(long long type);
long long generic_result(long long result);
_Noreturn void fail(const char *file, int line, const char *what, const char *detail);

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) fail(__FILE__, __LINE__, #condition, strerror(errno));                                       \
    } while (0)

// Does EXPRESSION, one system call on the socket FD, writes its line, and insists on its result (WANT: a count,
// or -errno as user space sees it). Gives the result, errors as -errno.
#define OPERATION(op, call, via, fd, asked, want, expression)                                                          \
    __extension__({                                                                                                    \
        struct operation operation_ = {(op), (call), (via), (fd), (asked), monotonic()};                               \
        long got_ = (expression);                                                                                      \
        operation_end(&operation_, got_ < 0 ? -errno : got_, (want), __FILE__, __LINE__);                              \
    })
#define SENT(call, via, fd, asked, want, expression) OPERATION("send", call, via, fd, asked, want, expression)
#define RECEIVED(call, via, fd, asked, want, expression) OPERATION("receive", call, via, fd, asked, want, expression)

long operation_end(const struct operation *operation, long got, long want, const char *file, int line);
// A line for one message of a call that moves several: all share the call's times.
void operation_line(const struct operation *operation, long result, uint64_t t1);

// Makes a socket, with its create line. TYPE may hold SOCK_NONBLOCK and SOCK_CLOEXEC.
int create_socket(int family, int type, int protocol);
void create_pair(int family, int type, int protocol, int fds[2]);
// socket(2) that the kernel refuses with ERROR after it had allocated a socket: that one's close comes first.
void create_refused(int family, int type, int protocol, int error);
// One that is refused before a socket is allocated: a create line alone.
void create_refused_at_once(int family, int type, int protocol, int error);
// A socket the kernel made itself, for user space's sake (requester 1), and lets go in a worker of its own.
void create_by_kernel(const char *call, int family, int type, int protocol, uint64_t t0);
// accept(2), which makes no create line; and one that finds nobody waiting.
int accept_socket(int listener);
void accept_nobody(int listener);
// Closes the last reference to a socket, with its line; or one that is not the last, without.
void close_socket(int fd);
void close_copy(int fd);

void set_passcred(int fd);
// connect(2), and the state it leaves the socket in.
void connect_socket(int fd, const void *address, unsigned length);

// Whether the running kernel is at least this version.
int kernel_at_least(int major, int minor);

// Opens the ledger's file; every process of the run appends to it.
void ledger_open(const char *path);
void ledger_append(const char *text, size_t length);
void ledger_write(void);
// Percent-encodes all that could be mistaken for the ledger's own syntax; OUT has room for three times LENGTH and a 0.
void ledger_encode(char *out, const void *bytes, size_t length);
// The calling thread's name, encoded.
void ledger_encode_comm(char out[64]);
// In a new process: forget what was inherited from the parent, lines and sockets both.
void ledger_begin_child(void);
// Lines for the sockets that the kernel will close as this process ends, then the end.
_Noreturn void ledger_exit(int status);
