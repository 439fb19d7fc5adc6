internal import LinuxSystem
package import KernelLayout
internal import ProbeContract
package import ProbePlanning
package import TraceFS

/// What the running kernel says of itself. Making one only reads.
package struct KernelSurvey: Sendable {
    /// Its tracefs.
    package let directory: TracingDirectory
    /// What machine and system it is.
    package let facts: SystemInfo
    /// What its tracefs can do.
    package let capabilities: Capabilities
    /// Which functions it has.
    package let symbols: KernelSymbols
    /// How functions get their arguments.
    package let convention: CallingConvention
    /// The layout that its type information states; nil where there is none.
    package let statedLayout: StructLayout?
    /// Whether a plan needs the protocols' own functions: there is nothing else that shows the socket of some message.
    package let needsProtocols: Bool
    /// How those are looked for; nil where they are not needed, or where the kernel does not show their tables.
    let protocolScan: ProtoOpsScan?
    let overrides: KernelOverrides
    /// Asked by whatever is set up on the kernel.
    let cancellation: SetupCancellation

    /// Looks at the running kernel.
    package init(
        overrides: KernelOverrides = KernelOverrides(), cancellation: SetupCancellation = .never
    ) throws(TracingError) {
        do {
            let directory = try TracingDirectory.find()
            self.init(
                directory, facts: SystemInfo.current(), capabilities: try directory.capabilities(),
                kallsyms: try BufferDirectory(path: "/proc").bytes("kallsyms"), statedLayout: Self.statedLayout(),
                overrides: overrides, cancellation: cancellation)
        } catch {
            throw .traceFS(error)
        }
    }

    /// What follows from what a kernel says of itself.
    /// - Parameter kallsyms: /proc/kallsyms, as it is.
    init(
        _ directory: TracingDirectory, facts: SystemInfo, capabilities: Capabilities, kallsyms: [UInt8],
        statedLayout: StructLayout?, overrides: KernelOverrides, cancellation: SetupCancellation = .never
    ) {
        self.directory = directory
        self.facts = facts
        var capabilities = capabilities
        if overrides.hidesKprobes { capabilities.features.remove(.kernelProbes) }
        self.capabilities = capabilities
        self.statedLayout = statedLayout
        self.overrides = overrides
        symbols = KernelSymbols(
            kallsyms: kallsyms, wanted: KernelFunction.candidateSymbols.subtracting(overrides.absent))
        convention = Self.convention(capabilities, facts)
        needsProtocols = capabilities.has(.kernelProbes) && ProbePlan.needsProtocols(symbols)
        protocolScan =
            needsProtocols
            ? ProtoOpsScan(
                kallsyms: kallsyms, wordSize: convention.wordSize, trustsNames: !overrides.hidesProtocolNames) : nil
        self.cancellation = cancellation
    }

    /// Whether struct offsets can be learnt from our own sockets here.
    package var canCalibrate: Bool {
        capabilities.has(.kernelProbes)
            || capabilities.has(.eventProbes) && directory.top.has("events/\(MessageEvent.received.rawValue)")
    }

    /// The layout that the kernel's type information states; nil where there is none.
    static func statedLayout() -> StructLayout? {
        let typeInformation = try? Files.bytes(of: "/sys/kernel/btf/vmlinux")
        return typeInformation.flatMap { StructLayout(btf: $0) }
    }

    private static func convention(_ capabilities: Capabilities, _ facts: SystemInfo) -> CallingConvention {
        if capabilities.has(.entryArguments) { return .byNumber }
        return CallingConvention.registers(machine: facts.machine) ?? .byNumber
    }
}
