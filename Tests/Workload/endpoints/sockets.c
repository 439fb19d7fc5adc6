// What is known of each socket, and how sockets begin and end.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>

#include "endpoints.h"

enum { MOST_SOCKETS = 8192 };

static struct known_end *ends[MOST_SOCKETS];

struct known_end *known_end(int fd) {
    return fd >= 0 && fd < MOST_SOCKETS ? ends[fd] : NULL;
}

static int option(int fd, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    CHECK(getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0);
    return value;
}

void end_learn(int fd, unsigned long long peer_inode) {
    CHECK(fd >= 0 && fd < MOST_SOCKETS);
    struct stat status;
    CHECK(fstat(fd, &status) == 0);
    free(ends[fd]);
    ends[fd] = calloc(1, sizeof *ends[fd]);
    CHECK(ends[fd] != NULL);
    *ends[fd] = (struct known_end){
        .inode = status.st_ino,
        .peer_inode = peer_inode,
        .family = option(fd, SO_DOMAIN),
        .type = option(fd, SO_TYPE),
        .protocol = option(fd, SO_PROTOCOL),
    };
}

static void end_forget(int fd) {
    for (int i = 0; i < MOST_SOCKETS && ends[fd] != NULL && ends[fd]->family == AF_UNIX; i++)
        if (ends[i] != NULL && ends[i]->peer_inode == ends[fd]->inode) ends[i]->peer_is_gone = 1;
    free(ends[fd]);
    ends[fd] = NULL;
}

void end_remember_peer(int fd) {
    struct known_end *known = known_end(fd);
    struct address peer = {.length = sizeof peer.storage};
    if (getpeername(fd, &peer.any, &peer.length) == 0)
        address_text(known->peer_address, known->peer_port, &peer.storage, peer.length);
}

static void created(const char *call, int fd, int protocol, uint64_t t0, uint64_t t1) {
    struct told line;
    told_begin(&line, "socket.create.return", call, fd);
    // Asked for, and had.
    told_either_number(&line, PROTOCOL, protocol);
    // What the socket is before anything else happens to it: one of a pair has no peer yet.
    told_local(&line, fd);
    told_state(&line, fd);
    told_number(&line, RESULT, 0);
    told_times(&line, t0, t1);
    told_write(&line);
}

int do_socket(int family, int type, int protocol) {
    uint64_t t0 = monotonic();
    int fd = socket(family, type | SOCK_CLOEXEC, protocol);
    uint64_t t1 = monotonic();
    CHECK(fd >= 0);
    end_learn(fd, 0);
    created("socket", fd, protocol, t0, t1);
    return fd;
}

int do_socket_if_allowed(const char *what, int family, int type, int protocol) {
    uint64_t t0 = monotonic();
    int fd = socket(family, type | SOCK_CLOEXEC, protocol), error = errno;
    uint64_t t1 = monotonic();
    if (fd >= 0) {
        end_learn(fd, 0);
        created("socket", fd, protocol, t0, t1);
        return fd;
    }
    told_skipped(what, strerror(error));
    struct told line;
    told_begin(&line, "socket.create.return", "socket", -1);
    told_text(&line, INODE, "?");
    told_number(&line, FAMILY, family);
    told_number(&line, TYPE, type);
    told_number(&line, PROTOCOL, protocol);
    told_number(&line, RESULT, -error);
    told_times(&line, t0, t1);
    told_write(&line);
    // Where the refusal comes early there was no socket.
    told_text(&line, ALIAS, "socket.close");
    told_text(&line, FAMILY, "?");
    told_text(&line, PROTOCOL, "?");
    told_text(&line, RESULT, "-");
    told_number(&line, CERTAIN, 0);
    told_write(&line);
    return -1;
}

void told_kernel_sockets(const char *call, uint64_t t0, uint64_t t1) {
    struct told line;
    told_begin(&line, "socket.create.return", call, -1);
    told_text(&line, CERTAIN, "any");
    static const enum field unknown[] = {INODE, FAMILY, TYPE, PROTOCOL, LOCAL_ADDRESS, LOCAL_PORT, TCP_STATE};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) told_text(&line, unknown[i], "?");
    told_number(&line, RESULT, 0);
    told_times(&line, t0, t1);
    told_write(&line);
}

void do_socketpair(int family, int type, int fds[2]) {
    static const char *const calls[] = {"socketpair[0]", "socketpair[1]"};
    uint64_t t0 = monotonic();
    CHECK(socketpair(family, type | SOCK_CLOEXEC, 0, fds) == 0);
    uint64_t t1 = monotonic();
    for (int i = 0; i < 2; i++) end_learn(fds[i], 0);
    for (int i = 0; i < 2; i++) created(calls[i], fds[i], 0, t0, t1);
    for (int i = 0; i < 2; i++) known_end(fds[i])->peer_inode = known_end(fds[1 - i])->inode;
}

void do_close(int fd) {
    struct told line, given_up;
    told_begin(&line, "socket.close", "close", fd);
    told_ends(&line, fd);
    int gives_up = known_end(fd)->attempt.is_pending;
    if (gives_up) outcome_before(&given_up, fd);
    uint64_t t0 = monotonic();
    CHECK(close(fd) == 0);
    uint64_t t1 = monotonic();
    told_times(&line, t0, t1);
    told_write(&line);
    if (gives_up) outcome_after(&given_up, fd, ANY, t1);
    end_forget(fd);
}

// Somebody in the kernel may still hold the file: he lets it go when he is done with it.
void do_close_held(int fd) {
    struct told line;
    told_begin(&line, "socket.close", "close", fd);
    told_ends(&line, fd);
    told_any_thread(&line);
    uint64_t t0 = monotonic();
    CHECK(close(fd) == 0);
    told_times(&line, t0, 0);
    told_write(&line);
    end_forget(fd);
}

void do_close_copy(int fd) {
    CHECK(close(fd) == 0);
    free(ends[fd]);
    ends[fd] = NULL;
}

void told_unseen_close(const char *call, int listener, uint64_t t0, uint64_t t1) {
    struct told line;
    told_begin(&line, "socket.close", call, listener);
    told_text(&line, FD, "-");
    // It had an inode, whose number nobody was told; and no sock, so neither protocol nor ends.
    told_text(&line, INODE, "?");
    told_text(&line, FAMILY, "?");
    told_text(&line, PROTOCOL, "?");
    told_times(&line, t0, t1);
    told_write(&line);
}
