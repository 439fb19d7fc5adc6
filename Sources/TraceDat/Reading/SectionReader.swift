internal import RingBuffer

/// A cursor over one part of a trace.dat, in the file or already decompressed in memory. Every read is checked
/// against the part's end; nothing that the file says can move it beyond.
struct SectionReader: ~Copyable {
    private static let windowSize = 1 << 16

    private let file: FileReader
    private let range: FileRange?
    private let origin: UInt64
    private let end: UInt64
    /// True when the part was announced longer than the file: then running out means a file cut short.
    private let isClipped: Bool
    private let what: String
    let byteOrder: ByteOrder

    private var window: [UInt8] = []
    private var windowStart: UInt64 = 0
    /// Where the next read starts: a byte of the file, or of the decompressed bytes.
    private(set) var position: UInt64

    /// A cursor over the bytes of `file` from `offset`, of which at most `count` belong to `what`.
    init(_ file: FileReader, offset: UInt64, count: UInt64, byteOrder: ByteOrder, what: String) {
        let range = file.clamped(offset, count)
        self.file = file
        self.range = range
        origin = offset
        end = range.end
        isClipped = range.count < count
        self.byteOrder = byteOrder
        self.what = what
        position = range.offset
    }

    /// A cursor over `bytes`, which came from the compressed section at `origin`.
    init(decompressed bytes: [UInt8], of file: FileReader, origin: UInt64, byteOrder: ByteOrder, what: String) {
        self.file = file
        range = nil
        self.origin = origin
        end = UInt64(bytes.count)
        isClipped = false
        self.byteOrder = byteOrder
        self.what = what
        window = bytes
        position = 0
    }

    /// Bytes left.
    var remaining: UInt64 { end - position }

    /// The byte of the file that an error at the current position is reported at.
    var fileOffset: UInt64 { range == nil ? origin : position }

    /// An error about this section at the current position.
    func corrupt(_ problem: String) -> TraceDatError {
        TraceDatError(.corrupt, path: file.path, offset: fileOffset, "\(what): \(problem)")
    }

    private func need(_ count: UInt64, _ field: String) throws(TraceDatError) {
        guard count > remaining else { return }
        if isClipped || range?.end == file.size {
            throw TraceDatError(
                .cutShort, path: file.path, offset: file.size,
                "the file ends within \(what), where \(field) should be",
                remedy: "the copy or the recording may have been broken off: fetch the file again")
        }
        throw corrupt("\(field) would need \(count) bytes, \(remaining) are left")
    }

    /// Makes the next `count` (at most the window's size) bytes available in the window; returns their index.
    private mutating func load(_ count: Int, _ field: String) throws(TraceDatError) -> Int {
        try need(UInt64(count), field)
        let loaded = windowStart + UInt64(window.count)
        if position < windowStart || position + UInt64(count) > loaded, let range {
            let length = Int(min(UInt64(Self.windowSize), remaining))
            window = try readBytes(range, at: position, count: length)
            windowStart = position
        }
        return Int(position - windowStart)
    }

    private func readBytes(_ range: FileRange, at position: UInt64, count: Int) throws(TraceDatError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: TraceDatError?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(TraceDatError) { try file.read(range, at: position, into: buffer) } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The next integer in the file's byte order.
    mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type, _ field: String
    ) throws(TraceDatError) -> Value {
        let size = MemoryLayout<Value>.size
        let start = try load(size, field)
        var value: Value = 0
        for index in 0..<size {
            let byte = Value(truncatingIfNeeded: window[start + index])
            let shift = byteOrder == .little ? index * 8 : (size - 1 - index) * 8
            value |= byte << Value(truncatingIfNeeded: shift)
        }
        position += UInt64(size)
        return value
    }

    /// The next integer, its width taken from what it is used as.
    mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(_ field: String) throws(TraceDatError) -> Value {
        try integer(Value.self, field)
    }

    /// The next `count` bytes. Those that do not stand in memory yet are counted against the file's limit.
    mutating func bytes(_ count: UInt64, _ field: String) throws(TraceDatError) -> [UInt8] {
        try need(count, field)
        if range != nil { try file.count(metadata: count, of: what, at: fileOffset) }
        let length = Int(count)
        if length <= Self.windowSize || range == nil {
            let start = try load(length, field)
            position += count
            return Array(window[start..<start + length])
        }
        guard let range else { return [] }
        let result = try readBytes(range, at: position, count: length)
        position += count
        return result
    }

    /// The next few bytes, which nobody is going to keep.
    mutating func uncountedBytes(_ count: Int, _ field: String) throws(TraceDatError) -> [UInt8] {
        let start = try load(count, field)
        position += UInt64(count)
        return Array(window[start..<start + count])
    }

    /// Goes `count` bytes on without reading them.
    mutating func skip(_ count: UInt64, _ field: String) throws(TraceDatError) {
        try need(count, field)
        position += count
    }

    /// The next bytes up to a NUL, which is consumed too and not returned.
    mutating func string(limit: Int, _ field: String) throws(TraceDatError) -> String {
        var text: [UInt8] = []
        while true {
            let byte = try integer(UInt8.self, field)
            if byte == 0 { return String(decoding: text, as: UTF8.self) }
            guard text.count < limit else { throw corrupt("\(field) is longer than \(limit) bytes") }
            text.append(byte)
        }
    }

    /// Whether the next bytes are `expected`; consumes them if so.
    mutating func accept(_ expected: String, _ field: String) throws(TraceDatError) -> Bool {
        let wanted = Array(expected.utf8)
        let start = try load(wanted.count, field)
        guard window[start..<start + wanted.count].elementsEqual(wanted) else { return false }
        position += UInt64(wanted.count)
        return true
    }
}
