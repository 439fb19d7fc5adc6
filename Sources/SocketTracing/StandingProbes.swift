package import ProbePlanning
package import TraceFS

/// Probes that stay in the kernel until they are taken away, for trace-cmd, perf and others to record from.
package struct StandingProbes: Sendable {
    /// Their event group.
    package static let group = "sockftrace"

    private let directory: TracingDirectory

    /// The probes of a tracefs.
    package init(in directory: TracingDirectory) {
        self.directory = directory
    }

    /// Installs the probes of a plan: all of them, or none and an error.
    package func add(_ plan: ProbePlan, cancellation: SetupCancellation = .never) throws(TracingError) {
        var added: [EventName] = []
        let events = directory.dynamicEvents
        do throws(TraceFSError) {
            try directory.checkWritable()
            guard try events.all(in: Self.group).isEmpty else { throw alreadyThere }
            for probe in plan.probes {
                try cancellation.check()
                added.append(try events.add(probe.text(group: Self.group)).name)
            }
        } catch {
            for name in added.reversed() { try? events.remove(name) }
            throw .traceFS(error)
        }
    }

    private var alreadyThere: TraceFSError {
        TraceFSError(
            .alreadyExists, "install probes in the group \(Self.group)", path: directory.dynamicEvents.path,
            kernelMessage: "it lists probes of that group", remedy: "take them away first: sockftrace probes remove")
    }

    /// Takes away the probes of the group, whoever installed them, and goes on when one cannot be.
    /// - Returns: those that are gone, and what failed.
    package func remove() throws(TracingError) -> (removed: [EventName], failures: [TraceFSError]) {
        do {
            let events = directory.dynamicEvents
            var removed: [EventName] = []
            var failures: [TraceFSError] = []
            var seen: Set<EventName> = []
            for probe in try events.all(in: Self.group) where seen.insert(probe.name).inserted {
                do throws(TraceFSError) {
                    try events.remove(probe.name)
                    removed.append(probe.name)
                } catch {
                    failures.append(error)
                }
            }
            return (removed, failures)
        } catch {
            throw .traceFS(error)
        }
    }
}
