// sendfile and splice, at most a page a call: more would be several kernel operations on older kernels.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

#include "workload.h"

void splice_calls(int from, int to) {
    int file = memfd_create("sendfile", MFD_CLOEXEC), pipe_ends[2];
    CHECK(file >= 0 && write(file, outgoing, 4096) == 4096);
    CHECK(pipe2(pipe_ends, O_CLOEXEC) == 0);

    off_t offset = 0;
    SENT("sendfile", "sendpage", from, 71, 71, sendfile(from, file, &offset, 71));
    RECEIVED("recv", "recvmsg", to, 200, 71, recv(to, incoming, 200, 0));
    CHECK(write(pipe_ends[1], outgoing, 72) == 72);
    SENT("splice", "sendpage", from, 72, 72, splice(pipe_ends[0], NULL, from, NULL, 72, 0));
    await_readable(to);
    RECEIVED("splice_read", "splice", to, 4096, 72, splice(to, NULL, pipe_ends[1], NULL, 4096, 0));
    CHECK(read(pipe_ends[0], incoming, 4096) == 72);

    CHECK(close(file) == 0 && close(pipe_ends[0]) == 0 && close(pipe_ends[1]) == 0);
}
