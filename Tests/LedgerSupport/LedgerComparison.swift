/// The aliases, as users name them.
package enum AliasNames {
    package static let all = [
        "socket.send", "socket.receive", "socket.sendmsg", "socket.sendmsg.return", "socket.recvmsg",
        "socket.recvmsg.return", "socket.aio_write", "socket.aio_write.return", "socket.aio_read",
        "socket.aio_read.return", "socket.writev", "socket.writev.return", "socket.readv", "socket.readv.return",
        "socket.write_iter", "socket.write_iter.return", "socket.read_iter", "socket.read_iter.return",
        "socket.create", "socket.create.return", "socket.close", "socket.close.return",
    ]

    /// Those that a user gets who names none.
    package static let standard = ["socket.send", "socket.receive", "socket.create.return", "socket.close"]
}

/// Holds a trace against the ledger of what was done: nothing missed, nothing extra, nothing wrong.
///
/// Operations of one thread follow each other, so per thread and alias the two are compared line by line.
package struct LedgerComparison {
    let ledger: [LedgerLine]
    let events: [EventLine]
    /// The aliases that were traced.
    let aliases: [String]
    /// What a trace does not know of its tasks is no fault: a recorder that did not list them at its beginning cannot.
    package var toleratesUnknownTasks = false
    /// Arguments that may be unknown (null): where no function shows them, that is the honest answer.
    package var toleratesUnknown: Set<String> = []
    /// Operations that no function of the kernel shows, or no longer: of these, no event is the right answer.
    package var lacks: @Sendable (_ alias: String, _ line: LedgerLine) -> Bool = { _, _ in false }
    /// SO_PASSCRED is a bit of `socket.flags`; it moved to struct sock in 0e81cfd971dc (6.16).
    package var flagsHoldPassCredentials = true
    /// The process of each thread.
    private let processes: [Int: Int]
    /// Lines of the ledger.
    package var count: Int { ledger.count }

    package init(ledger: [LedgerLine], events: [EventLine], aliases: [String]) {
        self.ledger = ledger
        self.events = events
        self.aliases = aliases
        processes = Dictionary(ledger.map { ($0.thread.tid, $0.thread.pid) }) { first, _ in first }
    }

    /// Every difference, in words; empty where the trace is right.
    package func differences() -> [String] {
        tally().differences
    }

    /// What is missed, extra and wrong.
    package func tally() -> LedgerTally {
        var tally = LedgerTally()
        tally.operations = ledger.count
        let ledgerByThread = Dictionary(grouping: ledger, by: \.thread)
        let eventsByThread = Dictionary(grouping: events, by: thread)
        for thread in Set(ledgerByThread.keys).union(eventsByThread.keys) {
            let lines = ledgerByThread[thread] ?? []
            let byAlias = Dictionary(grouping: eventsByThread[thread] ?? [], by: \.name)
            for alias in aliases {
                compare(
                    alias, lines.filter { Self.fires(alias, $0) && !lacks(alias, $0) }, byAlias[alias] ?? [], &tally)
            }
            for (name, events) in byAlias where !aliases.contains(name) {
                tally.extra += events.count
                tally.differences.append("\(thread): \(name) was not asked for")
            }
        }
        let mixedUp = socketsMixedUp()
        tally.wrong += mixedUp.count
        tally.differences += mixedUp
        return tally
    }

    /// The thread that an event is of; its process from the ledger where the trace does not know it.
    private func thread(_ event: EventLine) -> Thread {
        guard toleratesUnknownTasks, event.number("pid") == nil, let pid = processes[event.thread.tid] else {
            return event.thread
        }
        return Thread(pid: pid, tid: event.thread.tid)
    }

    private func compare(_ alias: String, _ lines: [LedgerLine], _ events: [EventLine], _ tally: inout LedgerTally) {
        tally.expected += lines.count
        guard lines.count == events.count else {
            tally.missed += max(0, lines.count - events.count)
            tally.extra += max(0, events.count - lines.count)
            let first = zip(lines, events).first { faults(alias, $0, $1).contains { $0 != "comm" } }
            tally.differences.append(
                """
                \(lines.first?.thread ?? events[0].thread) \(alias): \(lines.count) in the ledger, \(events.count) events\
                \(first.map { "; first difference:\n  \($0.0)\n  \($0.1)" } ?? "")
                """)
            return
        }
        for (line, event) in zip(lines, events) {
            let faults = faults(alias, line, event)
            guard !faults.isEmpty else { continue }
            tally.wrong += 1
            tally.differences.append("\(alias) \(faults.joined(separator: ", ")):\n  \(line)\n  \(event)")
        }
    }

    /// Whether an operation makes an alias fire.
    private static func fires(_ alias: String, _ line: LedgerLine) -> Bool {
        switch alias {
        case "socket.send": line.operation == "send"
        case "socket.receive": line.operation == "receive"
        case "socket.create", "socket.create.return": line.operation == "create"
        case "socket.close", "socket.close.return": line.operation == "close"
        case "socket.sendmsg", "socket.sendmsg.return": line.went("sendmsg")
        case "socket.recvmsg", "socket.recvmsg.return": line.went("recvmsg")
        case "socket.aio_write", "socket.aio_write.return": line.went("aio_write")
        case "socket.aio_read", "socket.aio_read.return": line.went("aio_read")
        case "socket.writev", "socket.writev.return": line.went("writev")
        case "socket.readv", "socket.readv.return": line.went("readv")
        case "socket.write_iter", "socket.write_iter.return": line.went("aio_write", "writev")
        // Splicing out of a datagram socket reads it by its read_iter; a stream has a splice_read of its own.
        case "socket.read_iter", "socket.read_iter.return":
            line.went("aio_read", "readv") || (line.went("splice") && line.number("type") != 1)
        default: false
        }
    }

    /// The arguments of an event that are not what the ledger says.
    private func faults(_ alias: String, _ line: LedgerLine, _ event: EventLine) -> [String] {
        var faults: [String] = []
        func same(_ key: String, as ledgerKey: Substring? = nil) {
            guard event.has(key), event.number(key) != nil || !toleratesUnknown.contains(key) else { return }
            // The protocol that stands for "any" is the family's own once there is a socket.
            if key == "protocol", line.number("protocol") == 0, event.number(key) == line.defaultProtocol { return }
            if event.number(key) != line.number(ledgerKey ?? Substring(key)) { faults.append(key) }
        }
        if event.text("comm") != line.comm, !(toleratesUnknownTasks && event.text("comm") == nil) {
            faults.append("comm")
        }
        for key in ["family", "type", "protocol", "state", "requester"] { same(key) }
        let isEntry = !alias.hasSuffix(".return") && alias != "socket.send" && alias != "socket.receive"
        let isSplice = line.went("splice", "sendpage")
        if !(isEntry && isSplice) { same("size", as: isEntry ? "asked" : "result") }
        same("err", as: "result")
        if event.has("success"), (event.number("success") == 1) != ((line.number("result") ?? -1) >= 0) {
            faults.append("success")
        }
        if event.has("error") != ((line.number("result") ?? 0) < 0 && event.has("success")) { faults.append("error") }
        if event.has("via"), event.text("via") != nil || !toleratesUnknown.contains("via"),
            !Self.isSameWay(event.text("via"), line.text("via"))
        {
            faults.append("via")
        }
        if event.has("flags_name"), event.number("flags") != nil || !toleratesUnknown.contains("flags"),
            let passcred = line.number("passcred"),
            (event.text("flags_name") ?? "").contains("PASSCRED") != (passcred == 1 && flagsHoldPassCredentials)
        {
            faults.append("flags_name")
        }
        faults += Self.timeFaults(line, event)
        return faults
    }

    /// Kernels up to 6.4 send spliced pages by sendpage; later ones by sendmsg, and the trace says splice.
    private static func isSameWay(_ traced: String?, _ ledger: String?) -> Bool {
        traced == ledger || (ledger == "sendpage" && traced == "splice")
    }

    private static func timeFaults(_ line: LedgerLine, _ event: EventLine) -> [String] {
        guard let before = line.number("t0"), let after = line.number("t1"), let time = event.number("time") else {
            return []
        }
        var faults: [String] = []
        if time < before || time > after { faults.append("time") }
        if event.has("duration"), !(0...after - before).contains(event.number("duration") ?? -1) {
            faults.append("duration")
        }
        return faults
    }

    /// One socket of the ledger is one address in the trace.
    private func socketsMixedUp() -> [String] {
        var addresses: [String: Set<String>] = [:]
        let eventsByThread = Dictionary(grouping: events) { "\(thread($0)) \($0.name)" }
        for (alias, operation) in [("socket.send", "send"), ("socket.receive", "receive"), ("socket.close", "close")]
        where aliases.contains(alias) {
            let lines = ledger.filter { $0.operation == operation && !lacks(alias, $0) }
            for (thread, lines) in Dictionary(grouping: lines, by: \.thread) {
                for (line, event) in zip(lines, eventsByThread["\(thread) \(alias)"] ?? []) {
                    guard let sock = line.text("sock"), let address = event.text("socket") else { continue }
                    addresses[sock, default: []].insert(address)
                }
            }
        }
        return addresses.filter { $0.value.count > 1 }.map { "socket \($0.key) had the addresses \($0.value)" }
    }
}
