// Very many short connections, so that the kernel gives one after the other the same memory. What was done is noted in
// numbers, and told when all is over: writing lines meanwhile would take longer than the connections do.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <time.h>

#include "endpoints.h"

enum { CONNECTIONS = 3000, A_SECOND = 2000, AT_ONCE = 16 };
enum step { CREATE, CONNECT, ACCEPT, MESSAGE_OUT, MESSAGE_IN, FIRST_CLOSE, SECOND_CLOSE, STEPS };
enum { CLIENT, SERVER };

struct connection {
    int is_open, which, fds[2], first;
    unsigned long long inodes[2];
    struct address client;
    uint64_t t0[STEPS], t1[STEPS];
};

static struct connection connections[CONNECTIONS];
// The steps of all connections, in the order in which they were made.
static struct {
    int connection;
    enum step step;
} history[CONNECTIONS * STEPS];
static int steps;

static const int families[2] = {AF_INET, AF_INET6};
static int listeners[2];
static struct other servers[2];

static void noted(int index, enum step step, uint64_t t0) {
    connections[index].t1[step] = monotonic();
    connections[index].t0[step] = t0;
    history[steps].connection = index;
    history[steps++].step = step;
}

#define NOTED(index, step, expression)                                                                                 \
    do {                                                                                                               \
        uint64_t t0_ = monotonic();                                                                                    \
        CHECK(expression);                                                                                             \
        noted(index, step, t0_);                                                                                       \
    } while (0)

static unsigned long long inode_of(int fd) {
    struct stat status;
    CHECK(fstat(fd, &status) == 0);
    return status.st_ino;
}

static size_t size_of(int index) {
    return 1 + (size_t)index % 1000;
}

