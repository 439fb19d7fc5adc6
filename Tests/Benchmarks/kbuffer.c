// The walk of libtraceevent's kbuffer over the same sub-buffers.
// usage: kbuffer PAGES SIZE ROUNDS: prints records and nanoseconds a record.
#include <kbuffer.h>

#include "walking.h"

int main(int count, char **arguments) {
    if (count != 4) return 2;
    size_t length, size = strtoul(arguments[2], NULL, 10), rounds = strtoul(arguments[3], NULL, 10);
    char *pages = read_file(arguments[1], &length);
    struct kbuffer *buffer = kbuffer_alloc(KBUFFER_LSIZE_8, KBUFFER_ENDIAN_LITTLE);
    uint64_t records = 0, sum = 0;
    double begin = now();
    for (size_t round = 0; round < rounds; round++) {
        for (char *page = pages; page + size <= pages + length; page += size) {
            unsigned long long time;
            kbuffer_load_subbuffer(buffer, page);
            for (uint16_t *data = kbuffer_read_event(buffer, &time); data; data = kbuffer_next_event(buffer, &time)) {
                sum += *data ^ time;
                records++;
            }
        }
    }
    return tell(records, rounds, now() - begin, sum);
}
