// The parts of the workload, and what they share.
#pragma once

#include <sys/socket.h>

#include "ledger.h"

enum { BUFFER_SIZE = 1 << 17 };
// Sent from; its bytes mean nothing.
extern char outgoing[BUFFER_SIZE];
// Received into; a thread's own.
extern __thread char incoming[BUFFER_SIZE];

// An address of the loopback interface, IPv4 or IPv6, and abstract ones for AF_UNIX.
struct address {
    union {
        struct sockaddr any;
        struct sockaddr_storage storage;
    };
    socklen_t length;
};
struct address loopback_address(int family);
struct address abstract_address(void);
struct address bind_socket(int fd, struct address address);
// Two sockets bound to loopback and connected to each other: datagrams, or a stream through listen and accept.
void inet_datagram_pair(int family, int fds[2]);
void stream_pair(int family, int type, int fds[2]);

// Waits until FD has something to receive, so that the next call needs no wait.
void await_readable(int fd);
void await_processes(int count);
void name_self(const char *name);

// Every call that sends, on FROM, each answered by its receiving twin on TO; both connected.
void plain_calls(int from, int to);
void aio_calls(int from, int to);
void uring_calls(int from, int to);
void splice_calls(int from, int to);
void all_calls(int from, int to);

// The chapters of the full ledger.
void inet_chapter(void);
void inet_errors_chapter(void);
void unix_chapter(void);
void netlink_chapter(void);
void raw_chapter(void);
void can_chapter(void);
void lifetime_chapter(void);
// Many at once, each doing every plain call so many times.
void threads_chapter(int how_often);
void processes_chapter(int how_often);

// The subcommands; arguments begin after the subcommand's name.
int ledger_command(int count, char **arguments);
int receivers_command(int count, char **arguments);
int flood_command(int count, char **arguments);
int pace_command(int count, char **arguments);
int uring_workers_command(int count, char **arguments);
int cost_command(int count, char **arguments);
int short_lived_command(int count, char **arguments);
int brief_command(int count, char **arguments);
int child_operation_command(int count, char **arguments);
int in_flight_command(int count, char **arguments);
int hold_command(int count, char **arguments);
int endpoints_command(int count, char **arguments);
int older_command(int count, char **arguments);
int name_server_command(int count, char **arguments);
int queries_command(int count, char **arguments);
