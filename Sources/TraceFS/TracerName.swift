/// The name that everything of one tracer bears in the kernel, its instance and its group of probes:
/// `sockftrace_PID_RANDOM`.
///
/// The process is there for people. Two containers can hold tracers of one number, and a number is given out again after
/// its owner died; so 64 random bits make the name unique. Who owns it, and whether that one lives, the lock on the
/// instance's directory tells (``Instance``), never the number.
package enum TracerName {
    private static let prefix = "sockftrace_"

    /// A name that nobody has.
    package static func unused(process: Int32) -> String {
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        return "\(prefix)\(process)_" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Whether a name is a tracer's: one of these, or one without a random part, as they were once.
    package static func isOne(_ name: some StringProtocol) -> Bool {
        guard name.hasPrefix(prefix) else { return false }
        let parts = name.dropFirst(prefix.count).split(separator: "_", omittingEmptySubsequences: false)
        guard let number = parts.first, let process = Int32(number), process > 0, "\(process)" == number else {
            return false
        }
        return parts.count == 1 || (parts.count == 2 && parts[1].utf8.count == 16 && parts[1].allSatisfy(isDigit))
    }

    private static func isDigit(_ character: Character) -> Bool {
        ("0"..."9").contains(character) || ("a"..."f").contains(character)
    }
}
