// What the walks written in C share: the file's sub-buffers in memory, and the clock.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

// A whole file; the program ends where it cannot be had.
static char *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) exit(1);
    *length = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*length);
    if (bytes == NULL || fread(bytes, 1, *length, file) != *length) exit(1);
    fclose(file);
    return bytes;
}

// Records a round, and nanoseconds a record. The sum keeps the compiler from leaving out the walk.
static int tell(uint64_t records, size_t rounds, double nanoseconds, uint64_t sum) {
    printf("%llu %.2f\n", (unsigned long long)(records / rounds), nanoseconds / (double)records);
    fprintf(stderr, "%llu\n", (unsigned long long)sum);
    return 0;
}
