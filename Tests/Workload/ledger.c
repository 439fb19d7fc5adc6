// Lines are kept in memory and written at the end, so that no file I/O mixes with the calls.
#include "ledger.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>

#include "sockets.h"

static struct {
    pthread_mutex_t lock;
    char *text;
    size_t length, capacity;
    int file;
} ledger = {.lock = PTHREAD_MUTEX_INITIALIZER, .file = -1};

// A signal that ends a wait makes the kernel's function return ERESTARTSYS, which user space sees as EINTR.
enum { ERESTARTSYS_IN_KERNEL = 512 };

uint64_t monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

long long generic_type(long long type) { return type == SOCK_STREAM ? 1 : type == SOCK_DGRAM ? 2 : type; }

long long generic_result(long long result) {
    static const struct {
        int own, generic;
    } errors[] = {
        {ENOTSOCK, 88}, {EDESTADDRREQ, 89}, {EMSGSIZE, 90}, {EPROTOTYPE, 91}, {ENOPROTOOPT, 92},
        {EPROTONOSUPPORT, 93}, {ESOCKTNOSUPPORT, 94}, {EOPNOTSUPP, 95}, {EPFNOSUPPORT, 96}, {EAFNOSUPPORT, 97},
        {EADDRINUSE, 98}, {EADDRNOTAVAIL, 99}, {ENETDOWN, 100}, {ENETUNREACH, 101}, {ECONNABORTED, 103},
        {ECONNRESET, 104}, {ENOBUFS, 105}, {EISCONN, 106}, {ENOTCONN, 107}, {ESHUTDOWN, 108}, {ETIMEDOUT, 110},
        {ECONNREFUSED, 111}, {EHOSTUNREACH, 113}, {EALREADY, 114}, {EINPROGRESS, 115},
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (result == -errors[i].own) return -errors[i].generic;
    return result;
}

void fail(const char *file, int line, const char *what, const char *detail) {
    char comm[17] = "";
    prctl(PR_GET_NAME, comm);
    fprintf(stderr, "workload: %s:%d: %s: %s (process %d, %s)\n", file, line, what, detail, getpid(), comm);
    // What went well until then helps to find out why.
    if (ledger.file >= 0 && write(ledger.file, ledger.text, ledger.length) < 0) perror("workload: ledger");
    _exit(1);
}

int kernel_at_least(int major, int minor) {
    struct utsname name;
    int running_major = 0, running_minor = 0;
    CHECK(uname(&name) == 0);
    CHECK(sscanf(name.release, "%d.%d", &running_major, &running_minor) == 2);
    return running_major > major || (running_major == major && running_minor >= minor);
}

void ledger_encode(char *out, const void *bytes, size_t length) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:";
    const unsigned char *from = bytes;
    for (size_t i = 0; i < length; i++)
        out += from[i] && strchr(plain, from[i]) ? sprintf(out, "%c", from[i]) : sprintf(out, "%%%02X", from[i]);
    *out = 0;
}

void ledger_encode_comm(char out[64]) {
    char comm[17] = "";
    prctl(PR_GET_NAME, comm);
    ledger_encode(out, comm, strlen(comm));
}

void ledger_append(const char *text, size_t length) {
    pthread_mutex_lock(&ledger.lock);
    if (ledger.length + length > ledger.capacity) {
        ledger.capacity = (ledger.capacity + length) * 2 + (1 << 16);
        ledger.text = realloc(ledger.text, ledger.capacity);
        CHECK(ledger.text != NULL);
    }
    memcpy(ledger.text + ledger.length, text, length);
    ledger.length += length;
    pthread_mutex_unlock(&ledger.lock);
}

void ledger_line(const struct line *line) {
    char comm[64] = "-", pid[16] = "-", tid[16] = "-", text[512];
    if (!line->in_kernel_worker) {
        ledger_encode_comm(comm);
        sprintf(pid, "%d", getpid());
        sprintf(tid, "%ld", syscall(SYS_gettid));
    }
    int length = snprintf(text, sizeof text, "op=%s call=%s sock=%llu pid=%s tid=%s comm=%s", line->op, line->call,
                          (unsigned long long)line->sock, pid, tid, comm);
    const struct {
        const char *key;
        long long value;
    } numbers[] = {
        {"family", line->family},
        {"type", generic_type(line->type)},
        {"protocol", line->protocol},
        {"state", line->state},
        {"asked", line->asked},
        {"result", generic_result(line->result)},
        {"passcred", line->passcred},
        {"requester", line->requester},
        {"t0", line->t0},
        {"t1", line->t1},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        size_t room = sizeof text - (size_t)length;
        length += numbers[i].value == UNKNOWN
                      ? snprintf(text + length, room, " %s=-", numbers[i].key)
                      : snprintf(text + length, room, " %s=%lld", numbers[i].key, numbers[i].value);
    }
    length += snprintf(text + length, sizeof text - (size_t)length, " via=%s\n", line->via ? line->via : "-");
    CHECK((size_t)length < sizeof text);
    ledger_append(text, (size_t)length);
}

void operation_line(const struct operation *operation, long result, uint64_t t1) {
    struct line line = socket_line(operation->op, operation->call, operation->fd);
    line.via = operation->via;
    line.asked = (long long)operation->asked;
    line.result = result;
    line.t0 = (long long)operation->t0;
    line.t1 = (long long)t1;
    ledger_line(&line);
}

long operation_end(const struct operation *operation, long got, long want, const char *file, int line) {
    uint64_t t1 = monotonic();
    operation_line(operation, got == -EINTR ? -ERESTARTSYS_IN_KERNEL : got, t1);
    if (want != ANY && got != want) {
        char detail[160];
        snprintf(detail, sizeof detail, "on fd %d gave %ld%s%s%s, not %ld", operation->fd, got, got < 0 ? " (" : "",
                 got < 0 ? strerror((int)-got) : "", got < 0 ? ")" : "", want);
        fail(file, line, operation->call, detail);
    }
    return got;
}

void ledger_open(const char *path) {
    ledger.file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (ledger.file < 0) fail(__FILE__, __LINE__, path, strerror(errno));
}

void ledger_write(void) {
    // One write, and O_APPEND: lines of several processes never mix.
    if (ledger.length != 0) CHECK(write(ledger.file, ledger.text, ledger.length) == (ssize_t)ledger.length);
    ledger.length = 0;
}

void ledger_begin_child(void) {
    ledger.length = 0;
    sockets_forget();
}

void ledger_exit(int status) {
    sockets_lines_at_exit();
    ledger_write();
    _exit(status);
}
