public import ProbePlan
public import SocketAliases
public import TraceFS

/// What is known of the running kernel: the ground that a probe plan stands on.
public struct KernelSurvey: Sendable {
    public let directory: TracingDirectory
    public let facts: SystemFacts
    public let capabilities: Capabilities
    public let symbols: KernelSymbols
    public let layout: StructLayout

    /// Looks at the running kernel, changing nothing.
    public init() throws(TracingError) {
        do {
            directory = try TracingDirectory.find()
            facts = SystemFacts.current()
            capabilities = try directory.capabilities()
            let proc = BufferDirectory(path: "/proc")
            symbols = KernelSymbols(kallsyms: try proc.bytes("kallsyms"), wanted: ProbePlan.candidateSymbols)
        } catch {
            throw .traceFS(error)
        }
        let typeInformation = try? BufferDirectory(path: "/sys/kernel/btf").bytes("vmlinux")
        layout = typeInformation.flatMap { StructLayout(btf: $0) } ?? StructLayout()
    }

    /// The plan for some aliases on this kernel.
    public func plan(for aliases: AliasSet) throws(TracingError) -> ProbePlan {
        guard capabilities.has(.kernelProbes) else {
            let top = directory.top
            guard let plan = ProbePlan.tracepoints(for: aliases, hasEvent: { top.has("events/\($0)") }) else {
                throw .noKernelProbes(release: facts.release)
            }
            return plan
        }
        let byNumber = capabilities.has(.entryArguments)
        let convention = byNumber ? .byNumber : CallingConvention.registers(machine: facts.machine) ?? .byNumber
        let request = PlanRequest(
            symbols: symbols, layout: layout, convention: convention, hasMaxActive: capabilities.has(.maxActive),
            aliases: aliases)
        let plan = ProbePlan(for: request)
        guard !plan.probes.isEmpty else { throw .noProbes(aliases: aliases.members.map { "\($0.name)" }) }
        return plan
    }
}
