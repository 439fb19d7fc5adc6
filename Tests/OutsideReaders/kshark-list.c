// Lists the records of a trace.dat as KernelShark's library loads them, one a line: nanoseconds, CPU, thread, event.
// usage: kshark-list FILE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <kernelshark/libkshark.h>

int main(int argc, char **argv) {
    struct kshark_context *context = NULL;
    struct kshark_entry **rows = NULL;
    if (argc != 2 || !kshark_instance(&context)) return 2;
    int stream = kshark_open(context, argv[1]);
    if (stream < 0) {
        fprintf(stderr, "kshark_open: %d\n", stream);
        return 1;
    }
    // A multi-buffer file is one stream each; those that the top buffer brings along are numbered after it.
    ssize_t count = kshark_load_entries(context, stream, &rows);
    if (count < 0) {
        fprintf(stderr, "kshark_load_entries: %zd\n", count);
        return 1;
    }
    for (ssize_t row = 0; row < count; row++) {
        char *event = kshark_get_event_name(rows[row]);
        printf("%" PRId64 " %d %d %s\n", rows[row]->ts, rows[row]->cpu, kshark_get_pid(rows[row]), event ? event : "?");
        free(event);
        free(rows[row]);
    }
    free(rows);
    kshark_close_all(context);
    kshark_free(context);
    return 0;
}
