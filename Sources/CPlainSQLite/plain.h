#pragma once
// SQLite without what no export needs. Nothing is to be called from here: plain.c says what it is for.
