internal import CLinux
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The owner of a file descriptor: closes it when it goes.
struct OwnedDescriptor: ~Copyable, Sendable {
    let raw: Int32

    init(owning raw: Int32) {
        self.raw = raw
    }

    init(path: FilePath, flags: Int32, mode: UInt32 = 0o644) throws(Errno) {
        var result: Int32
        repeat {
            result = path.withPlatformString { open($0, flags | O_CLOEXEC, mode) }
        } while result < 0 && errno == EINTR
        guard result >= 0 else { throw Errno(rawValue: errno) }
        raw = result
    }

    /// A second descriptor for the same open file.
    init(duplicating other: Int32) throws(Errno) {
        let result = fcntl(other, F_DUPFD_CLOEXEC, 0)
        guard result >= 0 else { throw Errno(rawValue: errno) }
        raw = result
    }

    deinit {
        // A close that fails has closed the descriptor all the same on Linux.
        _ = close(raw)
    }
}

/// One system call each; interrupted calls are made again.
enum Syscalls {
    /// Calls `body` until it is not interrupted.
    @inline(__always)
    static func retrying(_ body: () -> Int) -> Result<Int, Errno> {
        while true {
            let result = body()
            if result >= 0 { return .success(result) }
            let error = errno
            if error != EINTR { return .failure(Errno(rawValue: error)) }
        }
    }

    /// Fills `buffer` from `offset`. Returns the bytes read: fewer only at the end of the file.
    static func readFully(
        _ descriptor: Int32, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) -> Result<Int, Errno> {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            switch retrying({ pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done)) }) {
            case .failure(let error): return .failure(error)
            case .success(0): return .success(done)
            case .success(let count): done += count
            }
        }
        return .success(done)
    }

    /// Writes all of `buffer` at `offset`. Returns the bytes written, and why it stopped when that is not all.
    static func writeFully(
        _ descriptor: Int32, at offset: UInt64, from buffer: UnsafeRawBufferPointer
    ) -> (written: Int, error: Errno?) {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
            switch retrying({ pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done)) }) {
            case .failure(let error): return (done, error)
            case .success(0): return (done, .noSpace)
            case .success(let count): done += count
            }
        }
        return (done, nil)
    }

    /// The next bytes of a stream; 0 at its end.
    static func readStream(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Result<Int, Errno> {
        retrying { read(descriptor, buffer.baseAddress, buffer.count) }
    }

    static func status(_ descriptor: Int32) -> Result<stat, Errno> {
        var information = stat()
        return retrying { Int(fstat(descriptor, &information)) }.map { _ in information }
    }

    static func truncate(_ descriptor: Int32, to size: UInt64) -> Errno? {
        failure(retrying { Int(ftruncate(descriptor, off_t(size))) })
    }

    /// Allocates the blocks of a range, the file growing as needed. A file system that cannot is no error.
    static func allocate(_ descriptor: Int32, at offset: UInt64, count: Int) -> Errno? {
        let error = failure(
            retrying { Int(linux_allocate(descriptor, 0, Int64(offset), Int64(count))) })
        return error == .notSupportedOnSocket || error == .noFunction || error == .notSupported ? nil : error
    }

    /// Gives the blocks of a range back to the file system. Only a saving: failure does not matter.
    static func punchHole(_ descriptor: Int32, at offset: UInt64, count: UInt64) {
        let mode = Int32(LINUX_FALLOC_PUNCH_HOLE | LINUX_FALLOC_KEEP_SIZE)
        _ = retrying { Int(linux_allocate(descriptor, mode, Int64(offset), Int64(count))) }
    }

    private static func failure(_ result: Result<Int, Errno>) -> Errno? {
        if case .failure(let error) = result { return error }
        return nil
    }
}
