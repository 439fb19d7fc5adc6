#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// What uname(2) says of the machine.
package struct KernelName: Sendable, Equatable {
    /// As in `6.1.0-37-amd64`: for people, never to choose features by.
    package let release: String
    /// The build, as in `#1 SMP PREEMPT_DYNAMIC …`.
    package let version: String
    /// The processor family, as in `x86_64`.
    package let machine: String
    package let nodeName: String

    package static var current: KernelName {
        var names = utsname()
        _ = uname(&names)
        return KernelName(
            release: text(of: names.release), version: text(of: names.version), machine: text(of: names.machine),
            nodeName: text(of: names.nodename))
    }

    private static func text<Tuple>(of field: Tuple) -> String {
        withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
