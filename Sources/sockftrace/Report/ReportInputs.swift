internal import EventOutput
internal import SocketEvents
internal import SocketTracing

/// The files of a report, and in which order their events come.
struct ReportInputs {
    /// How the times of several files are compared.
    private enum Order {
        /// One file after the other: there is no clock that all of them tell.
        case oneAfterTheOther
        /// By time; what to add to each file's trace clock.
        case byTime([Int64])
    }

    let files: [ReportInput]
    private let order: Order

    init(_ files: [ReportInput]) {
        self.files = files
        order = Self.order(of: files.map(\.facts))
    }

    /// Files of one boot have one trace clock; others are compared by the time of day, where all of them tell it.
    private static func order(of facts: [RecordingInfo]) -> Order {
        guard let first = facts.first, facts.count > 1 else { return .oneAfterTheOther }
        if first.bootID != nil, facts.allSatisfy({ $0.bootID == first.bootID && $0.clock == first.clock }) {
            return .byTime(facts.map { _ in 0 })
        }
        let offsets = facts.compactMap(\.wallClock)
        return offsets.count == facts.count ? .byTime(offsets) : .oneAfterTheOther
    }

    /// Whether several files follow one another although they may have been recorded at the same time.
    var isUnordered: Bool {
        if case .oneAfterTheOther = order { return files.count > 1 }
        return false
    }

    /// Passes all on to a consumer, until it wants no more. What was read is shown before what went wrong.
    /// - Parameter output: where the consumer writes meanwhile: no bar is drawn there.
    func run<Consumer: EventConsumer & ~Copyable>(
        into consumer: inout Consumer, besides output: Int32
    ) throws(TracingError) {
        try run(into: &consumer, besides: output) { consumer, isWanted throws(TracingError) in
            try self.run { file, batch, part in
                consumer.take(batch, part, of: file)
                if files[file].isStream { consumer.flush() }
                return isWanted(consumer) && !files[file].isEndWanted
            }
        }
    }

    /// The same where somebody else passes the events on.
    /// - Parameter pass: passes events on to the consumer for as long as it wants more, which is to be asked after each
    ///   batch.
    func run<Consumer: EventConsumer & ~Copyable>(
        into consumer: inout Consumer, besides output: Int32,
        _ pass: (inout Consumer, (borrowing Consumer) -> Bool) throws(TracingError) -> Void
    ) throws(TracingError) {
        var bar = ProgressBar(beside: output)
        consumer.begin()
        do throws(TracingError) {
            try pass(&consumer) { consumer in
                if !files.contains(where: \.isStream) { bar.update(progress) }
                return !consumer.isOver
            }
        } catch {
            bar.clear()
            consumer.flush()
            throw error
        }
        bar.clear()
        consumer.end()
    }

    /// Calls with items of one file, in order, until it answers false.
    private func run(_ deliver: (Int, borrowing TraceBatch, TraceBatch.Part) -> Bool) throws(TracingError) {
        switch order {
        case .oneAfterTheOther:
            var isWanted = true
            for (index, file) in files.enumerated() {
                while isWanted, try file.hasMore() { file.take { isWanted = deliver(index, $0, $1) } }
            }
        case .byTime(let offsets): try merge(offsets, deliver)
        }
    }

    /// A handful of files: looking at each is as fast as a heap.
    private func merge(
        _ offsets: [Int64], _ deliver: (Int, borrowing TraceBatch, TraceBatch.Part) -> Bool
    ) throws(TracingError) {
        /// In a clock that all files have in common.
        func time(_ index: Int) -> UInt64 {
            let time = files[index].nextTime
            return time == 0 ? 0 : time &+ UInt64(bitPattern: offsets[index])
        }
        var open: [Int] = []
        for index in files.indices where try files[index].hasMore() { open.append(index) }
        var isWanted = true
        while isWanted, let next = open.min(by: { time($0) < time($1) }) {
            // As long as this one is ahead of the others nothing needs to be compared with them again.
            let limit = open.filter { $0 != next }.map(time).min() ?? .max
            let offset = UInt64(bitPattern: offsets[next])
            var hasMore = true
            while isWanted, hasMore, time(next) <= limit {
                files[next].take(until: limit, offset: offset) { isWanted = deliver(next, $0, $1) }
                hasMore = try files[next].hasMore()
            }
            if !hasMore { open.removeAll { $0 == next } }
        }
    }

    /// What becomes of `--time`, for each file.
    func timeColumns(_ style: TimeStyle) throws -> [TimeColumn] {
        if style != .trace { for file in files { try file.needNanoseconds("--time \(style.rawValue)") } }
        switch style {
        case .trace: return files.map { $0.facts.countsNanoseconds ? .clock : .ticks }
        case .relative: return try beginnings().map { .relative(to: $0) }
        case .wall:
            return try files.map { file in
                let offset = try file.wallClock("--time wall")
                return .wall(offset: offset, zone: try file.zone(offset))
            }
        }
    }

    /// When each file began, in its own trace clock; of files that are merged, when the first of them began.
    func beginnings() throws(TracingError) -> [UInt64] {
        var beginnings: [UInt64] = []
        for file in files { beginnings.append(try file.beginning()) }
        guard case .byTime(let offsets) = order else { return beginnings }
        let common = zip(beginnings, offsets).map { $0 &+ UInt64(bitPattern: $1) }
        let first = common.min() ?? 0
        return offsets.map { first &- UInt64(bitPattern: $0) }
    }

    /// Of the bytes of all files, how many were read.
    var progress: (done: UInt64, total: UInt64) {
        files.reduce(into: (0, 0)) { sum, file in
            let progress = file.progress
            sum.0 &+= progress.done
            sum.1 &+= progress.total
        }
    }
}

extension ReportInput {
    /// Fails where the file's clock tells no time.
    /// - Parameter purpose: what needs one.
    func needNanoseconds(_ purpose: String) throws(CommandFailure) {
        guard !facts.countsNanoseconds else { return }
        throw CommandFailure(
            """
            \(purpose): \(name) was recorded with the clock \(PrintableText.line(facts.clock)), whose ticks are no nanoseconds
            Fix: record with the clock mono
            """, status: .badUsage)
    }

    /// Nanoseconds from the trace clock to the time since 1970.
    /// - Parameter purpose: what needs it.
    func wallClock(_ purpose: String) throws(CommandFailure) -> Int64 {
        if let offset = facts.wallClock { return offset }
        throw CommandFailure(
            """
            \(purpose): \(name) does not tell the time of day
            Fix: record with sockftrace record, or with trace-cmd record --date
            """)
    }

    /// By how many seconds the clocks on the wall were ahead of UTC when the recording began, where it is read. It is the
    /// same for the whole file, so that no hour comes twice.
    func zone(_ offset: Int64) throws(TracingError) -> Int {
        LocalTime.zone(at: try beginning() &+ UInt64(bitPattern: offset))
    }
}
