internal import LinuxSystem
internal import SystemPackage

/// The pipe over which splice(2) moves pages from the ring buffer into a file.
struct SplicePipe: ~Copyable {
    private let pipe: Pipe
    /// False once the target's file system has refused splice; then bytes are read from the pipe and written.
    private var canSplice = true

    /// Bytes the pipe should hold; the kernel's default of 16 pages would mean a pair of calls for 64 KiB.
    private static let capacity: Int32 = 1 << 18

    init(for file: borrowing OutputFile, pageSize: Int) throws(TraceDatError) {
        do {
            pipe = try Pipe(capacity: max(Self.capacity, Int32(clamping: pageSize)))
        } catch {
            throw TraceDatError(.system(error), path: file.path.string, "cannot make a pipe")
        }
    }

    /// Moves at most `count` bytes to `offset` of `file`; 0 when the source has nothing now.
    mutating func move(
        from source: Int32, to file: borrowing OutputFile, at offset: UInt64, count: Int
    ) throws(TraceDatError) -> Int {
        let taken: Int
        do {
            taken = try Descriptor.splice(from: source, to: pipe.writeEnd, count: count, waits: false)
        } catch .resourceTemporarilyUnavailable {
            return 0
        } catch {
            throw TraceDatError(.system(error), path: file.path.string, "cannot splice from the ring buffer")
        }
        var done = 0
        while done < taken, canSplice {
            do {
                let moved = try pipe.readEnd.splice(
                    to: file.opened.file, at: offset + UInt64(done), count: taken - done, waits: true)
                if moved == 0 { canSplice = false }
                done += moved
            } catch .invalidArgument {
                canSplice = false
            } catch {
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
            let bytes = buffer.withUnsafeMutableBytes {
                (try? pipe.readEnd.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))) ?? 0
            }
            guard bytes > 0 else {
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
            let bytes = buffer.withUnsafeMutableBytes {
                (try? pipe.readEnd.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<left]))) ?? 0
            }
            guard bytes > 0 else { return }
            left -= bytes
        }
    }
}
