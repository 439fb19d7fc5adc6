internal import CLinux
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The pipe over which splice(2) moves pages from the ring buffer into a file.
struct SplicePipe: ~Copyable {
    private let input: OwnedDescriptor
    private let output: OwnedDescriptor
    /// False once the target's file system has refused splice; then bytes are read from the pipe and written.
    private var canSplice = true

    /// Bytes the pipe should hold; the kernel's default of 16 pages would mean a pair of calls for 64 KiB.
    private static let capacity: Int32 = 1 << 18

    init(for file: borrowing OutputFile, pageSize: Int) throws(TraceDatError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw TraceDatError(.system(Errno(rawValue: errno)), path: file.path.string, "cannot make a pipe")
        }
        output = OwnedDescriptor(owning: ends[0])
        input = OwnedDescriptor(owning: ends[1])
        _ = fcntl(output.raw, F_SETFD, FD_CLOEXEC)
        _ = fcntl(input.raw, F_SETFD, FD_CLOEXEC)
        // F_SETPIPE_SZ; without it things are only slower.
        _ = fcntl(input.raw, 1031, max(Self.capacity, Int32(clamping: pageSize)))
    }

    /// Moves at most `count` bytes to `offset` of `file`; 0 when the source has nothing now.
    mutating func move(
        from source: Int32, to file: borrowing OutputFile, at offset: UInt64, count: Int
    ) throws(TraceDatError) -> Int {
        let flags = UInt32(LINUX_SPLICE_NONBLOCK)
        let taken: Int
        switch Syscalls.retrying({ Int(linux_splice(source, nil, input.raw, nil, UInt(count), flags)) }) {
        case .success(let bytes): taken = bytes
        case .failure(.resourceTemporarilyUnavailable): return 0
        case .failure(let error):
            throw TraceDatError(.system(error), path: file.path.string, "cannot splice from the ring buffer")
        }
        var done = 0
        while done < taken, canSplice {
            var position = Int64(offset) + Int64(done)
            let rest = UInt(taken - done)
            switch Syscalls.retrying({ Int(linux_splice(output.raw, nil, file.descriptor.raw, &position, rest, 0)) }
            ) {
            case .success(0), .failure(.invalidArgument): canSplice = false
            case .success(let bytes): done += bytes
            case .failure(let error):
                drain(taken - done)
                throw file.failure(error, at: offset, "cannot splice into the file")
            }
        }
        if done < taken { try copy(taken - done, to: file, at: offset + UInt64(done)) }
        return taken
    }

    /// Moves what is in the pipe through memory.
    private func copy(
        _ count: Int, to file: borrowing OutputFile, at offset: UInt64
    ) throws(TraceDatError) {
        var buffer = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let result = buffer.withUnsafeMutableBytes {
                Syscalls.readStream(output.raw, into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
            }
            guard case .success(let bytes) = result, bytes > 0 else {
                throw TraceDatError(.system(.ioError), path: file.path.string, "cannot read what was spliced")
            }
            filled += bytes
        }
        try file.write(buffer, at: offset)
    }

    /// Empties the pipe after a failure, so that a later move does not begin with what this one left.
    private func drain(_ count: Int) {
        var buffer = [UInt8](repeating: 0, count: count)
        var left = count
        while left > 0 {
            let result = buffer.withUnsafeMutableBytes { bytes in
                Syscalls.readStream(output.raw, into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<left]))
            }
            guard case .success(let bytes) = result, bytes > 0 else { return }
            left -= bytes
        }
    }
}
