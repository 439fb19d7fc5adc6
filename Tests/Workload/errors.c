// Calls that fail, fall short or are interrupted, over IPv4 and IPv6.
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "workload.h"

// The refusal of what was sent comes back in a softirq, which may be left to ksoftirqd: it is awaited, not assumed.
static void await_refusal(int fd) {
    struct pollfd wait = {.fd = fd};
    CHECK(poll(&wait, 1, 10000) == 1 && wait.revents == POLLERR);
}

static void refused(int family) {
    // A port that was free a moment ago, and is again.
    int gone = create_socket(family, SOCK_DGRAM, 0);
    struct address address = bind_socket(gone, loopback_address(family));
    close_socket(gone);
    int fd = create_socket(family, SOCK_DGRAM, 0);
    connect_socket(fd, &address.any, address.length);
    SENT("send", "sendmsg", fd, 5, 5, send(fd, outgoing, 5, 0));
    await_refusal(fd);
    SENT("send", "sendmsg", fd, 6, -ECONNREFUSED, send(fd, outgoing, 6, 0));
    SENT("write", "aio_write", fd, 7, 7, write(fd, outgoing, 7));
    await_refusal(fd);
    RECEIVED("recv", "recvmsg", fd, 64, -ECONNREFUSED, recv(fd, incoming, 64, 0));
    SENT("write", "aio_write", fd, 8, 8, write(fd, outgoing, 8));
    await_refusal(fd);
    SENT("writev", "writev", fd, 9, -ECONNREFUSED, writev(fd, &(struct iovec){outgoing, 9}, 1));
    close_socket(fd);
}

static void unprepared(int family) {
    int datagrams = create_socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct address address = bind_socket(datagrams, loopback_address(family));
    SENT("send", "sendmsg", datagrams, 5, -EDESTADDRREQ, send(datagrams, outgoing, 5, 0));
    SENT("write", "aio_write", datagrams, 6, -EDESTADDRREQ, write(datagrams, outgoing, 6));
    SENT("sendto", "sendmsg", datagrams, 70000, -EMSGSIZE,
         sendto(datagrams, outgoing, 70000, 0, &address.any, address.length));
    RECEIVED("recv", "recvmsg", datagrams, 64, -EAGAIN, recv(datagrams, incoming, 64, 0));
    RECEIVED("read", "aio_read", datagrams, 65, -EAGAIN, read(datagrams, incoming, 65));
    RECEIVED("readv", "readv", datagrams, 66, -EAGAIN, readv(datagrams, &(struct iovec){incoming, 66}, 1));
    struct iovec part = {incoming, 67};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    RECEIVED("recvmsg", "recvmsg", datagrams, 67, -EAGAIN, recvmsg(datagrams, &header, 0));
    struct mmsghdr headers = {.msg_hdr = header};
    RECEIVED("recvmmsg[0]", "recvmsg", datagrams, 67, -EAGAIN, recvmmsg(datagrams, &headers, 1, 0, NULL));
    close_socket(datagrams);

    int stream = create_socket(family, SOCK_STREAM, IPPROTO_TCP);
    RECEIVED("recv", "recvmsg", stream, 64, -ENOTCONN, recv(stream, incoming, 64, 0));
    RECEIVED("read", "aio_read", stream, 64, -ENOTCONN, read(stream, incoming, 64));
    SENT("send", "sendmsg", stream, 5, -EPIPE, send(stream, outgoing, 5, MSG_NOSIGNAL));
    close_socket(stream);
}

// A peer that does not read: what fits goes, then nothing.
static void full_stream(int family) {
    int fds[2];
    stream_pair(family, SOCK_STREAM, fds);
    CHECK(fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0);
    int small = 4096, partial = 0;
    CHECK(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small) == 0);
    for (long sent = 1; sent > 0;) {
        sent = SENT("send", "sendmsg", fds[0], BUFFER_SIZE, ANY, send(fds[0], outgoing, BUFFER_SIZE, 0));
        partial += sent > 0 && sent < BUFFER_SIZE;
        CHECK(sent > 0 || sent == -EAGAIN);
    }
    CHECK(partial > 0);
    SENT("write", "aio_write", fds[0], 100000, ANY, write(fds[0], outgoing, 100000));
    close_socket(fds[0]);
    close_socket(fds[1]);
}

static void ignore(int signal) {
    (void)signal;
}

// The timer comes again and again, so that it cannot come too early for good.
static void set_alarms(long microseconds) {
    struct itimerval every = {{0, microseconds}, {0, microseconds}};
    CHECK(setitimer(ITIMER_REAL, &every, NULL) == 0);
}

static void interrupted(int family) {
    struct sigaction action = {.sa_handler = ignore};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    int fds[2];
    inet_datagram_pair(family, fds);
    struct iovec part = {incoming, 66};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    set_alarms(30000);
    RECEIVED("recv", "recvmsg", fds[0], 64, -EINTR, recv(fds[0], incoming, 64, 0));
    RECEIVED("read", "aio_read", fds[0], 65, -EINTR, read(fds[0], incoming, 65));
    RECEIVED("recvmsg", "recvmsg", fds[0], 66, -EINTR, recvmsg(fds[0], &header, 0));
    RECEIVED("readv", "readv", fds[0], 66, -EINTR, readv(fds[0], &part, 1));
    set_alarms(0);
    close_socket(fds[0]);
    close_socket(fds[1]);
}

void inet_errors_chapter(void) {
    static const int families[] = {AF_INET, AF_INET6};
    for (int i = 0; i < 2; i++) {
        refused(families[i]);
        unprepared(families[i]);
        full_stream(families[i]);
        interrupted(families[i]);
    }
}
