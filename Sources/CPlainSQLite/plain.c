#include "plain.h"

// SQLite's full-text search, R*-trees and tables about itself are half a megabyte of an executable that has SQLite inside. It
// calls each of these functions for every database that it opens (sqlite3BuiltinExtensions in main.c). One that is defined here
// is not taken from libsqlite3.a, nor is what only it needs. Where SQLite is a shared library this changes nothing.

struct sqlite3;

// What SQLite calls success.
enum { ok = 0 };

#define LEAVE_OUT(extension)                                                                                                     \
    int extension(struct sqlite3 *database) {                                                                                    \
        (void)database;                                                                                                          \
        return ok;                                                                                                               \
    }

LEAVE_OUT(sqlite3Fts3Init)
LEAVE_OUT(sqlite3Fts5Init)
LEAVE_OUT(sqlite3RtreeInit)
LEAVE_OUT(sqlite3StmtVtabInit)
LEAVE_OUT(sqlite3DbstatRegister)
