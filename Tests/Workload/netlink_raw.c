// NETLINK and RAW sockets.
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include "workload.h"

// Receives until the kernel's answer to a request for many ends; gives the number of receives it took.
static void receive_dump(int fd) {
    for (int last = 0; !last;) {
        long size = RECEIVED("recv", "recvmsg", fd, 32768, ANY, recv(fd, incoming, 32768, 0));
        CHECK(size > 0);
        for (struct nlmsghdr *header = (void *)incoming; NLMSG_OK(header, (unsigned)size);
             header = NLMSG_NEXT(header, size)) {
            CHECK(header->nlmsg_type != NLMSG_ERROR);
            last |= header->nlmsg_type == NLMSG_DONE;
        }
    }
}

static void routes(void) {
    int fd = create_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct {
        struct nlmsghdr header;
        struct ifinfomsg body;
    } request = {
        .header = {.nlmsg_len = sizeof request, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
    };
    SENT("send", "sendmsg", fd, sizeof request, sizeof request, send(fd, &request, sizeof request, 0));
    receive_dump(fd);
    RECEIVED("recv", "recvmsg", fd, 100, -EAGAIN, recv(fd, incoming, 100, MSG_DONTWAIT));
    set_passcred(fd);
    // A type of message nobody knows: the kernel acknowledges it with an error message.
    request.header.nlmsg_type = RTM_NEWLINK - 1;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    SENT("write", "aio_write", fd, sizeof request, sizeof request, write(fd, &request, sizeof request));
    long size = RECEIVED("read", "aio_read", fd, 4096, ANY, read(fd, incoming, 4096));
    CHECK(size >= (long)sizeof(struct nlmsgerr));
    close_socket(fd);
}

static void generic(void) {
    int fd = create_socket(AF_NETLINK, SOCK_DGRAM, NETLINK_GENERIC);
    struct {
        struct nlmsghdr header;
        struct genlmsghdr body;
    } request = {
        .header = {.nlmsg_len = sizeof request, .nlmsg_type = GENL_ID_CTRL, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .body = {.cmd = CTRL_CMD_GETFAMILY, .version = 1},
    };
    SENT("send", "sendmsg", fd, sizeof request, sizeof request, send(fd, &request, sizeof request, 0));
    receive_dump(fd);
    close_socket(fd);
}

// Between two user sockets, as between two of any family.
static void user(void) {
    int fds[2];
    struct sockaddr_nl names[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = create_socket(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK);
        struct address address = {.length = sizeof names[i]};
        address.any.sa_family = AF_NETLINK;
        address = bind_socket(fds[i], address);
        memcpy(&names[i], &address.storage, sizeof names[i]);
    }
    connect_socket(fds[0], &names[1], sizeof names[1]);
    plain_calls(fds[0], fds[1]);
    close_socket(fds[0]);
    close_socket(fds[1]);
}

void netlink_chapter(void) {
    routes();
    generic();
    user();
}

static uint16_t checksum(const void *data, size_t size) {
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < size; i += 2) {
        uint16_t word;
        memcpy(&word, (const char *)data + i, sizeof word);
        sum += word;
    }
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

// On loopback a raw socket sees its own request and then the kernel's reply; IPv4 comes with its header of 20 bytes.
static void echo_v4(void) {
    int fd = create_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    struct address to = loopback_address(AF_INET);
    char message[64] = {0};
    struct icmphdr header = {.type = ICMP_ECHO, .un.echo = {.id = 1, .sequence = 2}};
    memcpy(message, &header, sizeof header);
    header.checksum = checksum(message, sizeof message);
    memcpy(message, &header, sizeof header);
    SENT("sendto", "sendmsg", fd, 64, 64, sendto(fd, message, 64, 0, &to.any, to.length));
    RECEIVED("recv", "recvmsg", fd, 200, 84, recv(fd, incoming, 200, 0));
    RECEIVED("recvfrom", "recvmsg", fd, 50, 84, recvfrom(fd, incoming, 50, MSG_TRUNC, NULL, NULL));
    connect_socket(fd, &to.any, to.length);
    SENT("write", "aio_write", fd, 64, 64, write(fd, message, 64));
    RECEIVED("read", "aio_read", fd, 200, 84, read(fd, incoming, 200));
    await_readable(fd);
    RECEIVED("recv", "recvmsg", fd, 200, 84, recv(fd, incoming, 200, MSG_DONTWAIT));
    RECEIVED("recv", "recvmsg", fd, 200, -EAGAIN, recv(fd, incoming, 200, MSG_DONTWAIT));
    close_socket(fd);
}

static void echo_v6(void) {
    int fd = create_socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
    struct address to = loopback_address(AF_INET6);
    char message[64] = {0};
    struct icmp6_hdr header = {.icmp6_type = ICMP6_ECHO_REQUEST};
    memcpy(message, &header, sizeof header);
    SENT("sendto", "sendmsg", fd, 64, 64, sendto(fd, message, 64, 0, &to.any, to.length));
    for (int i = 0; i < 2; i++) RECEIVED("recv", "recvmsg", fd, 200, 64, recv(fd, incoming, 200, 0));
    close_socket(fd);
}

void raw_chapter(void) {
    echo_v4();
    echo_v6();
}
