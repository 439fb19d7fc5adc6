// Creation, acceptance and end of sockets, and what the ledger says about each.
#include "sockets.h"

#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { MOST_SOCKETS = 16384 };

// `sock` 0: this descriptor is no socket of ours.
static struct known_socket {
    unsigned long long sock;
    int family, type, protocol, state, passcred;
} known[MOST_SOCKETS];

// Unique in the whole run without anything shared: no process id comes twice in one.
static unsigned long long new_number(void) {
    static atomic_uint count;
    return (unsigned long long)getpid() * 100000 + ++count;
}

// The state in struct socket once there is a peer, as measured. connect(2) on a datagram or raw socket only remembers
// an address, in the sock. From 7.0 on (seen: 6.12 does, 7.2 does not) UNIX sockets leave the field alone; until 5.15
// socketpair(2) left it alone for datagrams.
static int state_with_peer(int family, int type, int by_socketpair) {
    if (family == AF_UNIX && kernel_at_least(7, 0)) return UNCONNECTED;
    if (type == SOCK_STREAM || type == SOCK_SEQPACKET) return CONNECTED;
    return by_socketpair && kernel_at_least(5, 15) ? CONNECTED : UNCONNECTED;
}

static int option(int fd, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    CHECK(getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0);
    return value;
}

static struct known_socket *learn(int fd) {
    CHECK(fd >= 0 && fd < MOST_SOCKETS);
    known[fd] = (struct known_socket){
        .sock = new_number(),
        .family = option(fd, SO_DOMAIN),
        .type = option(fd, SO_TYPE),
        .protocol = option(fd, SO_PROTOCOL),
        .state = UNCONNECTED,
    };
    return &known[fd];
}

static struct line blank_line(const char *op, const char *call, unsigned long long sock) {
    return (struct line){
        .op = op, .call = call, .sock = sock, .family = UNKNOWN, .type = UNKNOWN, .protocol = UNKNOWN,
        .state = UNKNOWN, .asked = UNKNOWN, .result = UNKNOWN, .passcred = UNKNOWN, .requester = UNKNOWN,
        .t0 = UNKNOWN, .t1 = UNKNOWN,
    };
}

struct line socket_line(const char *op, const char *call, int fd) {
    CHECK(fd >= 0 && fd < MOST_SOCKETS && known[fd].sock != 0);
    struct line line = blank_line(op, call, known[fd].sock);
    line.family = known[fd].family;
    line.type = known[fd].type;
    line.protocol = known[fd].protocol;
    line.state = known[fd].state;
    line.passcred = known[fd].passcred;
    return line;
}

// The arguments as the kernel's function gets them: raw, but for the flags in the type.
static void create_line(const char *call, unsigned long long sock, int family, int type, int protocol, int result,
                        int requester, uint64_t t0) {
    struct line line = blank_line("create", call, sock);
    line.family = family;
    line.type = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    line.protocol = protocol;
    line.result = result;
    line.requester = requester;
    line.t0 = (long long)t0;
    line.t1 = (long long)monotonic();
    ledger_line(&line);
}

int create_socket(int family, int type, int protocol) {
    uint64_t t0 = monotonic();
    int fd = socket(family, type, protocol);
    if (fd < 0) {
        char detail[100];
        snprintf(detail, sizeof detail, "family %d type %d protocol %d: %s", family, type, protocol, strerror(errno));
        fail(__FILE__, __LINE__, "socket", detail);
    }
    create_line("socket", learn(fd)->sock, family, type, protocol, 0, 0, t0);
    return fd;
}

void create_pair(int family, int type, int protocol, int fds[2]) {
    static const char *const calls[] = {"socketpair[0]", "socketpair[1]"};
    uint64_t t0 = monotonic();
    CHECK(socketpair(family, type, protocol, fds) == 0);
    for (int i = 0; i < 2; i++) {
        struct known_socket *made = learn(fds[i]);
        made->state = state_with_peer(made->family, made->type, 1);
        create_line(calls[i], made->sock, family, type, protocol, 0, 0, t0);
    }
}

void create_refused(int family, int type, int protocol, int error) {
    uint64_t t0 = monotonic();
    CHECK(socket(family, type, protocol) == -1 && errno == error);
    struct line line = blank_line("close", "socket", new_number());
    line.type = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    line.state = UNCONNECTED;
    line.passcred = 0;
    line.t0 = (long long)t0;
    line.t1 = (long long)monotonic();
    ledger_line(&line);
    create_line("socket", line.sock, family, type, protocol, -error, 0, t0);
}

void create_refused_at_once(int family, int type, int protocol, int error) {
    uint64_t t0 = monotonic();
    CHECK(socket(family, type, protocol) == -1 && errno == error);
    create_line("socket", new_number(), family, type, protocol, -error, 0, t0);
}

void create_by_kernel(const char *call, int family, int type, int protocol, uint64_t t0) {
    struct line line = blank_line("close", call, new_number());
    create_line(call, line.sock, family, type, protocol, 0, 1, t0);
    line.family = family;
    // A UNIX socket asked to be raw becomes one for datagrams.
    line.type = family == AF_UNIX && type == SOCK_RAW ? SOCK_DGRAM : type;
    line.protocol = protocol;
    line.state = UNCONNECTED;
    line.passcred = 0;
    line.in_kernel_worker = 1;
    ledger_line(&line);
}

int accept_socket(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    CHECK(fd >= 0);
    struct known_socket *made = learn(fd);
    made->state = state_with_peer(made->family, made->type, 0);
    return fd;
}

void accept_nobody(int listener) {
    // The kernel allocates the new socket first; it has the listener's operations, but no sock yet.
    struct line line = socket_line("close", "accept-eagain", listener);
    line.t0 = (long long)monotonic();
    CHECK(accept4(listener, NULL, NULL, 0) == -1 && errno == EAGAIN);
    line.t1 = (long long)monotonic();
    line.sock = new_number();
    line.protocol = UNKNOWN;
    line.state = UNCONNECTED;
    line.passcred = 0;
    ledger_line(&line);
}

void close_socket(int fd) {
    struct line line = socket_line("close", "close", fd);
    known[fd].sock = 0;
    line.t0 = (long long)monotonic();
    CHECK(close(fd) == 0);
    line.t1 = (long long)monotonic();
    ledger_line(&line);
}

void close_copy(int fd) {
    known[fd].sock = 0;
    CHECK(close(fd) == 0);
}

void set_passcred(int fd) {
    int on = 1;
    CHECK(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0);
    known[fd].passcred = 1;
}

void connect_socket(int fd, const void *address, unsigned length) {
    CHECK(connect(fd, address, length) == 0);
    known[fd].state = state_with_peer(known[fd].family, known[fd].type, 0);
}

void sockets_forget(void) {
    memset(known, 0, sizeof known);
}

void sockets_lines_at_exit(void) {
    long long t0 = (long long)monotonic();
    // The kernel puts each file on a list of things to do before the end, and takes the last one first.
    for (int fd = MOST_SOCKETS - 1; fd >= 0; fd--) {
        if (known[fd].sock == 0) continue;
        struct line line = socket_line("close", "exit", fd);
        line.t0 = t0;
        ledger_line(&line);
    }
}
