internal import EventFormats
internal import RingBuffer
public import SocketEvents
public import SocketNames
public import SystemPackage
internal import TraceDat

/// What to read out of a recording.
public struct ReplayOptions: Sendable {
    /// The aliases to show.
    public var aliases: AliasSet = .standard
    /// Which of the events are wanted. Of its scope and filter, what is not set is as the recording was made for.
    public var selection = EventSelection()
    /// Also what lies outside of what the recording was made for.
    public var wholeSystem = false
    /// Decompress in a thread of its own what comes next, while events are made of what is there.
    public var readsAhead = false

    /// The standard aliases of what the recording was made for.
    public init() {}

    /// Only these processes; if nil, what the recording was made for.
    public var processes: Set<Int32>? {
        get { selection.scope.processes }
        set { selection.scope.processes = newValue }
    }

    /// Also of the children that they start.
    public var followsChildren: Bool {
        get { selection.scope.followsChildren }
        set { selection.scope.followsChildren = newValue }
    }
}

/// The events of a captured trace.dat, made here or elsewhere, by `record` or by trace-cmd.
public struct Replay: ~Copyable {
    private var source: ReplaySource
    private var pipeline: DecodePipeline
    private let adjustment: TimeAdjustment
    private var notes: RecordingMetadata?
    /// What each stream is of, and what the kernel counted of it.
    private let origins: [(buffer: String, cpu: Int)]
    private let counted: RecordedStatistics
    /// Formats whose events cannot be told, and why.
    private let unusableFormats: [String]
    private var hasBegun = false
    private var hasEnded = false
    private var selection: EventSelection
    /// Something is asked for that the recorder may have left out.
    private let asksForDiscarded: Bool
    private var selector: EventSelector

    /// The meaning of the bits of `socket.flags` on the traced kernel; nil where unknown.
    public let flagNames: SocketFlagNames?
    /// Events can say between whom they were: the recording has what tells of that.
    package let tellsEndpoints: Bool
    /// What its events can say of whose their sockets are.
    package let shownFields: Set<OptionalField>
    /// What the file says of itself.
    package let facts: RecordingInfo
    /// What the recorder was asked to show.
    package var notedFilters: [String] { notes?.filters ?? [] }
    /// When the events wanted were written, in nanoseconds of the trace clock; to be changed before the first batch.
    package var window: TimeWindow {
        get { selection.window }
        set {
            selection.window = newValue
            selector = EventSelector(selection, isLive: false, groupPaths: facts.groupPaths)
        }
    }
    /// Bytes of the file's records, and how many of them were read so far.
    public var progress: (done: UInt64, total: UInt64) { source.pages?.progress ?? (0, 0) }
    /// Where the file is cut short or broken, so far as was read.
    package var damage: [String] { unusableFormats + source.damage }
    /// It is read while it is recorded, as far as anybody can tell: what is there is to be shown.
    package var isStream: Bool { source.isStream }

    /// Opens a file.
    public init(path: FilePath, options: ReplayOptions = ReplayOptions()) throws(TracingError) {
        let input: TraceInput
        do {
            input = try TraceInput(path: path)
        } catch {
            throw .traceDat(error)
        }
        try self.init(input, name: path.string, options)
    }

    /// Reads a file that is open, for example standard input.
    public init(
        descriptor: FileDescriptor, name: String, options: ReplayOptions = ReplayOptions()
    ) throws(TracingError) {
        let input: TraceInput
        do {
            input = try TraceInput(descriptor: descriptor, name: name)
        } catch {
            throw .traceDat(error)
        }
        try self.init(input, name: name, options)
    }

    private init(_ input: consuming TraceInput, name: String, _ options: ReplayOptions) throws(TracingError) {
        switch consume input {
        case .file(let file): try self.init(file, nil, name: name, options)
        case .stream(let head, let stream):
            let cpuCount = stream.cpuCount
            try self.init(head, ReplaySource(StreamSource(stream)), cpuCount: cpuCount, name: name, options)
        }
    }

