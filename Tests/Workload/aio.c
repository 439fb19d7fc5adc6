// POSIX asynchronous I/O by the kernel's own calls; on a socket they are done when io_submit returns.
#include <linux/aio_abi.h>
#include <sys/syscall.h>

#include "workload.h"

static long run(aio_context_t context, int opcode, int fd, void *buffer, size_t size) {
    struct iocb request = {
        .aio_lio_opcode = (uint16_t)opcode,
        .aio_fildes = (uint32_t)fd,
        .aio_buf = (uintptr_t)buffer,
        .aio_nbytes = size,
    };
    struct iocb *requests[] = {&request};
    struct io_event event;
    if (syscall(SYS_io_submit, context, 1, requests) != 1) return -1;
    if (syscall(SYS_io_getevents, context, 1, 1, &event, NULL) != 1) return -1;
    if (event.res < 0) {
        errno = (int)-event.res;
        return -1;
    }
    return (long)event.res;
}

void aio_calls(int from, int to) {
    aio_context_t context = 0;
    CHECK(syscall(SYS_io_setup, 4, &context) == 0);
    SENT("aio_write", "aio_write", from, 51, 51, run(context, IOCB_CMD_PWRITE, from, outgoing, 51));
    await_readable(to);
    RECEIVED("aio_read", "aio_read", to, 103, 51, run(context, IOCB_CMD_PREAD, to, incoming, 103));
    CHECK(syscall(SYS_io_destroy, context) == 0);
}
