// Many threads and many processes at once, each with a name of its own.
#include <pthread.h>

#include "workload.h"

enum { HOW_MANY = 8 };

// How often each does everything; set before any of them begins.
static int rounds;

static void traffic(void) {
    int fds[2];
    create_pair(AF_UNIX, SOCK_SEQPACKET, 0, fds);
    for (int i = 0; i < rounds; i++) plain_calls(fds[0], fds[1]);
    close_socket(fds[0]);
    close_socket(fds[1]);
    inet_datagram_pair(AF_INET, fds);
    for (int i = 0; i < rounds; i++) plain_calls(fds[i % 2], fds[1 - i % 2]);
    close_socket(fds[0]);
    close_socket(fds[1]);
}

static void *thread(void *index) {
    char name[16];
    sprintf(name, "thread-%d", (int)(intptr_t)index);
    name_self(name);
    traffic();
    return NULL;
}

void threads_chapter(int how_often) {
    rounds = how_often;
    pthread_t threads[HOW_MANY];
    for (intptr_t i = 0; i < HOW_MANY; i++) CHECK(pthread_create(&threads[i], NULL, thread, (void *)i) == 0);
    for (int i = 0; i < HOW_MANY; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}

void processes_chapter(int how_often) {
    rounds = how_often;
    // Names that break careless readers of traces: blanks, quotes, terminal escapes, no ASCII, the longest, none.
    static const char *const names[HOW_MANY] = {
        "plain", "two words", "q'u\"o\\te", "\033[31mred\t\n", "gr\303\274n", "fifteen-letters", "a=b,c;d|e", "",
    };
    for (int i = 0; i < HOW_MANY; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child != 0) continue;
        ledger_begin_child();
        name_self(names[i]);
        traffic();
        int fds[2];
        create_pair(AF_UNIX, SOCK_STREAM, 0, fds);
        SENT("send", "sendmsg", fds[0], 7, 7, send(fds[0], outgoing, 7, 0));
        ledger_exit(0);
    }
    await_processes(HOW_MANY);
}
