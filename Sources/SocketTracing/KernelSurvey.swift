internal import LinuxSystem
package import ProbePlanning
package import KernelLayout
package import SocketEvents
package import TraceFS

/// What is known of the running kernel: the ground that a probe plan stands on.
package struct KernelSurvey: Sendable {
    /// Its tracefs.
    package let directory: TracingDirectory
    /// What machine and system it is.
    package let facts: SystemInfo
    /// What its tracefs can do.
    package let capabilities: Capabilities
    /// Which functions it has.
    package let symbols: KernelSymbols
    /// Where the fields of its sockets are, as far as that is known.
    package let layout: StructLayout
    /// The protocols' own functions.
    package let protocols: ProtocolFunctions
    /// Whether a plan needs them: there is nothing else that shows the socket of some message.
    package let needsProtocols: Bool
    /// How functions get their arguments.
    package let convention: CallingConvention
    /// Nanoseconds that the experiments took from which offsets, meanings of flags, or the protocols' functions were
    /// learnt; nil without any.
    package let calibrationTime: UInt64?

    /// Looks at the running kernel. Where offsets have to be learnt, probes are in place for a moment; else nothing is
    /// changed.
    package init(offsets: OffsetSource = .auto, overrides: KernelOverrides = KernelOverrides()) throws(TracingError) {
        var ground: TracerInstance?
        try self.init(offsets: offsets, overrides: overrides, ground: &ground)
        Self.clear(&ground)
    }

    /// - Parameter ground: made where something has to be learnt by experiment, and left for a trace to stand on.
    init(
        offsets: OffsetSource, overrides: KernelOverrides, bufferKilobytes: Int = MemorySession.bufferKilobytes,
        ground: inout TracerInstance?
    ) throws(TracingError) {
        let kallsyms: [UInt8]
        do {
            directory = try TracingDirectory.find()
            facts = SystemInfo.current()
            capabilities = try directory.capabilities()
            let proc = BufferDirectory(path: "/proc")
            kallsyms = try proc.bytes("kallsyms")
        } catch {
            throw .traceFS(error)
        }
        let wanted = KernelFunction.candidateSymbols.subtracting(overrides.absent)
        var symbols = KernelSymbols(kallsyms: kallsyms, wanted: wanted)
        convention = Self.convention(capabilities, facts)
        let stated = offsets == .calibrate ? nil : Self.statedLayout()
        if stated == nil, offsets == .btf { throw .noTypeInformation }
        var knowledge = Calibrator.Knowledge(layout: stated)
        needsProtocols = capabilities.has(.kernelProbes) && ProbePlan.needsProtocols(symbols)
        if needsProtocols {
            knowledge.search = ProtoOpsScan(
                kallsyms: kallsyms, wordSize: convention.wordSize, trustsNames: !overrides.hidesProtocolNames)
        }
        if capabilities.has(.kernelProbes), knowledge.needsExperiments {
            // Whoever may not write learns it from the trace; for `list` and `doctor` the rest is worth telling.
            ground = try? TracerInstance(
                directory, bufferKilobytes: max(bufferKilobytes, MemorySession.bufferKilobytes))
            let begin = Clock.monotonic.now
            Calibrator.learn(&knowledge, on: &ground, symbols: symbols, convention: convention)
            calibrationTime = Clock.monotonic.now - begin
        } else {
            calibrationTime = nil
        }
        layout = knowledge.layout ?? StructLayout()
        let known = overrides.hidesProtocolNames ? ProtocolFunctions(sending: [], receiving: []) : .known
        protocols = known.joined(with: knowledge.protocols)
        for function in (knowledge.protocols?.sending ?? []) + (knowledge.protocols?.receiving ?? [])
        where !overrides.absent.contains(function.symbol) {
            symbols.add(function.symbol)
        }
        self.symbols = symbols
    }

    /// The layout that experiments show, made anew. Where the kernel states one, too, they must agree.
    package func calibratedLayout() -> StructLayout {
        let haste = PriorityBoost.begin()
        defer { haste.end() }
        var ground = try? TracerInstance(directory, bufferKilobytes: MemorySession.bufferKilobytes)
        var knowledge = Calibrator.Knowledge()
        Calibrator.learn(&knowledge, on: &ground, symbols: symbols, convention: convention)
        Self.clear(&ground)
        return knowledge.layout ?? StructLayout()
    }

    private static func clear(_ ground: inout TracerInstance?) {
        _ = ground?.stop()
        _ = ground?.remove()
        ground = nil
    }

    /// The layout that the kernel's type information states; nil where there is none.
    package static func statedLayout() -> StructLayout? {
        let typeInformation = try? BufferDirectory(path: "/sys/kernel/btf").bytes("vmlinux")
        return typeInformation.flatMap { StructLayout(btf: $0) }
    }

    private static func convention(_ capabilities: Capabilities, _ facts: SystemInfo) -> CallingConvention {
        if capabilities.has(.entryArguments) { return .byNumber }
        return CallingConvention.registers(machine: facts.machine) ?? .byNumber
    }

    /// The plan for some aliases on this kernel.
    /// - Parameters:
    ///   - silent: functions that were proven not to fire.
    ///   - unseen: call paths that were proven not to be seen.
    ///   - packsFields: whether the records are for nobody but us to read.
    package func plan(
        for aliases: AliasSet, silent: Set<String> = [], unseen: Set<CallPath> = [],
        packsFields: Bool = false
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
        request.unseen = unseen
        request.protocols = protocols
        request.packsFields = packsFields
        let plan = ProbePlan(for: request)
        guard !plan.probes.isEmpty else { throw .noProbes(aliases: aliases.members.map { "\($0.name)" }) }
        return plan
    }
}
