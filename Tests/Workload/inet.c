// UDP and TCP over IPv4 and IPv6: every call, and what only sockets without a connection can do.
#include <netinet/in.h>
#include <sys/uio.h>

#include "workload.h"

// Messages to several, to one, and fewer than asked for.
static void datagrams_by_name(int family) {
    int from = create_socket(family, SOCK_DGRAM, 0), to[2];
    struct address name[2];
    for (int i = 0; i < 2; i++) {
        to[i] = create_socket(family, SOCK_DGRAM, 0);
        name[i] = bind_socket(to[i], loopback_address(family));
    }
    SENT("sendto", "sendmsg", from, 15, 15, sendto(from, outgoing, 15, 0, &name[0].any, name[0].length));
    struct address sender = {.length = sizeof sender.storage};
    RECEIVED("recvfrom", "recvmsg", to[0], 64, 15, recvfrom(to[0], incoming, 64, 0, &sender.any, &sender.length));

    static const char *const send_calls[] = {"sendmmsg[0]", "sendmmsg[1]", "sendmmsg[2]", "sendmmsg[3]"};
    static const char *const receive_calls[] = {"recvmmsg[0]", "recvmmsg[1]", "recvmmsg[2]", "recvmmsg[3]"};
    struct iovec out[4], in[4];
    struct mmsghdr headers[4], received[4];
    for (int round = 0; round < 2; round++) {
        // First all to one name, which the kernel looks up only once; then to two in turn.
        for (int i = 0; i < 4; i++) {
            struct address *target = &name[round == 0 ? 0 : i % 2];
            out[i] = (struct iovec){outgoing, (size_t)(200 + 10 * round + i)};
            headers[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &target->any, .msg_namelen = target->length,
                                                      .msg_iov = &out[i], .msg_iovlen = 1}};
        }
        uint64_t t0 = monotonic();
        CHECK(sendmmsg(from, headers, 4, 0) == 4);
        uint64_t t1 = monotonic();
        for (int i = 0; i < 4; i++)
            operation_line(&(struct operation){"send", send_calls[i], "sendmsg", from, out[i].iov_len, t0},
                           headers[i].msg_len, t1);
        for (int receiver = 0; receiver <= round; receiver++) {
            int ready = round == 0 ? 4 : 2;
            for (int i = 0; i < 4; i++) {
                in[i] = (struct iovec){incoming + 1000 * i, 500};
                received[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &in[i], .msg_iovlen = 1}};
            }
            t0 = monotonic();
            CHECK(recvmmsg(to[receiver], received, 4, MSG_DONTWAIT, NULL) == ready);
            t1 = monotonic();
            for (int i = 0; i < ready; i++)
                operation_line(&(struct operation){"receive", receive_calls[i], "recvmsg", to[receiver], 500, t0},
                               received[i].msg_len, t1);
            // The kernel asked once more, and heard that nothing was there; the call says only how many there were.
            if (ready < 4)
                operation_line(&(struct operation){"receive", receive_calls[ready], "recvmsg", to[receiver], 500, t0},
                               -EAGAIN, t1);
        }
    }

    // The second message is too long for a datagram: the call says one was sent.
    out[0].iov_len = 17;
    out[1].iov_len = 70000;
    uint64_t t0 = monotonic();
    CHECK(sendmmsg(from, headers, 3, 0) == 1);
    uint64_t t1 = monotonic();
    operation_line(&(struct operation){"send", "sendmmsg[0]", "sendmsg", from, 17, t0}, 17, t1);
    operation_line(&(struct operation){"send", "sendmmsg[1]", "sendmsg", from, 70000, t0}, -EMSGSIZE, t1);
    RECEIVED("recv", "recvmsg", to[0], 64, 17, recv(to[0], incoming, 64, 0));

    close_socket(from);
    close_socket(to[0]);
    close_socket(to[1]);
}

static void empty_and_cut_datagrams(int from, int to) {
    SENT("send", "sendmsg", from, 0, 0, send(from, outgoing, 0, 0));
    RECEIVED("recv", "recvmsg", to, 64, 0, recv(to, incoming, 64, 0));
    SENT("write", "aio_write", from, 0, 0, write(from, outgoing, 0));
    RECEIVED("read", "aio_read", to, 64, 0, read(to, incoming, 64));
    SENT("send", "sendmsg", from, 900, 900, send(from, outgoing, 900, 0));
    RECEIVED("recv", "recvmsg", to, 10, 900, recv(to, incoming, 10, MSG_TRUNC));
    SENT("send", "sendmsg", from, 901, 901, send(from, outgoing, 901, 0));
    RECEIVED("recv", "recvmsg", to, 10, 901, recv(to, incoming, 10, MSG_PEEK | MSG_TRUNC));
    RECEIVED("recv", "recvmsg", to, 10, 10, recv(to, incoming, 10, 0));
    struct iovec part = {incoming, 20};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    SENT("write", "aio_write", from, 902, 902, write(from, outgoing, 902));
    RECEIVED("recvmsg", "recvmsg", to, 20, 902, recvmsg(to, &header, MSG_TRUNC));
}

static void stream(int family) {
    int fds[2];
    stream_pair(family, SOCK_STREAM, fds);
    all_calls(fds[0], fds[1]);
    all_calls(fds[1], fds[0]);
    // Several messages taken as one, and waited for in full.
    SENT("send", "sendmsg", fds[0], 300, 300, send(fds[0], outgoing, 300, MSG_MORE));
    SENT("send", "sendmsg", fds[0], 400, 400, send(fds[0], outgoing, 400, 0));
    RECEIVED("recv", "recvmsg", fds[1], 700, 700, recv(fds[1], incoming, 700, MSG_WAITALL));
    SENT("send", "sendmsg", fds[0], 33, 33, send(fds[0], outgoing, 33, 0));
    RECEIVED("recv", "recvmsg", fds[1], 200, 33, recv(fds[1], incoming, 200, MSG_TRUNC));
    // The end: the state stays CONNECTED for both.
    CHECK(shutdown(fds[0], SHUT_WR) == 0);
    SENT("send", "sendmsg", fds[0], 5, -EPIPE, send(fds[0], outgoing, 5, MSG_NOSIGNAL));
    SENT("send", "sendmsg", fds[1], 5, 5, send(fds[1], outgoing, 5, 0));
    RECEIVED("recv", "recvmsg", fds[1], 64, 0, recv(fds[1], incoming, 64, 0));
    RECEIVED("read", "aio_read", fds[1], 64, 0, read(fds[1], incoming, 64));
    RECEIVED("readv", "readv", fds[1], 64, 0, readv(fds[1], &(struct iovec){incoming, 64}, 1));
    close_socket(fds[1]);
    close_socket(fds[0]);
}

void inet_chapter(void) {
    static const int families[] = {AF_INET, AF_INET6};
    for (int i = 0; i < 2; i++) {
        int fds[2];
        inet_datagram_pair(families[i], fds);
        all_calls(fds[0], fds[1]);
        empty_and_cut_datagrams(fds[0], fds[1]);
        close_socket(fds[0]);
        close_socket(fds[1]);
        datagrams_by_name(families[i]);
        stream(families[i]);
    }
}
