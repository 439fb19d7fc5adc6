#include "startup.h"

#include <stdlib.h>
#include <unistd.h>

static int argumentCount;
static char **arguments;
static int hasSetRoot;

// The Swift runtime looks for its own directory when it begins, by /proc/self, and aborts where it finds none, unless the
// environment names one. A static executable needs no such directory. Constructors with a number run before the
// runtime's, which have none.
__attribute__((constructor(101))) static void startup_begin(int count, char **values) {
    argumentCount = count;
    arguments = values;
    if (access("/proc/self/exe", F_OK) != 0 && !getenv("SWIFT_ROOT")) hasSetRoot = setenv("SWIFT_ROOT", "/", 1) == 0;
}

int startup_argument_count(void) { return argumentCount; }

const char *startup_argument(int index) { return index >= 0 && index < argumentCount ? arguments[index] : ""; }

void startup_restore_environment(void) {
    if (hasSetRoot) unsetenv("SWIFT_ROOT");
}
