// bind(2), listen(2) and accept(2) as they go well and as they do not.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

#include "endpoints.h"

static void binding(int family, int type) {
    const char *word = family_word(family), *kind = type == SOCK_STREAM ? "tcp" : "udp";
    const char *here = family == AF_INET ? "127.11.12.13" : "::1";
    situation("%s%s.bind", kind, word);
    int first = do_socket(family, type, 0), second = do_socket(family, type, 0);
    do_bind(first, inet_at(family, here, 0), 0);
    // A port by its number, once it is known to be free: it is given back, and taken again.
    struct other at = address_of(first);
    situation("%s%s.bind-in-use", kind, word);
    do_bind(second, at, -EADDRINUSE);
    situation("%s%s.bind-again", kind, word);
    do_bind(first, inet_at(family, here, 0), -EINVAL);
    situation("%s%s.bind-port", kind, word);
    do_close(first);
    do_bind(second, at, 0);
    do_close(second);
    situation("%s%s.bind-not-here", kind, word);
    first = do_socket(family, type, 0);
    do_bind(first, inet_at(family, family == AF_INET ? "192.0.2.77" : "2001:db8::77", 0), -EADDRNOTAVAIL);
    do_close(first);
}

static void backlogs(int family) {
    situation("tcp%s.listen", family_word(family));
    int fd = bound(family, SOCK_STREAM, (struct other){.address = loopback_address(family)});
    static const int values[] = {5, 0, 17, -1, 1000000};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) do_listen(fd, values[i], 0);
    do_close(fd);
    situation("tcp%s.listen-unbound", family_word(family));
    fd = do_socket(family, SOCK_STREAM, 0);
    do_listen(fd, 3, 0);
    do_close(fd);
    situation("tcp%s.listen-connected", family_word(family));
    int fds[2];
    connected_pair(family, SOCK_STREAM, fds);
    do_listen(fds[0], 3, -EINVAL);
    do_close(fds[0]);
    await_tcp_state(fds[1], TCP_CLOSE_WAIT);
    do_close(fds[1]);
    situation("udp%s.listen", family_word(family));
    fd = do_socket(family, SOCK_DGRAM, 0);
    do_listen(fd, 3, -EOPNOTSUPP);
    do_accept_failing(fd, -EOPNOTSUPP);
    do_close(fd);
}

static void ignore(int signal) {
    (void)signal;
}

static void nobody_comes(int family) {
    situation("tcp%s.accept-nobody", family_word(family));
    int listener = listening(family, SOCK_STREAM | SOCK_NONBLOCK,
                             (struct other){.address = loopback_address(family)}, 4);
    do_accept_failing(listener, -EAGAIN);
    do_close(listener);

    situation("tcp%s.accept-timed-out", family_word(family));
    listener = listening(family, SOCK_STREAM, (struct other){.address = loopback_address(family)}, 4);
    struct timeval limit = {.tv_usec = 20000};
    CHECK(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
    do_accept_failing(listener, -EAGAIN);
    limit.tv_usec = 0;
    CHECK(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);

    situation("tcp%s.accept-interrupted", family_word(family));
    struct sigaction action = {.sa_handler = ignore};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    struct itimerval every = {{0, 30000}, {0, 30000}}, never = {{0, 0}, {0, 0}};
    CHECK(setitimer(ITIMER_REAL, &every, NULL) == 0);
    do_accept_failing(listener, -EINTR);
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    do_close(listener);

    situation("tcp%s.accept-no-listener", family_word(family));
    int fd = do_socket(family, SOCK_STREAM, 0);
    do_accept_failing(fd, -EINVAL);
    do_close(fd);
}

struct sleeper {
    int listener, served;
};

static void *sleep_in_accept(void *argument) {
    struct sleeper *sleeper = argument;
    situation("tcp.accept-asleep");
    sleeper->served = do_accept(sleeper->listener, -1);
    return NULL;
}

// It sleeps inside accept until somebody comes; who comes is in another thread, and may be first.
static void asleep(int family) {
    situation("tcp%s.accept-asleep", family_word(family));
    struct sleeper sleeper = {
        .listener = listening(family, SOCK_STREAM, (struct other){.address = loopback_address(family)}, 4),
    };
    int client = do_socket(family, SOCK_STREAM, 0);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, sleep_in_accept, &sleeper) == 0);
    do_connect(client, address_of(sleeper.listener), 0);
    CHECK(pthread_join(thread, NULL) == 0);
    exchange(client, sleeper.served, 71);
    do_close(sleeper.listener);
    do_close(sleeper.served);
    await_tcp_state(client, TCP_CLOSE_WAIT);
    do_close(client);
}

// Those who come may be gone, or have spoken, before anybody accepts them.
static void late(int family) {
    situation("tcp%s.accept-late", family_word(family));
    int listener = listening(family, SOCK_STREAM, (struct other){.address = loopback_address(family)}, 4);
    int client = do_socket(family, SOCK_STREAM, 0);
    do_connect(client, address_of(listener), 0);
    SEND("send", client, NULL, 72, send(client, outgoing, 72, 0));
    await_queue(listener, 1);
    // Its descriptor goes before the other end is made, so nothing is known of how long that one waited.
    do_close(client);
    int served = do_accept(listener, -1);
    await_tcp_state(served, TCP_CLOSE_WAIT);
    RECEIVE("recv", served, NULL, 72, recv(served, incoming, 100, 0));
    RECEIVE("recv", served, NULL, 0, recv(served, incoming, 100, 0));
    do_close(served);
    do_close(listener);
}

void listening_part(void) {
    static const int families[] = {AF_INET, AF_INET6};
    for (int i = 0; i < 2; i++) {
        binding(families[i], SOCK_STREAM);
        binding(families[i], SOCK_DGRAM);
        backlogs(families[i]);
        nobody_comes(families[i]);
        asleep(families[i]);
        late(families[i]);
    }
}
