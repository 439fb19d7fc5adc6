// Connections over TCP: made, refused, made without waiting, again, and with data in the first packet.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/uio.h>

#include "endpoints.h"

// How a client and a server find each other.
struct way {
    const char *word;
    int client_family, listener_family;
    const char *server, *client;
    // What the client connects to: nobody listens there.
    const char *dead;
};

static const struct way ways[] = {
    {"tcp4", AF_INET, AF_INET, "127.4.5.6", "127.1.2.3", "127.9.9.9"},
    {"tcp6", AF_INET6, AF_INET6, "::1", "::1", "::1"},
    {"mapped", AF_INET6, AF_INET6, "::ffff:127.4.5.7", "::ffff:127.1.2.4", "::ffff:127.9.9.8"},
    {"mapped-client", AF_INET6, AF_INET, "127.4.5.8", "::ffff:127.1.2.5", "::ffff:127.9.9.7"},
    {"mapped-server", AF_INET, AF_INET6, "::ffff:127.4.5.9", "127.1.2.6", "127.9.9.6"},
};
enum { WAYS = sizeof ways / sizeof *ways };

// The listener's address, as the client has to call it.
static struct other server(const struct way *way, int listener) {
    struct other at = address_of(listener);
    if (way->client_family == way->listener_family) return at;
    int port = ntohs(((struct sockaddr_in *)&at.address.storage)->sin_port);
    if (way->listener_family == AF_INET) return mapped(at);
    return inet_at(AF_INET, way->server + strlen("::ffff:"), port);
}

static void all_ways(int from, int to) {
    SEND("send", from, NULL, 11, send(from, outgoing, 11, 0));
    RECEIVE("recv", to, NULL, 11, recv(to, incoming, 100, 0));
    SEND("write", from, NULL, 12, write(from, outgoing, 12));
    RECEIVE("read", to, NULL, 12, read(to, incoming, 100));
    struct iovec out = {outgoing, 13}, in = {incoming, 100};
    SEND("writev", from, NULL, 13, writev(from, &out, 1));
    RECEIVE("readv", to, NULL, 13, readv(to, &in, 1));
    struct msghdr sent = {.msg_iov = &out, .msg_iovlen = 1}, received = {.msg_iov = &in, .msg_iovlen = 1};
    SEND("sendmsg", from, NULL, 13, sendmsg(from, &sent, 0));
    RECEIVE("recvmsg", to, NULL, 13, recvmsg(to, &received, MSG_PEEK));
    RECEIVE("recvmsg", to, NULL, 13, recvmsg(to, &received, 0));
    RECEIVE("recv", to, NULL, -EAGAIN, recv(to, incoming, 100, MSG_DONTWAIT));
}

static void accepted(const struct way *way, int listener) {
    situation("%s.blocking", way->word);
    int client = do_socket(way->client_family, SOCK_STREAM, 0);
    do_connect(client, server(way, listener), 0);
    let_wait(listener, client);
    int served = do_accept(listener, client);
    all_ways(client, served);
    all_ways(served, client);
    situation("%s.again", way->word);
    do_connect(client, server(way, listener), -EISCONN);
    do_connect(client, inet_at(way->client_family, way->dead, 77), -EISCONN);
    exchange(client, served, 21);
    do_close(served);
    await_tcp_state(client, TCP_CLOSE_WAIT);
    RECEIVE("recv", client, NULL, 0, recv(client, incoming, 100, 0));
    do_close(client);

    situation("%s.bound", way->word);
    client = bound(way->client_family, SOCK_STREAM, inet_at(way->client_family, way->client, 0));
    do_connect(client, server(way, listener), 0);
    served = do_accept(listener, client);
    exchange(client, served, 22);
    exchange(served, client, 23);
    do_close(client);
    await_tcp_state(served, TCP_CLOSE_WAIT);
    do_close(served);
}

