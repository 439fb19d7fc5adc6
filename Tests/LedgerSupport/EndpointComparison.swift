/// Holds a trace against the ledger of endpoints: each event once, at its time, in its thread, with the right values.
///
/// An event belongs to the line within whose time it happened. Times of one thread overlap where a call goes on behind
/// its back (a connection made without waiting, a request of io_uring) or moves several messages; there the line wins
/// with which the event agrees best.
package struct EndpointComparison {
    let ledger: EndpointLedger
    let events: [EventLine]
    /// The aliases that were traced.
    let aliases: Set<String>
    /// Events of processes that have no line are somebody else's: the whole system was traced.
    package var ignoresOthers = false
    /// What may be unknown (null): where no function of the kernel shows it, that is the honest answer.
    package var excuses: @Sendable (_ line: EndpointLine, _ field: String) -> Bool = { _, _ in false }

    package init(ledger: EndpointLedger, events: [EventLine], aliases: some Sequence<String> = EndpointLedger.aliases) {
        self.ledger = ledger
        self.events = events
        self.aliases = Set(aliases)
    }

    /// Of what a kernel without kprobes shows.
    package static func ofEvents(
        ledger: EndpointLedger, events: [EventLine], aliases: [String] = EndpointLedger.aliasesOfEvents
    ) -> EndpointComparison {
        var comparison = EndpointComparison(
            ledger: EndpointLedger(lines: ledger.lines.filter(EndpointExcuses.isShownByEvents)),
            events: events, aliases: aliases)
        comparison.excuses = EndpointExcuses.holdByEvents
        return comparison
    }

    /// Of a trace with offsets found in the memory of sockets: of TCP all is known that any kernel shows, and of the rest
    /// nothing is wrong.
    package static func ofFoundOffsets(ledger: EndpointLedger, events: [EventLine]) -> EndpointComparison {
        var comparison = EndpointComparison(ledger: ledger, events: events)
        comparison.excuses = { line, field in
            let isTCP = line["type"].values == ["1"] && line["family"].values != ["1"]
            return !isTCP || EndpointExcuses.hold(line, field)
        }
        return comparison
    }

    package func tally() -> EndpointTally {
        var tally = EndpointTally()
        let lines = ledger.lines.filter { aliases.contains($0.alias) }
        tally.expected = lines.count { $0.isCertain }
        let owners = Set(lines.compactMap(\.tid))
        var byAlias: [String: EndpointCandidates] = [:]
        for (alias, lines) in Dictionary(grouping: lines, by: \.alias) { byAlias[alias] = EndpointCandidates(lines) }
        let events = events.map { (time: $0.number("time") ?? .min, event: $0) }.sorted { $0.time < $1.time }
        for (time, event) in events {
            let tid = event.thread.tid
            if let line = byAlias[event.name]?.take(
                time: time, tid: tid, { EndpointFields.cost(of: event, against: $0) })
            {
                judge(event, line, &tally)
            } else if !ignoresOthers || owners.contains(tid) {
                tally.extra += 1
                tally.differences.append("extra, not in the ledger:\n  \(event)")
            }
        }
        for line in byAlias.values.flatMap(\.left) where line.isCertain {
            tally.missed += 1
            tally.differences.append("missed:\n  \(line)")
        }
        return tally
    }

    private func judge(_ event: EventLine, _ line: EndpointLine, _ tally: inout EndpointTally) {
        var wrong: [String] = []
        for (field, verdict) in EndpointFields.verdicts(of: event, against: line) {
            tally.compared += 1
            let key = EndpointTally.Field(line.alias, field)
            switch verdict {
            case .right: break
            case .wrong:
                wrong.append(field)
                tally.wrongFields[key, default: 0] += 1
            case .unknown where excuses(line, field): tally.excused += 1
            case .unknown:
                if tally.unknownFields[key] == nil {
                    tally.differences.append("unknown \(field):\n  \(line)\n  \(event)")
                }
                tally.unknownFields[key, default: 0] += 1
            }
        }
        guard !wrong.isEmpty else { return }
        tally.wrong += 1
        tally.differences.append("wrong \(wrong.joined(separator: ", ")):\n  \(line)\n  \(event)")
    }
}
