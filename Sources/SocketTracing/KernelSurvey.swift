public import ProbePlan
public import SocketAliases
public import TraceFS

/// What is known of the running kernel: the ground that a probe plan stands on.
public struct KernelSurvey: Sendable {
    /// Its tracefs.
    public let directory: TracingDirectory
    /// What machine and system it is.
    public let facts: SystemFacts
    /// What its tracefs can do.
    public let capabilities: Capabilities
    /// Which functions it has.
    public let symbols: KernelSymbols
    /// Where the fields of its sockets are, as far as that is known.
    public let layout: StructLayout
    /// How functions get their arguments.
    public let convention: CallingConvention
    /// Nanoseconds that the experiments took from which offsets, or meanings of flags, were learnt; nil without any.
    public let calibrationTime: UInt64?

    /// Looks at the running kernel. Where offsets have to be learnt, probes are in place for a moment; else nothing is
    /// changed.
    /// - Parameter hidden: functions that are treated as if the kernel did not have them.
    public init(offsets: OffsetSource = .auto, hidden: Set<String> = []) throws(TracingError) {
        var ground: TraceGround?
        try self.init(offsets: offsets, hidden: hidden, ground: &ground)
        Self.clear(&ground)
    }

    /// - Parameter ground: made where something has to be learnt by experiment, and left for a trace to stand on.
    init(
        offsets: OffsetSource, hidden: Set<String>, bufferKilobytes: Int = DumpSession.bufferKilobytes,
        ground: inout TraceGround?
    ) throws(TracingError) {
        do {
            directory = try TracingDirectory.find()
            facts = SystemFacts.current()
            capabilities = try directory.capabilities()
            let proc = BufferDirectory(path: "/proc")
            let wanted = ProbePlan.candidateSymbols.union(DumpSource.symbols).subtracting(hidden)
            symbols = KernelSymbols(kallsyms: try proc.bytes("kallsyms"), wanted: wanted)
        } catch {
            throw .traceFS(error)
        }
        convention = Self.convention(capabilities, facts)
        let stated = offsets == .calibrate ? nil : Self.statedLayout()
        if stated == nil, offsets == .btf { throw .noTypeInformation }
        guard capabilities.has(.kernelProbes), stated?.flagSpec == nil else {
            layout = stated ?? StructLayout()
            calibrationTime = nil
            return
        }
        // Whoever may not write learns it from the trace; for `list` and `doctor` the rest is worth telling.
        ground = try? TraceGround(
            directory, bufferKilobytes: max(bufferKilobytes, DumpSession.bufferKilobytes))
        let begin = ProbeSession.now()
        if var stated {
            if let flags = stated[.socketFlags] {
                stated.flagSpec = Calibrator.flagSpec(
                    at: flags, on: &ground, symbols: symbols, convention: convention)
            }
            layout = stated
        } else {
            layout = Calibrator.layout(on: &ground, symbols: symbols, convention: convention)
        }
        calibrationTime = ProbeSession.now() - begin
    }

    /// The layout that experiments show, made anew. Where the kernel states one, too, they must agree.
    public func calibratedLayout() -> StructLayout {
        let haste = Haste.begin()
        defer { haste.end() }
        var ground = try? TraceGround(directory, bufferKilobytes: DumpSession.bufferKilobytes)
        let calibrated = Calibrator.layout(on: &ground, symbols: symbols, convention: convention)
        Self.clear(&ground)
        return calibrated
    }

    private static func clear(_ ground: inout TraceGround?) {
        _ = ground?.stop()
        _ = ground?.remove()
        ground = nil
    }

    /// The layout that the kernel's type information states; nil where there is none.
    public static func statedLayout() -> StructLayout? {
        let typeInformation = try? BufferDirectory(path: "/sys/kernel/btf").bytes("vmlinux")
        return typeInformation.flatMap { StructLayout(btf: $0) }
    }

    private static func convention(_ capabilities: Capabilities, _ facts: SystemFacts) -> CallingConvention {
        if capabilities.has(.entryArguments) { return .byNumber }
        return CallingConvention.registers(machine: facts.machine) ?? .byNumber
    }

    /// The plan for some aliases on this kernel.
    /// - Parameters:
    ///   - silent: functions that were proven not to fire.
    ///   - packsFields: whether the records are for nobody but us to read.
    public func plan(
        for aliases: AliasSet, silent: Set<String> = [], packsFields: Bool = false
    ) throws(TracingError) -> ProbePlan {
        guard capabilities.has(.kernelProbes) else {
            let top = directory.top
            guard let plan = ProbePlan.tracepoints(for: aliases, hasEvent: { top.has("events/\($0)") }) else {
                throw .noKernelProbes(release: facts.release)
            }
            return plan
        }
        var request = PlanRequest(
            symbols: symbols, layout: layout, convention: convention, hasMaxActive: capabilities.has(.maxActive),
            aliases: aliases, silent: silent)
        request.packsFields = packsFields
        let plan = ProbePlan(for: request)
        guard !plan.probes.isEmpty else { throw .noProbes(aliases: aliases.members.map { "\($0.name)" }) }
        return plan
    }
}
