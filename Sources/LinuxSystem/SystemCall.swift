package import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What becomes of a system call that a signal interrupted (EINTR).
package enum Interruption: Sendable {
    /// It is made again.
    case retry
    /// The caller gets the error: for waits that a signal is meant to end.
    case report
}

/// The system calls of this program by name, for tests that make one fail (``CallScript``).
package enum SystemCallName: String, Sendable {
    case open, dup, read, write, pread, pwrite, splice, poll, pipe, flock, fcntl
    case fstat, fstatat, ftruncate, fallocate, fsync, fchown, fchmod
    case copyFileRange = "copy_file_range"
    case rename = "renameat"
    case link = "linkat"
    case unlink = "unlinkat"
    case makeDirectory = "mkdir"
    case removeDirectory = "rmdir"
    case listDirectory = "getdents"
    case readLink = "readlink"
    case access = "faccessat"
    case createThread = "pthread_create"
}

/// The one way to the kernel: decides about EINTR, turns errno into an error, and lets a debug build's tests answer in
/// the kernel's stead.
package enum SystemCall {
    /// Makes a call that returns -1 and errno when it fails.
    /// - Parameter detail: what it is about, a path or a text written: for a test's script only.
    @inline(__always)
    package static func make<Value: SignedInteger>(
        _ name: SystemCallName, _ detail: @autoclosure () -> String = "", ifInterrupted policy: Interruption = .retry,
        _ body: () -> Value
    ) throws(Errno) -> Value {
        while true {
            let code: Errno
            if let injected = injectedError(name, detail()) {
                code = injected
            } else {
                let value = body()
                if value != -1 { return value }
                code = Errno(rawValue: errno)
            }
            if code != .interrupted || policy == .report { throw code }
        }
    }

    /// Makes a call that moves at most `count` bytes and returns how many it did move.
    @inline(__always)
    package static func transfer<Value: SignedInteger>(
        _ name: SystemCallName, _ count: Int, _ detail: @autoclosure () -> String = "",
        ifInterrupted policy: Interruption = .retry, _ body: (Int) -> Value
    ) throws(Errno) -> Int {
        while true {
            let code: Errno
            let answer = injectedTransfer(name, count, detail())
            if let injected = answer.error {
                code = injected
            } else {
                let value = body(answer.count)
                if value != -1 { return Int(value) }
                code = Errno(rawValue: errno)
            }
            if code != .interrupted || policy == .report { throw code }
        }
    }

    #if DEBUG
        private static func injectedError(_ name: SystemCallName, _ detail: @autoclosure () -> String) -> Errno? {
            guard let script = CallScript.current else { return nil }
            if case .fail(let error) = script.answer(to: name, detail()) { return error }
            return nil
        }

        private static func injectedTransfer(
            _ name: SystemCallName, _ count: Int, _ detail: @autoclosure () -> String
        ) -> (error: Errno?, count: Int) {
            switch CallScript.current?.answer(to: name, detail()) {
            case .fail(let error): (error, count)
            case .transferAtMost(let limit): (nil, min(limit, count))
            case nil: (nil, count)
            }
        }
    #else
        @inline(__always)
        private static func injectedError(_ name: SystemCallName, _ detail: @autoclosure () -> String) -> Errno? { nil }

        @inline(__always)
        private static func injectedTransfer(
            _ name: SystemCallName, _ count: Int, _ detail: @autoclosure () -> String
        ) -> (error: Errno?, count: Int) { (nil, count) }
    #endif
}
