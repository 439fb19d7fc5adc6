internal import EventOutput
internal import SocketEvents
internal import SocketNames

/// Stories for people: who the socket is, a line for each step, what it came to.
struct StoryText: Sendable {
    let time: TimeColumn
    /// Columns of the terminal; nil where that does not matter.
    let width: Int?

    /// A step with what its line needs to know besides.
    private struct Line {
        let step: SocketStory.Step
        let peer: SocketAddress?
        /// Since the step before.
        let after: UInt64?
        /// Another process than the story's.
        let isOther: Bool
    }

    private var table: TextTable<Line> {
        let time = time
        return TextTable(
            columns: [
                TableColumn("TIME", rank: 3, least: time.width(isPrecise: false)) { line, out in
                    out.append(time: line.step.time, as: time, isPrecise: false)
                    return nil
                },
                TableColumn("AFTER", rank: 1, least: 7) { $1.cell(latency: $0.after) },
                TableColumn("EVENT", isRight: false, least: 8) { line, out in
                    out.append(line.step.alias.word)
                    return nil
                },
                TableColumn("BYTES", least: 12) { $1.append(resultOf: $0.step) },
                TableColumn("LATENCY", rank: 2, least: 7) { $1.cell(latency: $0.step.duration) },
                TableColumn("NOTE", isRight: false, rank: 4) { Self.note($0, &$1) },
            ], limit: width)
    }

    /// Appends the titles of the columns.
    func header(into out: inout OutputBuffer) { table.renderTitles(table.arrangement([]), into: &out) }

    /// Appends a story.
    /// - Parameter file: the recording that it is of; nil where there is only one.
    func render(_ story: SocketStory, file: String?, into out: inout OutputBuffer) {
        append(parts: heading(story, file), into: &out)
        let steps = story.steps
        var before: UInt64?
        func lines(_ steps: [(step: SocketStory.Step, peer: SocketAddress?)]) -> [Line] {
            steps.map { step, peer in
                defer { before = step.time }
                return Line(
                    step: step, peer: peer, after: before.map { step.time >= $0 ? step.time - $0 : 0 },
                    isOther: step.pid != story.pid)
            }
        }
        let first = lines(steps.first)
        // What comes after the gap is so long after something that is not shown.
        if story.leftOut > 0 { before = nil }
        let latest = lines(steps.latest)
        let arrangement = table.arrangement(first + latest)
        for line in first { table.render(line, arrangement, into: &out) }
        if story.leftOut > 0 { out.append(line: "  (\(story.leftOut) steps left out)") }
        for line in latest { table.render(line, arrangement, into: &out) }
        append(parts: sums(story), into: &out)
        out.append("\n")
    }

    // MARK: Parts

    private func heading(_ story: SocketStory, _ file: String?) -> [String] {
        var parts = file.map { [PrintableText.line($0) + ":"] } ?? []
        parts.append(Self.process(story.pid, story.comm))
        if let family = story.family {
            let word = story.protocol.flatMap { ProtocolNames.word(for: $0, family: family) }
            parts.append((word ?? AddressFamilyNames.name(of: family))?.description ?? String(family))
        }
        let remote = story.details.remote?.textWithPort(inode: story.details.remoteInode)
        if let local = story.details.local { parts.append(local.textWithPort(inode: nil)) }
        if let remote {
            let arrow = story.direction == .outgoing ? "-> " : story.direction == .incoming ? "<- " : "-- "
            parts.append(arrow + remote)
        }
        if let inode = story.details.inode { parts.append("socket:[\(inode)]") }
        let birth =
            switch story.birth {
            case .created: "created"
            case .accepted: "accepted"
            case .older: "older than the trace"
            case .unknown: "beginning not seen"
            }
        parts.append(story.end == .failed ? "not created" : birth)
        if let wait = story.backlogWait {
            parts.append("after " + Self.written { $0.append(duration: wait) } + " in the backlog")
        }
        return parts
    }