static void accepted_without_waiting(const struct way *way, int listener) {
    situation("%s.nonblocking", way->word);
    int client = do_socket(way->client_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    do_connect(client, server(way, listener), -EINPROGRESS);
    await_outcome(client, 0);
    // Who only asks how it went is told, once.
    do_connect(client, server(way, listener), 0);
    do_connect(client, server(way, listener), -EISCONN);
    int served = do_accept(listener, client);
    exchange(client, served, 24);
    exchange(served, client, 25);
    do_close(client);
    await_tcp_state(served, TCP_CLOSE_WAIT);
    do_close(served);
}

static void refused(const struct way *way, int listener) {
    struct other dead = inet_at(way->client_family, way->dead, 9);
    situation("%s.refused", way->word);
    int client = do_socket(way->client_family, SOCK_STREAM, 0);
    do_connect(client, dead, -ECONNREFUSED);
    SEND("send", client, NULL, -EPIPE, send(client, outgoing, 5, MSG_NOSIGNAL));
    // The same socket once more, with luck.
    situation("%s.refused-then-accepted", way->word);
    do_connect(client, server(way, listener), 0);
    int served = do_accept(listener, client);
    exchange(client, served, 26);
    do_close(served);
    await_tcp_state(client, TCP_CLOSE_WAIT);
    do_close(client);

    situation("%s.refused-bound", way->word);
    client = bound(way->client_family, SOCK_STREAM, inet_at(way->client_family, way->client, 0));
    do_connect(client, dead, -ECONNREFUSED);
    do_close(client);

    situation("%s.refused-nonblocking", way->word);
    client = do_socket(way->client_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    do_connect(client, dead, -EINPROGRESS);
    await_outcome(client, -ECONNREFUSED);
    do_close(client);

    // The outcome is asked for by connect(2) alone.
    situation("%s.refused-asked", way->word);
    client = do_socket(way->client_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    do_connect(client, dead, -EINPROGRESS);
    await_tcp_state(client, TCP_CLOSE);
    told_outcome(client, -ECONNREFUSED);
    do_connect(client, dead, -ECONNREFUSED);
    do_close(client);
}

// The client at the other end.
static int whose(int served, const int *clients, int count) {
    struct address peer = {.length = sizeof peer.storage};
    CHECK(getpeername(served, &peer.any, &peer.length) == 0);
    for (int i = 0; i < count; i++) {
        struct other client = address_of(clients[i]);
        // Ports are at the same place in both families. One that was refused elsewhere may have had the same.
        if (tcp_state(clients[i]) != TCP_ESTABLISHED) continue;
        if (memcmp(&((struct sockaddr_in *)&client.address.storage)->sin_port,
                   &((struct sockaddr_in *)&peer.storage)->sin_port, 2) == 0)
            return clients[i];
    }
    fail(__FILE__, __LINE__, "accept4", "a connection that nobody made");
}

// Several attempts of one thread at once, which end in whatever order.
static void at_once(const struct way *way, int listener) {
    situation("%s.at-once", way->word);
    enum { CLIENTS = 6 };
    int clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) clients[i] = do_socket(way->client_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    for (int i = 0; i < CLIENTS; i++)
        do_connect(clients[i], i % 2 == 0 ? server(way, listener) : inet_at(way->client_family, way->dead, 9 + i),
                   -EINPROGRESS);
    for (int i = CLIENTS - 1; i >= 0; i--) await_outcome(clients[i], i % 2 == 0 ? 0 : -ECONNREFUSED);
    for (int i = 0; i < CLIENTS; i += 2) {
        int served = do_accept(listener, -1);
        exchange(whose(served, clients, CLIENTS), served, (size_t)(30 + i));
        do_close(served);
    }
    for (int i = 0; i < CLIENTS; i++) {
        if (i % 2 == 0) await_tcp_state(clients[i], TCP_CLOSE_WAIT);
        do_close(clients[i]);
    }
}

static void dissolved(const struct way *way, int listener) {
    situation("%s.unspec", way->word);
    int client = do_socket(way->client_family, SOCK_STREAM, 0);
    do_connect(client, server(way, listener), 0);
    int served = do_accept(listener, client);
    do_disconnect(client);
    // It is reset; the next connection has a new port.
    await_tcp_state(served, TCP_CLOSE);
    RECEIVE("recv", served, NULL, -ECONNRESET, recv(served, incoming, 100, 0));
    do_close(served);
    do_connect(client, server(way, listener), 0);
    served = do_accept(listener, client);
    exchange(client, served, 31);
    do_close(served);
    await_tcp_state(client, TCP_CLOSE_WAIT);
    do_close(client);
}

// A wildcard is an address to ask for, and stands for loopback.
static void wildcard(int family) {
    situation("tcp%s.wildcard", family_word(family));
    const char *any = family == AF_INET ? "0.0.0.0" : "::";
    int listener = listening(family, SOCK_STREAM, inet_at(family, any, 0), 4);
    int client = do_socket(family, SOCK_STREAM, 0);
    do_connect(client, address_of(listener), 0);
    int served = do_accept(listener, client);
    exchange(client, served, 41);
    exchange(served, client, 42);
    do_close(served);
    await_tcp_state(client, TCP_CLOSE_WAIT);
    do_close(client);
    do_close(listener);
}

// Data in the first packet, where this namespace allows it without a cookie; else the kernel connects in the ordinary
// way. The call that does it all is a send in either case.
void fast_open(int family) {
    int listener = listening(family, SOCK_STREAM, (struct other){.address = loopback_address(family)}, 4), on = 1;
    CHECK(setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, &on, sizeof on) == 0);
    struct other at = address_of(listener);
    for (int connects = 0; connects < 2; connects++) {
        situation("tcp%s.fastopen-%s", family_word(family), connects ? "connect" : "send");
        int client = do_socket(family, SOCK_STREAM, 0);
        if (connects) {
            CHECK(setsockopt(client, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on) == 0);
            known_end(client)->connects_by_sending = 1;
            do_connect(client, at, 0);
            SEND("send", client, NULL, 51, send(client, outgoing, 51, 0));
        } else {
            attempt_begin(client, &at, monotonic());
            SEND("sendto", client, NULL, 51,
                 sendto(client, outgoing, 51, MSG_FASTOPEN, &at.address.any, at.address.length));
        }
        await_tcp_state(client, TCP_ESTABLISHED);
        told_outcome(client, 0);
        int served = do_accept(listener, client);
        await_readable(served);
        RECEIVE("recv", served, NULL, 51, recv(served, incoming, 100, 0));
        exchange(served, client, 52);
        do_close(served);
        await_tcp_state(client, TCP_CLOSE_WAIT);
        do_close(client);
    }
    do_close(listener);
}

void tcp_part(void) {
    for (int i = 0; i < WAYS; i++) {
        situation("%s.listen", ways[i].word);
        int listener = listening(ways[i].listener_family, SOCK_STREAM,
                                 inet_at(ways[i].listener_family, ways[i].server, 0), 16);
        accepted(&ways[i], listener);
        accepted_without_waiting(&ways[i], listener);
        refused(&ways[i], listener);
        at_once(&ways[i], listener);
        dissolved(&ways[i], listener);
        situation("%s.listen", ways[i].word);
        do_close(listener);
    }
    for (int i = 0; i < 2; i++) {
        int family = i == 0 ? AF_INET : AF_INET6;
        wildcard(family);
        fast_open(family);
    }
}
