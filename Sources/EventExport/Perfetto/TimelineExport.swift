internal import BasicContainers
internal import EventOutput
internal import EventStatistics
internal import SocketEvents
internal import SocketNames

/// Events as a timeline: a track for each thread with its calls, one for each connection with its life, counters of bytes
/// and failures, marks where records are missing, and flows from what sends to what receives it.
struct Timeline<Writer: TimelineWriter & ~Copyable>: ~Copyable {
    var writer: Writer
    private let sources: [ExportSource]
    private var threads: [ThreadKey: Int] = [:]
    private var lanes: ContiguousArray<[Lane]> = []
    private var processNames: [ProcessKey: String] = [:]
    private var trackCount = 0
    private var trackers: [ConnectionTracker]
    private var flows: FlowMatcher
    private var counters: [Counters]
    private let clock: CommonClock
    private(set) var counts: [UInt64]

    private struct ThreadKey: Hashable {
        var source: Int
        var pid: Int32?
        var tid: Int32
    }

    private struct ProcessKey: Hashable {
        var source: Int
        var pid: Int32
    }

    /// Where calls of a thread are that do not overlap.
    private struct Lane {
        var track: Int
        /// When the last call on it ended.
        var end: UInt64
    }

    /// The counters of one source.
    private struct Counters {
        var sent: (track: Int, value: UInt64)?
        var received: (track: Int, value: UInt64)?
        var failed: (track: Int, value: UInt64)?
        var losses: Int?
        var lastTime: UInt64 = 0
    }

    init(_ writer: consuming Writer, _ sources: [ExportSource]) {
        self.writer = writer
        self.sources = sources
        trackers = sources.map { _ in ConnectionTracker() }
        flows = FlowMatcher()
        counters = sources.map { _ in Counters() }
        counts = sources.map { _ in 0 }
        clock = CommonClock(sources)
    }

    /// The calls, those that go on behind the caller's back by their return; and what connections need.
    static var aliases: AliasSet { AliasSet(AliasSet.standard.members + [.connectReturn]) }

    // MARK: Calls

    private func common(_ time: UInt64, _ source: Int) -> UInt64 { time &+ clock.offsets[source] }

    private mutating func write(_ slice: TraceSlice, _ track: Int, _ source: Int) {
        var slice = slice
        (slice.begin, slice.end) = (common(slice.begin, source), common(slice.end, source))
        writer.add(slice, to: track)
    }

    mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        counts[source] += UInt64(events.count)
        for index in events { add(batch, index, source) }
    }

    private mutating func add(_ batch: borrowing TraceBatch, _ index: Int, _ source: Int) {
        let event = batch.events[index]
        counters[source].lastTime = event.time
        // The outcome of an attempt is in the life of its connection; the call has a slice of its own.
        if event.alias != .connected {
            addCall(event, batch.details(of: index), source)
            if event.success == false { countFailure(event.time, source) }
        }
        if event.alias == .send || event.alias == .receive { count(event, source) }
        if let ended = trackers[source].take(batch, index) { add(ended, source) }
    }

    private mutating func addCall(_ event: SocketEvent, _ details: EventDetails?, _ source: Int) {
        var slice = TraceSlice(
            name: event.alias == .connectReturn ? "connect" : event.alias.word.description,
            begin: event.time - min(event.duration ?? 0, event.time), end: event.time)
        slice.arguments = Self.arguments(event, details)
        flows.match(event, details, source, &slice)
        let track = track(of: event, slice, source)
        write(slice, track, source)
    }

    private static func arguments(_ event: SocketEvent, _ details: EventDetails?) -> [TraceArgument] {
        var arguments: [TraceArgument] = []
        func add(_ name: StaticString, _ number: Int64?) {
            if let number { arguments.append(TraceArgument(name: name, value: .number(number))) }
        }
        func add(_ name: StaticString, _ text: String?) {
            if let text { arguments.append(TraceArgument(name: name, value: .text(text))) }
        }
        if event.alias.arguments.contains(.size) { add("bytes", event.bytes.flatMap { Int64(exactly: $0) }) }
        add("error", event.errorNumber.map { ErrorNames.name(of: $0)?.description ?? String($0) })
        add("peer", details?.remote.map { $0.textWithPort(inode: details?.remoteInode) })
        add("local", details?.local.map { $0.textWithPort(inode: details?.inode) })
        add("inode", details?.inode.flatMap { Int64(exactly: $0) })
        let family = event.family
        add("protocol", event.protocol.map { ProtocolNames.name(of: $0, family: family)?.description ?? String($0) })
        add("via", event.via?.word.description)
        return arguments
    }

    private mutating func track(of event: SocketEvent, _ slice: TraceSlice, _ source: Int) -> Int {
        let key = ThreadKey(source: source, pid: event.pid, tid: event.tid)
        let thread = threads[key] ?? newThread(key)
        let lane = lanes[thread].firstIndex { $0.end <= slice.begin } ?? lanes[thread].count
        if lane == lanes[thread].count {
            let name = event.comm?.description ?? "unknown"
            let process = processName(event.pid, source, name)
            let described = TraceThread(
                pid: event.pid, tid: event.tid, name: name, process: process, source: source)
            lanes[thread].append(Lane(track: newTrack(.thread(described, lane: lane)), end: 0))
        }
        lanes[thread][lane].end = slice.end
        return lanes[thread][lane].track
    }

    private mutating func newThread(_ key: ThreadKey) -> Int {
        lanes.append([])
        threads[key] = lanes.count - 1
        return lanes.count - 1
    }

    private mutating func processName(_ pid: Int32?, _ source: Int, _ name: String) -> String {
        guard let pid else { return name }
        let key = ProcessKey(source: source, pid: pid)
        if let known = processNames[key] { return known }
        processNames[key] = name
        return name
    }

    private mutating func newTrack(_ track: Track) -> Int {
        trackCount += 1
        writer.add(track, number: trackCount)
        return trackCount
    }

    // MARK: Counters and losses

    private mutating func count(_ event: SocketEvent, _ source: Int) {
        guard let bytes = event.bytes, bytes > 0 else { return }
        if event.alias == .send {
            let old = counters[source].sent ?? (newTrack(.counter(name: "Bytes sent", unit: .bytes, source: source)), 0)
            counters[source].sent = (old.track, old.value &+ bytes)
            writer.add(counter: old.value &+ bytes, at: common(event.time, source), to: old.track)
        } else {
            let old =
                counters[source].received
                ?? (newTrack(.counter(name: "Bytes received", unit: .bytes, source: source)), 0)
            counters[source].received = (old.track, old.value &+ bytes)
            writer.add(counter: old.value &+ bytes, at: common(event.time, source), to: old.track)
        }
    }

    private mutating func countFailure(_ time: UInt64, _ source: Int) {
        let old = counters[source].failed ?? (newTrack(.counter(name: "Failed calls", unit: .count, source: source)), 0)
        counters[source].failed = (old.track, old.value + 1)
        writer.add(counter: old.value + 1, at: common(time, source), to: old.track)
    }

    mutating func lost(_ loss: TraceBatch.Loss, of source: Int) {
        var arguments = [TraceArgument(name: "cpu", value: .number(Int64(loss.cpu)))]
        if let count = loss.count.flatMap({ Int64(exactly: $0) }) {
            arguments.append(TraceArgument(name: "records", value: .number(count)))
        }
        mark("records lost", arguments, source)
        // Which byte is which is not known from here on.
        flows.forget(source)
        for connection in trackers[source].endAll(as: .unknown) { add(connection, source) }
    }

    /// Puts a mark behind the last event of a source.
    private mutating func mark(_ name: String, _ arguments: [TraceArgument], _ source: Int) {
        let track = counters[source].losses ?? newTrack(.losses(source: source))
        counters[source].losses = track
        let time = counters[source].lastTime
        let place = time == 0 ? sources[source].beginning ?? 0 : time
        writer.add(instant: name, at: common(place, source), arguments, to: track)
    }

    /// What else is missing, which has no place.
    private mutating func mark(_ closing: ExportClosing, _ source: Int) {
        var arguments: [TraceArgument] = []
        if closing.missedReturns > 0 {
            arguments.append(
                TraceArgument(name: "missed_returns", value: .number(Int64(clamping: closing.missedReturns))))
        }
        for remark in closing.remarks { arguments.append(TraceArgument(name: "remark", value: .text(remark))) }
        if !arguments.isEmpty { mark("incomplete", arguments, source) }
    }

    // MARK: Connections

    private mutating func add(_ connection: Connection, _ source: Int) {
        let arrow = connection.direction == .incoming ? "from" : "to"
        let peer = connection.details.remote.map { $0.textWithPort(inode: connection.details.remoteInode) } ?? "unknown"
        let name = "\(connection.comm?.description ?? "unknown") \(arrow) \(peer)"
        let track = newTrack(.connection(name: name, source: source))
        let end = max(connection.time, connection.begin)
        let made = connection.made.map { min(max($0, connection.begin), end) }
        if connection.direction == .outgoing, connection.begin < made ?? end {
            write(TraceSlice(name: "connecting", begin: connection.begin, end: made ?? end), track, source)
        }
        var life = TraceSlice(
            name: "\(connection.end.rawValue)",
            begin: made ?? (connection.direction == .outgoing ? end : connection.begin), end: end)
        life.arguments = [
            TraceArgument(name: "sent_bytes", value: .number(Int64(clamping: connection.sent.bytes))),
            TraceArgument(name: "sent_messages", value: .number(Int64(clamping: connection.sent.messages))),
            TraceArgument(name: "received_bytes", value: .number(Int64(clamping: connection.received.bytes))),
            TraceArgument(name: "received_messages", value: .number(Int64(clamping: connection.received.messages))),
        ]
        if let error = connection.errorNumber {
            let name = ErrorNames.name(of: error)?.description ?? String(error)
            life.arguments.append(TraceArgument(name: "error", value: .text(name)))
        }
        write(life, track, source)
    }

    mutating func finish(_ closings: [ExportClosing]) throws(ExportError) {
        for source in sources.indices {
            for connection in trackers[source].endAll(as: .open) { add(connection, source) }
            if source < closings.count { mark(closings[source], source) }
        }
        try writer.finish()
    }
}
