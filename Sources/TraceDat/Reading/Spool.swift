internal import LinuxSystem
internal import SystemPackage

/// Copies a stream to a temporary file that has no name and vanishes with its descriptor.
enum Spool {
    static func copy(
        _ source: borrowing Descriptor, name: String, size: inout UInt64
    ) throws(TraceDatError) -> Descriptor {
        let folder = temporaryFolder
        let target: Descriptor
        do {
            target = try Descriptor(temporaryIn: folder)
        } catch {
            throw TraceDatError(
                .system(error), path: name, "cannot make a temporary file under \(folder)",
                remedy: "store the stream in a file first, or set TMPDIR")
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
        defer { buffer.deallocate() }
        size = 0
        while true {
            let count: Int
            do {
                count = try source.read(into: buffer)
            } catch {
                throw TraceDatError(.system(error), path: name, offset: size, "cannot read the stream")
            }
            guard count > 0 else { return target }
            if let error = target.writeFully(at: size, from: UnsafeRawBufferPointer(rebasing: buffer[..<count])).error {
                throw TraceDatError(
                    error == .noSpace ? .noSpace : .system(error), path: name, offset: size,
                    "cannot keep the stream in a temporary file under \(folder)",
                    remedy: "store it in a file first, or set TMPDIR to a folder with room")
            }
            size += UInt64(count)
        }
    }

    private static var temporaryFolder: String {
        CurrentProcess.variable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/var/tmp"
    }
}
