// connect(2), and how an attempt to connect ends.
#include <netinet/in.h>
#include <poll.h>
#include <sys/syscall.h>

#include "endpoints.h"

void connect_before(struct told *before, const char *call, int fd, const struct other *asked) {
    told_begin(before, "socket.connect", call, fd);
    told_ends(before, fd);
    told_text(before, REMOTE_ADDRESS, "-");
    told_text(before, REMOTE_PORT, "-");
    told_text(before, REMOTE_INODE, "-");
    if (asked == NULL) return;
    told_asked(before, REMOTE_ADDRESS, asked);
    // The name is all that was asked for; whose it is may be known.
    if (asked->inode != 0) told_either_number(before, REMOTE_INODE, (long long)asked->inode);
}

void attempt_begin(int fd, const struct other *asked, uint64_t t0) {
    struct attempt *attempt = &known_end(fd)->attempt;
    *attempt = (struct attempt){.is_pending = 1, .is_untold = 1, .t0 = t0, .asked = *asked};
    sprintf(attempt->pid, "%d", getpid());
    sprintf(attempt->tid, "%ld", syscall(SYS_gettid));
    ledger_encode_comm(attempt->comm);
}

// A refused socket has its wildcard address back before the call returns; while it tried it had this one.
static void also_used(struct told *line, const struct other *asked) {
    const char *address = line->value[LOCAL_ADDRESS], *used = "127.0.0.1";
    if (strcmp(address, "0.0.0.0") != 0 && strcmp(address, "::") != 0) return;
    if (asked->address.any.sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)&asked->address.storage;
        used = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) ? "::ffff:127.0.0.1" : "::1";
    }
    told_either(line, LOCAL_ADDRESS, used);
}

// The ends in force once the call has returned, or the attempt is over.
static void ends_after(struct told *line, int fd, const struct other *asked, long result) {
    struct known_end *known = known_end(fd);
    if (known == NULL) return;
    told_text(line, REMOTE_INODE, "-");
    known->has_tried = 1;
    if (result == 0 && asked == NULL) {
        // Dissolved.
        known->peer_address[0] = 0;
        known->peer_inode = 0;
    }
    if (result == 0 && asked != NULL) {
        // A stream's peer is not made before somebody accepts.
        known->peer_inode = known->family == AF_UNIX && known->type == SOCK_DGRAM ? asked->inode : 0;
        end_remember_peer(fd);
    }
    told_ends(line, fd);
    struct address peer = {.length = sizeof peer.storage};
    int has_peer = getpeername(fd, &peer.any, &peer.length) == 0;
    if (asked != NULL && (!has_peer || (result != 0 && result != -EINPROGRESS))) {
        told_asked(line, REMOTE_ADDRESS, asked);
        told_either(line, REMOTE_INODE, "-");
        if (!has_peer) {
            strcpy(known->peer_address, line->value[REMOTE_ADDRESS]);
            strcpy(known->peer_port, line->value[REMOTE_PORT]);
        }
        if (asked->inode != 0) told_either_number(line, REMOTE_INODE, (long long)asked->inode);
    }
    int was_tried = result == -ECONNREFUSED || result == -ETIMEDOUT || result == -ECONNRESET;
    if (known->protocol == IPPROTO_TCP && was_tried && asked != NULL) also_used(line, asked);
    // The handshake's end may have come before the return, or while we asked.
    if (result == -EINPROGRESS) told_either(line, TCP_STATE, "SYN_SENT");
    // An io_uring has asked again by now, and what was refused has given its address back.
    if (result == -EINPROGRESS && strncmp(line->value[CALL], "uring", 5) == 0) {
        told_text(line, LOCAL_ADDRESS, "?");
        told_text(line, LOCAL_PORT, "?");
    }
}

static void result_text(struct told *line, long result) {
    told_number(line, RESULT, result);
    // As the kernel's own function has it.
    if (result == -EINTR) told_either(line, RESULT, "-512");
}

// Whether the call was an attempt of its own that is over, not one that goes on, nor a question about one, nor one too many.
static int is_conclusion(const struct known_end *known, long result) {
    if (known != NULL && (known->attempt.is_untold || known->connects_by_sending)) return 0;
    return result != -EINPROGRESS && result != -EALREADY && result != -EISCONN && result != -EINTR;
}

