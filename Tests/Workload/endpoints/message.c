// Messages: who sent them to whom.
#include <netinet/in.h>

#include "endpoints.h"

// As the kernel's own function has it, where a signal ends a wait.
enum { ERESTARTSYS_IN_KERNEL = 512 };

struct message message_begin(const char *alias, const char *call, int fd, const struct other *other) {
    return (struct message){alias, call, fd, other, tcp_state(fd), monotonic()};
}

void message_line(const struct message *message, long result, uint64_t t1) {
    struct told line;
    told_begin(&line, message->alias, message->call, message->fd);
    told_ends(&line, message->fd);
    // It may have changed while the call waited; where the kernel shows it at the entry only, that is the state.
    if (message->state != 0) told_either(&line, TCP_STATE, tcp_state_name(message->state));
    if (message->other != NULL) {
        told_asked(&line, REMOTE_ADDRESS, message->other);
        told_text(&line, REMOTE_INODE, "-");
        if (message->other->inode != 0) told_number(&line, REMOTE_INODE, (long long)message->other->inode);
        if (message->other->here[0] != 0 && result >= 0) told_either(&line, LOCAL_ADDRESS, message->other->here);
    }
    told_number(&line, RESULT, result == -EINTR ? -ERESTARTSYS_IN_KERNEL : result);
    told_times(&line, message->t0, t1);
    told_write(&line);
}

long message_end(const struct message *message, long got, long want, const char *file, int line) {
    message_line(message, got, monotonic());
    if (want != ANY && got != want) {
        char detail[160];
        snprintf(detail, sizeof detail, "on fd %d gave %ld, not %ld", message->fd, got, want);
        fail(file, line, message->call, detail);
    }
    return got;
}

void exchange(int from, int to, size_t size) {
    SEND("send", from, NULL, (long)size, send(from, outgoing, size, MSG_NOSIGNAL));
    await_readable(to);
    RECEIVE("recv", to, NULL, (long)size, recv(to, incoming, size, 0));
}

static void check_same(const struct address *address, const struct other *other) {
    char texts[2][VALUE_SIZE], ports[2][16];
    address_text(texts[0], ports[0], &address->storage, address->length);
    address_text(texts[1], ports[1], &other->address.storage, other->address.length);
    if (strcmp(texts[0], texts[1]) == 0 && strcmp(ports[0], ports[1]) == 0) return;
    fprintf(stderr, "the kernel says %s %s, the ledger %s %s\n", texts[0], ports[0], texts[1], ports[1]);
    fail(__FILE__, __LINE__, "recvfrom", "another sender than the ledger knows");
}

void datagram(int from, int to, struct other destination, struct other source, size_t size) {
    SEND("sendto", from, &destination, (long)size,
         sendto(from, outgoing, size, 0, &destination.address.any, destination.address.length));
    await_readable(to);
    struct address sender = {.length = sizeof sender.storage};
    RECEIVE("recvfrom", to, &source, (long)size, recvfrom(to, incoming, size, 0, &sender.any, &sender.length));
    check_same(&sender, &source);
}
