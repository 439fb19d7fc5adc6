/// How a kernel numbers types of sockets and errors, which depends on its processor.
///
/// Everywhere else in this project both have the generic numbers, those of include/linux/net.h and
/// include/uapi/asm-generic/errno.h. MIPS is not the only processor with others, but the only one that is told apart here.
@usableFromInline
package enum ProcessorNumbers: Sendable {
    case generic
    /// STREAM and DGRAM the other way round (arch/mips/include/asm/socket.h), and errors of its own from 35 on.
    case mips

    /// - Parameter machine: as uname(2) gives it, such as "mips64".
    package init(machine: some StringProtocol) {
        self = machine.hasPrefix("mips") ? .mips : .generic
    }

    /// - Parameter uname: what uname(1) prints, the machine last or before the name of the system; nil where nobody knows.
    package init(uname: String?) {
        let words = uname?.split(separator: " ") ?? []
        self.init(machine: words.last { !$0.hasSuffix("Linux") } ?? "")
    }

    /// The generic number of a type.
    package func genericType(_ number: Int32) -> Int32 {
        self == .mips && (1...2).contains(number) ? 3 - number : number
    }

    /// The kernel's own number of a generic type.
    package func ownType(_ generic: UInt64) -> UInt64 {
        self == .mips && (1...2).contains(generic) ? 3 - generic : generic
    }

    /// A result with the generic number of its error; no error is as it is.
    @inlinable
    @inline(__always)
    package func genericResult(_ result: Int64) -> Int64 {
        // Below 35 all processors have the numbers of the first UNIX.
        result > -35 || self == .generic ? result : translated(result)
    }

    @usableFromInline
    func translated(_ result: Int64) -> Int64 {
        guard result >= -4095, let generic = MIPSErrors.genericNumber(of: Int32(-result)) else { return result }
        return -Int64(generic)
    }
}
