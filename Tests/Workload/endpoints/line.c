// The lines of the ledger of endpoints.
#include <stdarg.h>
#include <sys/syscall.h>

#include "endpoints.h"

static const char *const keys[FIELDS] = {
    [ALIAS] = "alias", [SITUATION] = "situation", [CALL] = "call", [CERTAIN] = "certain", [PID] = "pid",
    [TID] = "tid", [COMM] = "comm", [FD] = "fd", [INODE] = "inode", [FAMILY] = "family", [TYPE] = "type",
    [PROTOCOL] = "protocol", [LOCAL_ADDRESS] = "local_address", [LOCAL_PORT] = "local_port",
    [REMOTE_ADDRESS] = "remote_address", [REMOTE_PORT] = "remote_port", [REMOTE_INODE] = "remote_inode",
    [TCP_STATE] = "tcp_state", [RESULT] = "result", [LISTENER] = "listener", [BACKLOG] = "backlog", [HOW] = "how",
    [WAIT_MIN] = "wait_min", [WAIT_MAX] = "wait_max", [T0] = "t0", [T1] = "t1",
};

static __thread char current_situation[64] = "-";

void situation(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(current_situation, sizeof current_situation, format, arguments);
    va_end(arguments);
    CHECK(length > 0 && (size_t)length < sizeof current_situation);
}

void told_begin(struct told *line, const char *alias, const char *call, int fd) {
    for (int i = 0; i < FIELDS; i++) strcpy(line->value[i], "-");
    told_text(line, ALIAS, alias);
    told_text(line, SITUATION, current_situation);
    told_text(line, CALL, call);
    told_number(line, CERTAIN, 1);
    told_number(line, PID, getpid());
    told_number(line, TID, syscall(SYS_gettid));
    ledger_encode_comm(line->value[COMM]);
    if (fd >= 0) told_number(line, FD, fd);
    const struct known_end *known = known_end(fd);
    if (known == NULL) return;
    told_number(line, INODE, (long long)known->inode);
    told_number(line, FAMILY, known->family);
    told_number(line, TYPE, known->type);
    told_number(line, PROTOCOL, known->protocol);
}

void told_text(struct told *line, enum field field, const char *value) {
    CHECK(strlen(value) < VALUE_SIZE);
    strcpy(line->value[field], value);
}

static long long generic(enum field field, long long value) {
    return field == TYPE ? generic_type(value) : field == RESULT ? generic_result(value) : value;
}

void told_number(struct told *line, enum field field, long long value) {
    sprintf(line->value[field], "%lld", generic(field, value));
}

void told_either(struct told *line, enum field field, const char *value) {
    char *values = line->value[field];
    size_t length = strlen(value), whole = strlen(values);
    for (const char *at = values; at <= values + whole; at += strcspn(at, "|") + 1)
        if (strcspn(at, "|") == length && memcmp(at, value, length) == 0) return;
    CHECK(whole + 1 + length < VALUE_SIZE);
    sprintf(values + whole, "|%s", value);
}

void told_either_number(struct told *line, enum field field, long long value) {
    char text[32];
    sprintf(text, "%lld", generic(field, value));
    told_either(line, field, text);
}

void told_times(struct told *line, uint64_t t0, uint64_t t1) {
    told_number(line, T0, (long long)t0);
    if (t1 != 0) told_number(line, T1, (long long)t1);
}

void told_any_thread(struct told *line) {
    told_text(line, PID, "?");
    told_text(line, TID, "?");
    told_text(line, COMM, "?");
}

void told_write(const struct told *line) {
    char text[FIELDS * 24 + 4 * VALUE_SIZE];
    size_t length = 0;
    for (int i = 0; i < FIELDS; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s=%s", i == 0 ? "" : " ", keys[i],
                                   line->value[i]);
        CHECK(length < sizeof text - 1);
    }
    text[length++] = '\n';
    ledger_append(text, length);
}

void told_skipped(const char *what, const char *why) {
    char text[200], reason[120];
    CHECK(strlen(why) < sizeof reason / 3);
    ledger_encode(reason, why, strlen(why));
    int length = snprintf(text, sizeof text, "skipped=%s why=%s\n", what, reason);
    CHECK((size_t)length < sizeof text);
    ledger_append(text, (size_t)length);
}
