// Calls that fail before anything is sent: bad descriptors, addresses and arguments, and places without a route.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "endpoints.h"

// No descriptor; nothing in here opens so many.
enum { BAD_FD = 7777 };

static void bad_descriptors(void) {
    int pipes[2];
    struct other dead = dead_end(AF_INET);
    situation("wrong.bad-fd");
    do_connect(BAD_FD, dead, -EBADF);
    do_bind(BAD_FD, dead, -EBADF);
    do_listen(BAD_FD, 5, -EBADF);
    do_accept_failing(BAD_FD, -EBADF);
    do_shutdown(BAD_FD, SHUT_WR, -EBADF);
    situation("wrong.not-a-socket");
    CHECK(pipe(pipes) == 0);
    do_connect(pipes[0], dead, -ENOTSOCK);
    do_bind(pipes[0], dead, -ENOTSOCK);
    do_listen(pipes[0], 5, -ENOTSOCK);
    do_accept_failing(pipes[0], -ENOTSOCK);
    do_shutdown(pipes[0], SHUT_WR, -ENOTSOCK);
    close(pipes[0]);
    close(pipes[1]);
}

static void bad_addresses(int family, int type) {
    const char *word = family_word(family), *kind = type == SOCK_STREAM ? "tcp" : "udp";
    struct other good = dead_end(family), strange = good;
    strange.address.any.sa_family = 77;
    void *nowhere = (void *)16;

    situation("%s%s.bad-family", kind, word);
    int fd = do_socket(family, type, 0);
    do_connect(fd, strange, -EAFNOSUPPORT);
    do_bind(fd, strange, -EAFNOSUPPORT);
    situation("%s%s.bad-length", kind, word);
    // Neither is an address: too short to have one, too short to have a family, and no length at all.
    do_connect_raw(fd, &good.address.any, 8, NULL, -EINVAL);
    do_connect_raw(fd, &good.address.any, 1, NULL, -EINVAL);
    do_connect_raw(fd, &good.address.any, (socklen_t)-1, NULL, -EINVAL);
    do_bind_raw(fd, &good.address.any, 8, NULL, -EINVAL);
    situation("%s%s.bad-pointer", kind, word);
    do_connect_raw(fd, nowhere, good.address.length, NULL, -EFAULT);
    do_bind_raw(fd, nowhere, good.address.length, NULL, -EFAULT);
    do_close(fd);
}

// The machine, or the namespace, has lo alone.
static void no_route(int family, int type) {
    situation("%s%s.no-route", type == SOCK_STREAM ? "tcp" : "udp", family_word(family));
    struct other far = family == AF_INET ? inet_at(family, "192.0.2.1", 80) : inet_at(family, "2001:db8::1:0:0:1", 80);
    int fd = do_socket(family, type, 0);
    do_connect(fd, far, -ENETUNREACH);
    if (type == SOCK_DGRAM)
        SEND("sendto", fd, &far, -ENETUNREACH, sendto(fd, outgoing, 9, 0, &far.address.any, far.address.length));
    do_close(fd);
}

static void bad_shutdowns(void) {
    situation("wrong.shutdown");
    int fds[2], fd = do_socket(AF_INET, SOCK_STREAM, 0);
    do_shutdown(fd, SHUT_RD, -ENOTCONN);
    do_shutdown(fd, SHUT_WR, -ENOTCONN);
    do_close(fd);
    connected_pair(AF_INET, SOCK_STREAM, fds);
    do_shutdown(fds[0], 3, -EINVAL);
    do_shutdown(fds[0], -1, -EINVAL);
    exchange(fds[0], fds[1], 61);
    do_close(fds[0]);
    await_tcp_state(fds[1], TCP_CLOSE_WAIT);
    do_close(fds[1]);
}

void wrong_part(void) {
    static const int families[] = {AF_INET, AF_INET6}, types[] = {SOCK_STREAM, SOCK_DGRAM};
    bad_descriptors();
    for (int i = 0; i < 4; i++) {
        bad_addresses(families[i / 2], types[i % 2]);
        no_route(families[i / 2], types[i % 2]);
    }
    bad_shutdowns();
}
