package import SocketNames

extension ProtocolNames {
    /// The name of a protocol for people: that of the family, where the family has but one protocol, which is 0 then.
    package static func word(for number: Int32, family: Int32?) -> StaticString? {
        if let name = name(of: number, family: family) { return name }
        guard number == 0, let family, family != 0 else { return nil }
        return AddressFamilyNames.name(of: family)
    }
}

/// Names for numbers, as all formats print them: the name, or the number where it has none.
extension OutputBuffer {
    /// Appends a name, or the number where it has none.
    @inline(__always)
    package mutating func append(_ name: StaticString?, orNumber number: Int32) {
        if let name {
            append(name)
        } else {
            append(decimal: Int64(number))
        }
    }

    /// Appends the meanings of flag bits joined by `|`, lowest bit first; bits whose meaning is unknown follow together
    /// as one hexadecimal number. Nothing where no bit is set.
    @inline(__always)
    package mutating func append(flags: UInt64, names: SocketFlagNames) {
        if flags != 0 { append(setFlags: flags, names: names) }
    }

    private mutating func append(setFlags flags: UInt64, names: SocketFlagNames) {
        var (rest, unknown, isFirst) = (flags, UInt64(0), true)
        while rest != 0 {
            let bit = rest.trailingZeroBitCount
            rest &= rest &- 1
            guard let flag = names[bit] else {
                unknown |= 1 << UInt64(bit)
                continue
            }
            if !isFirst { append(UInt8(ascii: "|")) }
            isFirst = false
            append(flag.name)
        }
        guard unknown != 0 else { return }
        if !isFirst { append(UInt8(ascii: "|")) }
        append("0x")
        append(hex: unknown)
    }
}
