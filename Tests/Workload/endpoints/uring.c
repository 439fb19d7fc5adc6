// Connections and datagrams by io_uring, which passes the system calls by.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>

#include "../ring.h"
#include "endpoints.h"

// Of newer kernels than some headers.
enum { OP_SHUTDOWN = 34, OP_BIND = 56, OP_LISTEN = 57 };

static struct io_uring_sqe connect_request(int fd, const struct other *to) {
    return (struct io_uring_sqe){.opcode = IORING_OP_CONNECT, .fd = fd, .addr = (uintptr_t)&to->address.any,
                                 .off = to->address.length};
}

// The kernel does not wait: it asks twice or more, in this thread or in a worker, and no caller is told how often.
static void asked_again(const struct told *before, const struct other *to, long result, uint64_t t0, uint64_t t1) {
    struct told line = *before;
    told_number(&line, CERTAIN, 0);
    told_any_thread(&line);
    told_text(&line, LOCAL_ADDRESS, "?");
    told_text(&line, LOCAL_PORT, "?");
    told_text(&line, TCP_STATE, "?");
    told_times(&line, t0, t1);
    told_write(&line);
    told_text(&line, ALIAS, "socket.connect.return");
    told_asked(&line, REMOTE_ADDRESS, to);
    told_number(&line, RESULT, result);
    told_either_number(&line, RESULT, -EALREADY);
    told_either_number(&line, RESULT, -EISCONN);
    told_write(&line);
}

static int connecting(struct ring *ring, const struct other *to, long want) {
    int client = do_socket(AF_INET, SOCK_STREAM, 0);
    struct told before, again;
    connect_before(&before, "uring_connect", client, to);
    again = before;
    uint64_t t0 = monotonic();
    ring_start(ring, connect_request(client, to));
    long got = ring_finish(ring);
    uint64_t t1 = monotonic();
    CHECK(got == want);
    // The first of the calls, and how it ended.
    connect_after(&before, client, to, -EINPROGRESS, t0, t1);
    asked_again(&again, to, want, t0, t1);
    told_outcome(client, want);
    known_end(client)->attempt.is_untold = 0;
    return client;
}

// In a worker, which waits: by one call, or, since 5.19, by asking first whether it need wait (io_wq_submit_work).
static int connecting_in_worker(struct ring *ring, const struct other *to) {
    int client = do_socket(AF_INET, SOCK_STREAM, 0);
    struct told before, again;
    connect_before(&before, "uring_connect", client, to);
    told_any_thread(&before);
    again = before;
    struct io_uring_sqe request = connect_request(client, to);
    request.flags = IOSQE_ASYNC;
    uint64_t t0 = monotonic();
    ring_start(ring, request);
    CHECK(ring_finish(ring) == 0);
    uint64_t t1 = monotonic();
    connect_after_any(&before, client, to, t0, t1);
    asked_again(&again, to, 0, t0, t1);
    return client;
}

static void talk(int client, int server) {
    exchange(client, server, 11);
    exchange(server, client, 12);
    do_close(server);
    await_tcp_state(client, TCP_CLOSE_WAIT);
}

static void served(int client, int server) {
    talk(client, server);
    do_close(client);
}

struct comer {
    int client;
    struct other to;
};

static void *come(void *argument) {
    struct comer *comer = argument;
    situation("uring.accept-nobody");
    do_connect(comer->client, comer->to, 0);
    return NULL;
}

static void connections(struct ring *ring) {
    situation("uring.listen");
    int listener = listening(AF_INET, SOCK_STREAM, inet_at(AF_INET, "127.61.1.1", 0), 4);
    struct other at = address_of(listener), dead = dead_end(AF_INET);
    situation("uring.connect");
    int client = connecting(ring, &at, 0);
    served(client, do_accept(listener, client));
    situation("uring.connect-in-worker");
    client = connecting_in_worker(ring, &at);
    talk(client, do_accept(listener, client));
    // The worker tells that it is done before it lets the file go.
    do_close_held(client);
    situation("uring.refused");
    do_close(connecting(ring, &dead, -ECONNREFUSED));

    struct io_uring_sqe accept = {.opcode = IORING_OP_ACCEPT, .fd = listener};
    situation("uring.accept-waiting");
    client = do_socket(AF_INET, SOCK_STREAM, 0);
    do_connect(client, at, 0);
    await_queue(listener, 1);
    uint64_t t0 = monotonic();
    ring_start(ring, accept);
    int server = (int)ring_finish(ring);
    CHECK(server >= 0);
    told_accepted("uring_accept", listener, client, server, t0, monotonic());
    served(client, server);

    // Whoever comes later is accepted by this thread while it waits. He comes from another: what a ring has to do
    // interrupts its user's connect, which the kernel then begins anew without anybody knowing.
    situation("uring.accept-nobody");
    struct comer comer = {do_socket(AF_INET, SOCK_STREAM, 0), at};
    pthread_t thread;
    t0 = monotonic();
    ring_start(ring, accept);
    CHECK(pthread_create(&thread, NULL, come, &comer) == 0);
    server = (int)ring_finish(ring);
    uint64_t t1 = monotonic();
    CHECK(server >= 0);
    CHECK(pthread_join(thread, NULL) == 0);
    told_accept_failed("uring_accept", listener, -EAGAIN, t0, t1);
    told_accepted("uring_accept", listener, comer.client, server, t0, t1);
    served(comer.client, server);
    do_close(listener);
}

