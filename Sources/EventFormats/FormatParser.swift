internal import CTraceEvent
package import RingBuffer

/// Parses the text of tracefs' format files with libtraceevent.
///
/// Only the part up to `print fmt:` is given to the library: what follows is a C expression for human output, nobody
/// here needs it, and a forged one is the likeliest way to break a parser. Each text gets a handle of its own, so that
/// no format, however odd, leaves a trace in the next.
package struct FormatParser: Sendable {
    private let byteOrder: ByteOrder
    private let longSize: Int

    /// A format longer than this is refused: the longest of a 7.x kernel has about 5,000 bytes without its print
    /// format.
    package static let longestFormat = 1 << 16

    /// - Parameters:
    ///   - byteOrder: of the traced kernel.
    ///   - longSize: bytes of the traced kernel's `long`.
    package init(byteOrder: ByteOrder, longSize: Int) {
        self.byteOrder = byteOrder
        self.longSize = longSize
        tep_set_loglevel(TEP_LOG_NONE)
    }

    /// Parses `events/SYSTEM/EVENT/format`.
    package func parseFormat(_ text: some Collection<UInt8>, system: String) throws(FormatError) -> EventFormat {
        var bytes = try Self.harmless(Array(text))
        bytes.append(contentsOf: "\nprint fmt: \"\"\n".utf8)
        guard let handle = tep_alloc() else { throw .outOfMemory }
        defer { tep_free(handle) }
        tep_set_file_bigendian(handle, byteOrder == .big ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN)
        tep_set_local_bigendian(handle, ByteOrder.host == .big ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN)
        tep_set_long_size(handle, Int32(longSize))
        let status = bytes.withUnsafeBytes { buffer in
            tep_parse_event(
                handle, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), UInt(buffer.count), system)
        }
        guard let event = tep_get_first_event(handle) else {
            throw .malformed(system: system, status: status.rawValue)
        }
        return try Self.copy(of: event.pointee, system: system)
    }

    /// The text up to the print format; refused if it is no plain text of bearable length. Not generic: as such it took a
    /// fifth of what a small recording takes.
    private static func harmless(_ text: [UInt8]) throws(FormatError) -> [UInt8] {
        var kept: [UInt8] = []
        kept.reserveCapacity(min(text.count, longestFormat) + 32)
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.starts(with: "print fmt:".utf8) { break }
            guard kept.count + line.count < longestFormat else { throw .tooLong }
            guard line.allSatisfy({ $0 == 0x09 || (0x20..<0x7f).contains($0) }) else { throw .notText }
            kept.append(contentsOf: line)
            kept.append(UInt8(ascii: "\n"))
        }
        return kept
    }

    private static func copy(of event: tep_event, system: String) throws(FormatError) -> EventFormat {
        guard let name = event.name, let id = UInt16(exactly: event.id) else {
            throw .malformed(system: system, status: 0)
        }
        let common = fields(from: event.format.common_fields)
        let own = fields(from: event.format.fields)
        return EventFormat(system: system, name: String(cString: name), id: id, fields: common + own)
    }

    private static func fields(from first: UnsafeMutablePointer<tep_format_field>?) -> [FormatField] {
        var fields: [FormatField] = []
        var next = first
        while let field = next?.pointee {
            let flags = UInt64(field.flags)
            fields.append(
                FormatField(
                    name: field.name.map { String(cString: $0) } ?? "",
                    offset: Int(field.offset),
                    size: Int(field.size),
                    isSigned: flags & UInt64(TEP_FIELD_IS_SIGNED.rawValue) != 0,
                    isDynamic: flags & UInt64(TEP_FIELD_IS_DYNAMIC.rawValue) != 0,
                    isArray: flags & UInt64(TEP_FIELD_IS_ARRAY.rawValue) != 0))
            next = field.next
        }
        return fields
    }
}

/// Why the text of a format file was refused.
public enum FormatError: Error, Equatable {
    case outOfMemory
    case tooLong
    case notText
    /// libtraceevent's own verdict (enum tep_errno).
    case malformed(system: String, status: Int32)
    /// `events/header_page` states a geometry that cannot be.
    case impossibleHeader
}

extension FormatError: CustomStringConvertible {
    /// What is wrong with the text.
    public var description: String {
        switch self {
        case .outOfMemory: "there is no memory to parse it"
        case .tooLong: "its text is longer than \(FormatParser.longestFormat) bytes"
        case .notText: "it is no plain text"
        case .malformed(_, let status): "libtraceevent cannot parse it (error \(status))"
        case .impossibleHeader: "no sub-buffer can look as it says"
        }
    }
}
