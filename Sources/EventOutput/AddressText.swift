internal import PlainText
package import SocketEvents

/// Addresses as text: IPv4 in dots, IPv6 after RFC 5952 (IPv4-mapped ones as `::ffff:a.b.c.d`), names of UNIX sockets as
/// their path, `@name` for one of the abstract namespace, and nothing for one known to have no name.
extension OutputBuffer {
    /// Appends a text and a newline.
    package mutating func append(line text: String) {
        for byte in text.utf8 { append(byte) }
        append(UInt8(ascii: "\n"))
    }

    /// Appends an address without its port, escaped as the inside of a JSON string.
    package mutating func append(json address: borrowing SocketAddress) {
        guard address.isName else { return append(numeric: address) }
        if appendIfSimple(address) { return }
        for byte in PrintableText.json(address.nameText).utf8 { append(byte) }
    }

    /// Appends a name that reads the same in every format: nearly all do, and need no text of their own.
    private mutating func appendIfSimple(_ address: borrowing SocketAddress) -> Bool {
        for index in 0..<address.count where !Self.isSimple(address[index]) { return false }
        if address.kind == .abstractName { append(UInt8(ascii: "@")) }
        for index in 0..<address.count { append(address[index]) }
        return true
    }

    private static func isSimple(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }

    /// Appends the address without its port as it is, with nothing escaped but U+FFFD for what is not UTF-8.
    package mutating func append(plain address: borrowing SocketAddress) {
        guard address.isName else { return append(numeric: address) }
        let start = count
        if address.kind == .abstractName { append(UInt8(ascii: "@")) }
        for index in 0..<address.count {
            guard address[index] < 0x80 else {
                removeAll(from: start)
                for byte in address.nameText.utf8 { append(byte) }
                return
            }
            append(address[index])
        }
    }

    /// The same as text, in which bytes that must not reach a terminal are `\xNN`.
    /// - Returns: how many columns of a terminal it takes.
    package mutating func append(text address: borrowing SocketAddress) -> Int {
        let start = count
        guard address.isName else {
            append(numeric: address)
            return count - start
        }
        if appendIfSimple(address) { return count - start }
        let name = address.visibleName
        for byte in name.utf8 { append(byte) }
        return name.unicodeScalars.reduce(0) { $0 + NameBytes.columns(of: $1.value) }
    }

    /// The same as a field of CSV.
    package mutating func append(csv address: borrowing SocketAddress) {
        guard address.isName else { return append(numeric: address) }
        if appendIfSimple(address) { return }
        var text = address.visibleName
        if let first = text.utf8.first, PrintableText.beginsFormula(first), address.kind == .path {
            text = "\\x" + String(first, radix: 16) + text.dropFirst()
        }
        let isQuoted = text.contains { $0 == "," || $0 == "\"" }
        for byte in (isQuoted ? "\"\(text.substituting("\"", with: "\"\""))\"" : text).utf8 { append(byte) }
    }

    private mutating func append(numeric address: borrowing SocketAddress) {
        switch address.kind {
        case .ipv4: append(ipv4: address, from: 0)
        case .ipv6: append(ipv6: address)
        case .number: append(decimal: UInt64(address.number))
        case .netlink, .path, .abstractName: break
        }
    }

    private mutating func append(ipv4 address: borrowing SocketAddress, from start: Int) {
        for index in start..<start + 4 {
            if index > start { append(UInt8(ascii: ".")) }
            append(decimal: UInt64(address[index]))
        }
    }

    private mutating func append(ipv6 address: borrowing SocketAddress) {
        let (low, high) = (address.words[0], address.words[1])
        if low == 0, high & 0xffff_ffff == 0xffff_0000 {
            append("::ffff:")
            return append(ipv4: address, from: 12)
        }
        let groups = InlineArray<8, UInt16> { index in
            let word = index < 4 ? low : high
            return UInt16(truncatingIfNeeded: word >> UInt64(16 * (index & 3))).byteSwapped
        }
        let gap = Self.longestZeros(in: groups)
        var index = 0
        while index < 8 {
            if index == gap.lowerBound, gap.count > 1 {
                append("::")
                index = gap.upperBound
                continue
            }
            if index > 0, index != gap.upperBound || gap.count < 2 { append(UInt8(ascii: ":")) }
            append(hex: UInt64(groups[index]))
            index += 1
        }
    }

    /// The first of the longest runs of zeros; one by itself is written out.
    private static func longestZeros(in groups: borrowing InlineArray<8, UInt16>) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0..<8 {
            if groups[index] != 0 {
                start = index + 1
            } else if index + 1 - start > best.count {
                best = start..<index + 1
            }
        }
        return best
    }
}

extension SocketAddress {
    /// The address alone, as JSON's strings have it before they are escaped.
    package var textWithoutPort: String {
        if isName { return nameText }
        return written { _ = $0.append(text: self) }
    }

    /// As columns of text have it: `127.0.0.1:80`, `[::1]:80`, a path, `@name`, `socket:[N]` for one without a name.
    /// - Parameter inode: the N.
    package func textWithPort(inode: UInt64?) -> String {
        written { _ = $0.append(end: self, inode: inode, since: 0) }
    }

    private func written(_ body: (inout OutputBuffer) -> Void) -> String {
        var out = OutputBuffer(capacity: 128)
        body(&out)
        return out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    var isName: Bool { kind == .path || kind == .abstractName }

    private var prefix: String { kind == .abstractName ? "@" : "" }

    /// The name; U+FFFD for what is not UTF-8.
    var nameText: String { prefix + String(decoding: (0..<count).map { self[$0] }, as: UTF8.self) }

    /// The name, with `\xNN` for what must not reach a terminal, for what is not UTF-8, and for backslashes.
    var visibleName: String {
        let bytes = (0..<count).map { self[$0] }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return prefix
                + bytes.map { 0x20...0x7e ~= $0 && $0 != 0x5c ? String(UnicodeScalar($0)) : Self.hex($0) }.joined()
        }
        return prefix + PrintableText.line(text.substituting("\\", with: "\\x5c"))
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }
}
