// UNIX sockets: with paths, abstract names and none, connected and not, and the sockets at their other ends.
#include <stddef.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "endpoints.h"

// Where the paths are; every run has its own.
static char directory[32];

static struct other path(const char *name) {
    char text[200];
    CHECK((size_t)snprintf(text, sizeof text, "%s/%s", directory, name) < sizeof text);
    return unix_at(text);
}

static void remove_path(struct other at) {
    const struct sockaddr_un *name = (const void *)&at.address.storage;
    char text[sizeof name->sun_path + 1] = "";
    memcpy(text, name->sun_path, at.address.length - offsetof(struct sockaddr_un, sun_path));
    CHECK(unlink(text) == 0);
}

static struct other abstract(const char *suffix, size_t length) {
    static int count;
    char name[100];
    int whole = snprintf(name, sizeof name, "endpoints-%d-%d", getpid(), ++count);
    CHECK((size_t)whole + length <= sizeof name);
    memcpy(name + whole, suffix, length);
    return unix_abstract(name, (size_t)whole + length);
}

// The longest path there is, without a 0 at its end.
static struct other longest(void) {
    char name[sizeof((struct sockaddr_un *)0)->sun_path + 1] = "";
    sprintf(name, "%s/", directory);
    size_t begin = strlen(name);
    memset(name + begin, 'x', sizeof name - 1 - begin);
    return unix_at(name);
}

// A client, with a name of its own or none, and a server that it finds by its name.
static void stream(const char *word, int type, struct other at, const struct other *client_at) {
    situation("%s", word);
    int listener = listening(AF_UNIX, type, at, 4), client = do_socket(AF_UNIX, type, 0);
    if (client_at != NULL) do_bind(client, *client_at, 0);
    // As it was bound: what getsockname says of the longest path is too long to be connected to.
    at.inode = known_end(listener)->inode;
    do_connect(client, at, 0);
    // Whoever serves is not there yet: the name is known, the other end is not.
    SEND("send", client, NULL, 9, send(client, outgoing, 9, 0));
    int served = do_accept(listener, client);
    RECEIVE("recv", served, NULL, 9, recv(served, incoming, 100, 0));
    exchange(client, served, 10);
    exchange(served, client, 11);
    SEND("write", served, NULL, 12, write(served, outgoing, 12));
    RECEIVE("recv", client, NULL, 12, recv(client, incoming, 100, MSG_PEEK));
    RECEIVE("read", client, NULL, 12, read(client, incoming, 100));
    do_connect(client, at, -EISCONN);
    do_shutdown(client, SHUT_WR, 0);
    RECEIVE("recv", served, NULL, 0, recv(served, incoming, 100, 0));
    do_close(served);
    RECEIVE("recv", client, NULL, 0, recv(client, incoming, 100, 0));
    do_close(client);
    do_close(listener);
}

static void streams(void) {
    struct other at = path("stream"), hostile = path("so \"ck'\n\033[31m,;\\et"), most = longest(), client;
    stream("unix-stream.path", SOCK_STREAM, at, NULL);
    situation("unix-stream.path-in-use");
    int fd = do_socket(AF_UNIX, SOCK_STREAM, 0);
    do_bind(fd, at, -EADDRINUSE);
    do_close(fd);
    remove_path(at);
    stream("unix-stream.path-hostile", SOCK_STREAM, hostile, NULL);
    remove_path(hostile);
    stream("unix-stream.path-longest", SOCK_STREAM, most, NULL);
    remove_path(most);
    stream("unix-stream.abstract", SOCK_STREAM, abstract("", 0), NULL);
    client = abstract("\0a\0\0b", 5);
    stream("unix-stream.abstract-with-nuls", SOCK_STREAM, abstract("\0", 1), &client);
    client = path("client");
    stream("unix-stream.named-client", SOCK_STREAM, abstract("", 0), &client);
    remove_path(client);
    client = abstract("", 0);
    stream("unix-seqpacket.abstract", SOCK_SEQPACKET, abstract("", 0), &client);
    at = path("seqpacket");
    stream("unix-seqpacket.path", SOCK_SEQPACKET, at, NULL);
    remove_path(at);
}

static void pair(int type, const char *word) {
    situation("unix-%s.socketpair", word);
    int fds[2];
    do_socketpair(AF_UNIX, type, fds);
    exchange(fds[0], fds[1], 21);
    exchange(fds[1], fds[0], 22);
    do_close(fds[0]);
    if (type != SOCK_DGRAM) RECEIVE("recv", fds[1], NULL, 0, recv(fds[1], incoming, 100, 0));
    do_close(fds[1]);
}

