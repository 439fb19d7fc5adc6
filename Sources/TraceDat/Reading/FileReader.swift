internal import LinuxSystem
internal import Synchronization
internal import SystemPackage

/// A part of a file that was checked to lie within it. Only a `FileReader` makes one.
struct FileRange: Sendable, Equatable {
    let offset: UInt64
    let count: UInt64
    var end: UInt64 { offset + count }

    fileprivate init(offset: UInt64, count: UInt64) {
        self.offset = offset
        self.count = count
    }

    /// The part of this range from `start` on, of at most `limit` bytes.
    func sub(from start: UInt64, limit: UInt64) -> FileRange {
        let skipped = min(start, count)
        return FileRange(offset: offset + skipped, count: min(limit, count - skipped))
    }
}

/// A regular file opened for reading, whose size was taken once. Shared by all cursors over it.
final class FileReader: Sendable {
    let path: String
    let size: UInt64
    private let descriptor: Descriptor
    /// Bytes of metadata that were put into memory.
    private let metadataSize = Mutex(0)

    /// The most bytes of metadata that one file may put into memory, all its sections together and decompressed; the
    /// event formats of a whole kernel take about 4 MiB.
    static let metadataLimit = 64 << 20

    convenience init(path: FilePath) throws(TraceDatError) {
        try self.init(owning: Self.open(path), name: path.string)
    }

    static func open(_ path: FilePath) throws(TraceDatError) -> Descriptor {
        let name = path.string
        do {
            return try Descriptor(opening: name, .readOnly)
        } catch {
            let remedy =
                switch error {
                case .noSuchFileOrDirectory: "check the name"
                case .permissionDenied: "make the file readable for you, or ask its owner"
                default: ""
                }
            throw TraceDatError(.system(error), path: name, "cannot open the file", remedy: remedy)
        }
    }

    static func duplicate(_ descriptor: FileDescriptor, _ name: String) throws(TraceDatError) -> Descriptor {
        do {
            return try Descriptor(duplicating: descriptor.rawValue)
        } catch {
            throw TraceDatError(.system(error), path: name, "cannot use the descriptor")
        }
    }

    /// Takes over `descriptor`. What is not a regular file (a pipe, a terminal) is first copied to a temporary file
    /// that has no name, because a trace.dat is read back and forth.
    /// - Parameter begun: the first bytes of a pipe or the like, where they were read already.
    init(owning descriptor: consuming Descriptor, name: String, begun: [UInt8] = []) throws(TraceDatError) {
        path = name
        let status: FileStatus
        do {
            status = try descriptor.status()
        } catch {
            throw TraceDatError(.system(error), path: name, "cannot ask for the file's size")
        }
        switch status.kind {
        case .regular:
            self.descriptor = descriptor
            size = status.size
        case .directory:
            throw TraceDatError(
                .notATraceFile, path: name, "this is a directory, not a trace.dat", remedy: "name the file in it")
        default:
            var count: UInt64 = 0
            self.descriptor = try Spool.copy(descriptor, name: name, begun: begun, size: &count)
            size = count
        }
    }

    /// Counts bytes of metadata that are about to be put into memory; throws where a file asks for too many.
    func count(metadata bytes: UInt64, of what: String, at offset: UInt64) throws(TraceDatError) {
        let isWithin = metadataSize.withLock { size in
            guard bytes <= UInt64(Self.metadataLimit - size) else { return false }
            size += Int(bytes)
            return true
        }
        guard !isWithin else { return }
        throw TraceDatError(
            .unsupported, path: path, offset: offset,
            "\(what): with its \(bytes) bytes the file's metadata would take more than \(Self.metadataLimit >> 20) MiB")
    }

    /// The file's first bytes, `count` or all that there are.
    func firstBytes(_ count: Int) throws(TraceDatError) -> [UInt8] {
        let range = clamped(0, UInt64(count))
        var bytes = [UInt8](repeating: 0, count: Int(range.count))
        var failure: TraceDatError?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(TraceDatError) { try read(range, at: 0, into: buffer) } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The bytes from `offset`, `count` of them; throws `cutShort` when the file has fewer.
    func range(_ offset: UInt64, _ count: UInt64, _ what: String) throws(TraceDatError) -> FileRange {
        guard offset <= size, count <= size - offset else {
            throw TraceDatError(
                .cutShort, path: path, offset: offset,
                "\(what) would need \(count) bytes, but the file ends at byte \(size)",
                remedy: "the copy may have been broken off: fetch the file again")
        }
        return FileRange(offset: offset, count: count)
    }

    /// As much of the bytes from `offset`, at most `count`, as the file has.
    func clamped(_ offset: UInt64, _ count: UInt64) -> FileRange {
        let start = min(offset, size)
        return FileRange(offset: start, count: min(count, size - start))
    }

    /// Fills `buffer` from `position` of the file; `buffer` must lie within `range`.
    func read(
        _ range: FileRange, at position: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(TraceDatError) {
        guard position >= range.offset, position <= range.end, UInt64(buffer.count) <= range.end - position else {
            throw TraceDatError(
                .misuse, path: path, offset: position, "read of \(buffer.count) bytes beyond the range asked for")
        }
        let count: Int
        do {
            count = try descriptor.readFully(at: position, into: buffer)
        } catch {
            throw TraceDatError(.system(error), path: path, offset: position, "cannot read")
        }
        guard count == buffer.count else {
            throw TraceDatError(
                .cutShort, path: path, offset: position + UInt64(count),
                "the file became shorter while it was read",
                remedy: "wait until whoever writes it has finished")
        }
    }
}
