// Attempts to connect that nobody answers: timed out, given up in every way, interrupted. All take the one second that
// the kernel waits before it asks again, so they run side by side.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "endpoints.h"

// Once more is asked, and then no longer waited.
static void set_impatient(int fd) {
    int once = 1, milliseconds = 1;
    CHECK(setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &once, sizeof once) == 0);
    CHECK(setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds) == 0);
}

static int begin(int family, struct other to) {
    int client = do_socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    do_connect(client, to, -EINPROGRESS);
    return client;
}

static void given_up(int family, struct other to) {
    const char *word = family_word(family);
    situation("tcp%s.given-up-by-close", word);
    int client = begin(family, to);
    do_connect(client, to, -EALREADY);
    do_close(client);

    situation("tcp%s.given-up-by-shutdown", word);
    client = begin(family, to);
    do_shutdown(client, SHUT_RDWR, 0);
    do_close(client);

    situation("tcp%s.given-up-by-unspec", word);
    client = begin(family, to);
    do_disconnect(client);
    do_close(client);

    situation("tcp%s.given-up-by-exit", word);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        ledger_begin_child();
        client = begin(family, to);
        struct told line, outcome;
        told_begin(&line, "socket.close", "exit", client);
        told_ends(&line, client);
        outcome_before(&outcome, client);
        uint64_t t0 = monotonic();
        told_times(&line, t0, 0);
        told_write(&line);
        outcome_after(&outcome, client, ANY, 0);
        ledger_write();
        _exit(0);
    }
    await_processes(1);
}

static void limited(int family, struct other to) {
    situation("tcp%s.sndtimeo", family_word(family));
    int client = do_socket(family, SOCK_STREAM, 0);
    struct timeval limit = {.tv_usec = 30000};
    CHECK(setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0);
    do_connect(client, to, -EINPROGRESS);
    do_close(client);
}

static void ignore(int signal) {
    (void)signal;
}

static void interrupted(int family, struct other to) {
    situation("tcp%s.interrupted", family_word(family));
    struct sigaction action = {.sa_handler = ignore};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    int client = do_socket(family, SOCK_STREAM, 0);
    // Again and again, so that it cannot come too early for good.
    struct itimerval every = {{0, 30000}, {0, 30000}}, never = {{0, 0}, {0, 0}};
    CHECK(setitimer(ITIMER_REAL, &every, NULL) == 0);
    do_connect(client, to, -EINTR);
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    do_close(client);
}

void slow_part(void) {
    situation("slow.listen");
    struct full_listener full[2] = {full_listener(AF_INET), full_listener(AF_INET6)};
    struct other to[3] = {address_of(full[0].listener), address_of(full[1].listener)};
    to[2] = mapped(to[0]);
    static const int families[3] = {AF_INET, AF_INET6, AF_INET6};
    static const char *const words[3] = {"tcp4", "tcp6", "mapped"};
    int waiting[3];
    for (int i = 0; i < 3; i++) {
        situation("%s.timed-out-nonblocking", words[i]);
        waiting[i] = do_socket(families[i], SOCK_STREAM | SOCK_NONBLOCK, 0);
        set_impatient(waiting[i]);
        do_connect(waiting[i], to[i], -EINPROGRESS);
    }
    for (int i = 0; i < 2; i++) {
        given_up(families[i], to[i]);
        limited(families[i], to[i]);
        interrupted(families[i], to[i]);
    }
    situation("tcp4.timed-out");
    int client = do_socket(AF_INET, SOCK_STREAM, 0);
    set_impatient(client);
    do_connect(client, to[0], -ETIMEDOUT);
    do_close(client);
    situation("tcp6.timed-out-bound");
    client = bound(AF_INET6, SOCK_STREAM, inet_at(AF_INET6, "::1", 0));
    set_impatient(client);
    do_connect(client, to[1], -ETIMEDOUT);
    do_close(client);
    for (int i = 0; i < 3; i++) {
        situation("%s.timed-out-nonblocking", words[i]);
        await_outcome(waiting[i], -ETIMEDOUT);
        do_close(waiting[i]);
    }
    situation("slow.listen");
    for (int i = 0; i < 2; i++) full_listener_close(&full[i]);
}
