// Datagrams over UDP: to one and to several, with and without a connection, and received without asking from whom.
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/uio.h>

#include "endpoints.h"

#ifndef UDP_GRO
#define UDP_SEGMENT 103
#define UDP_GRO 104
#endif

// Two ends: the first sends, the second receives. What each is called by the other.
struct way {
    const char *word;
    int families[2];
    const char *addresses[2];
};

static const struct way ways[] = {
    {"udp4", {AF_INET, AF_INET}, {"127.21.1.1", "127.21.1.2"}},
    {"udp6", {AF_INET6, AF_INET6}, {"::1", "::1"}},
    {"udp-mapped", {AF_INET6, AF_INET6}, {"::ffff:127.22.1.1", "::ffff:127.22.1.2"}},
    {"udp-mapped-sender", {AF_INET6, AF_INET}, {"::ffff:127.23.1.1", "127.23.1.2"}},
    {"udp-mapped-receiver", {AF_INET, AF_INET6}, {"127.24.1.1", "::ffff:127.24.1.2"}},
};
enum { WAYS = sizeof ways / sizeof *ways };

// An address as a socket of that family has to call it, or is told it.
static struct other called(struct other at, int family) {
    int own = at.address.any.sa_family;
    if (own == family) return at;
    if (own == AF_INET) return mapped(at);
    const struct sockaddr_in6 *v6 = (const void *)&at.address.storage;
    struct other v4 = inet_at(AF_INET, "0.0.0.0", ntohs(v6->sin6_port));
    memcpy(&((struct sockaddr_in *)&v4.address.storage)->sin_addr, &v6->sin6_addr.s6_addr[12], 4);
    return v4;
}

static int end_of(const struct way *way, int which) {
    return bound(way->families[which], SOCK_DGRAM, inet_at(way->families[which], way->addresses[which], 0));
}

static void connected(const struct way *way) {
    situation("%s.connected", way->word);
    int from = end_of(way, 0), to = end_of(way, 1);
    do_connect(from, called(address_of(to), way->families[0]), 0);
    do_connect(to, called(address_of(from), way->families[1]), 0);
    exchange(from, to, 11);
    exchange(to, from, 12);
    SEND("write", from, NULL, 13, write(from, outgoing, 13));
    await_readable(to);
    RECEIVE("recv", to, NULL, 13, recv(to, incoming, 100, MSG_PEEK));
    RECEIVE("read", to, NULL, 13, read(to, incoming, 100));
    RECEIVE("recv", to, NULL, -EAGAIN, recv(to, incoming, 100, MSG_DONTWAIT));
    // Past the connection, to the same and to another.
    struct other there = called(address_of(to), way->families[0]);
    SEND("sendto", from, &there, 14, sendto(from, outgoing, 14, 0, &there.address.any, there.address.length));
    await_readable(to);
    RECEIVE("recv", to, NULL, 14, recv(to, incoming, 100, 0));
    int third = end_of(way, 1);
    struct other source = called(address_of(from), way->families[1]);
    datagram(from, third, called(address_of(third), way->families[0]), source, 15);
    situation("%s.connected-anew", way->word);
    do_connect(from, called(address_of(third), way->families[0]), 0);
    SEND("send", from, NULL, 16, send(from, outgoing, 16, 0));
    await_readable(third);
    RECEIVE("recv", third, &source, 16, recv(third, incoming, 100, 0));
    situation("%s.unspec", way->word);
    do_disconnect(from);
    SEND("send", from, NULL, -EDESTADDRREQ, send(from, outgoing, 5, 0));
    do_close(third);
    do_close(from);
    do_close(to);
}

// Linux 5.10.262 without wireless networks answers EINVAL over IPv6 to what it puts into pages: its room for headers
// (MAX_HEADER) is less than those of IPv6 and UDP (__ip6_append_data in net/ipv6/ip6_output.c).
static int may_refuse_pages(int family) { return family == AF_INET6 && !kernel_at_least(5, 11); }

static void message_calls(const struct way *way) {
    int from = end_of(way, 0), to = end_of(way, 1);
    struct other there = called(address_of(to), way->families[0]), source = called(address_of(from), way->families[1]);
    situation("%s.unconnected", way->word);
    datagram(from, to, there, source, 21);
    datagram(to, from, called(address_of(from), way->families[1]), called(address_of(to), way->families[0]), 22);

    struct iovec out = {outgoing, 23}, in = {incoming, 100};
    struct msghdr sent = {
        .msg_name = &there.address.any, .msg_namelen = there.address.length, .msg_iov = &out, .msg_iovlen = 1};
    struct address sender;
    struct msghdr asking = {
        .msg_name = &sender.any, .msg_namelen = sizeof sender.storage, .msg_iov = &in, .msg_iovlen = 1};
    struct msghdr silent = {.msg_iov = &in, .msg_iovlen = 1};
    situation("%s.sendmsg", way->word);
    for (int i = 0; i < 3; i++) SEND("sendmsg", from, &there, 23, sendmsg(from, &sent, 0));
    await_readable(to);
    RECEIVE("recvmsg", to, &source, 23, recvmsg(to, &silent, MSG_PEEK));
    RECEIVE("recvmsg", to, &source, 23, recvmsg(to, &asking, 0));
    await_readable(to);
    RECEIVE("recvmsg", to, &source, 23, recvmsg(to, &silent, 0));
    await_readable(to);
    RECEIVE("recvfrom", to, &source, 23, recvfrom(to, incoming, 100, 0, NULL, NULL));
    RECEIVE("recvmsg", to, NULL, -EAGAIN, recvmsg(to, &silent, MSG_DONTWAIT));
    situation("%s.large", way->word);
    long large = SEND("sendto", from, &there, may_refuse_pages(way->families[0]) ? ANY : 60000,
                      sendto(from, outgoing, 60000, 0, &there.address.any, there.address.length));
    if (large != -EINVAL) {
        await_readable(to);
        RECEIVE("recv", to, &source, 60000, recv(to, incoming, 10, MSG_TRUNC));
    }
    do_close(from);
    do_close(to);
}

