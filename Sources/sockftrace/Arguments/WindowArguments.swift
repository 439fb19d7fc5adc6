public import ArgumentParser
internal import EventOutput
public import SocketTracing

/// Which part of a recording to look at.
struct WindowArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only events that completed at or after this time.",
            discussion: """
                As text prints it (12.5, seconds of the trace clock), after the beginning of the recording (+1.5), or \
                by the time of day (06:22:10.5 on the day of the recording, or '2026-11-21 06:22:10').
                """,
            valueName: "time"))
    var since: TimePoint?

    @Option(help: ArgumentHelp("Only events that completed at or before this time.", valueName: "time"))
    var until: TimePoint?

    @Option(help: ArgumentHelp("Only what was recorded on these CPUs, as in 0,2-5.", valueName: "list"))
    var cpu: CPUList?

    var isGiven: Bool { since != nil || until != nil || cpu != nil }

    /// Tells each file the part that is wanted of it.
    func apply(to inputs: ReportInputs) throws {
        guard isGiven else { return }
        if let cpu { try Self.check(cpu, inputs) }
        guard since != nil || until != nil else { return }
        for file in inputs.files { try file.needNanoseconds("--since and --until") }
        let beginnings = try inputs.beginnings()
        for (file, beginning) in zip(inputs.files, beginnings) {
            if let since { file.window.since = try Self.time(since, in: file, beginning, "--since") }
            if let until { file.window.until = try Self.time(until, in: file, beginning, "--until") }
            guard file.window.since <= file.window.until else {
                throw CommandFailure("--until is before --since: nothing is left of \(file.name)", status: .badUsage)
            }
        }
    }

    /// Refuses CPUs of which no file has one.
    private static func check(_ wanted: CPUList, _ inputs: ReportInputs) throws {
        let recorded = Set(inputs.files.flatMap { $0.facts.buffers.flatMap { $0.cpus.map(\.cpu) } }).sorted()
        guard !recorded.isEmpty, !recorded.contains(where: { wanted.contains(UInt32(clamping: $0)) }) else { return }
        throw CommandFailure(
            "--cpu: none of these was recorded; there are \(recorded.map(String.init).joined(separator: ", "))",
            status: .badUsage)
    }

    /// A time in nanoseconds of a file's trace clock.
    private static func time(
        _ point: TimePoint, in file: ReportInput, _ beginning: UInt64, _ option: String
    ) throws -> UInt64 {
        switch point {
        case .clock(let time): return time
        case .sinceBeginning(let time):
            let (sum, isTooLate) = beginning.addingReportingOverflow(time)
            return isTooLate ? .max : sum
        case .wall(let day, let time):
            let offset = try file.wallClock(option)
            let zone = Int64(try file.zone(offset)) * 1_000_000_000
            let begun = Int64(bitPattern: try file.beginning()) &+ offset &+ zone
            let days = day?.daysSince1970 ?? begun / 86_400_000_000_000
            // What lies before the clock's first moment is its first moment.
            return UInt64(max(days * 86_400_000_000_000 &+ Int64(time) &- zone &- offset, 0))
        }
    }
}

extension TimePoint: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

extension CPUList: ExpressibleByArgument {
    /// From a list such as `0,2-5`.
    public init?(argument: String) { self.init(argument) }
}
