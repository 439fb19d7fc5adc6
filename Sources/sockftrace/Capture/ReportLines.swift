internal import EventOutput
internal import ProbePlanning
internal import SocketEvents
internal import SocketTracing

/// The last words of a trace: how much was seen, and what is missing.
enum ReportLines {
    /// The lines, and the status that they amount to.
    /// - Parameters:
    ///   - tally: what was made of the events that passed the filters; nil where they were not decoded.
    ///   - isVerbose: also say what is 0, and how the values came about.
    static func lines(
        of report: TraceReport, tally: Tally?, isStrict: Bool, isVerbose: Bool
    ) -> (text: String, status: ExitStatus) {
        let statistics = report.statistics
        var parts: [String] = []
        if let tally { parts.append(words(of: tally, events: statistics.events)) }
        let counts = [
            (report.lostRecords, "lost record"), (report.missedReturns, "missed return"),
            (tally == nil ? 0 : statistics.unfinished, "unfinished operation"),
        ]
        parts += counts.filter { $0.0 > 0 || isVerbose }.map { count($0.0, $0.1) }
        if report.uncountedLosses > 0 {
            parts.append("\(count(report.uncountedLosses, "loss", "losses")) of unknown size")
        }
        let selfTest = report.selfTest?.remark ?? report.selfTestRemark
        let isPassed = report.selfTest?.isWhole ?? selfTest?.hasPrefix("self-test of ") ?? false
        if isVerbose { parts += [isPassed ? selfTest : nil, report.origin].compactMap { $0 } }
        var lines = parts.isEmpty ? [] : [parts.joined(separator: ", ")]
        if !isPassed, let selfTest { lines.append(selfTest) }
        lines += self.remarks(report)
        if !report.leftBehind.isEmpty {
            lines += report.leftBehind
            return (lines.joined(separator: "\n"), .failed)
        }
        return (lines.joined(separator: "\n"), isStrict && !report.isComplete ? .incomplete : .done)
    }

    /// What became of so many events.
    private static func words(of tally: Tally, events: UInt64) -> String {
        if let shown = tally.eventCount {
            // Filters hold some back, and so does an output that ended before the events did.
            return shown == events ? count(shown, "event") : "\(shown) of \(events) events shown"
        }
        guard !tally.isNothing else {
            let units = tally.parts.map(\.unit.plural)
            return "no \(list(units, "or")) in \(count(events, "event"))"
        }
        return list(
            tally.parts.filter { $0.number > 0 }.map { count($0.number, $0.unit.rawValue, $0.unit.plural) }, "and")
    }

    /// As in "a, b and c".
    private static func list(_ words: [String], _ conjunction: String) -> String {
        guard words.count > 1, let last = words.last else { return words.first ?? "" }
        return "\(words.dropLast().joined(separator: ", ")) \(conjunction) \(last)"
    }

    /// What needs to be said only where it happened.
    private static func remarks(_ report: TraceReport) -> [String] {
        let statistics = report.statistics
        var lines: [String] = []
        if report.begunBeforeTrace > 0 {
            lines.append(
                count(report.begunBeforeTrace, "operation") + " in progress when the trace began; not shown")
        }
        if statistics.unpairedReturns > 0 {
            lines.append(count(statistics.unpairedReturns, "return") + " skipped: the entry record was lost")
        }
        if statistics.uncertainPairs > 0 {
            lines.append(count(statistics.uncertainPairs, "event") + " shown without arguments: the entry may be lost")
        }
        lines += report.malformedRemarks.map(PrintableText.line)
        if report.lostRecords > 0 || report.uncountedLosses > 0 {
            lines.append("to lose fewer records: a larger --buffer-kb, or fewer probes (--probe) or processes (--pid)")
        }
        if let reason = report.earlyEnd { lines.append("the recording ended early: \(reason)") }
        // They may name a buffer, by any name that the file has for it.
        lines += report.fileRemarks.map(PrintableText.line)
        lines += report.disturbances.map(\.description)
        for (event, missed) in (report.kernel?.missed ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append("the kernel missed \(missed) at \(event)")
        }
        return lines
    }

    private static func count(_ number: UInt64, _ what: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? what : plural ?? what + "s")"
    }
}
