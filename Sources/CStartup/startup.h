#pragma once
// What is done and kept before the Swift runtime begins.

// The arguments of the process, its own name the first.
int startup_argument_count(void);
const char *_Nonnull startup_argument(int index);

// Removes from the environment what was put there for the runtime, so that other programs do not see it.
void startup_restore_environment(void);
