package import EventOutput
package import SocketEvents
internal import SocketNames

/// Stories of sockets as text, or as JSON with an object a line; `null` stands for what is not known.
///
/// | JSON | value |
/// |---|---|
/// | `name` | `socket`, or `lost` |
/// | `time`, `wall`, `begin` | nanoseconds: of its latest event on the trace clock and since 1970; of its first one |
/// | `pid`, `comm` | of its first event |
/// | `inode`, `local_address`, … | as in events |
/// | `birth` | `created`, `accepted`, `older` (than the trace), `unknown` |
/// | `direction`, `connect_latency`, `backlog_wait` | as in connections |
/// | `sent_bytes`, `sent_messages`, `received_bytes`, `received_messages`, `accepted`, `failed`, `errors` | totals |
/// | `end` | `closed`, `open` (at the end of the trace), `failed` (to be made), `unknown`, `interrupted` |
/// | `steps` | its events: `name`, `time`, `after` (nanoseconds since the step before), and what there is of `bytes`, `backlog`, `how`, `duration`, `success`, `errno`, `error`, `remote_address`, `remote_port`, and where another process made it, `pid`, `comm` |
/// | `left_out` | how many steps are not shown, between the first half of `steps` and the second |
package struct StoryRenderer: Sendable {
    private let text: StoryText?
    private let wallClock: Int64?
    private let hasHeader: Bool

    /// - Parameters:
    ///   - isJSON: JSON, else text.
    ///   - width: columns of the terminal; nil where that does not matter.
    ///   - time: what the column TIME shows.
    ///   - wallClock: nanoseconds from the trace clock to the time since 1970; nil where unknown.
    package init(isJSON: Bool, width: Int?, time: TimeColumn, wallClock: Int64?, hasHeader: Bool = true) {
        text = isJSON ? nil : StoryText(time: time, width: width)
        (self.wallClock, self.hasHeader) = (wallClock, hasHeader)
    }

    /// Appends what stands above the first story.
    package func header(into out: inout OutputBuffer) {
        if hasHeader { text?.header(into: &out) }
    }

    /// Appends one story.
    /// - Parameter file: the recording that it is of; nil where there is only one.
    package func render(_ story: SocketStory, file: String?, into out: inout OutputBuffer) {
        guard let text else { return StoryJSON(wallClock: wallClock).render(story, file: file, into: &out) }
        text.render(story, file: file, into: &out)
    }

    /// Appends a line for records that the kernel dropped.
    package func renderLost(_ loss: TraceBatch.Loss, file: String?, into out: inout OutputBuffer) {
        guard text != nil else {
            let count = loss.count.map { "\($0)" } ?? "null"
            let start = file.map { "{\"file\":\"\(PrintableText.json($0))\"," } ?? "{"
            return out.append(line: start + "\"name\":\"lost\",\"cpu\":\(loss.cpu),\"count\":\(count)}")
        }
        let count = loss.count.map { "\($0) records" } ?? "records"
        let start = file.map { PrintableText.line($0) + ": " } ?? ""
        out.append(line: "\(start)*** lost \(count) on CPU \(loss.cpu): the stories of open sockets end here ***\n")
    }
}

/// Stories as JSON.
private struct StoryJSON {
    let wallClock: Int64?