    private func sums(_ story: SocketStory) -> [String] {
        var parts: [String] = []
        for (word, traffic) in [("sent", story.sent), ("received", story.received)] where traffic.messages > 0 {
            let bytes = Self.written { $0.append(bytes: traffic.bytes) }
            parts.append("\(word) \(bytes) in \(Self.count(traffic.messages, "message")),")
        }
        if story.accepted > 0 { parts.append("accepted \(Self.count(story.accepted, "connection")),") }
        if story.failed > 0 {
            let errors = Self.written { $0.append(errors: story.errorCounts) }
            parts.append("failed \(story.failed)" + (errors.isEmpty ? "," : ": \(errors),"))
        }
        let life = Self.written { $0.append(duration: story.time - min(story.begin, story.time)) }
        let isWhole = story.birth == .created || story.birth == .accepted
        switch story.end {
        case .closed: parts.append(isWhole ? "closed after \(life)" : "closed")
        case .open: parts.append("open at the end of the trace")
        case .failed: return []
        case .unknown: parts.append("end not seen")
        case .interrupted: parts.append("not over: too many sockets are open")
        }
        return ["  " + (parts.first ?? "")] + parts.dropFirst()
    }

    /// Appends parts with spaces between them, in as many lines as the terminal needs for them.
    private func append(parts: [String], into out: inout OutputBuffer) {
        let limit = width ?? .max
        var taken = 0
        for part in parts {
            let columns = LineLabel.width(part)
            if taken > 0, columns >= limit - taken {
                out.append("\n    ")
                taken = 4
            } else if taken > 0 {
                out.append(UInt8(ascii: " "))
                taken += 1
            }
            let start = out.count
            for byte in part.utf8 { out.append(byte) }
            if columns > limit - taken { out.shorten(from: start, toColumns: limit - taken) }
            taken += columns
        }
        if taken > 0 { out.append("\n") }
    }

    /// Who the datagram went to or came from, and whatever else is not as with the other steps.
    private static func note(_ line: Line, _ out: inout OutputBuffer) -> Int? {
        var parts: [String] = []
        if let peer = line.peer {
            let word = line.step.alias == .send || line.step.alias == .connected ? "to " : "from "
            parts.append(word + peer.textWithPort(inode: nil))
        }
        switch (line.step.alias, line.step.number) {
        case (.listenReturn, let backlog?): parts.append("backlog \(backlog)")
        case (.shutdownReturn, 0): parts.append("no more receiving")
        case (.shutdownReturn, 1): parts.append("no more sending")
        case (.shutdownReturn, 2): parts.append("both ways")
        default: break
        }
        if line.isOther { parts.append("by " + process(line.step.pid, line.step.comm)) }
        let text = parts.joined(separator: ", ")
        for byte in text.utf8 { out.append(byte) }
        return LineLabel.width(text)
    }

    private static func process(_ pid: Int32?, _ comm: TaskName?) -> String {
        (comm.map { name in written { _ = $0.append(text: name) } } ?? "-") + "/" + (pid.map { String($0) } ?? "-")
    }

    private static func count(_ number: UInt64, _ what: String) -> String {
        "\(number) \(what)" + (number == 1 ? "" : "s")
    }

    private static func written(_ body: (inout OutputBuffer) -> Void) -> String {
        var out = OutputBuffer(capacity: 64)
        body(&out)
        return out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}

extension OutputBuffer {
    /// Appends what came of a step: an error, bytes, or that it went well.
    fileprivate mutating func append(resultOf step: SocketStory.Step) -> Int? {
        if step.success == false {
            guard let error = step.errorNumber else {
                append("failed")
                return nil
            }
            append(ErrorNames.name(of: error), orNumber: error)
        } else if step.alias == .send || step.alias == .receive, let bytes = step.number {
            append(decimal: bytes)
        } else if step.success == true {
            append("ok")
        } else {
            return appendDash()
        }
        return nil
    }
}
