internal import EventOutput
internal import LinuxSystem
internal import SystemPackage

/// A file that an export is written to, piece by piece.
package struct ExportFile: ~Copyable {
    private let descriptor: Descriptor
    private var buffer = OutputBuffer(capacity: 256 << 10)
    private var failure: Errno?
    private var position: UInt64 = 0
    /// How many bytes were written or wait to be.
    private(set) var size: UInt64 = 0

    /// Opens a file that is there.
    package init(path: String) throws(ExportError) {
        do {
            descriptor = try Descriptor(opening: path, [.writeOnly, .truncate])
        } catch {
            throw ExportError("\(error)")
        }
    }

    /// Nothing more can be written.
    var hasFailed: Bool { failure != nil }

    /// Appends what a closure appends to a buffer.
    @inline(__always)
    mutating func append(_ body: (inout OutputBuffer) -> Void) {
        let before = buffer.count
        body(&buffer)
        size += UInt64(buffer.count - before)
        if buffer.count >= 192 << 10 { write() }
    }

    private mutating func write() {
        guard failure == nil else { return buffer.clear() }
        let result = buffer.withUnsafeBytes { descriptor.writeFully(at: position, from: $0) }
        position += UInt64(result.written)
        failure = result.error
        buffer.clear()
    }

    /// Writes the rest.
    mutating func finish() throws(ExportError) {
        write()
        if let failure { throw ExportError("\(failure)") }
    }
}