static void datagrams(void) {
    struct other at = path("datagrams"), at_sender = path("sender");
    situation("unix-dgram.path");
    int to = bound(AF_UNIX, SOCK_DGRAM, at), from = bound(AF_UNIX, SOCK_DGRAM, at_sender);
    int nameless = do_socket(AF_UNIX, SOCK_DGRAM, 0);
    datagram(from, to, address_of(to), address_of(from), 31);
    // One without a name: known by nothing but its inode.
    struct other there = address_of(to), source = address_of(nameless);
    SEND("sendto", nameless, &there, 32,
         sendto(nameless, outgoing, 32, 0, &there.address.any, there.address.length));
    RECEIVE("recv", to, &source, 32, recv(to, incoming, 100, 0));

    situation("unix-dgram.connected");
    do_connect(from, address_of(to), 0);
    source = address_of(from);
    SEND("send", from, NULL, 33, send(from, outgoing, 33, 0));
    RECEIVE("recv", to, &source, 33, recv(to, incoming, 100, MSG_PEEK));
    RECEIVE("recv", to, &source, 33, recv(to, incoming, 100, 0));
    do_connect(to, address_of(from), 0);
    exchange(from, to, 34);
    exchange(to, from, 35);
    // What is connected hears nobody else, and need not send to its peer.
    SEND("sendto", nameless, &there, -EPERM,
         sendto(nameless, outgoing, 36, 0, &there.address.any, there.address.length));
    situation("unix-dgram.elsewhere");
    int third = bound(AF_UNIX, SOCK_DGRAM, abstract("\0\0", 2));
    struct other elsewhere = address_of(third);
    SEND("sendto", from, &elsewhere, 37,
         sendto(from, outgoing, 37, 0, &elsewhere.address.any, elsewhere.address.length));
    RECEIVE("recv", third, &source, 37, recv(third, incoming, 100, 0));
    situation("unix-dgram.unspec");
    do_disconnect(from);
    SEND("send", from, NULL, -ENOTCONN, send(from, outgoing, 5, 0));
    do_close(third);
    do_close(nameless);
    do_close(from);
    do_close(to);
    remove_path(at);
    remove_path(at_sender);
}

static void named_by_the_kernel(void) {
    situation("unix-dgram.autobind");
    struct other family_alone = {.address.length = sizeof(sa_family_t)};
    family_alone.address.any.sa_family = AF_UNIX;
    int fds[2];
    for (int i = 0; i < 2; i++) fds[i] = bound(AF_UNIX, SOCK_DGRAM, family_alone);
    datagram(fds[0], fds[1], address_of(fds[1]), address_of(fds[0]), 41);
    do_close(fds[0]);
    do_close(fds[1]);
}

static void refused(void) {
    struct other at = path("refused");
    situation("unix-stream.no-such-path");
    int fd = do_socket(AF_UNIX, SOCK_STREAM, 0), other = bound(AF_UNIX, SOCK_STREAM, at);
    do_connect(fd, path("nothing-here"), -ENOENT);
    do_bind(fd, path("no/directory"), -ENOENT);
    situation("unix-stream.nobody-listens");
    do_connect(fd, address_of(other), -ECONNREFUSED);
    do_connect(fd, abstract("", 0), -ECONNREFUSED);
    do_listen(fd, 4, -EINVAL);
    do_accept_failing(fd, -EINVAL);
    SEND("send", fd, NULL, -ENOTCONN, send(fd, outgoing, 5, MSG_NOSIGNAL));
    situation("unix-stream.queue-full");
    do_listen(other, 0, 0);
    int waiting = do_socket(AF_UNIX, SOCK_STREAM, 0), late = do_socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    do_connect(waiting, address_of(other), 0);
    do_connect(late, address_of(other), -EAGAIN);
    do_close(late);
    do_close(other);
    RECEIVE("recv", waiting, NULL, -ECONNRESET, recv(waiting, incoming, 100, 0));
    do_close(waiting);
    situation("unix-dgram.wrong-type");
    int datagrams = do_socket(AF_UNIX, SOCK_DGRAM, 0);
    do_connect(datagrams, at, -ECONNREFUSED);
    do_listen(datagrams, 4, -EOPNOTSUPP);
    // Abstract names are another for each type; a path is one.
    struct other at_listener = path("listener"), at_abstract = abstract("", 0);
    int listener = listening(AF_UNIX, SOCK_STREAM, at_listener, 4);
    do_connect(datagrams, address_of(listener), -EPROTOTYPE);
    int abstract_listener = listening(AF_UNIX, SOCK_STREAM, at_abstract, 4);
    do_connect(datagrams, at_abstract, -ECONNREFUSED);
    do_close(abstract_listener);
    situation("unix-dgram.peer-closed");
    int to = bound(AF_UNIX, SOCK_DGRAM, abstract("", 0));
    do_connect(datagrams, address_of(to), 0);
    do_close(to);
    SEND("send", datagrams, NULL, -ECONNREFUSED, send(datagrams, outgoing, 5, 0));
    do_close(datagrams);
    do_close(listener);
    do_close(fd);
    remove_path(at);
    remove_path(at_listener);
}

void local_part(void) {
    strcpy(directory, "/tmp/endpoints-XXXXXX");
    CHECK(mkdtemp(directory) != NULL);
    streams();
    pair(SOCK_STREAM, "stream");
    pair(SOCK_DGRAM, "dgram");
    pair(SOCK_SEQPACKET, "seqpacket");
    datagrams();
    named_by_the_kernel();
    refused();
    CHECK(rmdir(directory) == 0);
}
