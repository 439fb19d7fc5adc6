/// Names of socket types: the kernel's SOCK_ names without `SOCK_` (include/linux/net.h), as in the tapset. MIPS alone
/// numbers STREAM and DGRAM the other way round; its numbers are translated when records are decoded.
public enum SocketTypeNames {
    /// The numbers a type can have (SOCK_TYPE_MASK).
    package static let range: ClosedRange<Int32> = 0...15

    /// The name of a type, nil where the number has none.
    public static func name(of number: Int32) -> StaticString? {
        switch number {
        case 1: "STREAM"
        case 2: "DGRAM"
        case 3: "RAW"
        case 4: "RDM"
        case 5: "SEQPACKET"
        case 6: "DCCP"
        case 10: "PACKET"
        default: nil
        }
    }

    /// The number of a type given as a name in any case, with or without `SOCK_`, or as a number.
    package static func number(of text: String) throws(UnknownNameError) -> Int32 {
        let name = NameLookup.canonical(text, dropping: ["SOCK_"])
        if let number = NameLookup.number(named: name, in: range, by: Self.name(of:)) { return number }
        if let number = NameLookup.number(written: text, in: range) { return number }
        throw UnknownNameError(kind: "socket type", text: text, valid: helpNames)
    }

    /// All names, for help and for messages.
    package static var helpNames: [String] { NameLookup.names(in: range, by: name(of:)) }
}
