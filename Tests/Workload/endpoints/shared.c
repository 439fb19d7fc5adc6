// One socket in many hands: several threads, a child that inherits it, a process that it is passed to.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/wait.h>

#include "endpoints.h"

enum { THREADS = 4, EACH = 20 };

static void *send_many(void *argument) {
    int fd = *(int *)argument;
    situation("shared.senders");
    for (int i = 0; i < EACH; i++) SEND("send", fd, NULL, 50, send(fd, outgoing, 50, 0));
    return NULL;
}

static void several_senders(int family, int type) {
    situation("shared.senders");
    int fds[2];
    pthread_t threads[THREADS];
    if (type == SOCK_DGRAM) {
        struct other loopback = {.address = loopback_address(family)};
        for (int i = 0; i < 2; i++) fds[i] = bound(family, type, loopback);
        for (int i = 0; i < 2; i++) do_connect(fds[i], address_of(fds[1 - i]), 0);
    } else {
        connected_pair(family, type, fds);
    }
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, send_many, &fds[0]) == 0);
    for (int i = 0; i < THREADS * EACH; i++)
        RECEIVE("recv", fds[1], NULL, 50, recv(fds[1], incoming, 50, MSG_WAITALL));
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    do_close(fds[0]);
    if (type == SOCK_STREAM) await_tcp_state(fds[1], TCP_CLOSE_WAIT);
    do_close(fds[1]);
}

static void *accept_one(void *listener) {
    situation("shared.accepters");
    return (void *)(intptr_t)do_accept(*(int *)listener, -1);
}

static void several_accepters(int family) {
    situation("shared.accepters");
    int listener = listening(family, SOCK_STREAM, (struct other){.address = loopback_address(family)}, 8);
    int clients[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, accept_one, &listener) == 0);
    for (int i = 0; i < THREADS; i++) {
        clients[i] = do_socket(family, SOCK_STREAM, 0);
        do_connect(clients[i], address_of(listener), 0);
    }
    void *served[THREADS];
    // All have accepted before the first is closed: a thread still at it could be given the number just closed.
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], &served[i]) == 0);
    for (int i = 0; i < THREADS; i++) do_close((int)(intptr_t)served[i]);
    for (int i = 0; i < THREADS; i++) {
        await_tcp_state(clients[i], TCP_CLOSE_WAIT);
        do_close(clients[i]);
    }
    do_close(listener);
}

static pid_t fork_with_sockets(void) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) ledger_begin_child();
    return child;
}

static _Noreturn void leave(void) {
    ledger_write();
    _exit(0);
}

static void forked(int family) {
    situation("shared.forked");
    int fds[2], told[2];
    connected_pair(family, SOCK_STREAM, fds);
    CHECK(pipe(told) == 0);
    if (fork_with_sockets() == 0) {
        char byte;
        exchange(fds[0], fds[1], 61);
        // The parent's reference is gone by now: this is the socket's end.
        close(told[1]);
        CHECK(read(told[0], &byte, 1) == 0);
        do_close(fds[0]);
        await_tcp_state(fds[1], TCP_CLOSE_WAIT);
        do_close(fds[1]);
        leave();
    }
    do_close_copy(fds[0]);
    do_close_copy(fds[1]);
    close(told[0]);
    close(told[1]);
    await_processes(1);
}

// Along with the descriptor goes what its new owner could not find out: whose the other end is.
static void pass(int through, int fd) {
    unsigned long long peer_inode = known_end(fd)->peer_inode;
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof fd)];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    struct iovec data = {&peer_inode, sizeof peer_inode};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    SEND("sendmsg", through, NULL, sizeof peer_inode, sendmsg(through, &message, 0));
}

static int take(int through) {
    unsigned long long peer_inode;
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec data = {&peer_inode, sizeof peer_inode};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    RECEIVE("recvmsg", through, NULL, sizeof peer_inode, recvmsg(through, &message, MSG_CMSG_CLOEXEC));
    CHECK(message.msg_controllen >= CMSG_LEN(sizeof(int)) && control.header.cmsg_type == SCM_RIGHTS);
    int fd;
    memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
    end_learn(fd, peer_inode);
    end_remember_peer(fd);
    return fd;
}

// The other process knows nothing of the socket but its descriptor, which has another number there.
static void passed(void) {
    situation("shared.passed");
    int through[2], told[2];
    do_socketpair(AF_UNIX, SOCK_STREAM, through);
    CHECK(pipe(told) == 0);
    pid_t child = fork_with_sockets();
    if (child == 0) {
        char byte;
        int tcp = take(through[1]), local = take(through[1]);
        SEND("send", tcp, NULL, 62, send(tcp, outgoing, 62, 0));
        SEND("write", local, NULL, 63, write(local, outgoing, 63));
        // The first owner's references are gone by now: this is the sockets' end.
        close(told[1]);
        CHECK(read(told[0], &byte, 1) == 0);
        do_close(tcp);
        do_close(local);
        leave();
    }
    int fds[2], pair[2];
    connected_pair(AF_INET, SOCK_STREAM, fds);
    do_socketpair(AF_UNIX, SOCK_DGRAM, pair);
    pass(through[0], fds[0]);
    pass(through[0], pair[0]);
    do_close_copy(fds[0]);
    do_close_copy(pair[0]);
    close(told[0]);
    close(told[1]);
    RECEIVE("recv", fds[1], NULL, 62, recv(fds[1], incoming, 100, 0));
    RECEIVE("recv", pair[1], NULL, 63, recv(pair[1], incoming, 100, 0));
    await_processes(1);
    await_tcp_state(fds[1], TCP_CLOSE_WAIT);
    do_close(fds[1]);
    do_close(pair[1]);
    do_close(through[0]);
    do_close(through[1]);
}

void shared_part(void) {
    several_senders(AF_INET, SOCK_DGRAM);
    several_senders(AF_INET6, SOCK_STREAM);
    several_senders(AF_INET6, SOCK_DGRAM);
    several_accepters(AF_INET);
    several_accepters(AF_INET6);
    forked(AF_INET);
    forked(AF_INET6);
    passed();
}
