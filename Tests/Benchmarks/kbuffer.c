// The walk of libtraceevent's kbuffer over the same sub-buffers.
// usage: kbuffer PAGES SIZE ROUNDS: prints records and nanoseconds a record.
#include <kbuffer.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    FILE *file = fopen(arguments[1], "rb");
    if (file == NULL) return 1;
    fseek(file, 0, SEEK_END);
    size_t length = (size_t)ftell(file), size = strtoul(arguments[2], NULL, 10), rounds = strtoul(arguments[3], NULL, 10);
    rewind(file);
    char *pages = malloc(length);
    if (pages == NULL || fread(pages, 1, length, file) != length) return 1;
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
    printf("%llu %.2f\n", (unsigned long long)(records / rounds), (now() - begin) / (double)records);
    fprintf(stderr, "%llu\n", (unsigned long long)sum);
    return 0;
}