static void datagrams(struct ring *ring) {
    situation("uring.datagrams");
    int from = bound(AF_INET, SOCK_DGRAM, inet_at(AF_INET, "127.61.2.1", 0));
    int to = bound(AF_INET, SOCK_DGRAM, inet_at(AF_INET, "127.61.2.2", 0));
    struct other there = address_of(to), source = address_of(from);
    struct iovec out = {outgoing, 21}, in = {incoming, 100};
    struct msghdr sent = {
        .msg_name = &there.address.any, .msg_namelen = there.address.length, .msg_iov = &out, .msg_iovlen = 1};
    struct msghdr received = {.msg_iov = &in, .msg_iovlen = 1};
    struct io_uring_sqe sending = {.opcode = IORING_OP_SENDMSG, .fd = from, .addr = (uintptr_t)&sent, .len = 1};
    struct io_uring_sqe receiving = {.opcode = IORING_OP_RECVMSG, .fd = to, .addr = (uintptr_t)&received, .len = 1};
    struct message message = message_begin("socket.send", "uring_sendmsg", from, &there);
    ring_start(ring, sending);
    CHECK(ring_finish(ring) == 21);
    message_line(&message, 21, monotonic());
    await_readable(to);
    message = message_begin("socket.receive", "uring_recvmsg", to, &source);
    ring_start(ring, receiving);
    CHECK(ring_finish(ring) == 21);
    message_line(&message, 21, monotonic());
    do_close(from);
    do_close(to);
}

// One request of a call that has a line for its entry and one for its return.
static void request(struct ring *ring, struct told *before, struct io_uring_sqe request) {
    uint64_t t0 = monotonic();
    ring_start(ring, request);
    CHECK(ring_finish(ring) == 0);
    call_after(before, request.fd, 0, t0, monotonic());
}

static void other_calls(struct ring *ring) {
    struct told before;
    struct other at = inet_at(AF_INET, "127.61.3.1", 0);
    situation("uring.bind");
    if (ring_knows(ring, OP_BIND) && ring_knows(ring, OP_LISTEN)) {
        int fd = do_socket(AF_INET, SOCK_STREAM, 0);
        bind_before(&before, "uring_bind", fd, &at);
        request(ring, &before, (struct io_uring_sqe){.opcode = OP_BIND, .fd = fd,
                                                     .addr = (uintptr_t)&at.address.any, .off = at.address.length});
        listen_before(&before, "uring_listen", fd, 7);
        request(ring, &before, (struct io_uring_sqe){.opcode = OP_LISTEN, .fd = fd, .len = 7});
        do_close(fd);
    } else {
        told_skipped("uring.bind", "not in this kernel");
    }
    situation("uring.shutdown");
    if (ring_knows(ring, OP_SHUTDOWN)) {
        int fds[2];
        connected_pair(AF_INET, SOCK_STREAM, fds);
        shutdown_before(&before, "uring_shutdown", fds[0], SHUT_WR);
        // Always left to a worker.
        told_any_thread(&before);
        request(ring, &before, (struct io_uring_sqe){.opcode = OP_SHUTDOWN, .fd = fds[0], .len = SHUT_WR});
        await_tcp_state(fds[1], TCP_CLOSE_WAIT);
        do_close(fds[1]);
        await_tcp_state(fds[0], TCP_CLOSE);
        do_close_held(fds[0]);
    } else {
        told_skipped("uring.shutdown", "not in this kernel");
    }
}

static void *requests(void *unused) {
    name_self("uring");
    struct ring ring;
    uint64_t t0 = monotonic();
    int error = ring_make(&ring);
    if (error < 0) {
        told_skipped("uring", strerror(-error));
        return unused;
    }
    if (ring_has_socket()) told_kernel_sockets("io_uring_setup", t0, monotonic());
    connections(&ring);
    datagrams(&ring);
    other_calls(&ring);
    ring_close(&ring);
    return unused;
}

// In a thread of its own: a ring's end interrupts whoever used it, some time later.
void uring_part(void) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, requests, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}
