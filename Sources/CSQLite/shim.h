#pragma once
#include <sqlite3.h>

/* Functions of variable arguments are not for Swift. */

/* How much an index is sorted of in memory, in pages; more than the cache, which decides otherwise. And no count of
   the bytes that are in use, which every allocation would wait for. To be called before all else. */
static inline void sqlite_configure(unsigned int sorted_pages) {
    sqlite3_config(SQLITE_CONFIG_PMASZ, sorted_pages);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
