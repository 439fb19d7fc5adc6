// accept4(2), and what is known of those who are accepted.
#include "endpoints.h"

static void accept_entry(const char *call, int listener, uint64_t t0, uint64_t t1) {
    struct told line;
    told_begin(&line, "socket.accept", call, listener);
    told_ends(&line, listener);
    if (known_end(listener) != NULL) told_either(&line, LISTENER, line.value[INODE]);
    told_times(&line, t0, t1);
    told_write(&line);
}

static void told_wait(struct told *line, int client, uint64_t t0, uint64_t t1) {
    const struct known_end *known = known_end(client);
    if (known == NULL || known->family == AF_UNIX || known->established_min == 0) return;
    uint64_t least = known->queued != 0 ? t0 - known->queued : 0;
    told_number(line, WAIT_MIN, (long long)least);
    told_number(line, WAIT_MAX, (long long)(t1 - known->established_min));
}

void told_accepted(const char *call, int listener, int client, int fd, uint64_t t0, uint64_t t1) {
    accept_entry(call, listener, t0, t1);
    struct known_end *other = known_end(client);
    int is_local = other != NULL && other->family == AF_UNIX;
    end_learn(fd, is_local ? other->inode : 0);
    if (is_local) other->peer_inode = known_end(fd)->inode;
    end_remember_peer(fd);
    struct told line;
    told_begin(&line, "socket.accept.return", call, fd);
    told_ends(&line, fd);
    told_number(&line, LISTENER, (long long)known_end(listener)->inode);
    told_number(&line, RESULT, 0);
    told_wait(&line, client, t0, t1);
    told_times(&line, t0, t1);
    told_write(&line);
}

int do_accept(int listener, int client) {
    struct address peer = {.length = sizeof peer.storage};
    uint64_t t0 = monotonic();
    int fd = accept4(listener, &peer.any, &peer.length, SOCK_CLOEXEC);
    uint64_t t1 = monotonic();
    CHECK(fd >= 0);
    told_accepted("accept4", listener, client, fd, t0, t1);
    return fd;
}

void told_accept_failed(const char *call, int listener, long result, uint64_t t0, uint64_t t1) {
    accept_entry(call, listener, t0, t1);
    struct told line;
    told_begin(&line, "socket.accept.return", call, listener);
    const struct known_end *known = known_end(listener);
    told_number(&line, RESULT, result);
    // As the kernel's own function has it.
    if (result == -EINTR) told_either(&line, RESULT, "-512");
    if (known != NULL) {
        // There is no new socket; the one that was asked is the listener, and may stand for it.
        told_ends(&line, listener);
        told_text(&line, LISTENER, line.value[INODE]);
        static const enum field either[] = {FD, INODE, LOCAL_ADDRESS, LOCAL_PORT, REMOTE_ADDRESS, REMOTE_PORT, REMOTE_INODE,
                                          TCP_STATE};
        for (size_t i = 0; i < sizeof either / sizeof *either; i++) told_either(&line, either[i], "-");
    }
    told_times(&line, t0, t1);
    told_write(&line);
    // The kernel had made a socket for whoever might come.
    if (known != NULL) told_unseen_close(call, listener, t0, t1);
}

void do_accept_failing(int listener, long want) {
    uint64_t t0 = monotonic();
    long got = accept(listener, NULL, NULL) < 0 ? -errno : 0;
    uint64_t t1 = monotonic();
    told_accept_failed("accept", listener, got, t0, t1);
    insist("accept", listener, got, want);
}
