// NETLINK and PACKET sockets.
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <netinet/in.h>

#include "endpoints.h"

static struct other netlink_at(unsigned port) {
    struct other other = {.address.length = sizeof(struct sockaddr_nl)};
    struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_pid = port};
    memcpy(&other.address.storage, &name, sizeof name);
    return other;
}

// The kernel answers at once, in the sender's own thread.
static void kernel_asked(void) {
    situation("netlink.kernel");
    int fd = do_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    struct {
        struct nlmsghdr header;
        struct ifinfomsg body;
    } request = {
        .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST},
        .body = {.ifi_index = 1},
    };
    struct other kernel = netlink_at(0);
    // The first message gives it a port.
    SEND("send", fd, &kernel, sizeof request, send(fd, &request, sizeof request, 0));
    RECEIVE("recv", fd, &kernel, ANY, recv(fd, incoming, 32768, 0));
    SEND("sendto", fd, &kernel, sizeof request,
         sendto(fd, &request, sizeof request, 0, &kernel.address.any, kernel.address.length));
    RECEIVE("recvfrom", fd, &kernel, ANY, recvfrom(fd, incoming, 32768, 0, NULL, NULL));
    do_close(fd);
}

static void users(void) {
    situation("netlink.users");
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = do_socket(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK);
        // Any port that nobody has: process ids are, so what no process can have is not.
        do_bind(fds[i], netlink_at(0x40000000u + (unsigned)(getpid() * 4 + i)), 0);
    }
    datagram(fds[0], fds[1], address_of(fds[1]), address_of(fds[0]), 21);
    situation("netlink.connected");
    do_connect(fds[0], address_of(fds[1]), 0);
    struct other source = address_of(fds[0]);
    SEND("send", fds[0], NULL, 22, send(fds[0], outgoing, 22, 0));
    RECEIVE("recv", fds[1], &source, 22, recv(fds[1], incoming, 100, 0));
    situation("netlink.nobody");
    struct other nobody = netlink_at(0x7ffffffe);
    SEND("sendto", fds[1], &nobody, -ECONNREFUSED,
         sendto(fds[1], outgoing, 23, 0, &nobody.address.any, nobody.address.length));
    situation("netlink.bind-in-use");
    int third = do_socket(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK);
    do_bind(third, address_of(fds[0]), -EADDRINUSE);
    do_close(third);
    do_close(fds[0]);
    do_close(fds[1]);
}

static struct other link_at(int interface, int protocol) {
    struct other other = {.address.length = sizeof(struct sockaddr_ll)};
    struct sockaddr_ll name = {
        .sll_family = AF_PACKET, .sll_protocol = htons((uint16_t)protocol), .sll_ifindex = interface,
        .sll_halen = ETH_ALEN};
    memcpy(&other.address.storage, &name, sizeof name);
    return other;
}

// Sent through loopback and heard there, by a protocol of our own, so that nothing else comes.
static void packets(void) {
    // The interface is the first in every namespace.
    enum { OUR_PROTOCOL = 0x88b5, LOOPBACK_INDEX = 1 };
    situation("packet.lo");
    int fd = do_socket_if_allowed("packet", AF_PACKET, SOCK_DGRAM, htons(OUR_PROTOCOL));
    if (fd < 0) return;
    struct other lo = link_at(LOOPBACK_INDEX, OUR_PROTOCOL);
    do_bind(fd, lo, 0);
    SEND("sendto", fd, &lo, 64, sendto(fd, outgoing, 64, 0, &lo.address.any, lo.address.length));
    await_readable(fd);
    struct address sender = {.length = sizeof sender.storage};
    RECEIVE("recvfrom", fd, &lo, 64, recvfrom(fd, incoming, 100, 0, &sender.any, &sender.length));
    SEND("sendto", fd, &lo, 65, sendto(fd, outgoing, 65, 0, &lo.address.any, lo.address.length));
    await_readable(fd);
    RECEIVE("recv", fd, &lo, 65, recv(fd, incoming, 100, 0));
    do_close(fd);
}

void special_part(void) {
    kernel_asked();
    users();
    packets();
}
