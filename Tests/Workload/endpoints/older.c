// Sockets that were there before anybody traced: made, kept until somebody says so, then used. In two network
// namespaces, where this user may have another.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>

#include "endpoints.h"

enum { PAIRS = 7 };

static const struct {
    const char *word;
    int family, type, is_socketpair;
} kinds[PAIRS] = {
    {"older.tcp4", AF_INET, SOCK_STREAM, 0},
    {"older.tcp6", AF_INET6, SOCK_STREAM, 0},
    {"older.unix-stream", AF_UNIX, SOCK_STREAM, 0},
    {"older.unix-seqpacket", AF_UNIX, SOCK_SEQPACKET, 0},
    {"older.unix-stream-pair", AF_UNIX, SOCK_STREAM, 1},
    {"older.unix-dgram-pair", AF_UNIX, SOCK_DGRAM, 1},
    {"older.unix-seqpacket-pair", AF_UNIX, SOCK_SEQPACKET, 1},
};

// What there is of each family of the Internet.
struct kin {
    // A listener with somebody waiting, a socket that is nothing yet, an attempt to connect under way.
    int listener, waiting, fresh, under_way;
    struct full_listener full;
    // Two that are bound, one connected to the first of them, one bound to a wildcard.
    int bound[2], connected, wild;
};

struct older {
    int pairs[PAIRS][2], named[2];
    struct kin kin[2];
};

static const int families[2] = {AF_INET, AF_INET6};

static void make(struct older *older) {
    for (int i = 0; i < PAIRS; i++) {
        if (kinds[i].is_socketpair) do_socketpair(kinds[i].family, kinds[i].type, older->pairs[i]);
        else connected_pair(kinds[i].family, kinds[i].type, older->pairs[i]);
    }
    for (int i = 0; i < 2; i++) {
        struct other loopback = {.address = loopback_address(families[i])};
        struct kin *kin = &older->kin[i];
        kin->listener = listening(families[i], SOCK_STREAM, loopback, 4);
        kin->waiting = do_socket(families[i], SOCK_STREAM, 0);
        do_connect(kin->waiting, address_of(kin->listener), 0);
        kin->fresh = do_socket(families[i], SOCK_STREAM, 0);
        kin->full = full_listener(families[i]);
        kin->under_way = do_socket(families[i], SOCK_STREAM | SOCK_NONBLOCK, 0);
        do_connect(kin->under_way, address_of(kin->full.listener), -EINPROGRESS);
        known_end(kin->under_way)->attempt.is_older = 1;
        for (int j = 0; j < 2; j++) kin->bound[j] = bound(families[i], SOCK_DGRAM, loopback);
        kin->connected = do_socket(families[i], SOCK_DGRAM, 0);
        do_connect(kin->connected, address_of(kin->bound[0]), 0);
        kin->wild = bound(families[i], SOCK_DGRAM, inet_at(families[i], i == 0 ? "0.0.0.0" : "::", 0));
        older->named[i] = bound(AF_UNIX, SOCK_DGRAM, (struct other){.address = abstract_address()});
    }
}

static void end_both(int first, int second) {
    int is_tcp = tcp_state(second) != 0;
    do_close(first);
    if (is_tcp) await_tcp_state(second, TCP_CLOSE_WAIT);
    do_close(second);
}

static void use_streams(struct kin *kin, const char *word) {
    situation("older.tcp%s-accept", word);
    // When it was established is from before.
    int served = do_accept(kin->listener, -1);
    exchange(kin->waiting, served, 11);
    end_both(kin->waiting, served);
    situation("older.tcp%s-fresh", word);
    do_connect(kin->fresh, address_of(kin->listener), 0);
    served = do_accept(kin->listener, kin->fresh);
    exchange(served, kin->fresh, 12);
    end_both(served, kin->fresh);
    do_close(kin->listener);
    situation("older.tcp%s-under-way", word);
    do_close(kin->under_way);
    full_listener_close(&kin->full);
}

static void use_datagrams(struct kin *kin, const char *word) {
    situation("older.udp%s", word);
    struct other first = address_of(kin->bound[0]), second = address_of(kin->bound[1]);
    datagram(kin->bound[0], kin->bound[1], second, first, 21);
    struct other source = address_of(kin->connected);
    SEND("send", kin->connected, NULL, 22, send(kin->connected, outgoing, 22, 0));
    await_readable(kin->bound[0]);
    RECEIVE("recv", kin->bound[0], &source, 22, recv(kin->bound[0], incoming, 100, 0));
    datagram(kin->bound[0], kin->connected, source, first, 23);
    situation("older.udp%s-wildcard", word);
    const char *name = word[0] == '4' ? "127.71.1.1" : "::1", *own = word[0] == '4' ? "127.0.0.1" : "::1";
    struct other there = moved(address_of(kin->wild), name), heard = heard_at(first, name);
    datagram(kin->bound[0], kin->wild, there, heard, 24);
    // What it sends has the address of the route.
    source = moved(address_of(kin->wild), own);
    second = heard_at(second, own);
    datagram(kin->wild, kin->bound[1], second, source, 25);
    do_close(kin->wild);
    do_close(kin->connected);
    do_close(kin->bound[0]);
    do_close(kin->bound[1]);
}

static void use(struct older *older) {
    for (int i = 0; i < PAIRS; i++) {
        situation("%s", kinds[i].word);
        exchange(older->pairs[i][0], older->pairs[i][1], (size_t)(31 + i));
        exchange(older->pairs[i][1], older->pairs[i][0], (size_t)(41 + i));
        end_both(older->pairs[i][0], older->pairs[i][1]);
    }
    situation("older.unix-dgram");
    datagram(older->named[0], older->named[1], address_of(older->named[1]), address_of(older->named[0]), 51);
    do_close(older->named[0]);
    do_close(older->named[1]);
    for (int i = 0; i < 2; i++) {
        use_streams(&older->kin[i], family_word(families[i]));
        use_datagrams(&older->kin[i], family_word(families[i]));
    }
}

// Gives 0 in the process whose sockets are in a namespace of their own.
static pid_t emigrate(void) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child != 0) return child;
    ledger_begin_child();
    if (unshare(CLONE_NEWNET) < 0) {
        told_skipped("older.namespace", strerror(errno));
        ledger_write();
        _exit(0);
    }
    name_self("older-namespace");
    loopback_up();
    return child;
}

int older_command(int count, char **arguments) {
    if (count != 1) return -1;
    ledger_open(arguments[0]);
    situation("older");
    int made[2], go[2];
    CHECK(pipe(made) == 0 && pipe(go) == 0);
    pid_t other = emigrate();
    struct older older;
    if (other != 0) loopback_up();
    make(&older);
    // What came before is nobody's to tell.
    ledger_begin_child();
    char byte = 'x';
    if (other == 0) {
        CHECK(write(made[1], &byte, 1) == 1);
        close(go[1]);
        CHECK(read(go[0], &byte, 1) == 1);
        use(&older);
        ledger_write();
        _exit(0);
    }
    close(made[1]);
    // Nothing comes where there is no other namespace.
    CHECK(read(made[0], &byte, 1) >= 0);
    hold_command(0, NULL);
    use(&older);
    CHECK(write(go[1], &byte, 1) == 1);
    await_processes(1);
    ledger_write();
    return 0;
}
