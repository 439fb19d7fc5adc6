// DNS as far as sockets are concerned: a server that answers late, and a client that asks it in the ways that resolvers do
// and writes down what became of its queries.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/uio.h>
#include <unistd.h>

#include "workload.h"

enum { PORT = 53, QUERY = 33, LONGEST = 512 };

static struct address at(const char *text) {
    struct address address = {0};
    struct sockaddr_in *four = (struct sockaddr_in *)&address.storage;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address.storage;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(PORT);
        address.length = sizeof *four;
    } else {
        CHECK(inet_pton(AF_INET6, text, &six->sin6_addr) == 1);
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(PORT);
        address.length = sizeof *six;
    }
    return address;
}

// MARK: The server

static volatile sig_atomic_t is_over;
static void end(int signal) { (void)signal, is_over = 1; }

// Turns a query into its answer: that there is no such name. Whoever asks for a name that begins with "silent" gets none.
static int answers(char *message, ssize_t size) {
    if (size < 12 || (size > 19 && memcmp(message + 13, "silent", 6) == 0)) return 0;
    message[2] = (char)(message[2] | 0x80);
    message[3] = (char)0x83;
    return 1;
}

static void serve_datagram(int fd, useconds_t delay, long *received, long *answered) {
    char message[LONGEST];
    struct address from = {.length = sizeof from.storage};
    ssize_t size = recvfrom(fd, message, sizeof message, 0, &from.any, &from.length);
    if (size < 0) return;
    *received += 1;
    if (!answers(message, size)) return;
    usleep(delay);
    CHECK(sendto(fd, message, (size_t)size, 0, &from.any, from.length) == size);
    *answered += 1;
}

static void serve_stream(int listener, useconds_t delay, long *received, long *answered) {
    char message[LONGEST];
    int fd = accept(listener, NULL, NULL);
    CHECK(fd >= 0);
    // The length and the query arrive in one piece, as they were sent.
    ssize_t size = recv(fd, message, sizeof message, 0);
    if (size > 2) {
        *received += 1;
        if (answers(message + 2, size - 2)) {
            usleep(delay);
            CHECK(send(fd, message, (size_t)size, 0) == size);
            *answered += 1;
        }
    }
    CHECK(close(fd) == 0);
}

