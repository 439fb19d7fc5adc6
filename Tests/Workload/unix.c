// UNIX sockets of the three types.
#include <fcntl.h>
#include <sys/un.h>

#include "workload.h"

static void pair(int type) {
    int fds[2];
    create_pair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds);
    all_calls(fds[0], fds[1]);
    // Credentials come along from here on; the message is the same.
    set_passcred(fds[1]);
    plain_calls(fds[0], fds[1]);
    SENT("send", "sendmsg", fds[0], 500, 500, send(fds[0], outgoing, 500, 0));
    if (type == SOCK_STREAM) {
        RECEIVED("recv", "recvmsg", fds[1], 100, 100, recv(fds[1], incoming, 100, 0));
        RECEIVED("recv", "recvmsg", fds[1], 1000, 400, recv(fds[1], incoming, 1000, 0));
    } else {
        RECEIVED("recv", "recvmsg", fds[1], 100, 500, recv(fds[1], incoming, 100, MSG_TRUNC));
        SENT("send", "sendmsg", fds[0], 0, 0, send(fds[0], outgoing, 0, 0));
        RECEIVED("recv", "recvmsg", fds[1], 100, 0, recv(fds[1], incoming, 100, 0));
    }
    close_socket(fds[0]);
    if (type != SOCK_DGRAM) {
        RECEIVED("recv", "recvmsg", fds[1], 100, 0, recv(fds[1], incoming, 100, 0));
        RECEIVED("read", "aio_read", fds[1], 100, 0, read(fds[1], incoming, 100));
        SENT("send", "sendmsg", fds[1], 5, -EPIPE, send(fds[1], outgoing, 5, MSG_NOSIGNAL));
    } else {
        SENT("send", "sendmsg", fds[1], 5, -ECONNREFUSED, send(fds[1], outgoing, 5, 0));
    }
    close_socket(fds[1]);
}

static void by_listening(int type) {
    int fds[2];
    stream_pair(AF_UNIX, type, fds);
    plain_calls(fds[0], fds[1]);
    plain_calls(fds[1], fds[0]);
    close_socket(fds[1]);
    close_socket(fds[0]);

    int alone = create_socket(AF_UNIX, type, 0);
    SENT("send", "sendmsg", alone, 5, -ENOTCONN, send(alone, outgoing, 5, MSG_NOSIGNAL));
    close_socket(alone);
}

static void datagrams_by_name(void) {
    int to = create_socket(AF_UNIX, SOCK_DGRAM, 0), from = create_socket(AF_UNIX, SOCK_DGRAM, 0);
    struct address name = bind_socket(to, abstract_address());
    SENT("send", "sendmsg", from, 5, -ENOTCONN, send(from, outgoing, 5, 0));
    SENT("sendto", "sendmsg", from, 25, 25, sendto(from, outgoing, 25, 0, &name.any, name.length));
    RECEIVED("recvfrom", "recvmsg", to, 100, 25, recvfrom(to, incoming, 100, 0, NULL, NULL));
    connect_socket(from, &name.any, name.length);
    SENT("send", "sendmsg", from, 26, 26, send(from, outgoing, 26, 0));
    RECEIVED("recv", "recvmsg", to, 100, 26, recv(to, incoming, 100, 0));
    close_socket(from);
    close_socket(to);
}

// A peer that does not read: a stream takes part of a message, a datagram socket all or nothing.
static void full(void) {
    int fds[2];
    create_pair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds);
    for (long sent = 1; sent > 0;) {
        sent = SENT("send", "sendmsg", fds[0], BUFFER_SIZE, ANY, send(fds[0], outgoing, BUFFER_SIZE, 0));
        CHECK(sent > 0 || sent == -EAGAIN);
    }
    SENT("write", "aio_write", fds[0], 100000, -EAGAIN, write(fds[0], outgoing, 100000));
    close_socket(fds[0]);
    close_socket(fds[1]);

    create_pair(AF_UNIX, SOCK_DGRAM, 0, fds);
    for (long sent = 1; sent > 0;) {
        sent = SENT("send", "sendmsg", fds[0], 3000, ANY, send(fds[0], outgoing, 3000, MSG_DONTWAIT));
        CHECK(sent == 3000 || sent == -EAGAIN);
    }
    close_socket(fds[0]);
    close_socket(fds[1]);
}

void unix_chapter(void) {
    pair(SOCK_STREAM);
    pair(SOCK_DGRAM);
    pair(SOCK_SEQPACKET);
    by_listening(SOCK_STREAM);
    by_listening(SOCK_SEQPACKET);
    datagrams_by_name();
    full();
}
