// Creation and the end: refused sockets, copies of descriptors, processes that end with sockets open.
#include <netinet/in.h>
#include <sys/wait.h>

#include "workload.h"

static pid_t fork_cleanly(void) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) ledger_begin_child();
    return child;
}

static void refused(void) {
    create_refused(AF_INET, SOCK_STREAM, 999, EINVAL);
    create_refused(AF_INET, SOCK_DGRAM, IPPROTO_TCP, EPROTONOSUPPORT);
    create_refused(AF_INET6, SOCK_STREAM, IPPROTO_UDP, EPROTONOSUPPORT);
    create_refused(AF_INET, SOCK_SEQPACKET, 0, ESOCKTNOSUPPORT);
    create_refused(AF_UNIX, SOCK_STREAM, 77, EPROTONOSUPPORT);
    create_refused(AF_NETLINK, SOCK_RAW, 99, EPROTONOSUPPORT);
    // A family in range that nobody has registered; then family and type out of range, where no socket is allocated.
    create_refused(AF_DECnet, SOCK_STREAM, 0, EAFNOSUPPORT);
    create_refused_at_once(200, SOCK_STREAM, 0, EAFNOSUPPORT);
    create_refused_at_once(AF_INET, 13, 0, EINVAL);
}

static void copies(void) {
    int fds[2];
    create_pair(AF_UNIX, SOCK_DGRAM, 0, fds);
    int copy = dup(fds[0]);
    CHECK(copy >= 0);
    CHECK(close(copy) == 0);
    // A child's copies end without a line while the parent still has the sockets.
    pid_t child = fork_cleanly();
    if (child == 0) ledger_exit(0);
    await_processes(1);
    close_socket(fds[0]);
    close_socket(fds[1]);
}

static void ended_with_sockets_open(void) {
    if (fork_cleanly() == 0) {
        name_self("leaver");
        int fds[2];
        create_pair(AF_UNIX, SOCK_STREAM, 0, fds);
        create_socket(AF_INET, SOCK_DGRAM, 0);
        create_socket(AF_INET6, SOCK_STREAM, 0);
        create_socket(AF_NETLINK, SOCK_RAW, 0);
        SENT("write", "aio_write", fds[0], 3, 3, write(fds[0], outgoing, 3));
        ledger_exit(0);
    }
    await_processes(1);
}

void lifetime_chapter(void) {
    refused();
    copies();
    ended_with_sockets_open();
}
