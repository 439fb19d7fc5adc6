internal import LinuxSystem
internal import SystemPackage

/// Copies a stream to a temporary file that has no name and vanishes with its descriptor.
enum Spool {
    /// - Parameter begun: the first bytes, where these were read already.
    static func copy(
        _ source: borrowing Descriptor, name: String, begun: [UInt8], size: inout UInt64
    ) throws(TraceDatError) -> Descriptor {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
        defer { buffer.deallocate() }
        // What is no trace.dat may have no end: it is not kept.
        buffer.copyBytes(from: begun)
        var count = begun.count
        count += try fill(
            UnsafeMutableRawBufferPointer(rebasing: buffer[count...]), atLeast: max(0, FileStart.count - count),
            from: source, name, at: UInt64(count))
        let start = buffer[..<min(count, FileStart.count)]
        if !TarArchive.mayBegin(with: start) { try FileStart.check(start, path: name) }

        let target = try temporaryFile(for: name)
        size = 0
        while count > 0 {
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if let error = target.writeFully(at: size, from: bytes).error {
                throw TraceDatError(
                    error == .noSpace ? .noSpace : .system(error), path: name, offset: size,
                    "cannot keep the stream in a temporary file under \(temporaryFolder)",
                    remedy: "store it in a file first, or set TMPDIR to a folder with room")
            }
            size += UInt64(count)
            count = try fill(buffer, atLeast: 1, from: source, name, at: size)
        }
        return target
    }

    /// Keeps so many bytes of a stream in a temporary file.
    static func keep(_ count: Int, of input: inout StreamInput) throws(TraceDatError) -> Descriptor {
        let target = try temporaryFile(for: input.name)
        var done = 0
        while done < count {
            guard let bytes = try input.bytes(min(count - done, 1 << 17)) else {
                throw TraceDatError(
                    .cutShort, path: input.name, offset: input.position, "the stream ends within its head")
            }
            if let error = bytes.withUnsafeBytes({ target.writeFully(at: UInt64(done), from: $0).error }) {
                throw TraceDatError(
                    error == .noSpace ? .noSpace : .system(error), path: input.name, offset: input.position,
                    "cannot keep the stream's head in a temporary file under \(temporaryFolder)",
                    remedy: "set TMPDIR to a folder with room")
            }
            done += bytes.count
        }
        return target
    }

    /// Reads what there is, and goes on until it is enough or the stream ends; the bytes read.
    private static func fill(
        _ buffer: UnsafeMutableRawBufferPointer, atLeast enough: Int, from source: borrowing Descriptor, _ name: String,
        at position: UInt64
    ) throws(TraceDatError) -> Int {
        var filled = 0
        while filled < enough {
            let count: Int
            do {
                count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            } catch {
                throw TraceDatError(
                    .system(error), path: name, offset: position + UInt64(filled), "cannot read the stream")
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    private static func temporaryFile(for name: String) throws(TraceDatError) -> Descriptor {
        do {
            return try Descriptor(temporaryIn: temporaryFolder)
        } catch {
            throw TraceDatError(
                .system(error), path: name, "cannot make a temporary file under \(temporaryFolder)",
                remedy: "store the stream in a file first, or set TMPDIR")
        }
    }

    private static var temporaryFolder: String {
        CurrentProcess.variable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/var/tmp"
    }
}
