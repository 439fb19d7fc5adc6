internal import KernelLayout
internal import ProbeContract
package import ProbePlanning
internal import SocketEvents

/// The recorder for machines whose processor has no executable of ours: a script for any POSIX shell, that of BusyBox for one.
package enum RecorderScript {
    /// The script.
    /// - Parameter made: the kernel that it is to record on and the probes there; without them it can collect the facts
    ///   from which these follow, and nothing else.
    package static func text(for made: (kernel: String, plan: ProbePlan)? = nil) -> [UInt8] {
        var text: [UInt8] = []
        for line in PackageResources.recorder_sh.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        {
            guard line.first == UInt8(ascii: "@") else {
                text += line + [UInt8(ascii: "\n")]
                continue
            }
            for line in lines(String(decoding: line, as: UTF8.self), made) {
                text += Array(line.utf8) + [UInt8(ascii: "\n")]
            }
        }
        // Behind the last line there is an empty one.
        text.removeLast()
        return text
    }

    private static func lines(_ mark: String, _ made: (kernel: String, plan: ProbePlan)?) -> [String] {
        if mark == "@functions@" { return KernelFunction.candidateSymbols.sorted() }
        if mark == "@registers@" { return registers }
        guard let made else { return [] }
        switch mark {
        case "@kernel@": return [made.kernel]
        case "@probes@": return probes(made.plan)
        case "@events@": return events(made.plan)
        case "@notes@": return notes(made.plan)
        default: return []
        }
    }

    private static var registers: [String] {
        CallingConvention.machines.compactMap { machine in
            CallingConvention.registers(machine: machine).map { convention in
                ([machine] + (1...6).compactMap { convention.argumentText($0) }).joined(separator: " ")
            }
        }
    }

    private static func probes(_ plan: ProbePlan) -> [String] {
        plan.probes.map { line($0, $0.isDispensable ? "may" : "must") } + plan.snapshot.map { line($0, "list") }
    }

    private static func line(_ probe: ProbeDefinition, _ need: String) -> String {
        let group = "G"
        // KIND:GROUP/EVENT and the rest.
        let words = probe.text(group: group).split(separator: " ", maxSplits: 1).map(String.init)
        let kind = words[0].prefix { $0 != ":" }
        return "\(need) \(probe.symbol) \(kind) \(probe.event.text) \(words.dropFirst().joined())"
    }

    private static func events(_ plan: ProbePlan) -> [String] {
        EventPlanTable.taskEvents.map { "\($0.system)/\($0.name)" } + plan.tracepoints
    }

    private static func notes(_ plan: ProbePlan) -> [String] {
        var notes = RecordingMetadata()
        notes.recorder = "sockftrace \(ProgramVersion.current), shell recorder"
        notes.choices = plan.choices
        notes.origin = plan.origin
        notes.countsFromBegin = true
        return String(decoding: notes.encoded, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