    func render(_ story: SocketStory, file: String?, into out: inout OutputBuffer) {
        var object = JSONMembers()
        if let file { object.add("file", text: file) }
        object.add("name", text: "socket")
        object.add("time", number: story.time)
        object.add("wall", number: wallClock.map { story.time &+ UInt64(bitPattern: $0) })
        object.add("begin", number: story.begin)
        object.add("pid", signed: story.pid.map(Int64.init))
        object.add("comm", text: story.comm?.description)
        object.add("inode", number: story.details.inode)
        let family = story.family
        object.add("family_name", text: family.map { AddressFamilyNames.name(of: $0)?.description ?? String($0) })
        object.add(
            "protocol_name",
            text: story.protocol.map { ProtocolNames.name(of: $0, family: family)?.description ?? String($0) })
        object.add("type_name", text: story.type.map { SocketTypeNames.name(of: $0)?.description ?? String($0) })
        object.add("local", end: story.details.local)
        object.add("remote", end: story.details.remote)
        object.add("remote_inode", number: story.details.remoteInode)
        object.add("birth", text: story.birth.rawValue)
        object.add("direction", text: story.direction?.rawValue)
        object.add("connect_latency", number: story.connectLatency)
        object.add("backlog_wait", number: story.backlogWait)
        object.add("sent_bytes", number: story.sent.bytes)
        object.add("sent_messages", number: story.sent.messages)
        object.add("received_bytes", number: story.received.bytes)
        object.add("received_messages", number: story.received.messages)
        object.add("accepted", number: story.accepted)
        object.add("failed", number: story.failed)
        var errors = JSONMembers()
        for error in story.errorCounts {
            errors.add(ErrorNames.name(of: error.number)?.description ?? String(error.number), number: error.count)
        }
        object.add("errors", raw: errors.text)
        object.add("end", text: story.end.rawValue)
        object.add("steps", raw: "[" + steps(of: story).joined(separator: ",") + "]")
        object.add("left_out", number: story.leftOut)
        out.append(line: object.text)
    }

    private func steps(of story: SocketStory) -> [String] {
        let (first, latest) = story.steps
        var before: UInt64?
        var texts: [String] = []
        for (place, (step, peer)) in (first + latest).enumerated() {
            if story.leftOut > 0, place == first.count { before = nil }
            texts.append(text(of: step, peer, after: before, isOther: step.pid != story.pid))
            before = step.time
        }
        return texts
    }

    private func text(
        of step: SocketStory.Step, _ peer: SocketAddress?, after before: UInt64?, isOther: Bool
    ) -> String {
        var object = JSONMembers()
        object.add("name", text: step.alias.name.description)
        object.add("time", number: step.time)
        object.add("after", number: before.map { step.time >= $0 ? step.time - $0 : 0 })
        switch step.alias {
        case .send, .receive: object.add("bytes", signed: step.number)
        case .listenReturn: object.add("backlog", signed: step.number)
        case .shutdownReturn: object.add("how", signed: step.number)
        default: break
        }
        if step.alias != .close {
            object.add("duration", number: step.duration)
            object.add("success", number: step.success.map { $0 ? 1 : 0 })
        }
        if step.success == false {
            object.add("errno", signed: step.errorNumber.map(Int64.init))
            object.add("error", text: step.errorNumber.map { ErrorNames.name(of: $0)?.description ?? String($0) })
        }
        if let peer { object.add("remote", end: peer) }
        if isOther {
            object.add("pid", signed: step.pid.map(Int64.init))
            object.add("comm", text: step.comm?.description)
        }
        return object.text
    }
}

/// The members of a JSON object, in their order.
private struct JSONMembers {
    private var members: [String] = []

    var text: String { "{" + members.joined(separator: ",") + "}" }

    /// - Parameter key: no character in it needs to be escaped.
    mutating func add(_ key: String, raw value: String) { members.append("\"\(key)\":\(value)") }

    mutating func add(_ key: String, text value: String?) {
        add(key, raw: value.map { "\"" + PrintableText.json($0) + "\"" } ?? "null")
    }

    mutating func add(_ key: String, number: UInt64?) { add(key, raw: number.map { String($0) } ?? "null") }

    mutating func add(_ key: String, signed: Int64?) { add(key, raw: signed.map { String($0) } ?? "null") }

    /// Adds an address and a port.
    mutating func add(_ key: String, end: SocketAddress?) {
        add(key + "_address", text: end?.textWithoutPort)
        add(key + "_port", number: end?.port.map { UInt64($0) })
    }
}
