// A hand-written walk over the records of sub-buffers, as little as it takes: no bounds are checked beyond the commit
// word, no byte order but the machine's. The measure for a walk that checks everything.
// usage: walk PAGES SIZE ROUNDS: a file of sub-buffers of SIZE bytes; prints records and nanoseconds a record.
#include <string.h>

#include "walking.h"

int main(int count, char **arguments) {
    if (count != 4) return 2;
    size_t length, size = strtoul(arguments[2], NULL, 10), rounds = strtoul(arguments[3], NULL, 10);
    char *pages = read_file(arguments[1], &length);
    uint64_t records = 0, sum = 0;
    double begin = now();
    for (size_t round = 0; round < rounds; round++) {
        for (char *page = pages; page + size <= pages + length; page += size) {
            uint64_t time, commit;
            memcpy(&time, page, 8);
            memcpy(&commit, page + 8, 8);
            char *at = page + 16, *end = at + (commit & 0x7ffffff);
            while (at < end) {
                uint32_t word, second;
                memcpy(&word, at, 4);
                uint32_t kind = word & 31, delta = word >> 5;
                if (kind >= 1 && kind <= 28) {
                    uint16_t id;
                    memcpy(&id, at + 4, 2);
                    time += delta;
                    // The id and time of each record are needed, or the compiler leaves out the walk.
                    sum += id ^ time;
                    records++;
                    at += 4 + kind * 4;
                    continue;
                }
                memcpy(&second, at + 4, 4);
                if (kind == 0) {
                    time += delta;
                    sum += time;
                    records++;
                    at += 4 + ((second + 3) & ~3u);
                } else if (kind == 29) {
                    if (delta == 0) break;
                    time += delta;
                    at += 4 + second;
                } else if (kind == 30) {
                    time += ((uint64_t)second << 27) + delta;
                    at += 8;
                } else {
                    time = ((uint64_t)second << 27) + delta;
                    at += 8;
                }
            }
        }
    }
    return tell(records, rounds, now() - begin, sum);
}