    /// - Parameters:
    ///   - coming: what follows, where the file is but the head.
    ///   - cpuCount: how many CPUs that may be of.
    init(
        _ file: consuming TraceFile, _ coming: consuming ReplaySource?, cpuCount: Int? = nil, name: String,
        _ options: ReplayOptions
    ) throws(TracingError) {
        let layout = try Self.layout(file)
        let (formats, unusable) = Self.formats(file, longSize: layout.commitWidth)
        let table = EventPlanTable(formats: formats, numbers: ProcessorNumbers(uname: file.uname))
        guard table.showsSockets else { throw unusable.first ?? .noSocketEvents(path: name) }
        let notes = file.notes
        // What is read as it comes is not read of the file that is its head.
        let buffers = cpuCount == nil ? file.buffers.indices : 0..<0
        let streams = buffers.flatMap { buffer in
            // Files of version 6 list all CPUs that the machine could have had.
            file.buffers[buffer].cpus.indices.filter { file.buffers[buffer].cpus[$0].size > 0 }
                .map { FilePages.Stream(buffer: buffer, cpu: $0) }
        }
        let places = try Self.places(file, streams, cpuCount: cpuCount, layout)
        var decoder = SocketDecoder(
            plans: table, cpus: places.cpus, buffers: places.buffers, byteOrder: file.header.byteOrder,
            aliases: options.aliases, scope: Self.scope(options, notes), begin: notes?.begin ?? 0)
        // The saved command lines are those of the end; where the recorder noted the beginning, that is better.
        decoder.know(file.commandLines.map { KnownTask(tid: $0.tid, tgid: 0, name: TaskName($0.name)) })
        if let notes { decoder.know(notes.tasks) }
        // Whoever was born later has no part in what was known before.
        if let command = notes?.command { decoder.know([KnownTask(tid: command, tgid: command, name: nil)]) }

        origins = streams.map { (file.buffers[$0.buffer].name, file.buffers[$0.buffer].cpus[$0.cpu].cpu) }
        counted = RecordedStatistics(file.cpuStats)
        unusableFormats = unusable.map(\.description)
        adjustment = file.timeAdjustment
        facts = RecordingInfo(file, notes)
        flagNames = table.flagNames
        (tellsEndpoints, shownFields) = (table.tellsEndpoints, table.shownFields)
        self.notes = notes
        asksForDiscarded = notes.map { Self.asksForDiscarded(options, $0) } ?? false
        selection = options.selection
        if selection.filter == nil, !options.wholeSystem {
            selection.filter = EventFilter(noted: notes?.filters ?? [])
        }
        selector = EventSelector(selection, isLive: false, groupPaths: facts.groupPaths)
        // What is not compressed is copied from the page cache faster than from another processor's.
        let readsAhead = options.readsAhead && file.buffers.contains { $0.cpus.contains(where: \.isCompressed) }
        pipeline = DecodePipeline(layouts: places.layouts, slotsEach: readsAhead ? 2 : 1, decoder: decoder)
        if let coming {
            source = coming
        } else {
            source = Self.source(file, streams, readsAhead: readsAhead)
        }
    }

    /// Of each stream of records its CPU, its buffer's index and how its sub-buffers are laid out.
    private static func places(
        _ file: borrowing TraceFile, _ streams: [FilePages.Stream], cpuCount: Int?, _ layout: SubBufferLayout
    ) throws(TracingError) -> (cpus: [UInt32], buffers: [Int], layouts: [SubBufferLayout]) {
        // Of what is read as it comes it is not known which CPUs will have records.
        if let cpuCount {
            return (Array(0..<UInt32(cpuCount)), [], Array(repeating: layout, count: cpuCount))
        }
        let layouts = try streams.map { stream throws(TracingError) in
            try Self.layout(layout, pageSize: file.buffers[stream.buffer].pageSize)
        }
        let cpus = streams.map { UInt32(truncatingIfNeeded: file.buffers[$0.buffer].cpus[$0.cpu].cpu) }
        return (cpus, streams.map(\.buffer), layouts)
    }

    private static func source(
        _ file: consuming TraceFile, _ streams: [FilePages.Stream], readsAhead: Bool
    ) -> ReplaySource {
        ReplaySource(
            FileSource(FilePages(file, streams: streams), streamCount: streams.count, readsAhead: readsAhead))
    }

    /// Arguments that nobody asks for, unless the filter does: events read from now on need not tell them, which is less to
    /// read.
    package mutating func omit(_ arguments: Alias.Arguments) {
        if selector.passesAll { pipeline.omit(arguments) }
    }

