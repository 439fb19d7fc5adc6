// Endpoints, as the kernel says them, in the ledger's words.
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/un.h>

#include "endpoints.h"

struct other address_of(int fd) {
    struct other other = {.address.length = sizeof other.address.storage};
    CHECK(getsockname(fd, &other.address.any, &other.address.length) == 0);
    const struct known_end *known = known_end(fd);
    if (known != NULL && known->family == AF_UNIX) other.inode = known->inode;
    return other;
}

struct other inet_at(int family, const char *text, int port) {
    struct other other = {.address = loopback_address(family)};
    if (family == AF_INET) {
        struct sockaddr_in *v4 = (void *)&other.address.storage;
        CHECK(inet_pton(family, text, &v4->sin_addr) == 1);
        v4->sin_port = htons((uint16_t)port);
    } else {
        struct sockaddr_in6 *v6 = (void *)&other.address.storage;
        CHECK(inet_pton(family, text, &v6->sin6_addr) == 1);
        v6->sin6_port = htons((uint16_t)port);
    }
    return other;
}

static struct other unix_name(const char *bytes, size_t length) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct other other = {.address.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)};
    CHECK(length <= sizeof name.sun_path);
    memcpy(name.sun_path, bytes, length);
    memcpy(&other.address.storage, &name, sizeof name);
    return other;
}

// Without the terminating 0: the kernel adds it, and a path may fill all of its room.
struct other unix_at(const char *path) {
    return unix_name(path, strlen(path));
}

struct other unix_abstract(const char *name, size_t length) {
    char bytes[sizeof((struct sockaddr_un *)0)->sun_path] = {0};
    CHECK(length < sizeof bytes);
    memcpy(bytes + 1, name, length);
    return unix_name(bytes, length + 1);
}

struct other moved(struct other other, const char *text) {
    int family = other.address.any.sa_family;
    struct other there = inet_at(family, text, 0);
    // The port is at the same place in both families.
    ((struct sockaddr_in *)&there.address.storage)->sin_port = ((struct sockaddr_in *)&other.address.storage)->sin_port;
    return there;
}

struct other mapped(struct other other) {
    const struct sockaddr_in *v4 = (const void *)&other.address.storage;
    char text[64] = "::ffff:";
    CHECK(inet_ntop(AF_INET, &v4->sin_addr, text + strlen(text), 32) != NULL);
    return inet_at(AF_INET6, text, ntohs(v4->sin_port));
}

struct other heard_at(struct other other, const char *here) {
    CHECK(strlen(here) < sizeof other.here);
    strcpy(other.here, here);
    return other;
}

static void unix_text(char out[VALUE_SIZE], const struct sockaddr_un *name, socklen_t length) {
    size_t size = length - offsetof(struct sockaddr_un, sun_path);
    if (size > 0 && name->sun_path[0] == 0) {
        char bytes[sizeof name->sun_path];
        memcpy(bytes, name->sun_path, size);
        bytes[0] = '@';
        ledger_encode(out, bytes, size);
    } else {
        // getsockname's length may count the 0 at a path's end.
        ledger_encode(out, name->sun_path, strnlen(name->sun_path, size));
    }
}

void address_text(char address[VALUE_SIZE], char port[16], const void *socket_address, socklen_t length) {
    strcpy(address, "-");
    strcpy(port, "-");
    union {
        sa_family_t family;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un path;
        struct sockaddr_nl netlink;
        struct sockaddr_ll packet;
    } name = {0};
    if (length < sizeof name.family) return;
    memcpy(&name, socket_address, length < sizeof name ? length : sizeof name);
    if (name.family == AF_INET && length >= sizeof name.v4) {
        inet_ntop(AF_INET, &name.v4.sin_addr, address, VALUE_SIZE);
        sprintf(port, "%u", ntohs(name.v4.sin_port));
    } else if (name.family == AF_INET6 && length >= sizeof name.v6) {
        inet_ntop(AF_INET6, &name.v6.sin6_addr, address, VALUE_SIZE);
        sprintf(port, "%u", ntohs(name.v6.sin6_port));
    } else if (name.family == AF_UNIX) {
        // The length of the longest path counts a 0 for which there is no room.
        unix_text(address, &name.path, length < sizeof name.path ? length : sizeof name.path);
    } else if (name.family == AF_NETLINK && length >= sizeof name.netlink) {
        sprintf(port, "%u", name.netlink.nl_pid);
    } else if (name.family == AF_PACKET && length >= offsetof(struct sockaddr_ll, sll_addr)) {
        sprintf(address, "%d", name.packet.sll_ifindex);
    }
}

