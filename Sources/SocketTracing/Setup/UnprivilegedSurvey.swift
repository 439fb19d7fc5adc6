internal import LinuxSystem
package import ProbePlanning
package import KernelLayout
package import SocketEvents
internal import TraceFS

/// What can be told of the running kernel without privileges: the names of its functions, and its type information.
/// Whether it takes events at its probes remains unknown.
package struct UnprivilegedSurvey: Sendable {
    private let symbols: KernelSymbols
    /// Where the fields of its sockets are.
    package let layout: StructLayout
    /// It has the function that sets probes; a kernel built without CONFIG_KPROBES has none.
    package var takesProbes: Bool { symbols.canProbe(Self.probeFunction) }

    private static let probeFunction = "register_kprobe"

    /// Nil where not even the names of functions can be read.
    package init?() {
        guard let names = try? Files.bytes(of: "/proc/kallsyms"), !names.isEmpty else { return nil }
        symbols = KernelSymbols(
            kallsyms: names, wanted: KernelFunction.candidateSymbols.union([Self.probeFunction]))
        let typeInformation = try? Files.bytes(of: "/sys/kernel/btf/vmlinux")
        layout = typeInformation.flatMap { StructLayout(btf: $0) } ?? StructLayout()
    }

    /// The plan that would be made if the kernel takes probes as kernels of today do; nil where it takes none.
    package func plan(for aliases: AliasSet) -> ProbePlan? {
        guard takesProbes else { return nil }
        return ProbePlan(for: PlanRequest(symbols: symbols, layout: layout, aliases: aliases))
    }
}
