internal import ArgumentParser

/// `sockftrace doctor`: what is there, what is missing, and what to do about it.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Says whether tracing can work here, and what to do if not.",
        discussion: """
            It inspects the system, then makes known calls with the probes on and says of each whether it was seen \
            exactly once; afterwards the kernel is as before. Each line is ok, missing (tracing cannot work, and what to do), note \
            (something is lacking that tracing can do without), or unknown. Without root it tells what it can.

            Exit status: 0 tracing can work; 1 it cannot, or cannot be judged.
            """)

    /// In the order in which they are printed.
    static let checks =
        KernelChecks.all.prefix(1) + AccessChecks.all + KernelChecks.all.dropFirst() + [SelfTestCheck.check]

    @OptionGroup(visibility: .hidden) var overrides: OverrideArguments

    mutating func run() throws {
        let signals = try SignalWatch()
        let examination = DoctorContext(overrides: overrides.overrides, cancellation: signals.cancellation)
        try signals.check()
        var lines: [String] = []
        var canWork = examination.survey != nil
        for check in Self.checks {
            for finding in check.look(examination) {
                lines += Self.lines(check.name, finding)
                if finding.verdict == .missing { canWork = false }
            }
        }
        lines.append(canWork ? "tracing can work here" : "tracing cannot work as things are")
        try StandardOutput.print(lines.joined(separator: "\n"))
        if !canWork { throw ExitCode(ExitStatus.failed.rawValue) }
    }

    private static func lines(_ name: String, _ finding: Finding) -> [String] {
        let verdict = finding.verdict.rawValue
        let padding = String(repeating: " ", count: max(0, 8 - verdict.count))
        let line = "\(verdict)\(padding)\(name): \(finding.detail)"
        return finding.remedy.isEmpty ? [line] : [line, "        Fix: \(finding.remedy)"]
    }
}
