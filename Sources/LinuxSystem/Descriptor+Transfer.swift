internal import CLinux
package import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Bytes in and out. A call that would have to wait on a non-blocking descriptor throws
/// `.resourceTemporarilyUnavailable`.
extension Descriptor {
    /// Reads once, up to the buffer's size; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try SystemCall.transfer(.read, buffer.count) { count in
            #if canImport(Glibc)
                Glibc.read(raw, buffer.baseAddress, count)
            #else
                Musl.read(raw, buffer.baseAddress, count)
            #endif
        }
    }

    /// Writes once; fewer bytes than given are no error.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int {
        try SystemCall.transfer(.write, bytes.count, String(decoding: bytes, as: UTF8.self)) { count in
            #if canImport(Glibc)
                Glibc.write(raw, bytes.baseAddress, count)
            #else
                Musl.write(raw, bytes.baseAddress, count)
            #endif
        }
    }

    /// The same from an array's bytes and the like.
    package func write(_ bytes: RawSpan) throws(Errno) -> Int {
        try bytes.withUnsafeBytes { bytes throws(Errno) in try write(bytes) }
    }

    /// Fills the buffer from `offset`. Returns the bytes read: fewer only at the end of the file.
    package func readFully(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = try SystemCall.transfer(.pread, rest.count) { count in
                pread(raw, rest.baseAddress, count, off_t(offset) + off_t(done))
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all of the bytes at `offset`. Returns the bytes written, and why it stopped when that is not all.
    package func writeFully(at offset: UInt64, from bytes: UnsafeRawBufferPointer) -> (written: Int, error: Errno?) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            do throws(Errno) {
                let count = try SystemCall.transfer(.pwrite, rest.count) { count in
                    pwrite(raw, rest.baseAddress, count, off_t(offset) + off_t(done))
                }
                if count == 0 { return (done, .noSpace) }
                done += count
            } catch {
                return (done, error)
            }
        }
        return (done, nil)
    }

    /// All bytes from here to the end: files of procfs and tracefs have no size to go by.
    package func contents() throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        // Formats and settings are below a page or two; only kallsyms-sized files come back here often.
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 16384, alignment: 16)
        defer { chunk.deallocate() }
        while case let count = try read(into: chunk), count > 0 { bytes.append(contentsOf: chunk[..<count]) }
        return bytes
    }

    /// Moves bytes from here into a pipe or from a pipe to here, without copying them through memory.
    /// - Parameter offset: where in the target; nil for a pipe.
    /// - Returns: the bytes moved; 0 at the end of the source.
    package func splice(
        to target: borrowing Descriptor, at offset: UInt64? = nil, count: Int, waits: Bool
    ) throws(Errno) -> Int {
        try Self.splice(from: raw, to: target, at: offset, count: count, waits: waits)
    }

    /// The same from a descriptor that is somebody else's.
    package static func splice(
        from source: Int32, to target: borrowing Descriptor, at offset: UInt64? = nil, count: Int, waits: Bool
    ) throws(Errno) -> Int {
        let flags = waits ? 0 : UInt32(LINUX_SPLICE_NONBLOCK)
        let end = target.raw
        return try SystemCall.transfer(.splice, count) { count in
            guard let offset else { return linux_splice(source, nil, end, nil, UInt(count), flags) }
            var position = Int64(offset)
            return linux_splice(source, nil, end, &position, UInt(count), flags)
        }
    }

    /// Copies within one file, in the kernel where the file system can; the parts must not overlap.
    /// - Returns: the bytes copied.
    package func copyRange(from source: UInt64, to target: UInt64, count: UInt64) throws(Errno) -> UInt64 {
        let copied = try SystemCall.transfer(.copyFileRange, Int(clamping: count)) { count in
            var (from, to) = (Int64(source), Int64(target))
            return linux_copy_range(raw, &from, raw, &to, UInt(count))
        }
        return UInt64(copied)
    }
}