void told_asked(struct told *line, enum field address_field, const struct other *asked) {
    address_text(line->value[address_field], line->value[address_field + 1], &asked->address.storage,
                 asked->address.length);
}

void told_local(struct told *line, int fd) {
    struct other local = address_of(fd);
    told_asked(line, LOCAL_ADDRESS, &local);
    const struct known_end *known = known_end(fd);
    int is_wildcard = strcmp(line->value[LOCAL_ADDRESS], "0.0.0.0") == 0 || strcmp(line->value[LOCAL_ADDRESS], "::") == 0;
    // What getsockname still says of a port that was chosen for a connection; the socket no longer has it.
    if (known->has_tried && is_wildcard && tcp_state(fd) == TCP_CLOSE) told_either(line, LOCAL_PORT, "0");
}

static void told_peer(struct told *line, int fd) {
    const struct known_end *known = known_end(fd);
    struct address peer = {.length = sizeof peer.storage};
    if (getpeername(fd, &peer.any, &peer.length) == 0) {
        address_text(line->value[REMOTE_ADDRESS], line->value[REMOTE_PORT], &peer.storage, peer.length);
        if (known->peer_inode != 0) told_number(line, REMOTE_INODE, (long long)known->peer_inode);
        // The socket at the other end is gone; only its name is left.
        if (known->peer_is_gone) told_either(line, REMOTE_INODE, "-");
        // Whoever sends to nobody in particular sends to the kernel.
        if (known->family == AF_NETLINK && strcmp(line->value[REMOTE_PORT], "0") == 0)
            told_either(line, REMOTE_PORT, "-");
        return;
    }
    // AF_PACKET has no peers to name.
    CHECK(errno == ENOTCONN || errno == EOPNOTSUPP);
    told_text(line, REMOTE_ADDRESS, "-");
    told_text(line, REMOTE_PORT, "-");
    if ((known->protocol == IPPROTO_TCP || known->peer_is_gone) && known->peer_address[0] != 0) {
        // It ended; who was there is known all the same, or no longer.
        told_either(line, REMOTE_ADDRESS, known->peer_address);
        told_either(line, REMOTE_PORT, known->peer_port);
        if (known->peer_inode != 0) told_either_number(line, REMOTE_INODE, (long long)known->peer_inode);
    }
}

void told_ends(struct told *line, int fd) {
    if (known_end(fd) == NULL) return;
    told_local(line, fd);
    told_peer(line, fd);
    told_state(line, fd);
}

int tcp_state(int fd) {
    const struct known_end *known = known_end(fd);
    if (known == NULL || known->protocol != IPPROTO_TCP) return 0;
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    CHECK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0);
    return info.tcpi_state;
}

const char *tcp_state_name(int state) {
    static const char *const names[] = {
        "-", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT",
        "LAST_ACK", "LISTEN", "CLOSING",
    };
    CHECK(state >= 0 && (size_t)state < sizeof names / sizeof *names);
    return names[state];
}

void told_state(struct told *line, int fd) {
    told_text(line, TCP_STATE, tcp_state_name(tcp_state(fd)));
}

// What comes over loopback may be left to ksoftirqd: it is awaited, not assumed.
void await_tcp_state(int fd, int state) {
    uint64_t begin = monotonic();
    while (tcp_state(fd) != state) {
        CHECK(monotonic() - begin < 10000000000u);
        sched_yield();
    }
}
