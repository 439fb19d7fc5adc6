// The ledger of endpoints: who talked to whom, one line for each event that a tracer must tell.
// ../README.md says what every key means.
#pragma once

#include "../workload.h"

// The values of a line, in the order in which they are written.
enum field {
    ALIAS, SITUATION, CALL, CERTAIN, PID, TID, COMM, FD, INODE, FAMILY, TYPE, PROTOCOL, LOCAL_ADDRESS, LOCAL_PORT,
    REMOTE_ADDRESS, REMOTE_PORT, REMOTE_INODE, TCP_STATE, RESULT, LISTENER, BACKLOG, HOW, WAIT_MIN, WAIT_MAX, T0, T1,
    FIELDS
};

// A UNIX path percent-encoded, twice.
enum { VALUE_SIZE = 720 };

// A line in the making. A value is text: `-` none, `?` not known here, `A|B` either is right.
struct told {
    char value[FIELDS][VALUE_SIZE];
};

// line.c

// What comes next in this thread is an example of this.
__attribute__((format(printf, 1, 2))) void situation(const char *format, ...);
// All values none, but the alias, the call, the thread, and what is known of FD's socket (FD may be none, too).
void told_begin(struct told *line, const char *alias, const char *call, int fd);
void told_text(struct told *line, enum field field, const char *value);
void told_number(struct told *line, enum field field, long long value);
// One more value that is right.
void told_either(struct told *line, enum field field, const char *value);
void told_either_number(struct told *line, enum field field, long long value);
void told_times(struct told *line, uint64_t t0, uint64_t t1);
// Somebody else's thread does it: a kernel worker.
void told_any_thread(struct told *line);
void told_write(const struct told *line);
// A part or a situation that this kernel or this user does not allow.
void told_skipped(const char *what, const char *why);

// address.c

// The other end of a connection or message, as this program knows it.
struct other {
    struct address address;
    // Of a UNIX socket there; 0 none.
    unsigned long long inode;
    // This end's address as the datagram has it, where the socket's own is a wildcard; empty where it is not.
    char here[64];
};

struct other address_of(int fd);
// As text: IPv4 (127.0.0.1, family AF_INET), IPv6 (AF_INET6), path or @name (AF_UNIX).
struct other inet_at(int family, const char *text, int port);
struct other unix_at(const char *path);
struct other unix_abstract(const char *name, size_t length);
// The same port of another address.
struct other moved(struct other other, const char *text);
// The same IPv4 address as an IPv6 one.
struct other mapped(struct other other);
// That wildcard socket's datagrams have this address at its end.
struct other heard_at(struct other other, const char *here);
// Gives text in the ledger's form; `-` where there is none.
void address_text(char address[VALUE_SIZE], char port[16], const void *socket_address, socklen_t length);
// What getsockname, getpeername and TCP_INFO say now.
void told_ends(struct told *line, int fd);
void told_local(struct told *line, int fd);
void told_asked(struct told *line, enum field address_field, const struct other *asked);
void told_state(struct told *line, int fd);
int tcp_state(int fd);
const char *tcp_state_name(int state);
void await_tcp_state(int fd, int state);

// sockets.c

// One attempt to connect, from the call to the outcome.
struct attempt {
    // Its outcome is still to come; a signal ended the call meanwhile; connect(2) has not told its outcome yet.
    int is_pending, is_interrupted, is_untold;
    // It began before there was a ledger.
    int is_older;
    uint64_t t0;
    struct other asked;
    // Who called.
    char pid[16], tid[16], comm[64];
};

struct known_end {
    // 0: this descriptor is no socket of ours.
    unsigned long long inode, peer_inode;
    int family, type, protocol, peer_is_gone;
    struct attempt attempt;
    // It was connected, or was to be.
    int has_tried;
    // TCP_FASTOPEN_CONNECT: connect(2) may leave all to the first message.
    int connects_by_sending;
    // The connection was not established before; 0 where nobody knows.
    uint64_t established_min;
    // It waits to be accepted since then, or longer; 0 where nobody looked.
    uint64_t queued;
    // Whom it was connected to, or was to be; empty before.
    char peer_address[VALUE_SIZE], peer_port[16];
};

// Null where FD is no socket of ours.
struct known_end *known_end(int fd);
// Learns a socket that came by another way than these.
void end_learn(int fd, unsigned long long peer_inode);
void end_remember_peer(int fd);
int do_socket(int family, int type, int protocol);
// -1, and told as skipped, where the kernel or the user's rights do not allow it.
int do_socket_if_allowed(const char *what, int family, int type, int protocol);
// Those that the kernel made for itself while this thread called it, how many ever; it lets them go in a worker.
void told_kernel_sockets(const char *call, uint64_t t0, uint64_t t1);
void do_socketpair(int family, int type, int fds[2]);
// The last reference's end; a connect under way is given up by it. No other thread may make a descriptor meanwhile: it
// could be given this number before what is known of the closed one is forgotten.
void do_close(int fd);
// This process's reference alone.
void do_close_held(int fd);
void do_close_copy(int fd);
// The line of a socket that the kernel lets go itself: an accept's that failed. T1 0: whenever.
void told_unseen_close(const char *call, int listener, uint64_t t0, uint64_t t1);

