// What the ledger knows of each socket, and the shape of a line. For ledger.c and sockets.c.
#pragma once

#include "ledger.h"

#define UNKNOWN LLONG_MIN

struct line {
    const char *op, *call, *via;
    unsigned long long sock;
    long long family, type, protocol, state, asked, result, passcred, requester, t0, t1;
    int in_kernel_worker;
};

void ledger_line(const struct line *line);
// A line with what is known of FD's socket filled in, all else unknown.
struct line socket_line(const char *op, const char *call, int fd);
void sockets_forget(void);
void sockets_lines_at_exit(void);