void connect_after(struct told *before, int fd, const struct other *asked, long result, uint64_t t0, uint64_t t1) {
    told_times(before, t0, t1);
    told_write(before);
    struct told after = *before;
    told_text(&after, ALIAS, "socket.connect.return");
    ends_after(&after, fd, asked, result);
    result_text(&after, result);
    told_write(&after);
    struct known_end *known = known_end(fd);
    if (is_conclusion(known, result)) {
        told_text(&after, ALIAS, "socket.connected");
        // That a connection was dissolved is hardly the outcome of an attempt to connect.
        if (asked == NULL && result == 0) told_number(&after, CERTAIN, 0);
        told_write(&after);
        if (known != NULL) known->established_min = t0;
    } else if (known->attempt.is_untold) {
        known->attempt.is_untold = result == -EALREADY || result == -EINPROGRESS;
    } else if (result == -EINPROGRESS || result == -EINTR || known->connects_by_sending) {
        attempt_begin(fd, asked, t0);
        known->attempt.is_interrupted = result == -EINTR;
        known->attempt.is_untold = result != 0;
    }
}

// Succeeded, by one call or by several of which the first did not wait.
void connect_after_any(
    struct told *before, int fd, const struct other *asked, uint64_t t0, uint64_t t1) {
    told_times(before, t0, t1);
    told_write(before);
    struct told after = *before;
    told_text(&after, ALIAS, "socket.connect.return");
    ends_after(&after, fd, asked, 0);
    result_text(&after, 0);
    told_either_number(&after, RESULT, -EINPROGRESS);
    told_text(&after, TCP_STATE, "?");
    told_write(&after);
    told_text(&after, ALIAS, "socket.connected");
    result_text(&after, 0);
    told_write(&after);
    struct known_end *known = known_end(fd);
    if (known != NULL) known->established_min = t0;
}

long do_connect_raw(int fd, const void *address, socklen_t length, const struct other *asked, long want) {
    struct told before;
    connect_before(&before, "connect", fd, asked);
    uint64_t t0 = monotonic();
    // The C library declares that it may not be null; here it may.
    long got = syscall(SYS_connect, fd, address, length) < 0 ? -errno : 0;
    uint64_t t1 = monotonic();
    connect_after(&before, fd, asked, got, t0, t1);
    return insist("connect", fd, got, want);
}

long do_connect(int fd, struct other to, long want) {
    return do_connect_raw(fd, &to.address.any, to.address.length, &to, want);
}

void outcome_before(struct told *line, int fd) {
    const struct attempt *attempt = &known_end(fd)->attempt;
    CHECK(attempt->is_pending);
    told_begin(line, "socket.connected", "connect", fd);
    told_text(line, PID, attempt->pid);
    told_text(line, TID, attempt->tid);
    told_text(line, COMM, attempt->comm);
    if (attempt->is_older) told_number(line, CERTAIN, 0);
    told_ends(line, fd);
    told_asked(line, REMOTE_ADDRESS, &attempt->asked);
}

void outcome_after(struct told *line, int fd, long result, uint64_t t1) {
    struct attempt *attempt = &known_end(fd)->attempt;
    told_times(line, attempt->t0, t1);
    if (result == ANY) {
        told_text(line, TCP_STATE, "SYN_SENT");
        told_either(line, TCP_STATE, "CLOSE");
        told_text(line, RESULT, "-");
        // The end of the call may be taken for the end of the attempt.
        if (attempt->is_interrupted) told_either(line, RESULT, "-4");
        if (attempt->is_interrupted) told_either(line, RESULT, "-512");
    } else {
        ends_after(line, fd, &attempt->asked, result);
        told_number(line, RESULT, result);
    }
    told_write(line);
    attempt->is_pending = 0;
    known_end(fd)->established_min = attempt->t0;
}

void told_outcome(int fd, long result) {
    struct told line;
    outcome_before(&line, fd);
    outcome_after(&line, fd, result, monotonic());
}

void await_outcome(int fd, long want) {
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    CHECK(poll(&wait, 1, 20000) == 1);
    int error = -1;
    socklen_t length = sizeof error;
    CHECK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0);
    told_outcome(fd, -error);
    CHECK(-error == want);
}

void do_disconnect(int fd) {
    struct told before, given_up;
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    int gives_up = known_end(fd)->attempt.is_pending;
    if (gives_up) outcome_before(&given_up, fd);
    connect_before(&before, "connect", fd, NULL);
    uint64_t t0 = monotonic();
    CHECK(connect(fd, &nobody, sizeof nobody) == 0);
    uint64_t t1 = monotonic();
    if (gives_up) outcome_after(&given_up, fd, ANY, t1);
    known_end(fd)->attempt.is_untold = 0;
    connect_after(&before, fd, NULL, 0, t0, t1);
}
