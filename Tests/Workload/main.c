// A program that makes socket calls of every kind and keeps a ledger of them; README.md says how it is used.
#include <signal.h>

#include "workload.h"

static const struct {
    const char *name;
    void (*run)(void);
} chapters[] = {
    {"inet", inet_chapter}, {"errors", inet_errors_chapter}, {"unix", unix_chapter},
    {"netlink", netlink_chapter}, {"raw", raw_chapter}, {"can", can_chapter},
    {"lifetime", lifetime_chapter},
};
enum { CHAPTERS = sizeof chapters / sizeof *chapters };

static int chapters_command(int count, char **arguments) {
    if (count < 2) return -1;
    ledger_open(arguments[0]);
    for (int i = 1; i < count; i++) {
        int chapter = 0;
        while (chapter < CHAPTERS && strcmp(chapters[chapter].name, arguments[i]) != 0) chapter++;
        if (chapter == CHAPTERS) return -1;
        chapters[chapter].run();
    }
    ledger_write();
    return 0;
}

int ledger_command(int count, char **arguments) {
    int pause_at_end = 0, is_short = 0;
    if (count < 1) return -1;
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--pause-before-exit") == 0) pause_at_end = 1;
        else if (strcmp(arguments[i], "--short") == 0) is_short = 1;
        else return -1;
    }
    ledger_open(arguments[0]);
    for (int i = 0; i < CHAPTERS; i++) chapters[i].run();
    threads_chapter(is_short ? 1 : 20);
    processes_chapter(is_short ? 1 : 20);
    ledger_write();
    return pause_at_end ? hold_command(0, NULL) : 0;
}

static const struct {
    const char *name, *arguments;
    int (*run)(int count, char **arguments);
} commands[] = {
    {"ledger", "FILE [--short] [--pause-before-exit]", ledger_command},
    {"chapters", "FILE inet|errors|unix|netlink|raw|can|lifetime...", chapters_command},
    {"receivers", "N FILE", receivers_command},
    {"flood", "COUNT SIZE [THREADS]", flood_command},
    {"pace", "MESSAGES_A_SECOND SECONDS", pace_command},
    {"uring-workers", "COUNT", uring_workers_command},
    {"cost", "BATCHES", cost_command},
    {"short-lived", "COUNT FILE", short_lived_command},
    {"brief", "COUNT FILE", brief_command},
    {"child-op", "FILE", child_operation_command},
    {"in-flight", "FILE", in_flight_command},
    {"hold", "", hold_command},
    {"endpoints", "FILE [tcp|slow|wrong|listening|ending|udp|unix|special|uring|shared|namespaces|many...]", endpoints_command},
    {"older", "FILE", older_command},
    {"name-server", "MILLISECONDS", name_server_command},
    {"queries", "FILE", queries_command},
};

int main(int count, char **arguments) {
    // What is inherited from a shell must not decide what a broken pipe does.
    signal(SIGPIPE, SIG_DFL);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (count < 2 || strcmp(arguments[1], commands[i].name) != 0) continue;
        int status = commands[i].run(count - 2, arguments + 2);
        if (status >= 0) return status;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(stderr, "%s workload %s %s\n", i == 0 ? "usage:" : "      ", commands[i].name, commands[i].arguments);
    return 2;
}
