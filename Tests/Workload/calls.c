// The plain system calls that send, and their receiving twins.
#include <poll.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "workload.h"

char outgoing[BUFFER_SIZE];
__thread char incoming[BUFFER_SIZE];

void await_readable(int fd) {
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    CHECK(poll(&wait, 1, 10000) == 1);
}

void await_processes(int count) {
    for (; count > 0; count--) {
        int status;
        CHECK(wait(&status) > 0);
        if (status != 0) fail(__FILE__, __LINE__, "a child process", "failed; its own message is above");
    }
}

void name_self(const char *name) {
    CHECK(prctl(PR_SET_NAME, name) == 0);
}

static void buffer_calls(int from, int to) {
    SENT("send", "sendmsg", from, 11, 11, send(from, outgoing, 11, 0));
    RECEIVED("recv", "recvmsg", to, 100, 11, recv(to, incoming, 100, 0));
    SENT("sendto", "sendmsg", from, 12, 12, sendto(from, outgoing, 12, 0, NULL, 0));
    struct sockaddr_storage sender;
    socklen_t length = sizeof sender;
    RECEIVED("recvfrom", "recvmsg", to, 101, 12, recvfrom(to, incoming, 101, 0, (struct sockaddr *)&sender, &length));
    SENT("write", "aio_write", from, 13, 13, write(from, outgoing, 13));
    RECEIVED("read", "aio_read", to, 102, 13, read(to, incoming, 102));
}

static void vector_calls(int from, int to) {
    struct iovec out[2] = {{outgoing, 10}, {outgoing, 11}};
    struct iovec in[2] = {{incoming, 15}, {incoming + 15, 90}};
    struct msghdr send_header = {.msg_iov = out, .msg_iovlen = 2};
    struct msghdr receive_header = {.msg_iov = in, .msg_iovlen = 2};
    SENT("sendmsg", "sendmsg", from, 21, 21, sendmsg(from, &send_header, 0));
    RECEIVED("recvmsg", "recvmsg", to, 105, 21, recvmsg(to, &receive_header, 0));
    SENT("writev", "writev", from, 21, 21, writev(from, out, 2));
    RECEIVED("readv", "readv", to, 105, 21, readv(to, in, 2));
    out[1].iov_len = 12;
    // Offset -1: where the file stands, the only place a socket has.
    SENT("pwritev2", "writev", from, 22, 22, pwritev2(from, out, 2, -1, 0));
    RECEIVED("preadv2", "readv", to, 105, 22, preadv2(to, in, 2, -1, 0));
}

// One call, three messages; each receives exactly what was sent, so that streams behave as datagrams do.
static void several_calls(int from, int to) {
    static const char *const send_calls[] = {"sendmmsg[0]", "sendmmsg[1]", "sendmmsg[2]"};
    static const char *const receive_calls[] = {"recvmmsg[0]", "recvmmsg[1]", "recvmmsg[2]"};
    struct iovec out[3] = {{outgoing, 31}, {outgoing, 32}, {outgoing, 33}};
    struct iovec in[3] = {{incoming, 31}, {incoming + 100, 32}, {incoming + 200, 33}};
    struct mmsghdr send_headers[3] = {0}, receive_headers[3] = {0};
    for (int i = 0; i < 3; i++) {
        send_headers[i].msg_hdr = (struct msghdr){.msg_iov = &out[i], .msg_iovlen = 1};
        receive_headers[i].msg_hdr = (struct msghdr){.msg_iov = &in[i], .msg_iovlen = 1};
    }
    uint64_t t0 = monotonic();
    CHECK(sendmmsg(from, send_headers, 3, 0) == 3);
    uint64_t t1 = monotonic();
    for (int i = 0; i < 3; i++) {
        CHECK(send_headers[i].msg_len == out[i].iov_len);
        operation_line(&(struct operation){"send", send_calls[i], "sendmsg", from, out[i].iov_len, t0},
                       send_headers[i].msg_len, t1);
    }
    t0 = monotonic();
    CHECK(recvmmsg(to, receive_headers, 3, 0, NULL) == 3);
    t1 = monotonic();
    for (int i = 0; i < 3; i++) {
        CHECK(receive_headers[i].msg_len == out[i].iov_len);
        operation_line(&(struct operation){"receive", receive_calls[i], "recvmsg", to, in[i].iov_len, t0},
                       receive_headers[i].msg_len, t1);
    }
}

void plain_calls(int from, int to) {
    buffer_calls(from, to);
    vector_calls(from, to);
    several_calls(from, to);
    // Peeking receives without taking.
    SENT("send", "sendmsg", from, 40, 40, send(from, outgoing, 40, MSG_NOSIGNAL));
    RECEIVED("recv", "recvmsg", to, 100, 40, recv(to, incoming, 100, MSG_PEEK));
    RECEIVED("recv", "recvmsg", to, 100, 40, recv(to, incoming, 100, 0));
    RECEIVED("recv", "recvmsg", to, 100, -EAGAIN, recv(to, incoming, 100, MSG_DONTWAIT));
    // A read of nothing ends in sock_read_iter.
    RECEIVED("read", "aio_read", to, 0, 0, read(to, incoming, 0));
}

void all_calls(int from, int to) {
    plain_calls(from, to);
    aio_calls(from, to);
    uring_calls(from, to);
    splice_calls(from, to);
}
