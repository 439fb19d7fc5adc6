// How connections end: shut down one way and the other, reset, and not even accepted.
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "endpoints.h"

static void half_closed(int family) {
    situation("tcp%s.half-closed", family_word(family));
    int fds[2];
    connected_pair(family, SOCK_STREAM, fds);
    do_shutdown(fds[0], SHUT_WR, 0);
    await_tcp_state(fds[0], TCP_FIN_WAIT2);
    await_tcp_state(fds[1], TCP_CLOSE_WAIT);
    RECEIVE("recv", fds[1], NULL, 0, recv(fds[1], incoming, 100, 0));
    SEND("send", fds[0], NULL, -EPIPE, send(fds[0], outgoing, 5, MSG_NOSIGNAL));
    // The other half goes on.
    exchange(fds[1], fds[0], 81);
    do_shutdown(fds[1], SHUT_WR, 0);
    await_tcp_state(fds[0], TCP_CLOSE);
    await_tcp_state(fds[1], TCP_CLOSE);
    RECEIVE("recv", fds[0], NULL, 0, recv(fds[0], incoming, 100, 0));
    do_close(fds[0]);
    do_close(fds[1]);
}

static void shut_each_way(int family) {
    static const struct {
        const char *word;
        int how;
    } ways[] = {{"read", SHUT_RD}, {"both", SHUT_RDWR}};
    for (int i = 0; i < 2; i++) {
        situation("tcp%s.shutdown-%s", family_word(family), ways[i].word);
        int fds[2];
        connected_pair(family, SOCK_STREAM, fds);
        do_shutdown(fds[0], ways[i].how, 0);
        RECEIVE("recv", fds[0], NULL, 0, recv(fds[0], incoming, 100, 0));
        if (ways[i].how == SHUT_RDWR) {
            await_tcp_state(fds[0], TCP_FIN_WAIT2);
            await_tcp_state(fds[1], TCP_CLOSE_WAIT);
            do_close(fds[1]);
            await_tcp_state(fds[0], TCP_CLOSE);
            do_close(fds[0]);
        } else {
            exchange(fds[0], fds[1], 82);
            do_close(fds[0]);
            await_tcp_state(fds[1], TCP_CLOSE_WAIT);
            do_close(fds[1]);
        }
    }
    situation("tcp%s.shutdown-listener", family_word(family));
    int listener = listening(family, SOCK_STREAM, (struct other){.address = loopback_address(family)}, 4);
    do_shutdown(listener, SHUT_RD, 0);
    do_close(listener);
}

static void reset(int family) {
    situation("tcp%s.reset", family_word(family));
    int fds[2];
    connected_pair(family, SOCK_STREAM, fds);
    exchange(fds[0], fds[1], 83);
    struct linger at_once = {.l_onoff = 1};
    CHECK(setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
    do_close(fds[0]);
    await_tcp_state(fds[1], TCP_CLOSE);
    RECEIVE("recv", fds[1], NULL, -ECONNRESET, recv(fds[1], incoming, 100, 0));
    RECEIVE("recv", fds[1], NULL, 0, recv(fds[1], incoming, 100, 0));
    SEND("send", fds[1], NULL, -EPIPE, send(fds[1], outgoing, 5, MSG_NOSIGNAL));
    do_close(fds[1]);

    // A connection with bytes that nobody read is reset, too.
    situation("tcp%s.reset-unread", family_word(family));
    connected_pair(family, SOCK_STREAM, fds);
    SEND("send", fds[0], NULL, 84, send(fds[0], outgoing, 84, 0));
    await_readable(fds[1]);
    do_close(fds[1]);
    await_tcp_state(fds[0], TCP_CLOSE);
    SEND("send", fds[0], NULL, -ECONNRESET, send(fds[0], outgoing, 5, MSG_NOSIGNAL));
    do_close(fds[0]);
}

static void never_accepted(int family) {
    situation("tcp%s.listener-closed", family_word(family));
    int listener = listening(family, SOCK_STREAM, (struct other){.address = loopback_address(family)}, 4);
    int clients[2];
    for (int i = 0; i < 2; i++) {
        clients[i] = do_socket(family, SOCK_STREAM, 0);
        do_connect(clients[i], address_of(listener), 0);
    }
    await_queue(listener, 2);
    do_close(listener);
    for (int i = 0; i < 2; i++) {
        await_tcp_state(clients[i], TCP_CLOSE);
        RECEIVE("recv", clients[i], NULL, -ECONNRESET, recv(clients[i], incoming, 100, 0));
        do_close(clients[i]);
    }
}

void ending_part(void) {
    static const int families[] = {AF_INET, AF_INET6};
    for (int i = 0; i < 2; i++) {
        half_closed(families[i]);
        shut_each_way(families[i]);
        reset(families[i]);
        never_accepted(families[i]);
    }
}
