#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H
#include <stdint.h>

/// Allocations that this process has made so far; 0 for ever where they are not counted.
uint64_t allocation_count(void);

#endif