// One call to several; and one call from several, whose senders nobody asks for.
static void several(const struct way *way) {
    static const char *const send_calls[] = {"sendmmsg[0]", "sendmmsg[1]", "sendmmsg[2]"};
    static const char *const receive_calls[] = {"recvmmsg[0]", "recvmmsg[1]", "recvmmsg[2]"};
    situation("%s.sendmmsg", way->word);
    int from = end_of(way, 0), to[3];
    struct other there[3];
    struct iovec out[3], in[4];
    struct mmsghdr sent[3] = {0}, received[4] = {0};
    for (int i = 0; i < 3; i++) {
        to[i] = end_of(way, 1);
        there[i] = called(address_of(to[i]), way->families[0]);
        out[i] = (struct iovec){outgoing, (size_t)(31 + i)};
        sent[i].msg_hdr = (struct msghdr){.msg_name = &there[i].address.any, .msg_namelen = there[i].address.length,
                                          .msg_iov = &out[i], .msg_iovlen = 1};
    }
    struct message message = message_begin("socket.send", "sendmmsg", from, NULL);
    CHECK(sendmmsg(from, sent, 3, 0) == 3);
    uint64_t t1 = monotonic();
    for (int i = 0; i < 3; i++) {
        message.call = send_calls[i];
        message.other = &there[i];
        message_line(&message, sent[i].msg_len, t1);
    }
    struct other source = called(address_of(from), way->families[1]);
    for (int i = 0; i < 3; i++) {
        await_readable(to[i]);
        RECEIVE("recv", to[i], &source, 31 + i, recv(to[i], incoming, 100, 0));
    }

    situation("%s.recvmmsg", way->word);
    for (int i = 0; i < 3; i++)
        SEND("sendto", to[i], &source, 41 + i,
             sendto(to[i], outgoing, (size_t)(41 + i), 0, &source.address.any, source.address.length));
    struct address sender;
    for (int i = 0; i < 4; i++) {
        in[i] = (struct iovec){incoming + 1000 * i, 500};
        received[i].msg_hdr = (struct msghdr){.msg_iov = &in[i], .msg_iovlen = 1};
    }
    received[1].msg_hdr.msg_name = &sender.any;
    received[1].msg_hdr.msg_namelen = sizeof sender.storage;
    message = message_begin("socket.receive", "recvmmsg", from, NULL);
    CHECK(recvmmsg(from, received, 3, 0, NULL) == 3);
    t1 = monotonic();
    for (int i = 0; i < 3; i++) {
        message.call = receive_calls[i];
        // Their sizes tell who sent them.
        message.other = &there[received[i].msg_len - 41];
        message_line(&message, received[i].msg_len, t1);
    }
    // Asked for more than there are, the kernel looks once more.
    SEND("sendto", to[0], &source, 44,
         sendto(to[0], outgoing, 44, 0, &source.address.any, source.address.length));
    await_readable(from);
    message = message_begin("socket.receive", "recvmmsg[0]", from, &there[0]);
    CHECK(recvmmsg(from, received, 2, MSG_DONTWAIT, NULL) == 1);
    t1 = monotonic();
    message_line(&message, 44, t1);
    message.call = "recvmmsg[1]";
    message.other = NULL;
    message_line(&message, -EAGAIN, t1);
    for (int i = 0; i < 3; i++) do_close(to[i]);
    do_close(from);
}