int name_server_command(int count, char **arguments) {
    if (count != 1) return -1;
    useconds_t delay = (useconds_t)atol(arguments[0]) * 1000;
    struct sigaction action = {.sa_handler = end};
    CHECK(sigaction(SIGTERM, &action, NULL) == 0);
    const char *places[] = {"127.0.0.1", "::1", "127.0.0.1"};
    struct pollfd entries[3];
    for (int i = 0; i < 3; i++) {
        struct address address = at(places[i]);
        int fd = socket(address.any.sa_family, i == 2 ? SOCK_STREAM : SOCK_DGRAM, 0), on = 1;
        CHECK(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
        CHECK(bind(fd, &address.any, address.length) == 0);
        if (i == 2) CHECK(listen(fd, 8) == 0);
        entries[i] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    long received = 0, answered = 0;
    puts("ready");
    CHECK(fflush(stdout) == 0);
    while (!is_over) {
        if (poll(entries, 3, -1) <= 0) continue;
        for (int i = 0; i < 2; i++)
            if (entries[i].revents) serve_datagram(entries[i].fd, delay, &received, &answered);
        if (entries[2].revents) serve_stream(entries[2].fd, delay, &received, &answered);
    }
    printf("received=%ld answered=%ld\n", received, answered);
    return 0;
}

// MARK: The client

// What came of the queries to one server.
struct outcome {
    const char *server;
    long queries, answers, failed, unanswered, sent, received;
    uint64_t longest, sum;
};

static void ask(char *query, int is_silent, uint16_t type) {
    static uint16_t number;
    number++;
    char head[12] = {(char)(number >> 8), (char)number, 1, 0, 0, 1};
    memcpy(query, head, sizeof head);
    memcpy(query + 12, is_silent ? "\6silent\7example\0" : "\6answer\7example\0", 17);
    char tail[4] = {0, (char)type, 0, 1};
    memcpy(query + 29, tail, sizeof tail);
}

static void note_answer(struct outcome *outcome, uint64_t since, ssize_t size) {
    uint64_t elapsed = monotonic() - since;
    outcome->answers++;
    outcome->received += size;
    outcome->sum += elapsed;
    if (elapsed > outcome->longest) outcome->longest = elapsed;
}

static int open_to(struct outcome *outcome, int type, int is_connected, struct address *address) {
    *address = at(outcome->server);
    int fd = socket(address->any.sa_family, type, 0);
    CHECK(fd >= 0);
    if (is_connected) CHECK(connect(fd, &address->any, address->length) == 0);
    return fd;
}

static void ask_connected(struct outcome *outcome) {
    char query[QUERY], answer[LONGEST];
    struct address address;
    int fd = open_to(outcome, SOCK_DGRAM, 1, &address);
    ask(query, 0, 1);
    uint64_t since = monotonic();
    CHECK(send(fd, query, QUERY, 0) == QUERY);
    outcome->queries++, outcome->sent += QUERY;
    // Too early.
    CHECK(recv(fd, answer, sizeof answer, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    note_answer(outcome, since, recv(fd, answer, sizeof answer, 0));
    CHECK(close(fd) == 0);
}

static void ask_unconnected(struct outcome *outcome) {
    char query[QUERY], answer[LONGEST];
    struct address address;
    int fd = open_to(outcome, SOCK_DGRAM, 0, &address);
    ask(query, 0, 28);
    uint64_t since = monotonic();
    CHECK(sendto(fd, query, QUERY, 0, &address.any, address.length) == QUERY);
    outcome->queries++, outcome->sent += QUERY;
    note_answer(outcome, since, recvfrom(fd, answer, sizeof answer, 0, NULL, NULL));
    CHECK(close(fd) == 0);
}

// For A and AAAA at once, as getaddrinfo(3) does.
static void ask_twice(struct outcome *outcome) {
    char queries[2][QUERY], answer[LONGEST];
    struct iovec parts[2];
    struct mmsghdr messages[2] = {0};
    struct address address;
    int fd = open_to(outcome, SOCK_DGRAM, 1, &address);
    for (int i = 0; i < 2; i++) {
        ask(queries[i], 0, i == 0 ? 1 : 28);
        parts[i] = (struct iovec){queries[i], QUERY};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    uint64_t since = monotonic();
    CHECK(sendmmsg(fd, messages, 2, 0) == 2);
    outcome->queries += 2, outcome->sent += 2 * QUERY;
    for (int i = 0; i < 2; i++) note_answer(outcome, since, recv(fd, answer, sizeof answer, 0));
    CHECK(close(fd) == 0);
}

static void ask_in_vain(struct outcome *outcome) {
    char query[QUERY], answer[LONGEST];
    struct address address;
    int fd = open_to(outcome, SOCK_DGRAM, 1, &address);
    ask(query, 1, 1);
    CHECK(send(fd, query, QUERY, 0) == QUERY);
    outcome->queries++, outcome->sent += QUERY, outcome->unanswered++;
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    CHECK(poll(&entry, 1, 30) == 0 && recv(fd, answer, sizeof answer, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    CHECK(close(fd) == 0);
}

static void ask_nobody(struct outcome *outcome) {
    char query[QUERY], answer[LONGEST];
    struct address address;
    int fd = open_to(outcome, SOCK_DGRAM, 1, &address);
    ask(query, 0, 1);
    CHECK(send(fd, query, QUERY, 0) == QUERY);
    outcome->queries++, outcome->sent += QUERY, outcome->failed++;
    CHECK(recv(fd, answer, sizeof answer, 0) == -1 && errno == ECONNREFUSED);
    CHECK(close(fd) == 0);
}

static void ask_by_stream(struct outcome *outcome) {
    char query[QUERY], answer[LONGEST], length[2] = {0, QUERY};
    struct iovec parts[2] = {{length, 2}, {query, QUERY}};
    struct address address;
    int fd = open_to(outcome, SOCK_STREAM, 1, &address);
    ask(query, 0, 1);
    uint64_t since = monotonic();
    CHECK(writev(fd, parts, 2) == QUERY + 2);
    outcome->queries++, outcome->sent += QUERY + 2;
    CHECK(read(fd, length, 2) == 2);
    note_answer(outcome, since, read(fd, answer, sizeof answer));
    CHECK(close(fd) == 0);
}

int queries_command(int count, char **arguments) {
    if (count != 1) return -1;
    FILE *file = fopen(arguments[0], "w");
    CHECK(file != NULL);
    struct outcome outcomes[] = {{.server = "127.0.0.1"}, {.server = "::1"}, {.server = "127.0.0.9"}};
    for (int i = 0; i < 5; i++) {
        ask_connected(&outcomes[0]);
        ask_unconnected(&outcomes[0]);
        ask_twice(&outcomes[0]);
        ask_by_stream(&outcomes[0]);
        ask_in_vain(&outcomes[0]);
        ask_connected(&outcomes[1]);
        ask_unconnected(&outcomes[1]);
        ask_nobody(&outcomes[2]);
    }
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        struct outcome *outcome = &outcomes[i];
        fprintf(file, "pid=%d server=%s queries=%ld answers=%ld failed=%ld unanswered=%ld sent=%ld received=%ld "
                "longest=%llu sum=%llu\n", getpid(), outcome->server, outcome->queries, outcome->answers,
                outcome->failed, outcome->unanswered, outcome->sent, outcome->received,
                (unsigned long long)outcome->longest, (unsigned long long)outcome->sum);
    }
    CHECK(fclose(file) == 0);
    return 0;
}