static void begin(int index, int which) {
    struct connection *connection = &connections[index];
    connection->which = which;
    int *fds = connection->fds;
    const struct address *server = &servers[which].address;
    connection->client.length = sizeof connection->client.storage;
    NOTED(index, CREATE, (fds[CLIENT] = socket(families[which], SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0);
    NOTED(index, CONNECT, connect(fds[CLIENT], &server->any, server->length) == 0);
    NOTED(index, ACCEPT, (fds[SERVER] = accept4(listeners[which], &connection->client.any,
                                               &connection->client.length, SOCK_CLOEXEC)) >= 0);
    long size = (long)size_of(index);
    NOTED(index, MESSAGE_OUT, send(fds[CLIENT], outgoing, (size_t)size, 0) == size);
    NOTED(index, MESSAGE_IN, recv(fds[SERVER], incoming, sizeof incoming, 0) == size);
    for (int i = 0; i < 2; i++) connection->inodes[i] = inode_of(fds[i]);
    connection->is_open = 1;
}

static int has_been_closed(int fd) {
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    CHECK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0);
    return info.tcpi_state == TCP_CLOSE_WAIT;
}

static void end(int index, int first) {
    struct connection *connection = &connections[index];
    connection->first = first;
    NOTED(index, FIRST_CLOSE, close(connection->fds[first]) == 0);
    while (!has_been_closed(connection->fds[!first])) continue;
    NOTED(index, SECOND_CLOSE, close(connection->fds[!first]) == 0);
    connection->is_open = 0;
}

// Not faster than that; a slow machine takes the time that it takes.
static void pace(uint64_t begin, int index) {
    uint64_t due = begin + (uint64_t)index * (1000000000u / A_SECOND);
    struct timespec when = {(time_t)(due / 1000000000u), (long)(due % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR) continue;
}

static void make_all(void) {
    int open[AT_ONCE];
    for (int i = 0; i < AT_ONCE; i++) open[i] = -1;
    uint64_t started = monotonic();
    unsigned random = 1;
    for (int i = 0; i < CONNECTIONS; i++) {
        pace(started, i);
        // An order that no kernel's lists of free memory follow.
        random = random * 1103515245u + 12345;
        int *place = &open[(random >> 16) % AT_ONCE];
        if (*place >= 0) end(*place, (random >> 20) % 2);
        *place = i;
        begin(i, (random >> 21) % 2);
    }
    printf("connections=%d nanoseconds=%llu\n", CONNECTIONS, (unsigned long long)(monotonic() - started));
    for (int i = 0; i < CONNECTIONS; i++)
        if (connections[i].is_open) end(i, i % 2);
}

// A line of one end, with all that never changes while it is connected.
static void told_end(struct told *line, const char *alias, const char *call, const struct connection *connection,
                     int end, enum step step) {
    told_begin(line, alias, call, -1);
    told_number(line, FD, connection->fds[end]);
    told_number(line, INODE, (long long)connection->inodes[end]);
    told_number(line, FAMILY, families[connection->which]);
    told_number(line, TYPE, SOCK_STREAM);
    told_number(line, PROTOCOL, IPPROTO_TCP);
    struct other client = {.address = connection->client};
    const struct other *ends[2] = {&client, &servers[connection->which]};
    told_asked(line, LOCAL_ADDRESS, ends[end]);
    told_asked(line, REMOTE_ADDRESS, ends[!end]);
    told_text(line, TCP_STATE, "ESTABLISHED");
    told_times(line, connection->t0[step], connection->t1[step]);
}

static void told_create_and_connect(const struct connection *connection, enum step step) {
    struct told line;
    const char *nowhere = families[connection->which] == AF_INET ? "0.0.0.0" : "::";
    told_end(&line, step == CREATE ? "socket.create.return" : "socket.connect", step == CREATE ? "socket" : "connect",
             connection, CLIENT, step);
    told_text(&line, LOCAL_ADDRESS, nowhere);
    told_text(&line, LOCAL_PORT, "0");
    told_text(&line, TCP_STATE, "CLOSE");
    if (step == CREATE) {
        told_text(&line, REMOTE_ADDRESS, "-");
        told_text(&line, REMOTE_PORT, "-");
        told_either(&line, PROTOCOL, "0");
        told_number(&line, RESULT, 0);
    }
    told_write(&line);
    if (step == CREATE) return;
    told_end(&line, "socket.connect.return", "connect", connection, CLIENT, step);
    told_number(&line, RESULT, 0);
    told_write(&line);
    told_text(&line, ALIAS, "socket.connected");
    told_write(&line);
}

static void told_accept(const struct connection *connection) {
    struct told line;
    const struct known_end *listener = known_end(listeners[connection->which]);
    told_begin(&line, "socket.accept", "accept4", listeners[connection->which]);
    told_ends(&line, listeners[connection->which]);
    told_either(&line, LISTENER, line.value[INODE]);
    told_times(&line, connection->t0[ACCEPT], connection->t1[ACCEPT]);
    told_write(&line);
    told_end(&line, "socket.accept.return", "accept4", connection, SERVER, ACCEPT);
    told_number(&line, LISTENER, (long long)listener->inode);
    told_number(&line, RESULT, 0);
    // That connect(2) returned does not say that the other end is established.
    told_number(&line, WAIT_MIN, 0);
    told_number(&line, WAIT_MAX, (long long)(connection->t1[ACCEPT] - connection->t0[CONNECT]));
    told_write(&line);
}

static void told_step(int index, enum step step) {
    const struct connection *connection = &connections[index];
    struct told line;
    switch (step) {
    case CREATE:
    case CONNECT: told_create_and_connect(connection, step); return;
    case ACCEPT: told_accept(connection); return;
    case MESSAGE_OUT: told_end(&line, "socket.send", "send", connection, CLIENT, step); break;
    case MESSAGE_IN: told_end(&line, "socket.receive", "recv", connection, SERVER, step); break;
    default:
        told_end(&line, "socket.close", "close", connection,
                 step == FIRST_CLOSE ? connection->first : !connection->first, step);
        if (step == SECOND_CLOSE) told_text(&line, TCP_STATE, "CLOSE_WAIT");
    }
    if (step == MESSAGE_OUT || step == MESSAGE_IN) told_number(&line, RESULT, (long long)size_of(index));
    told_write(&line);
}

void many_part(void) {
    situation("many.listen");
    for (int i = 0; i < 2; i++) {
        struct other loopback = {.address = loopback_address(families[i])};
        listeners[i] = listening(families[i], SOCK_STREAM, loopback, 64);
        servers[i] = address_of(listeners[i]);
    }
    situation("many");
    make_all();
    for (int i = 0; i < steps; i++) told_step(history[i].connection, history[i].step);
    situation("many.listen");
    for (int i = 0; i < 2; i++) do_close(listeners[i]);
}