// connect.c, calls.c, accept.c: does the call, insists on its result (0, or -errno), writes its lines.

// Ends the program where a call's result is another than WANT.
long insist(const char *call, int fd, long got, long want);

long do_connect(int fd, struct other to, long want);
// With an argument that is no address; ASKED is what can be read there, or null.
long do_connect_raw(int fd, const void *address, socklen_t length, const struct other *asked, long want);
// The lines of a connect made by other means than connect(2), BEFORE as connect_before left it.
void connect_before(struct told *before, const char *call, int fd, const struct other *asked);
void connect_after(struct told *before, int fd, const struct other *asked, long result, uint64_t t0, uint64_t t1);
void connect_after_any(struct told *before, int fd, const struct other *asked, uint64_t t0, uint64_t t1);
// From here on the attempt of this thread, begun at T0, is under way.
void attempt_begin(int fd, const struct other *asked, uint64_t t0);
// How it ended: two steps, since an end can take the descriptor along.
void outcome_before(struct told *line, int fd);
// RESULT is 0, -errno, or ANY: given up.
void outcome_after(struct told *line, int fd, long result, uint64_t t1);
// An attempt under way has ended with 0 or -errno, and the socket is still there.
void told_outcome(int fd, long result);
// Waits for a non-blocking connect's outcome.
void await_outcome(int fd, long want);
// connect(2) with AF_UNSPEC: dissolves a connection, or gives up one under way.
void do_disconnect(int fd);

long do_bind(int fd, struct other to, long want);
long do_bind_raw(int fd, const void *address, socklen_t length, const struct other *asked, long want);
long do_listen(int fd, int backlog, long want);
long do_shutdown(int fd, int how, long want);
// The lines of such a call made by other means: the entry's as it will be, and then both.
void bind_before(struct told *before, const char *call, int fd, const struct other *asked);
void listen_before(struct told *before, const char *call, int fd, int backlog);
void shutdown_before(struct told *before, const char *call, int fd, int how);
void call_after(struct told *before, int fd, long result, uint64_t t0, uint64_t t1);

// Gives the new descriptor. CLIENT is the other end's where this process has it, else -1.
int do_accept(int listener, int client);
void do_accept_failing(int listener, long want);
// The lines of an accept made by other means than accept4(2).
void told_accepted(const char *call, int listener, int client, int fd, uint64_t t0, uint64_t t1);
void told_accept_failed(const char *call, int listener, long result, uint64_t t0, uint64_t t1);

// message.c

struct message {
    const char *alias, *call;
    int fd;
    // Null: the connected peer, or nobody.
    const struct other *other;
    // TCP's when it began, or 0.
    int state;
    uint64_t t0;
};

struct message message_begin(const char *alias, const char *call, int fd, const struct other *other);
long message_end(const struct message *message, long got, long want, const char *file, int line);
// The line of one message of several that a call moves.
void message_line(const struct message *message, long result, uint64_t t1);

#define MESSAGE(alias, call, fd, other, want, expression)                                                              \
    __extension__({                                                                                                    \
        struct message message_ = message_begin(alias, call, fd, other);                                               \
        long got_ = (expression);                                                                                      \
        message_end(&message_, got_ < 0 ? -errno : got_, want, __FILE__, __LINE__);                                    \
    })
#define SEND(call, fd, to, want, expression) MESSAGE("socket.send", call, fd, to, want, expression)
#define RECEIVE(call, fd, from, want, expression) MESSAGE("socket.receive", call, fd, from, want, expression)

// SIZE bytes from one connected socket to the other.
void exchange(int from, int to, size_t size);
// A datagram to an address, sent and received by calls that name addresses; FROM is what the receiver is told.
void datagram(int from, int to, struct other destination, struct other source, size_t size);

// pairs.c

// A socket bound to an address, with the port that the kernel chose.
int bound(int family, int type, struct other at);
int listening(int family, int type, struct other at, int backlog);
// Until so many connections wait to be accepted.
void await_queue(int listener, unsigned length);
// Lets a connection, the only one, wait to be accepted, and notes since when it has.
void let_wait(int listener, int client);
// A listener on loopback whose queue is full: a SYN to it is dropped.
struct full_listener {
    int listener, waiting[2];
};
struct full_listener full_listener(int family);
void full_listener_close(struct full_listener *full);
void connected_pair(int family, int type, int fds[2]);
// An address of loopback that nobody listens at.
struct other dead_end(int family);
const char *family_word(int family);
void loopback_up(void);

// The parts, and what they have in common.
void fast_open(int family);
void tcp_part(void);
void slow_part(void);
void wrong_part(void);
void listening_part(void);
void ending_part(void);
void udp_part(void);
void local_part(void);
void special_part(void);
void uring_part(void);
void shared_part(void);
void namespaces_part(void);
void many_part(void);
