internal import ArgumentParser
internal import TraceFS

/// `sockftrace clean`: removes what killed tracers left.
struct CleanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Removes what a killed sockftrace left in the kernel.",
        discussion: """
            A sockftrace that is killed with SIGKILL leaves its probes and its trace instance, both named \
            sockftrace_PID_RANDOM. They are removed where their owner is gone. What belongs to one that lives, in this or \
            another container, what `probes add` installed, and what anybody else made stays.

            Exit status: 0 nothing is left that should go; 1 something could not be removed.
            """)

    mutating func run() throws {
        let directory = try TracingDirectory.find()
        let report = try StaleTracers(in: directory).clean()
        try StandardOutput.print(Self.text(report))
        for failure in report.failures { Messages.say(failure.description) }
        if !report.failures.isEmpty { throw ExitCode(ExitStatus.failed.rawValue) }
    }

    /// What was done, for people.
    static func text(_ report: StaleTracers.Report) -> String {
        var lines = report.removedInstances.map { "removed the instance \($0)" }
        for group in Set(report.removedProbes.map(\.group)).sorted() {
            let count = report.removedProbes.count { $0.group == group }
            lines.append("removed \(count) \(count == 1 ? "probe" : "probes") of \(group)")
        }
        lines += report.alive.map { "left \($0) alone: its sockftrace is running" }
        if report.removedInstances.isEmpty, report.removedProbes.isEmpty, report.failures.isEmpty {
            lines.append("nothing to remove")
        }
        return lines.joined(separator: "\n")
    }
}
