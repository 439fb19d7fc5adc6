internal import KernelLayout
internal import ProbePlanning
internal import SocketNames
internal import SocketTracing
internal import TraceFS

/// What the running kernel offers.
enum KernelChecks {
    static let all = [
        Check(name: "kernel") { [.ok("\($0.facts.release) on \($0.facts.machine)")] },
        Check(name: "kprobe events") { examination in
            guard let survey = examination.survey else { return [.unknown("cannot tell without tracefs")] }
            if survey.capabilities.has(.kernelProbes) { return [.ok("yes")] }
            let remedy = "boot a kernel built with CONFIG_KPROBES and CONFIG_KPROBE_EVENTS"
            guard let plan = try? examination.kernel?.plan(for: .standard) else {
                return [.missing("no", remedy: remedy)]
            }
            let events = plan.probes.isEmpty ? "the kernel's own events" : "event probes"
            return [.note("no; \(events) show messages sent and received", remedy: remedy)]
        },
        Check(name: "arguments") { examination in
            guard let survey = probedKernel(examination)?.survey else { return [] }
            if survey.capabilities.has(.entryArguments) { return [.ok("by number ($argN)")] }
            let machine = survey.facts.machine
            if CallingConvention.registers(machine: machine) != nil { return [.ok("by the registers of \(machine)")] }
            return [
                .missing(
                    "neither by number ($argN) nor by the registers of \(machine), which are not known",
                    remedy: "boot a kernel of 4.20 or newer")
            ]
        },
        Check(name: "maxactive") { examination in
            guard let survey = probedKernel(examination)?.survey else { return [] }
            if survey.capabilities.has(.maxActive) {
                return [
                    .ok(
                        "\(ProbePlan.maxActive) calls under way at a time for each function that can wait, "
                            + "\(ProbePlan.maxActiveOfBrief) for others")
                ]
            }
            return [.note("cannot be chosen: returns are missed where many threads sleep in one function")]
        },
        Check(name: "functions") { examination in
            // Those that stay after the self-test has found the silent ones.
            let plan =
                (try? examination.selfTest?.get().plan)
                ?? examination.kernel.flatMap { try? $0.plan(for: .all) } ?? examination.outlook?.plan(for: .all)
            guard let plan else { return [.unknown("none could be looked for")] }
            // A call path is tried with one function after the other.
            let shown = Set(plan.choices.filter { !$0.functions.isEmpty }.map(\.callPath))
            return plan.choices.compactMap { choice in
                guard choice.functions.isEmpty else {
                    return .ok("\(choice.callPath): \(choice.functions.joined(separator: ", "))")
                }
                return shown.contains(choice.callPath) ? nil : .note("\(choice.callPath): none here")
            }
        },
        Check(name: "protocols") { examination in
            guard let kernel = probedKernel(examination), kernel.survey.needsProtocols else { return [] }
            if let tables = kernel.protocols.tables {
                return [.ok("their functions were found through \(tables) tables of them")]
            }
            let remedy =
                (examination.facts.pointerRestriction ?? 0) > 1
                ? "sysctl kernel.kptr_restrict=1" : "boot a kernel built with CONFIG_KALLSYMS_ALL"
            return [
                .note(
                    "known by the names of their functions alone, as /proc/kallsyms does not tell where their tables lie: "
                        + "send and recv on sockets of other protocols are missed", remedy: remedy)
            ]
        },
        Check(name: "field offsets") { examination in
            guard let layout = examination.kernel?.layout ?? examination.outlook?.layout else {
                return [.unknown("nothing is known of this kernel")]
            }
            if layout.places.isEmpty, examination.survey == nil {
                let remedy = "run it as root: they are learnt from sockets of its own"
                return [.unknown("\(SystemPlaces.typeInformation) does not tell", remedy: remedy)]
            }
            if let survey = examination.survey, !survey.canCalibrate { return [] }
            if layout.places.isEmpty {
                return [
                    .note(
                        "unknown: \(SystemPlaces.typeInformation) is not there, so values of sockets stay unknown",
                        remedy: "boot a kernel built with CONFIG_DEBUG_INFO_BTF")
                ]
            }
            return [layout.unknown.isEmpty ? .ok(layout.origin) : .note(layout.origin)]
        },
        Check(name: "socket flags") { examination in
            guard let layout = probedKernel(examination)?.layout, layout[.socketFlags] != nil else { return [] }
            guard let names = layout.flagNames else {
                return [.note("no bit's meaning is known: they print as numbers")]
            }
            let known = (0..<SocketFlagNames.bitCount).compactMap { bit in names[bit].map { "\($0.name) \(bit)" } }
            return [.ok("\(known.joined(separator: ", ")); other bits print as numbers")]
        },
        Check(name: "buffers") { examination in
            guard let survey = examination.survey else { return [.unknown("cannot tell without tracefs")] }
            guard survey.capabilities.has(.instances) else {
                return [.missing("the kernel has no trace instances", remedy: "boot a kernel of 3.10 or newer")]
            }
            let standard = TraceOptions().bufferKilobytes
            let cpus = examination.facts.possibleCPUs ?? 1
            return [.ok("\(standard) KiB for each of \(cpus) CPUs while tracing (--buffer-kb)")]
        },
        Check(name: "leftovers") { examination in
            guard case .success(let directory) = examination.directory else {
                return [.unknown("cannot tell without tracefs")]
            }
            let leftovers = StaleTracers(in: directory)
            guard let names = try? leftovers.tracers() else { return [.unknown("tracefs would not tell")] }
            var findings: [Finding] = names.map { name in
                switch try? leftovers.isAlive(name) {
                case true?: .ok("\(name) is a running sockftrace")
                case false?: .note("\(name) was left by a sockftrace that is gone", remedy: "sockftrace clean")
                case nil: .unknown("whether the owner of \(name) runs")
                }
            }
            if (try? directory.dynamicEvents.all(in: StandingProbes.group))?.isEmpty == false {
                findings.append(.ok("probes are installed for other tools (sockftrace probes remove)"))
            }
            return findings.isEmpty ? [.ok("none")] : findings
        },
    ]

    /// The kernel, where it takes probes.
    private static func probedKernel(_ examination: DoctorContext) -> KernelKnowledge? {
        examination.kernel.flatMap { $0.survey.capabilities.has(.kernelProbes) ? $0 : nil }
    }
}
