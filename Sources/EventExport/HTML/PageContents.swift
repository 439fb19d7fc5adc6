internal import BasicContainers
internal import EventStatistics
internal import SocketEvents

/// What is counted and kept for a page while events come.
struct PageContents: ~Copyable {
    private(set) var times = TimeSeries()
    private(set) var heat = HeatMap()
    private(set) var byProcess: EventSummary
    private(set) var byPeer: EventSummary
    private(set) var byPair: EventSummary
    private(set) var errors = ErrorTable()
    private(set) var tasks = TaskIndex()
    private(set) var sample = EventSample()
    private(set) var unknown = UnknownCounts()
    var connections: PageConnections
    private(set) var losses: [(source: Int, time: UInt64, cpu: UInt32, count: UInt64?)] = []
    /// Events of each source, and where their times are on the page.
    private(set) var counts: [UInt64]
    private(set) var clocks: PageClocks

    private static let lossLimit = 1000

    init(_ sources: [ExportSource]) {
        let files: Set<SummaryDimension> = sources.count > 1 ? [.file] : []
        func summary(_ dimensions: Set<SummaryDimension>) -> EventSummary {
            var options = SummaryOptions()
            options.dimensions = dimensions
            options.order = .bytes
            options.histogram = .latency
            return EventSummary(options: options)
        }
        byProcess = summary(files.union([.pid, .comm]))
        byPeer = summary([.peer])
        byPair = summary([.comm, .peer])
        connections = PageConnections(sources: sources.count)
        counts = sources.map { _ in 0 }
        clocks = PageClocks(sources)
    }

    mutating func add(_ batch: borrowing TraceBatch, _ events: Range<Int>, _ source: Int) {
        guard !events.isEmpty else { return }
        counts[source] += UInt64(events.count)
        clocks.note(first: batch.events[events.lowerBound].time, last: batch.events[events.upperBound - 1].time, source)
        byProcess.add(batch, events, of: source)
        byPeer.add(batch, events, of: source)
        byPair.add(batch, events, of: source)
        for index in events { add(batch, index, source) }
    }

    private mutating func add(_ batch: borrowing TraceBatch, _ index: Int, _ source: Int) {
        let time = clocks.pageTime(batch.events[index].time, source)
        countTime(batch.events[index], time)
        let task = tasks.number(of: batch.events[index], source)
        if batch.events[index].success == false { errors.add(batch.events[index], task, time) }
        unknown.add(batch, index)
        sample.add(batch.events[index], isEarly: tasks.isEarly(task)) { ordinal in
            Self.event(batch, index, ordinal, time, source, task)
        }
        connections.take(batch, index, source)
    }

    @inline(__always)
    private mutating func countTime(_ event: borrowing SocketEvent, _ time: UInt64) {
        let (alias, isFailed, bytes) = (event.alias, event.success == false, event.bytes ?? 0)
        times.add(at: time) { step in
            if alias == .send {
                step.sends &+= 1
                step.sentBytes &+= bytes
            } else if alias == .receive {
                step.receives &+= 1
                step.receivedBytes &+= bytes
            }
            if isFailed { step.failed &+= 1 }
        }
        if alias == .send || alias == .receive, let duration = event.duration { heat.add(at: time, latency: duration) }
    }

    private static func event(
        _ batch: borrowing TraceBatch, _ index: Int, _ ordinal: UInt64, _ time: UInt64, _ source: Int, _ task: Int
    ) -> EventSample.Event {
        let event = batch.events[index]
        let details = batch.details(of: index)
        return EventSample.Event(
            ordinal: ordinal, time: time, source: Int32(clamping: source), process: Int32(clamping: task),
            alias: event.alias, serial: details?.serial ?? 0, size: event.size, bytes: event.bytes,
            error: event.errorNumber, duration: event.duration, local: details?.local, remote: details?.remote)
    }

    mutating func lose(_ loss: TraceBatch.Loss, _ source: Int) {
        connections.endAll(of: source, as: .unknown)
        if losses.count < Self.lossLimit { losses.append((source, clocks.latest(source), loss.cpu, loss.count)) }
    }
}

/// Where the times of each source are on the page, which begins with the first event.
struct PageClocks: Sendable {
    private var offsets: [Int64?]
    private let areComparable: Bool
    /// On the common clock, where there is one.
    private(set) var zero: UInt64?
    private var last: [UInt64]
    private(set) var firsts: [UInt64?]
    private(set) var lasts: [UInt64?]

