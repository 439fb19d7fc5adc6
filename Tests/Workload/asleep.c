// Threads asleep in recv: very many at once, and one across a tracer's coming and going.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "workload.h"

struct sleeper {
    pthread_t thread;
    int fds[2];
    atomic_int tid;
    char message[64];
};

static void *sleep_in_recv(void *argument) {
    struct sleeper *sleeper = argument;
    sleeper->tid = (int)syscall(SYS_gettid);
    RECEIVED("recv", "recvmsg", sleeper->fds[1], sizeof sleeper->message, 32,
             recv(sleeper->fds[1], sleeper->message, sizeof sleeper->message, 0));
    return NULL;
}

// Whether the thread sleeps in recvfrom(2), which /proc says beginning with the call's number.
static int is_asleep(int tid) {
    char path[64], text[32] = "";
    sprintf(path, "/proc/self/task/%d/syscall", tid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        long length = read(file, text, sizeof text - 1);
        close(file);
        return length > 0 && strtol(text, NULL, 10) == SYS_recvfrom && text[0] != 'r';
    }
    // A kernel without that file: asleep is asleep, since a thread does nothing else.
    sprintf(path, "/proc/self/task/%d/stat", tid);
    char stat[256] = "";
    file = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(file >= 0 && read(file, stat, sizeof stat - 1) > 0);
    close(file);
    const char *after_name = strrchr(stat, ')');
    return after_name != NULL && after_name[2] == 'S';
}

static void start(struct sleeper *sleeper) {
    pthread_attr_t small;
    CHECK(pthread_attr_init(&small) == 0 && pthread_attr_setstacksize(&small, 64 * 1024 + BUFFER_SIZE) == 0);
    create_pair(AF_UNIX, SOCK_DGRAM, 0, sleeper->fds);
    CHECK(pthread_create(&sleeper->thread, &small, sleep_in_recv, sleeper) == 0);
    CHECK(pthread_attr_destroy(&small) == 0);
}

static void await_asleep(struct sleeper *sleeper) {
    while (sleeper->tid == 0 || !is_asleep(sleeper->tid)) sched_yield();
}

static void wake(struct sleeper *sleeper) {
    SENT("send", "sendmsg", sleeper->fds[0], 32, 32, send(sleeper->fds[0], outgoing, 32, 0));
}

static void finish(struct sleeper *sleeper) {
    CHECK(pthread_join(sleeper->thread, NULL) == 0);
    close_socket(sleeper->fds[0]);
    close_socket(sleeper->fds[1]);
}

int receivers_command(int count, char **arguments) {
    int how_many = count == 2 ? atoi(arguments[0]) : 0;
    if (how_many < 1 || how_many > 8000) return -1;
    struct rlimit limit = {(rlim_t)how_many * 2 + 64, (rlim_t)how_many * 2 + 64};
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    ledger_open(arguments[1]);
    struct sleeper *sleepers = calloc((size_t)how_many, sizeof *sleepers);
    CHECK(sleepers != NULL);
    for (int i = 0; i < how_many; i++) start(&sleepers[i]);
    for (int i = 0; i < how_many; i++) await_asleep(&sleepers[i]);
    printf("asleep %d\n", how_many);
    fflush(stdout);
    for (int i = 0; i < how_many; i++) wake(&sleepers[i]);
    for (int i = 0; i < how_many; i++) finish(&sleepers[i]);
    ledger_write();
    printf("received %d\n", how_many);
    return 0;
}

static void await_byte(void) {
    char byte;
    CHECK(read(STDIN_FILENO, &byte, 1) == 1);
}

static void say(const char *word) {
    puts(word);
    fflush(stdout);
}

int in_flight_command(int count, char **arguments) {
    if (count != 1) return -1;
    ledger_open(arguments[0]);
    static struct sleeper before, across;
    start(&before);
    await_asleep(&before);
    say("ready");
    await_byte();
    wake(&before);
    finish(&before);
    start(&across);
    await_asleep(&across);
    say("blocked");
    await_byte();
    wake(&across);
    finish(&across);
    ledger_write();
    return 0;
}

int hold_command(int count, char **arguments) {
    (void)arguments;
    if (count != 0) return -1;
    say("ready");
    await_byte();
    return 0;
}
