// The subcommand, and its parts.
#include <signal.h>

#include "endpoints.h"

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {
    {"tcp", tcp_part},         {"slow", slow_part},       {"wrong", wrong_part},   {"listening", listening_part},
    {"ending", ending_part},   {"udp", udp_part},         {"unix", local_part},    {"special", special_part},
    {"uring", uring_part},     {"shared", shared_part},   {"namespaces", namespaces_part},
    {"many", many_part},
};
enum { PARTS = sizeof parts / sizeof *parts };

int endpoints_command(int count, char **arguments) {
    int wanted[PARTS] = {0};
    if (count < 1) return -1;
    for (int i = 1; i < count; i++) {
        int part = 0;
        while (part < PARTS && strcmp(parts[part].name, arguments[i]) != 0) part++;
        if (part == PARTS) return -1;
        wanted[part] = 1;
    }
    ledger_open(arguments[0]);
    situation("begin");
    loopback_up();
    for (int i = 0; i < PARTS; i++)
        if (count == 1 || wanted[i]) parts[i].run();
    ledger_write();
    return 0;
}