    /// When the recording began, in nanoseconds of the trace clock: as the recorder noted, else when the first sub-buffer
    /// was begun. Nil where there is none. To be asked before the first batch.
    package mutating func beginning() throws(TracingError) -> UInt64? {
        if let noted = facts.beginning { return noted }
        let size = facts.buffers.map(\.pageSize).max() ?? 0
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        defer { room.deallocate() }
        var earliest: UInt64?
        for stream in 0..<source.streamCount {
            guard let (time, cpu) = try source.pages?.firstTime(of: stream, room: room) else { continue }
            earliest = min(earliest ?? .max, adjustment.nanoseconds(time, cpu: cpu))
        }
        return earliest
    }

    /// Hands over all events, in time order.
    package mutating func run(
        deliver: (borrowing TraceBatch) throws(TracingError) -> Void
    ) throws(TracingError) -> TraceReport {
        var batch = TraceBatch()
        while try read(into: &batch) { try deliver(batch) }
        return closingReport
    }

    /// Reads the next events, in time order; false at the end of the recording.
    /// - Parameters:
    ///   - batch: holds them afterwards, and nothing else.
    ///   - count: about how many are wanted at once.
    public mutating func read(into batch: inout TraceBatch, count: Int = 128) throws(TracingError) -> Bool {
        if !hasBegun {
            hasBegun = true
            if let border = notes?.continuesAt { try pass(until: border) }
            try pipeline.begin(&source, until: try source.nextRound() ?? notes?.end ?? .max)
        }
        while try !pipeline.nextBatch(from: &source, into: &batch, capacity: count) {
            guard let horizon = try source.nextRound() else {
                finish()
                return false
            }
            if let border = source.takeBorder() { try pipeline.skip(&source, until: border) }
            try pipeline.begin(&source, until: horizon)
        }
        if !facts.countsNanoseconds { batch.update { $0.duration = nil } }
        if !adjustment.isIdentity {
            let adjustment = adjustment
            batch.update { Self.adjust(&$0, by: adjustment) }
        }
        selector.apply(to: &batch)
        return true
    }

    /// Learns from the records before a time, and shows nothing of them: another file does.
    private mutating func pass(until border: UInt64) throws(TracingError) {
        try pipeline.begin(&source, until: border)
        var passed = TraceBatch()
        while try pipeline.nextBatch(from: &source, into: &passed, capacity: 128) {}
        pipeline.forgetCounts()
    }

    private mutating func finish() {
        pipeline.finish()
        hasEnded = true
        guard let ending = source.ending else { return }
        notes?.lostRecords = ending.lostRecords
        notes?.earlyEnd = ending.earlyEnd
        notes?.missedHits = ending.missedHits
        notes?.disturbances = ending.disturbances
    }

    /// What the recording came to, as far as it was read.
    public var closingReport: TraceReport {
        var report = TraceReport(statistics: pipeline.statistics)
        report.recordedMisses = notes?.missedHits ?? 0
        report.recordedLosses = notes?.lostRecords ?? counted.lost
        report.earlyEnd = notes?.earlyEnd
        report.waitingAtStart = notes?.waiting ?? 0
        report.disturbances = notes?.disturbances ?? []
        report.origin = notes?.origin
        report.selfTest = notes?.selfTest
        report.selfTestRemark = notes?.selfTestRemark
        report.malformedRemarks = MalformedParts.remarks(
            origins.map { Self.name(ofCPU: $0.cpu, in: $0.buffer) }, pipeline.pageFaults, report.statistics)
        noteRepetitions(in: &report)
        if asksForDiscarded {
            report.fileRemarks.append(
                "messages that do not pass the filters of the recording were not recorded (--discard): they are missing here"
            )
        }
        // trace-cmd record --date itself reads a mark from the buffers, which the counts include.
        if hasEnded, notes?.countsFromBegin ?? !adjustment.isWallClock { tellAbsent(in: &report) }
        return report
    }

    /// What the file lacks of what the kernel counted.
    private func tellAbsent(in report: inout TraceReport) {
        var records = zip(origins, pipeline.recordCounts).map { (buffer: $0.buffer, cpu: $0.cpu, count: $1) }
        // Left out on purpose.
        records += (notes?.discarded ?? [:]).map { ("", $0.key, $0.value) }
        for (buffer, cpu, count) in counted.absent(from: records) {
            report.absentRecords &+= count
            report.fileRemarks.append(
                "the file lacks \(count) of the records that the kernel counted on "
                    + Self.name(ofCPU: cpu, in: buffer))
        }
    }

