// bind(2), listen(2) and shutdown(2).
#include <sys/syscall.h>

#include "endpoints.h"

long insist(const char *call, int fd, long got, long want) {
    if (got == want) return got;
    char detail[100];
    snprintf(detail, sizeof detail, "on fd %d gave %ld, not %ld", fd, got, want);
    fail(__FILE__, __LINE__, call, detail);
}

void bind_before(struct told *before, const char *call, int fd, const struct other *asked) {
    told_begin(before, "socket.bind", call, fd);
    told_ends(before, fd);
    told_text(before, LOCAL_ADDRESS, "-");
    told_text(before, LOCAL_PORT, "-");
    if (asked != NULL) told_asked(before, LOCAL_ADDRESS, asked);
}

void listen_before(struct told *before, const char *call, int fd, int backlog) {
    told_begin(before, "socket.listen", call, fd);
    told_ends(before, fd);
    told_number(before, BACKLOG, backlog);
    int most = 0;
    FILE *file = fopen("/proc/sys/net/core/somaxconn", "r");
    CHECK(file != NULL && fscanf(file, "%d", &most) == 1);
    fclose(file);
    // What the protocol is given is the most that this namespace allows.
    if ((unsigned)backlog > (unsigned)most) told_either_number(before, BACKLOG, most);
}

void shutdown_before(struct told *before, const char *call, int fd, int how) {
    told_begin(before, "socket.shutdown", call, fd);
    told_ends(before, fd);
    told_number(before, HOW, how);
}

// How a shutdown's state may be on its way, and what else is right of a socket that has just lost its connection.
static void shutdown_after(struct told *after, const char *state_before) {
    int is_closed = strcmp(after->value[TCP_STATE], "CLOSE") == 0;
    // The peer's acknowledgement may come before the return or after it.
    if (strcmp(after->value[TCP_STATE], "FIN_WAIT2") == 0) told_either(after, TCP_STATE, "FIN_WAIT1");
    if (is_closed && strcmp(state_before, "CLOSE_WAIT") == 0) told_either(after, TCP_STATE, "LAST_ACK");
    // getsockname still says the port that was chosen; the socket no longer has it.
    if (is_closed && (strcmp(state_before, "LISTEN") == 0 || strcmp(state_before, "SYN_SENT") == 0))
        told_either(after, LOCAL_PORT, "0");
}

void call_after(struct told *before, int fd, long result, uint64_t t0, uint64_t t1) {
    told_times(before, t0, t1);
    told_write(before);
    struct told after = *before;
    strcat(after.value[ALIAS], ".return");
    told_ends(&after, fd);
    told_number(&after, RESULT, result);
    if (strcmp(before->value[ALIAS], "socket.shutdown") == 0) shutdown_after(&after, before->value[TCP_STATE]);
    if (strcmp(before->value[ALIAS], "socket.bind") == 0 && result < 0) {
        // Of one that failed: what was asked for.
        told_text(&after, LOCAL_ADDRESS, before->value[LOCAL_ADDRESS]);
        told_text(&after, LOCAL_PORT, before->value[LOCAL_PORT]);
    }
    told_write(&after);
}

long do_bind_raw(int fd, const void *address, socklen_t length, const struct other *asked, long want) {
    struct told before;
    bind_before(&before, "bind", fd, asked);
    uint64_t t0 = monotonic();
    // The C library declares what it may not be; here it may.
    long got = syscall(SYS_bind, fd, address, length) < 0 ? -errno : 0;
    call_after(&before, fd, got, t0, monotonic());
    return insist("bind", fd, got, want);
}

long do_bind(int fd, struct other to, long want) {
    return do_bind_raw(fd, &to.address.any, to.address.length, &to, want);
}

long do_listen(int fd, int backlog, long want) {
    struct told before;
    listen_before(&before, "listen", fd, backlog);
    uint64_t t0 = monotonic();
    long got = listen(fd, backlog) < 0 ? -errno : 0;
    call_after(&before, fd, got, t0, monotonic());
    return insist("listen", fd, got, want);
}

long do_shutdown(int fd, int how, long want) {
    struct told before, given_up;
    shutdown_before(&before, "shutdown", fd, how);
    struct known_end *known = known_end(fd);
    int gives_up = known != NULL && known->attempt.is_pending;
    if (gives_up) outcome_before(&given_up, fd);
    uint64_t t0 = monotonic();
    long got = shutdown(fd, how) < 0 ? -errno : 0;
    uint64_t t1 = monotonic();
    if (gives_up) outcome_after(&given_up, fd, ANY, t1);
    if (known != NULL && got == 0) known->attempt.is_untold = 0;
    call_after(&before, fd, got, t0, t1);
    return insist("shutdown", fd, got, want);
}
