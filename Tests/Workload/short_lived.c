// Processes that live for a moment: a tracer must still name them rightly.
#include <sys/resource.h>

#include "workload.h"

enum { AT_ONCE = 32 };

static _Noreturn void one_operation(void) {
    int fds[2];
    create_pair(AF_UNIX, SOCK_DGRAM, 0, fds);
    SENT("send", "sendmsg", fds[0], 19, 19, send(fds[0], outgoing, 19, 0));
    RECEIVED("recv", "recvmsg", fds[1], 64, 19, recv(fds[1], incoming, 64, 0));
    ledger_exit(0);
}

int child_operation_command(int count, char **arguments) {
    if (count != 1) return -1;
    ledger_open(arguments[0]);
    one_operation();
}

// Gives every second one a new program, under the name of a link to this executable: exec sets the name from the path.
static _Noreturn void live(int index, const char *link, char *path) {
    ledger_begin_child();
    if (index % 2 == 1) {
        execl(link, link, "child-op", path, NULL);
        fail(__FILE__, __LINE__, link, strerror(errno));
    }
    char name[16];
    sprintf(name, "brief-%d", index);
    name_self(name);
    one_operation();
}

int short_lived_command(int count, char **arguments) {
    int how_many = count == 2 ? atoi(arguments[0]) : 0;
    if (how_many < 1 || how_many > 30000) return -1;
    ledger_open(arguments[1]);
    char executable[4096], link[64];
    long length = readlink("/proc/self/exe", executable, sizeof executable - 1);
    CHECK(length > 0);
    executable[length] = 0;
    char directory[] = "/tmp/workload-XXXXXX";
    CHECK(mkdtemp(directory) != NULL);
    sprintf(link, "%s/renamed", directory);
    CHECK(symlink(executable, link) == 0);
    uint64_t t0 = monotonic();
    for (int i = 0; i < how_many; i++) {
        if (i >= AT_ONCE) await_processes(1);
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) live(i, link, arguments[1]);
    }
    await_processes(how_many < AT_ONCE ? how_many : AT_ONCE);
    printf("processes=%d nanoseconds=%llu\n", how_many, (unsigned long long)(monotonic() - t0));
    CHECK(unlink(link) == 0 && rmdir(directory) == 0);
    return 0;
}

// One after the other, as fast as the kernel makes them; the file gets their process IDs.
int brief_command(int count, char **arguments) {
    int how_many = count == 2 ? atoi(arguments[0]) : 0, fds[2];
    if (how_many < 1 || how_many > 1000000) return -1;
    FILE *file = fopen(arguments[1], "we");
    CHECK(file != NULL && socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) == 0);
    for (int i = 0; i < how_many; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) _exit(send(fds[0], outgoing, 19, 0) == 19 ? 0 : 1);
        await_processes(1);
        CHECK(recv(fds[1], incoming, 64, 0) == 19);
        CHECK(fprintf(file, "%d\n", child) > 0);
    }
    CHECK(fclose(file) == 0);
    return 0;
}