    init(_ sources: [ExportSource]) {
        let boots = Set(sources.map { $0.boot ?? "" })
        let isOneBoot =
            sources.count == 1 || (boots.count == 1 && boots.first != "" && Set(sources.map(\.clock)).count == 1)
        let tellDay = sources.allSatisfy { $0.wallClock != nil }
        areComparable = isOneBoot || tellDay
        offsets = sources.map { isOneBoot ? 0 : tellDay ? $0.wallClock : nil }
        last = sources.map { _ in 0 }
        firsts = sources.map { _ in nil }
        lasts = sources.map { _ in nil }
    }

    mutating func note(first: UInt64, last: UInt64, _ source: Int) {
        firsts[source] = firsts[source] ?? first
        lasts[source] = last
        // Of sources that share no clock each begins where the page does.
        if offsets[source] == nil { offsets[source] = 0 &- Int64(truncatingIfNeeded: first) }
        if zero == nil { zero = areComparable ? first &+ UInt64(bitPattern: offsets[source] ?? 0) : 0 }
        self.last[source] = pageTime(last, source)
    }

    /// Nanoseconds from the beginning of the page.
    @inline(__always)
    func pageTime(_ time: UInt64, _ source: Int) -> UInt64 {
        let common = time &+ UInt64(bitPattern: offsets[source] ?? 0)
        let zero = zero ?? 0
        return common >= zero ? common &- zero : 0
    }

    /// The last event's on the page.
    func latest(_ source: Int) -> UInt64 { last[source] }

    var length: UInt64 { last.max() ?? 0 }
}

/// The processes that events were of, by recording, number and name.
struct TaskIndex: Sendable {
    struct Key: Hashable, Sendable {
        var source: Int
        var pid: Int32?
        var comm: TaskName?
    }

    private var numbers: [Key: Int] = [:]
    private(set) var keys: [Key] = []
    private var counts: [UInt32] = []
    private var latest: (key: Key, number: Int)?

    /// The first so many events of a process are kept.
    private static let early: UInt32 = 8

    @inline(__always)
    mutating func number(of event: borrowing SocketEvent, _ source: Int) -> Int {
        let key = Key(source: source, pid: event.pid, comm: event.comm)
        let number: Int
        if let latest, latest.key == key { number = latest.number } else { number = add(key) }
        counts[number] &+= 1
        return number
    }

    private mutating func add(_ key: Key) -> Int {
        let number = numbers[key] ?? keys.count
        if number == keys.count {
            numbers[key] = number
            keys.append(key)
            counts.append(0)
        }
        latest = (key, number)
        return number
    }

    func isEarly(_ number: Int) -> Bool { counts[number] <= Self.early }
}

/// Which calls failed in which processes, by error.
struct ErrorTable: Sendable {
    struct Key: Hashable, Sendable {
        var alias: Alias
        var error: Int32?
        var task: Int
    }

    struct Count: Sendable {
        var count: UInt64 = 0
        var first: UInt64
        var last: UInt64
    }

    private(set) var counts: [Key: Count] = [:]

    mutating func add(_ event: borrowing SocketEvent, _ task: Int, _ time: UInt64) {
        let key = Key(alias: event.alias, error: event.errorNumber, task: task)
        counts[key, default: Count(first: time, last: time)].count += 1
        counts[key]?.last = time
    }
}

/// How many messages did not tell what.
struct UnknownCounts: Sendable {
    private(set) var messages: UInt64 = 0
    private(set) var process: UInt64 = 0
    private(set) var outcome: UInt64 = 0
    private(set) var latency: UInt64 = 0
    private(set) var remote: UInt64 = 0

    @inline(__always)
    mutating func add(_ batch: borrowing TraceBatch, _ index: Int) {
        let alias = batch.events[index].alias
        guard alias == .send || alias == .receive else { return }
        messages += 1
        if batch.events[index].pid == nil || batch.events[index].comm == nil { process += 1 }
        if batch.events[index].success == nil || batch.events[index].size == nil { outcome += 1 }
        if batch.events[index].duration == nil { latency += 1 }
        let place = Int(batch.events[index].details)
        if place < 0 || !batch.details[place].known.contains(.remote) { remote += 1 }
    }
}