// A port is chosen by the first send; a wildcard socket's datagrams have an address all the same.
static void unbound(int family) {
    const char *loopback = family == AF_INET ? "127.0.0.1" : "::1";
    situation("udp%s.autobind", family_word(family));
    int to = bound(family, SOCK_DGRAM, (struct other){.address = loopback_address(family)});
    int from = do_socket(family, SOCK_DGRAM, 0);
    struct other there = heard_at(address_of(to), loopback);
    SEND("sendto", from, &there, 51, sendto(from, outgoing, 51, 0, &there.address.any, there.address.length));
    struct other source = moved(address_of(from), loopback);
    await_readable(to);
    RECEIVE("recv", to, &source, 51, recv(to, incoming, 100, 0));
    situation("udp%s.connect-autobind", family_word(family));
    int third = do_socket(family, SOCK_DGRAM, 0);
    do_connect(third, address_of(to), 0);
    SEND("send", third, NULL, 52, send(third, outgoing, 52, 0));
    struct other connected = address_of(third);
    await_readable(to);
    RECEIVE("recv", to, &connected, 52, recv(to, incoming, 100, 0));
    do_disconnect(third);
    do_close(third);

    situation("udp%s.wildcard", family_word(family));
    int wild = bound(family, SOCK_DGRAM, inet_at(family, family == AF_INET ? "0.0.0.0" : "::", 0));
    const char *name = family == AF_INET ? "127.31.32.33" : "::1";
    there = heard_at(moved(address_of(wild), name), loopback);
    SEND("sendto", from, &there, 53, sendto(from, outgoing, 53, 0, &there.address.any, there.address.length));
    await_readable(wild);
    struct other heard = heard_at(source, name);
    RECEIVE("recv", wild, &heard, 53, recv(wild, incoming, 100, 0));
    // To a wildcard address: loopback's.
    struct other nowhere = heard_at(address_of(wild), loopback);
    situation("udp%s.connect-wildcard", family_word(family));
    third = do_socket(family, SOCK_DGRAM, 0);
    do_connect(third, nowhere, 0);
    SEND("send", third, NULL, 54, send(third, outgoing, 54, 0));
    source = heard_at(address_of(third), loopback);
    await_readable(wild);
    RECEIVE("recv", wild, &source, 54, recv(wild, incoming, 100, 0));
    do_close(third);
    do_close(wild);
    do_close(from);
    do_close(to);
}

static void refused(int family) {
    situation("udp%s.refused", family_word(family));
    int fd = do_socket(family, SOCK_DGRAM, 0);
    do_connect(fd, dead_end(family), 0);
    SEND("send", fd, NULL, 61, send(fd, outgoing, 61, 0));
    // The refusal comes back in a softirq.
    await_readable(fd);
    RECEIVE("recv", fd, NULL, -ECONNREFUSED, recv(fd, incoming, 100, MSG_DONTWAIT));
    situation("udp%s.shutdown", family_word(family));
    do_shutdown(fd, SHUT_RD, 0);
    RECEIVE("recv", fd, NULL, 0, recv(fd, incoming, 100, 0));
    do_close(fd);
    fd = do_socket(family, SOCK_DGRAM, 0);
    do_shutdown(fd, SHUT_WR, -ENOTCONN);
    do_close(fd);
}

// Options move what stands behind the IP header.
static void with_options(void) {
    situation("udp4.ip-options");
    int from = bound(AF_INET, SOCK_DGRAM, inet_at(AF_INET, "127.41.1.1", 0));
    int to = bound(AF_INET, SOCK_DGRAM, inet_at(AF_INET, "127.41.1.2", 0));
    unsigned char nothing[8] = {1, 1, 1, 1, 1, 1, 1, 0};
    CHECK(setsockopt(from, IPPROTO_IP, IP_OPTIONS, nothing, sizeof nothing) == 0);
    struct other there = address_of(to), source = address_of(from);
    SEND("sendto", from, &there, 71, sendto(from, outgoing, 71, 0, &there.address.any, there.address.length));
    await_readable(to);
    RECEIVE("recv", to, &source, 71, recv(to, incoming, 100, 0));
    do_close(from);
    do_close(to);
}

// One send that is several datagrams, received one by one, and put together again.
static void segments(int family) {
    int on = 1, size = 100;
    struct other loopback = {.address = loopback_address(family)};
    for (int together = 0; together < 2; together++) {
        situation("udp%s.segments%s", family_word(family), together ? "-together" : "");
        int from = bound(family, SOCK_DGRAM, loopback), to = bound(family, SOCK_DGRAM, loopback);
        struct other source = address_of(from);
        if (setsockopt(from, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size) < 0 ||
            (together && setsockopt(to, IPPROTO_UDP, UDP_GRO, &on, sizeof on) < 0)) {
            told_skipped("udp-segments", strerror(errno));
        } else {
            do_connect(from, address_of(to), 0);
            long sent = SEND("send", from, NULL, may_refuse_pages(family) ? ANY : 350, send(from, outgoing, 350, 0));
            for (long all = 0; all < sent;) {
                await_readable(to);
                all += RECEIVE("recv", to, &source, ANY, recv(to, incoming, 1000, 0));
            }
        }
        do_close(from);
        do_close(to);
    }
}

void udp_part(void) {
    for (int i = 0; i < WAYS; i++) {
        connected(&ways[i]);
        message_calls(&ways[i]);
        several(&ways[i]);
    }
    for (int i = 0; i < 2; i++) {
        int family = i == 0 ? AF_INET : AF_INET6;
        unbound(family);
        refused(family);
        segments(family);
    }
    with_options();
}
