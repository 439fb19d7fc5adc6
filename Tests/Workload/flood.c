// As many messages as asked for, as fast as they go; only totals are told.
#include <pthread.h>

#include "workload.h"

struct flood {
    pthread_t thread;
    long messages;
    size_t size;
};

static void *pour(void *argument) {
    struct flood *flood = argument;
    int fds[2];
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0);
    for (long i = 0; i < flood->messages; i++) {
        CHECK(send(fds[0], outgoing, flood->size, 0) == (long)flood->size);
        CHECK(recv(fds[1], incoming, flood->size, 0) == (long)flood->size);
    }
    CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
    return NULL;
}

int flood_command(int count, char **arguments) {
    if (count < 2 || count > 3) return -1;
    long messages = atol(arguments[0]), size = atol(arguments[1]), threads = count == 3 ? atol(arguments[2]) : 1;
    if (messages < 1 || size < 1 || size > 65536 || threads < 1 || threads > 1000) return -1;
    struct flood *floods = calloc((size_t)threads, sizeof *floods);
    CHECK(floods != NULL);
    uint64_t t0 = monotonic();
    for (long i = 0; i < threads; i++) {
        // What does not divide evenly goes to the first ones.
        floods[i].messages = messages / threads + (i < messages % threads);
        floods[i].size = (size_t)size;
        CHECK(pthread_create(&floods[i].thread, NULL, pour, &floods[i]) == 0);
    }
    for (long i = 0; i < threads; i++) CHECK(pthread_join(floods[i].thread, NULL) == 0);
    uint64_t elapsed = monotonic() - t0;
    printf("sends=%ld receives=%ld bytes=%ld threads=%ld creates=%ld closes=%ld nanoseconds=%llu\n", messages, messages,
           messages * size, threads, threads * 2, threads * 2, (unsigned long long)elapsed);
    return 0;
}

// So many messages a second, sent and received, for so long.
int pace_command(int count, char **arguments) {
    if (count != 2) return -1;
    long rate = atol(arguments[0]), seconds = atol(arguments[1]), messages = 0;
    if (rate < 0 || seconds < 1) return -1;
    int fds[2];
    CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0);
    uint64_t begin = monotonic(), elapsed;
    while ((elapsed = monotonic() - begin) < (uint64_t)seconds * 1000000000) {
        for (long due = (long)((double)elapsed * 1e-9 * (double)rate); messages < due; messages += 2) {
            CHECK(send(fds[0], outgoing, 64, 0) == 64);
            CHECK(recv(fds[1], incoming, 64, 0) == 64);
        }
        usleep(1000);
    }
    printf("messages=%ld\n", messages);
    return 0;
}
