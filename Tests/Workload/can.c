// CAN sockets, where the kernel has them: of protocols whose functions are not known by name. Without a device every
// message fails, which is an operation like any other.
#include <linux/can.h>
#include <linux/can/raw.h>

#include "workload.h"

// Asking for a family that is not there would have the kernel look for a module.
static int is_registered(const char *protocol) {
    FILE *file = fopen("/proc/net/protocols", "r");
    CHECK(file != NULL);
    char line[256], name[64];
    int found = 0;
    while (fgets(line, sizeof line, file) != NULL)
        found |= sscanf(line, "%63s", name) == 1 && strcmp(name, protocol) == 0;
    fclose(file);
    return found;
}

// Receives of every kind, of which none has anything to receive.
static void receive_nothing(int fd) {
    RECEIVED("recv", "recvmsg", fd, 64, -EAGAIN, recv(fd, incoming, 64, 0));
    RECEIVED("recvfrom", "recvmsg", fd, 65, -EAGAIN, recvfrom(fd, incoming, 65, MSG_DONTWAIT, NULL, NULL));
    struct iovec part = {incoming, 66};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    RECEIVED("recvmsg", "recvmsg", fd, 66, -EAGAIN, recvmsg(fd, &header, 0));
    RECEIVED("read", "aio_read", fd, 67, -EAGAIN, read(fd, incoming, 67));
}

// raw_sendmsg, a name that IPv4's raw sockets have a function of, too.
static void raw(void) {
    int fd = create_socket(AF_CAN, SOCK_RAW | SOCK_NONBLOCK, CAN_RAW);
    struct can_frame frame = {.can_id = 0x123, .can_dlc = 2};
    SENT("send", "sendmsg", fd, sizeof frame, -ENXIO, send(fd, &frame, sizeof frame, 0));
    SENT("write", "aio_write", fd, sizeof frame, -ENXIO, write(fd, &frame, sizeof frame));
    struct sockaddr_can name = {.can_family = AF_CAN, .can_ifindex = 1};
    // The loopback device is no bus.
    SENT("sendto", "sendmsg", fd, 5, -EINVAL, sendto(fd, &frame, 5, 0, (struct sockaddr *)&name, sizeof name));
    receive_nothing(fd);
    close_socket(fd);
}

static void j1939(void) {
    int fd = create_socket(AF_CAN, SOCK_DGRAM | SOCK_NONBLOCK, CAN_J1939);
    SENT("send", "sendmsg", fd, 9, -EBADFD, send(fd, outgoing, 9, 0));
    SENT("write", "aio_write", fd, 10, -EBADFD, write(fd, outgoing, 10));
    receive_nothing(fd);
    close_socket(fd);
}

void can_chapter(void) {
    if (is_registered("CAN_RAW")) raw();
    if (is_registered("CAN_J1939")) j1939();
}
