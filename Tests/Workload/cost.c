// What a call takes, in nanoseconds of the monotonic clock: in a guest whose clock counts instructions
// (scripts/guest --count-instructions) those are the instructions of user space and kernel.
#include <sys/uio.h>
#include <unistd.h>

#include "workload.h"

enum { BATCH = 64, SIZE = 64 };

static int fds[2];
static struct iovec sent = {outgoing, SIZE}, room;
static struct msghdr message = {.msg_iov = &sent, .msg_iovlen = 1}, answer = {.msg_iov = &room, .msg_iovlen = 1};

static long call_send(void) { return send(fds[0], outgoing, SIZE, 0); }
static long call_recv(void) { return recv(fds[1], incoming, SIZE, 0); }
static long call_write(void) { return write(fds[0], outgoing, SIZE); }
static long call_read(void) { return read(fds[1], incoming, SIZE); }
static long call_sendmsg(void) { return sendmsg(fds[0], &message, 0); }
static long call_recvmsg(void) { return recvmsg(fds[1], &answer, 0); }
static long call_writev(void) { return writev(fds[0], &sent, 1); }
static long call_readv(void) { return readv(fds[1], &room, 1); }

static const struct {
    const char *name;
    long (*send)(void), (*receive)(void);
    const char *answer;
} pairs[] = {
    {"send", call_send, call_recv, "recv"},
    {"write", call_write, call_read, "read"},
    {"sendmsg", call_sendmsg, call_recvmsg, "recvmsg"},
    {"writev", call_writev, call_readv, "readv"},
};

// The quickest of all batches: the others were interrupted.
static uint64_t batch(long (*call)(void), uint64_t quickest) {
    uint64_t t0 = monotonic();
    for (int i = 0; i < BATCH; i++) CHECK(call() == SIZE);
    uint64_t elapsed = monotonic() - t0;
    return elapsed < quickest ? elapsed : quickest;
}

int cost_command(int count, char **arguments) {
    if (count != 1) return -1;
    long batches = atol(arguments[0]);
    if (batches < 1) return -1;
    room = (struct iovec){incoming, SIZE};
    // A socket that takes a whole batch before any of it is received.
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        uint64_t send = UINT64_MAX, receive = UINT64_MAX;
        for (long n = 0; n < batches; n++) {
            send = batch(pairs[i].send, send);
            receive = batch(pairs[i].receive, receive);
        }
        printf("%s %llu\n%s %llu\n", pairs[i].name, (unsigned long long)(send / BATCH), pairs[i].answer,
               (unsigned long long)(receive / BATCH));
    }
    return 0;
}
