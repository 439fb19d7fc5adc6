internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#endif

/// What the last failed system call said.
enum SystemError {
    static var current: Errno { Errno(rawValue: errno) }
}
