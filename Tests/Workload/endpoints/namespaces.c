// Network namespaces: the same addresses in two at once, IPv6 addresses that only an own one can have, and fast open
// without a cookie, which only an own one can allow.
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "endpoints.h"

enum { SPACES = 2, PORT = 5000 };

// Writes to a setting of the calling process's namespace.
static void set(const char *path, const char *value) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    CHECK(file >= 0 && write(file, value, strlen(value)) == (ssize_t)strlen(value));
    close(file);
}

// The kernel makes sure in a worker that nobody else has a new address; until then it is nobody's.
static void await_addresses(void) {
    int tentative = 1;
    for (uint64_t begin = monotonic(); tentative; sched_yield()) {
        FILE *list = fopen("/proc/net/if_inet6", "r");
        CHECK(list != NULL && monotonic() - begin < 10000000000u);
        unsigned flags;
        tentative = 0;
        while (fscanf(list, "%*s %*x %*x %*x %x %*s", &flags) == 1) tentative |= (flags & IFA_F_TENTATIVE) != 0;
        fclose(list);
    }
}

static int add_address(const char *text) {
    int fd = do_socket(AF_INET6, SOCK_DGRAM, 0);
    struct other at = inet_at(AF_INET6, text, 0);
    struct in6_ifreq request = {.ifr6_prefixlen = 128, .ifr6_ifindex = 1};
    memcpy(&request.ifr6_addr, &((struct sockaddr_in6 *)&at.address.storage)->sin6_addr, sizeof request.ifr6_addr);
    int result = ioctl(fd, SIOCSIFADDR, &request) < 0 ? -errno : 0;
    do_close(fd);
    if (result == 0) await_addresses();
    return result;
}

struct space {
    int listener, client, served, datagrams[2];
};

// What both namespaces have under the same names: connections and datagrams at the same addresses and ports.
static struct space furnished(void) {
    struct space space;
    space.listener = listening(AF_INET, SOCK_STREAM, inet_at(AF_INET, "127.50.1.1", PORT), 4);
    space.client = bound(AF_INET, SOCK_STREAM, inet_at(AF_INET, "127.50.1.2", PORT + 1));
    do_connect(space.client, address_of(space.listener), 0);
    space.served = do_accept(space.listener, space.client);
    for (int i = 0; i < 2; i++)
        space.datagrams[i] = bound(AF_INET, SOCK_DGRAM, inet_at(AF_INET, "127.50.1.3", PORT + 2 + i));
    return space;
}

static void used(const struct space *space, int size) {
    exchange(space->client, space->served, (size_t)size);
    exchange(space->served, space->client, (size_t)size + 1);
    datagram(space->datagrams[0], space->datagrams[1], address_of(space->datagrams[1]),
             address_of(space->datagrams[0]), (size_t)size + 2);
}

static void vacated(const struct space *space) {
    do_close(space->client);
    await_tcp_state(space->served, TCP_CLOSE_WAIT);
    do_close(space->served);
    do_close(space->listener);
    do_close(space->datagrams[0]);
    do_close(space->datagrams[1]);
}

// Addresses whose text has to be shortened at one place and not at another.
static void own_addresses(void) {
    static const char *const addresses[] = {"2001:db8::1:0:0:1", "2001:db8:0:1:1:1:1:1", "2001:db8::"};
    for (int i = 0; i < 3; i++) {
        situation("namespaces.ipv6");
        int error = add_address(addresses[i]);
        if (error < 0) {
            told_skipped("namespaces.ipv6", strerror(-error));
            return;
        }
        int listener = listening(AF_INET6, SOCK_STREAM, inet_at(AF_INET6, addresses[i], 0), 4);
        int client = bound(AF_INET6, SOCK_STREAM, inet_at(AF_INET6, addresses[0], 0));
        do_connect(client, address_of(listener), 0);
        int served = do_accept(listener, client);
        exchange(client, served, 71);
        do_close(served);
        await_tcp_state(client, TCP_CLOSE_WAIT);
        do_close(client);
        do_close(listener);
    }
}

static void turn(int say, int hear) {
    char byte = 'x';
    CHECK(write(say, &byte, 1) == 1);
    CHECK(read(hear, &byte, 1) == 1);
}

static _Noreturn void inhabit(int index, int say, int hear) {
    char name[16];
    sprintf(name, "namespace-%d", index);
    name_self(name);
    situation("namespaces.lo");
    loopback_up();
    situation("namespaces.same-names");
    struct space space = furnished();
    // Both are there before either is used, and both are used before either goes.
    turn(say, hear);
    used(&space, 100 + 10 * index);
    turn(say, hear);
    vacated(&space);
    own_addresses();
    // The client sends data at once, the server takes it, both without a cookie.
    set("/proc/sys/net/ipv4/tcp_fastopen", "519");
    fast_open(AF_INET);
    fast_open(AF_INET6);
    ledger_write();
    _exit(0);
}

void namespaces_part(void) {
    int say[2], hear[SPACES][2];
    CHECK(pipe(say) == 0);
    for (int i = 0; i < SPACES; i++) {
        CHECK(pipe(hear[i]) == 0);
        pid_t child = fork();
        CHECK(child >= 0);
        if (child != 0) continue;
        ledger_begin_child();
        situation("namespaces.unshare");
        uint64_t t0 = monotonic();
        if (unshare(CLONE_NEWNET) < 0) {
            told_skipped("namespaces", strerror(errno));
            ledger_write();
            _exit(0);
        }
        told_kernel_sockets("unshare", t0, monotonic());
        inhabit(i, say[1], hear[i][0]);
    }
    close(say[1]);
    char bytes[SPACES];
    // Where there are no namespaces nobody says anything.
    for (int turns = 0; turns < 2; turns++) {
        for (int i = 0; i < SPACES; i++)
            if (read(say[0], bytes, 1) != 1) goto gone;
        for (int i = 0; i < SPACES; i++) CHECK(write(hear[i][1], bytes, 1) == 1);
    }
gone:
    await_processes(SPACES);
    close(say[0]);
    for (int i = 0; i < SPACES; i++) {
        close(hear[i][0]);
        close(hear[i][1]);
    }
}
