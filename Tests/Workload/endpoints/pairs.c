// Sockets that the situations begin with.
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "endpoints.h"

const char *family_word(int family) {
    return family == AF_INET ? "4" : "6";
}

struct other dead_end(int family) {
    return family == AF_INET ? inet_at(AF_INET, "127.9.9.9", 9) : inet_at(AF_INET6, "::1", 9);
}

int bound(int family, int type, struct other at) {
    int fd = do_socket(family, type, 0);
    do_bind(fd, at, 0);
    return fd;
}

int listening(int family, int type, struct other at, int backlog) {
    int fd = bound(family, type, at);
    do_listen(fd, backlog, 0);
    return fd;
}

// The handshake's end may be left to ksoftirqd; only then a connection counts.
void await_queue(int listener, unsigned length) {
    struct tcp_info info = {0};
    for (uint64_t begin = monotonic(); info.tcpi_unacked != length; sched_yield()) {
        socklen_t size = sizeof info;
        CHECK(getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &size) == 0);
        CHECK(monotonic() - begin < 10000000000u);
    }
}

void let_wait(int listener, int client) {
    await_queue(listener, 1);
    uint64_t begin = monotonic();
    known_end(client)->queued = begin;
    // Long beside what the calls themselves take, also on an emulated processor.
    while (monotonic() - begin < 20000000) sched_yield();
}

struct full_listener full_listener(int family) {
    struct full_listener full = {
        .listener = listening(family, SOCK_STREAM, (struct other){.address = loopback_address(family)}, 1),
    };
    // A backlog of one takes two.
    for (int i = 0; i < 2; i++) {
        full.waiting[i] = do_socket(family, SOCK_STREAM, 0);
        do_connect(full.waiting[i], address_of(full.listener), 0);
    }
    await_queue(full.listener, 2);
    return full;
}

void full_listener_close(struct full_listener *full) {
    do_close(full->waiting[0]);
    do_close(full->waiting[1]);
    do_close(full->listener);
}

void connected_pair(int family, int type, int fds[2]) {
    struct address at = family == AF_UNIX ? abstract_address() : loopback_address(family);
    int listener = listening(family, type, (struct other){.address = at}, 8);
    fds[0] = do_socket(family, type, 0);
    do_connect(fds[0], address_of(listener), 0);
    fds[1] = do_accept(listener, fds[0]);
    do_close(listener);
}

void loopback_up(void) {
    int fd = do_socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq request = {.ifr_name = "lo"};
    CHECK(ioctl(fd, SIOCGIFFLAGS, &request) == 0);
    if (!(request.ifr_flags & IFF_UP)) {
        request.ifr_flags |= IFF_UP;
        CHECK(ioctl(fd, SIOCSIFFLAGS, &request) == 0);
    }
    do_close(fd);
}
