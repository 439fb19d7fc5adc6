internal import LinuxSystem
package import SystemPackage

/// A recording opened for reading: a file, or a stream of which only the head was read.
package enum TraceInput: ~Copyable, Sendable {
    case file(TraceFile)
    /// The head holds all but the records, which follow it.
    case stream(head: TraceFile, TraceStreamReader)

    /// Opens `path`.
    package init(path: FilePath) throws(TraceDatError) {
        try self.init(owning: FileReader.open(path), name: path.string)
    }

    /// Reads what is open, such as standard input; `descriptor` stays the caller's. A trace.dat out of a pipe is copied to
    /// an unnamed temporary file first, because it is read back and forth; a stream is read as it comes.
    /// - Parameter name: what messages call it.
    package init(descriptor: FileDescriptor, name: String) throws(TraceDatError) {
        try self.init(owning: FileReader.duplicate(descriptor, name), name: name)
    }

    private init(owning descriptor: consuming Descriptor, name: String) throws(TraceDatError) {
        let kind = (try? descriptor.status().kind) ?? .other
        guard kind != .directory else {
            self = .file(try TraceFile(FileReader(owning: descriptor, name: name)))
            return
        }
        let start = try Self.start(of: descriptor, isFile: kind == .regular, name)
        if start == StreamFormat.magic {
            self = try TraceStreamReader.open(
                StreamInput(descriptor, name: name, position: UInt64(start.count), isFile: kind == .regular))
        } else {
            self = .file(try TraceFile(FileReader(owning: descriptor, name: name, begun: start)))
        }
    }

    /// The first bytes: of what is no file they are gone then.
    private static func start(
        of descriptor: borrowing Descriptor, isFile: Bool, _ name: String
    ) throws(TraceDatError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: StreamFormat.magic.count)
        var failure: Errno?
        let filled = bytes.withUnsafeMutableBytes { room in
            var filled = 0
            do throws(Errno) {
                if isFile { return try descriptor.readFully(at: 0, into: room) }
                while filled < room.count {
                    let count = try descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: room[filled...]))
                    if count == 0 { break }
                    filled += count
                }
            } catch { failure = error }
            return filled
        }
        if let failure { throw TraceDatError(.system(failure), path: name, offset: 0, "cannot read") }
        return Array(bytes[..<filled])
    }
}