    /// What several buffers have.
    private func noteRepetitions(in report: inout TraceReport) {
        var counts: [String: UInt64] = [:]
        for (origin, count) in zip(origins, pipeline.repetitionCounts) { counts[origin.buffer, default: 0] &+= count }
        for (buffer, count) in counts.sorted(by: { $0.key < $1.key }) where count > 0 {
            let name = buffer.isEmpty ? "the top buffer" : "the buffer \(buffer)"
            report.fileRemarks.append("\(name) has \(count) records of events that another buffer shows: shown once")
        }
    }

    private static func name(ofCPU cpu: Int, in buffer: String) -> String {
        "CPU \(cpu)" + (buffer.isEmpty ? "" : " of the buffer \(buffer)")
    }

    private static func adjust(_ event: inout SocketEvent, by adjustment: TimeAdjustment) {
        let end = adjustment.nanoseconds(event.time, cpu: Int(event.cpu))
        if let duration = event.duration {
            event.duration = end &- adjustment.nanoseconds(event.time &- duration, cpu: Int(event.cpu))
        }
        event.time = end
    }

    private static func scope(_ options: ReplayOptions, _ notes: RecordingMetadata?) -> TaskScope {
        if options.wholeSystem { return TaskScope(tracer: notes?.tracer) }
        guard options.processes != nil else { return notes?.scope ?? TaskScope() }
        var scope = options.selection.scope
        scope.tracer = notes?.tracer
        return scope
    }

    /// Whether what is wanted may lack messages that were left out of a recording.
    private static func asksForDiscarded(_ options: ReplayOptions, _ notes: RecordingMetadata) -> Bool {
        guard let discarding = notes.discarding else { return false }
        let told = AliasSet(discarding.compactMap { try? Alias.named($0) })
        guard options.aliases.subtracting(told).isDisjoint(with: .messages) else { return true }
        if let filter = options.selection.filter { return filter != EventFilter(noted: notes.filters) }
        return options.wholeSystem
    }

    static func layout(_ file: borrowing TraceFile) throws(TracingError) -> SubBufferLayout {
        let parser = FormatParser(byteOrder: file.header.byteOrder, longSize: file.header.longSize)
        do {
            return try parser.parseHeaderPage(file.headerPage, byteOrder: file.header.byteOrder)
        } catch {
            throw .format(event: "header_page", error)
        }
    }

    /// A buffer's own sub-buffer size may differ from the one that the header states.
    private static func layout(_ layout: SubBufferLayout, pageSize: Int) throws(TracingError) -> SubBufferLayout {
        guard pageSize != layout.size else { return layout }
        guard
            let other = SubBufferLayout(
                size: pageSize, commitOffset: layout.commitOffset, commitWidth: layout.commitWidth,
                dataOffset: layout.dataOffset, byteOrder: layout.byteOrder)
        else { throw .format(event: "header_page", .impossibleHeader) }
        return other
    }

    private static func matters(_ format: TraceFile.EventFormatText) -> Bool {
        let system = format.system
        // The scheduler has many events; one of them is read.
        if system == "sched" { return format.text.starts(with: "name: sched_process_exit\n".utf8) }
        return system == "task" || system == "sock" || system == "syscalls" || system.hasPrefix("sockftrace")
    }

    /// Only the formats of events that can matter are parsed: a file may hold thousands. One that cannot be used costs the
    /// records of its own event and no others.
    static func formats(
        _ file: borrowing TraceFile, longSize: Int
    ) -> (usable: [EventFormat], unusable: [TracingError]) {
        let parser = FormatParser(byteOrder: file.header.byteOrder, longSize: longSize)
        var formats: [EventFormat] = []
        var unusable: [TracingError] = []
        for text in file.formats where Self.matters(text) {
            do {
                formats.append(try parser.parseFormat(text.text, system: text.system))
            } catch {
                unusable.append(.format(event: "an event of \(text.system)", error))
            }
        }
        return (formats, unusable)
    }
}
