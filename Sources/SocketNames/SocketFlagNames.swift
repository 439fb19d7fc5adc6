/// A meaning that a bit of the kernel's `socket.flags` can have. Which bit has it differs between kernels.
public enum SocketFlag: UInt8, CaseIterable, Sendable {
    /// SOCKWQ_ASYNC_NOSPACE (SOCK_ASYNC_NOSPACE before 4.4).
    case asyncNoSpace = 1
    /// SOCKWQ_ASYNC_WAITDATA (SOCK_ASYNC_WAITDATA before 4.4).
    case asyncWaitData
    /// SOCK_NOSPACE: the send buffer is full.
    case noSpace
    /// SOCK_PASSCRED: SO_PASSCRED is set.
    case passCred
    /// SOCK_PASSSEC: SO_PASSSEC is set.
    case passSec
    /// SOCK_SUPPORT_ZC: the protocol takes io_uring's zero-copy sends.
    case supportZC
    /// SOCK_CUSTOM_SOCKOPT: the protocol wants to see SOL_SOCKET options itself.
    case customSockopt
    /// SOCK_PASSPIDFD: SO_PASSPIDFD is set.
    case passPidFD

    /// The kernel's name without its prefix, as events carry it.
    public var name: StaticString {
        switch self {
        case .asyncNoSpace: "ASYNC_NOSPACE"
        case .asyncWaitData: "ASYNC_WAITDATA"
        case .noSpace: "NOSPACE"
        case .passCred: "PASSCRED"
        case .passSec: "PASSSEC"
        case .supportZC: "SUPPORT_ZC"
        case .customSockopt: "CUSTOM_SOCKOPT"
        case .passPidFD: "PASSPIDFD"
        }
    }

    /// The letter that stands for it in the compact form of `SocketFlagNames`.
    package var letter: Character {
        switch self {
        case .asyncNoSpace: "A"
        case .asyncWaitData: "W"
        case .noSpace: "N"
        case .passCred: "C"
        case .passSec: "S"
        case .supportZC: "Z"
        case .customSockopt: "O"
        case .passPidFD: "P"
        }
    }
}

/// What each bit of `socket.flags` means on the traced kernel; bits without a meaning here are printed as a number.
///
/// The compact form is a letter and a bit number for each known bit, in the order of the bits, for example
/// `A0W1N2C3S4Z5` (Linux 6.1). It consists of `[A-Za-z0-9]` only, so that it can be part of an event field's name and
/// a recorded trace can say what its flags mean.
public struct SocketFlagNames: Sendable, Hashable, CustomStringConvertible {
    /// Four bits for each of the 16 lowest flag bits: the raw value of its meaning, 0 for none.
    private var meanings: UInt64

    /// Flag bits at and above this one cannot have a meaning; kernels use eight so far.
    package static let bitCount = 16

    /// No bit is known.
    package static let unknown = SocketFlagNames()

    /// The layout of kernels that keep SO_PASSCRED and its like in this word: 2.6 on; a kernel too old for the newer
    /// bits never sets them.
    package static let withPassBits = SocketFlagNames([
        (.asyncNoSpace, 0), (.asyncWaitData, 1), (.noSpace, 2), (.passCred, 3), (.passSec, 4), (.supportZC, 5),
        (.customSockopt, 6), (.passPidFD, 7),
    ])

    /// The layout of kernels that moved SO_PASSCRED and its like to `struct sock` and numbered the rest anew
    /// (`enum socket_flags`).
    package static let withoutPassBits = SocketFlagNames([
        (.asyncNoSpace, 0), (.asyncWaitData, 1), (.noSpace, 2), (.supportZC, 3), (.customSockopt, 4),
    ])

    /// No bit is known.
    package init() { meanings = 0 }

    /// From pairs of a meaning and its bit; bits outside of the word are left out.
    package init(_ flags: some Sequence<(SocketFlag, Int)>) {
        self.init()
        for (flag, bit) in flags { self[bit] = flag }
    }

    /// The meaning of a bit, nil where it is not known.
    public subscript(bit: Int) -> SocketFlag? {
        get {
            guard (0..<Self.bitCount).contains(bit) else { return nil }
            return SocketFlag(rawValue: UInt8(truncatingIfNeeded: meanings >> UInt64(4 * bit)) & 0xf)
        }
        set {
            guard (0..<Self.bitCount).contains(bit) else { return }
            let shift = UInt64(4 * bit)
            meanings = meanings & ~(0xf << shift) | UInt64(newValue?.rawValue ?? 0) << shift
        }
    }

    /// From the compact form. Letters of a newer sockftrace are passed over: their bits are printed as numbers. Nil
    /// where the text is not of that form, or gives one bit or one meaning twice.
    package init?(compact text: some StringProtocol) {
        self.init()
        var rest = text[...]
        var seen: (letters: Set<Character>, bits: Set<Int>) = ([], [])
        while let letter = rest.popFirst() {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard letter.isASCII, letter.isLetter, digits.count <= 2, let bit = Int(digits), bit < 64,
                seen.letters.insert(letter).inserted, seen.bits.insert(bit).inserted
            else { return nil }
            rest = rest.dropFirst(digits.count)
            if let flag = SocketFlag.allCases.first(where: { $0.letter == letter }) { self[bit] = flag }
        }
    }

    /// The compact form.
    public var description: String {
        (0..<Self.bitCount).reduce(into: "") { text, bit in
            if let flag = self[bit] { text += "\(flag.letter)\(bit)" }
        }
    }
}
