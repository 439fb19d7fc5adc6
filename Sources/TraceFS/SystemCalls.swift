internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The system calls of this module, one function each: EINTR is retried here and nowhere else, and the outcome is a value.
enum SystemCall {
    private static func retrying<Value: SignedInteger>(_ call: () -> Value) -> Result<Value, Errno> {
        while true {
            let value = call()
            if value != -1 { return .success(value) }
            let code = errno
            if code != EINTR { return .failure(Errno(rawValue: code)) }
        }
    }

    /// Opens a file, always close-on-exec: a traced command must inherit neither our buffers nor our lock.
    static func open(_ path: String, _ flags: OpenFlags) throws(Errno) -> Descriptor {
        Descriptor(raw: try retrying { openat(AT_FDCWD, path, flags.rawValue | O_CLOEXEC) }.get())
    }

    static func read(_ raw: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Result<Int, Errno> {
        #if canImport(Glibc)
            retrying { Glibc.read(raw, buffer.baseAddress, buffer.count) }
        #else
            retrying { Musl.read(raw, buffer.baseAddress, buffer.count) }
        #endif
    }

    static func write(_ raw: Int32, _ buffer: UnsafeRawBufferPointer) -> Result<Int, Errno> {
        #if canImport(Glibc)
            retrying { Glibc.write(raw, buffer.baseAddress, buffer.count) }
        #else
            retrying { Musl.write(raw, buffer.baseAddress, buffer.count) }
        #endif
    }

    /// The advisory lock of a whole open file; with `wait` false, EWOULDBLOCK when another open file holds it.
    static func lock(_ raw: Int32, wait: Bool) -> Result<Int32, Errno> {
        retrying { flock(raw, wait ? LOCK_EX : LOCK_EX | LOCK_NB) }
    }

    static func makeDirectory(_ path: String) -> Result<Int32, Errno> {
        retrying { mkdir(path, 0o750) }
    }

    static func removeDirectory(_ path: String) -> Result<Int32, Errno> {
        retrying { rmdir(path) }
    }

    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Whether this process may write the file, judged by its effective user.
    static func check(writable path: String) -> Result<Int32, Errno> {
        retrying { faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) }
    }

    /// The names in a directory without `.` and `..`, in the order the kernel gives them.
    /// What a symbolic link names; nil where there is none.
    static func linkTarget(_ path: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { room in
            guard let base = room.baseAddress else { return nil }
            let count = readlink(path, base, room.count)
            return count > 0 ? String(decoding: UnsafeRawBufferPointer(room)[..<count], as: UTF8.self) : nil
        }
    }

    static func names(in path: String) -> Result<[String], Errno> {
        guard let stream = opendir(path) else { return .failure(Errno(rawValue: errno)) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                return errno == 0 ? .success(names) : .failure(Errno(rawValue: errno))
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    /// All of a file, read until its end: procfs and tracefs files have no size to go by.
    static func contents(of raw: Int32) -> Result<[UInt8], Errno> {
        var bytes: [UInt8] = []
        // Formats and settings are below a page or two; only kallsyms-sized files come back here often.
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 16384, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            switch read(raw, into: chunk) {
            case .success(0): return .success(bytes)
            case .success(let count): bytes.append(contentsOf: chunk[..<count])
            case .failure(let code): return .failure(code)
            }
        }
    }
}

/// How a file is opened.
struct OpenFlags: OptionSet {
    let rawValue: Int32

    static let readOnly = OpenFlags(rawValue: O_RDONLY)
    static let writeOnly = OpenFlags(rawValue: O_WRONLY)
    static let append = OpenFlags(rawValue: O_WRONLY | O_APPEND)
    static let truncate = OpenFlags(rawValue: O_WRONLY | O_TRUNC)
    static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
    static let directory = OpenFlags(rawValue: O_RDONLY | O_DIRECTORY)
}

/// An open file descriptor; closed when it goes out of scope.
struct Descriptor: ~Copyable {
    let raw: Int32

    deinit {
        // Linux releases the number even when close(2) is interrupted: never try again.
        _ = close(raw)
    }
}
