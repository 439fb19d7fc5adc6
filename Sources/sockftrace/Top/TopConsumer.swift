internal import EventOutput
internal import EventStatistics
internal import Glibc
internal import LinuxSystem
internal import SocketEvents
internal import SocketTracing

/// Counts events, and shows at the end of each interval who sends and receives how much: on a screen that is drawn anew,
/// or as one snapshot after the other.
struct TopConsumer: ~Copyable, WritingConsumer {
    /// How it is shown.
    struct Style {
        var view = TopView()
        var isJSON = false
        /// Snapshots one after the other, even on a terminal.
        var isBatch = false
        /// Nanoseconds.
        var interval: UInt64 = 1_000_000_000
        /// So many snapshots; nil for any number.
        var count: Int?
        /// Columns for text that is not for a screen.
        var columns: Int?
    }

    var sink: OutputSink
    private var style: Style
    private let wallClock: Int64
    private let users: UserNames
    private var meter = TrafficMeter()
    private var screen: TerminalScreen?
    private var buffer = OutputBuffer()
    private var text = OutputBuffer()
    private var intervalBegin: UInt64 = 0
    private var snapshots = 0
    private var drawnSize = (columns: 0, rows: 0)
    private var clock = ""
    /// Control groups that were looked for and not found.
    private var lostGroups: Set<UInt64> = []

    /// - Parameter wallClock: nanoseconds from the trace clock to the time since 1970.
    init(_ sink: consuming OutputSink, _ style: Style, wallClock: Int64) {
        self.sink = sink
        self.style = style
        self.wallClock = wallClock
        users = UserNames()
    }

    var tallies: [Tally] { [meter.tally] }
    var isContinuous: Bool { true }
    /// Where a screen's keys come from.
    private(set) var input: Int32 = -1

    /// A screen looks now and then whether its size has changed.
    var nextFlush: UInt64? {
        let turn = intervalBegin &+ style.interval
        return input < 0 ? turn : min(turn, Clock.monotonic.now + Self.sizeCheck)
    }

    private static let sizeCheck: UInt64 = 250_000_000

    var isOver: Bool {
        sink.hasEnded || style.view.isOver || style.count.map { snapshots >= $0 } ?? false
    }

    mutating func begin() {
        intervalBegin = Clock.monotonic.now
        if !style.isBatch, !style.isJSON { screen = TerminalScreen.open() }
        input = screen?.input ?? -1
        draw()
    }

    mutating func consume(_ batch: borrowing TraceBatch, _ events: Range<Int>, of source: Int) {
        meter.add(batch, events)
    }

    mutating func lost(_ loss: TraceBatch.Loss, of source: Int) { meter.lose(loss) }

    /// Called after each reading: takes keys, and ends the interval where it is time to.
    mutating func flush() {
        let isChanged = takeKeys()
        let now = Clock.monotonic.now
        let isTime = now >= intervalBegin &+ style.interval
        if isTime, !isOver { turn(now) }
        if isChanged || (isTime && !style.view.isPaused) { draw() }
    }

    /// The last interval is shorter; without it the sums would be smaller than what happened.
    mutating func end() {
        if screen == nil, !isOver { turn(Clock.monotonic.now) }
        screen?.close()
    }

    /// - Returns: whether something looks different now.
    private mutating func takeKeys() -> Bool {
        guard screen != nil else { return false }
        let before = style.view
        for key in screen?.keys() ?? [] { style.view.press(key) }
        let size = screen?.size ?? drawnSize
        return style.view != before || size != drawnSize
    }

    private mutating func turn(_ now: UInt64) {
        let isKept = screen != nil && style.view.isPaused
        // What is looked at stays as it is; what is counted meanwhile belongs to the interval in which it goes on.
        guard !isKept else { return }
        meter.turn(after: now &- intervalBegin) { UserNames.user(of: $0) }
        nameGroups()
        intervalBegin = now
        clock = LocalTime.timeOfDay(at: now &+ UInt64(bitPattern: wallClock))
        guard screen == nil else { return }
        snapshots += 1
        buffer.clear()
        let names = users
        if style.isJSON {
            TopJSON { names.name(of: $0) }.render(
                meter, style.view, time: now, wall: now &+ UInt64(bitPattern: wallClock), into: &buffer)
        } else {
            TopScreen { names.name(of: $0) }.renderBatch(
                meter, style.view, clock: clock, columns: style.columns, into: &buffer)
        }
        Self.write(buffer, to: &sink)
    }

    /// A group is there before its first socket: what is not found once is gone.
    private mutating func nameGroups() {
        let strange = meter.strangeGroups.subtracting(lostGroups)
        guard !strange.isEmpty, let groups = ControlGroups() else { return }
        meter.groupPaths.merge(groups.paths()) { $1 }
        lostGroups = strange.subtracting(meter.groupPaths.keys)
    }

    private mutating func draw() {
        guard let size = screen?.size else { return }
        drawnSize = size
        text.clear()
        buffer.clear()
        let names = users
        TopScreen { names.name(of: $0) }.render(
            meter, style.view, clock: clock, columns: size.columns, rows: size.rows, into: &text)
        Self.draw(text, rows: size.rows, into: &buffer)
        Self.write(buffer, to: &sink)
        if style.count != nil { snapshots += 1 }
    }

    // The buffers are lent to one another, so they are at hand as parameters.

    private static func draw(_ text: borrowing OutputBuffer, rows: Int, into out: inout OutputBuffer) {
        TerminalScreen.drawing(text, rows: rows, into: &out)
    }

    private static func write(_ buffer: borrowing OutputBuffer, to sink: inout OutputSink) { sink.write(buffer) }
}
