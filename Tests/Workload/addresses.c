// Addresses of the loopback interface, and connected pairs.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdatomic.h>
#include <sys/un.h>

#include "workload.h"

struct address loopback_address(int family) {
    struct address address = {0};
    if (family == AF_INET) {
        struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        memcpy(&address.storage, &v4, address.length = sizeof v4);
    } else {
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
        memcpy(&address.storage, &v6, address.length = sizeof v6);
    }
    return address;
}

struct address abstract_address(void) {
    static atomic_int count;
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int length = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "workload-%d-%d", getpid(), ++count);
    struct address address = {.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)};
    memcpy(&address.storage, &name, sizeof name);
    return address;
}

// Gives the address as it is then, with the port that the kernel chose.
struct address bind_socket(int fd, struct address address) {
    CHECK(bind(fd, &address.any, address.length) == 0);
    address.length = sizeof address.storage;
    CHECK(getsockname(fd, &address.any, &address.length) == 0);
    return address;
}

void inet_datagram_pair(int family, int fds[2]) {
    struct address addresses[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = create_socket(family, SOCK_DGRAM | SOCK_CLOEXEC, i == 0 ? 0 : IPPROTO_UDP);
        addresses[i] = bind_socket(fds[i], loopback_address(family));
    }
    for (int i = 0; i < 2; i++) connect_socket(fds[i], &addresses[1 - i].any, addresses[1 - i].length);
}

void stream_pair(int family, int type, int fds[2]) {
    int listener = create_socket(family, type | SOCK_NONBLOCK, 0);
    struct address address = bind_socket(listener, family == AF_UNIX ? abstract_address() : loopback_address(family));
    CHECK(listen(listener, 8) == 0);
    accept_nobody(listener);
    fds[0] = create_socket(family, type, 0);
    connect_socket(fds[0], &address.any, address.length);
    await_readable(listener);
    fds[1] = accept_socket(listener);
    close_socket(listener);
    if (family != AF_UNIX) {
        int on = 1;
        for (int i = 0; i < 2; i++) CHECK(setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
    }
}
