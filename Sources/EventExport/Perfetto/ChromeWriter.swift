internal import EventOutput

/// A timeline as the JSON of Chrome's trace viewer, which older viewers read.
package struct ChromeWriter: ~Copyable, TimelineWriter {
    private var file: ExportFile
    private let sources: [ExportSource]
    private var isFirst = true
    /// By track, from 1 on.
    private var places: [(pid: Int64, tid: Int64, name: String)] = [(0, 0, "")]
    private var announced: Set<Int64> = []

    /// Processes that stand for groups of tracks have numbers that no process of Linux has.
    private static let firstGroup: Int64 = 1 << 30

    package init(_ file: consuming ExportFile, _ sources: [ExportSource]) {
        self.file = file
        self.sources = sources
        self.file.append { $0.append("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n") }
    }

    package var hasFailed: Bool { file.hasFailed }

    /// Appends an object that has these members, which begin with the first one's key.
    private mutating func object(_ body: (inout OutputBuffer) -> Void) {
        let separator: StaticString = isFirst ? "{" : ",\n{"
        isFirst = false
        file.append { out in
            out.append(separator)
            body(&out)
            out.append("}")
        }
    }

    private static func append(_ text: String, to out: inout OutputBuffer) {
        let isPlain = text.utf8.allSatisfy { byte in
            byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        out.append("\"")
        for byte in (isPlain ? text : PrintableText.json(text)).utf8 { out.append(byte) }
        out.append("\"")
    }

    /// Microseconds, as the format has it, to the nanosecond.
    private static func append(time: UInt64, to out: inout OutputBuffer) {
        out.append(decimal: time / 1000)
        out.append(".")
        out.append(decimal: time % 1000, digits: 3)
    }

    private static func append(
        _ place: (pid: Int64, tid: Int64, name: String), to out: inout OutputBuffer
    ) {
        out.append(",\"pid\":")
        out.append(decimal: place.pid)
        out.append(",\"tid\":")
        out.append(decimal: place.tid)
    }

    // MARK: Tracks

    package mutating func add(_ track: Track, number: Int) {
        switch track {
        case .thread(let thread, let lane): addThread(thread, lane, number)
        case .connection(let name, let source): addGroup("Connections", 0, source, number, name)
        case .counter(let name, _, let source): addGroup("Traffic", 1, source, number, name)
        case .losses(let source): addGroup("Traffic", 1, source, number, "Lost records")
        }
    }

    private mutating func addThread(_ thread: TraceThread, _ lane: Int, _ number: Int) {
        guard let pid = thread.pid else {
            return addGroup("Process unknown", 2, thread.source, number, thread.label(lane: lane))
        }
        let shown = Int64(pid) + Int64(thread.source) << 32
        announce(process: shown, prefix(thread.source) + thread.process)
        let line = lane == 0 ? Int64(thread.tid) : Self.firstGroup + Int64(number)
        addThread((shown, line, thread.name), lane == 0 ? thread.name : thread.label(lane: lane))
    }

    private func prefix(_ source: Int) -> String { sources.count == 1 ? "" : "\(sources[source].name): " }

    private mutating func addGroup(_ group: String, _ kind: Int64, _ source: Int, _ number: Int, _ name: String) {
        let pid = Self.firstGroup + Int64(source) * 4 + kind
        announce(process: pid, prefix(source) + group)
        addThread((pid, Int64(number), name), name)
    }

    private mutating func announce(process: Int64, _ name: String) {
        guard announced.insert(process).inserted else { return }
        metadata("process_name", (process, 0, ""), name)
    }

    private mutating func addThread(_ place: (pid: Int64, tid: Int64, name: String), _ name: String) {
        places.append(place)
        metadata("thread_name", place, name)
    }

    private mutating func metadata(
        _ what: StaticString, _ place: (pid: Int64, tid: Int64, name: String), _ name: String
    ) {
        object { out in
            out.append("\"ph\":\"M\",\"name\":\"")
            out.append(what)
            out.append("\"")
            Self.append(place, to: &out)
            out.append(",\"args\":{\"name\":")
            Self.append(name, to: &out)
            out.append("}")
        }
    }

    // MARK: Events

    package mutating func add(_ slice: TraceSlice, to track: Int) {
        let place = places[track]
        object { out in
            out.append("\"ph\":\"X\",\"cat\":\"socket\",\"name\":")
            Self.append(slice.name, to: &out)
            Self.append(place, to: &out)
            out.append(",\"ts\":")
            Self.append(time: slice.begin, to: &out)
            out.append(",\"dur\":")
            Self.append(time: slice.end - slice.begin, to: &out)
            Self.append(slice.arguments, to: &out)
        }
        if let flow = slice.sends { add(flow: flow, "s", at: slice.begin, place) }
        for flow in slice.receives { add(flow: flow, "t", at: slice.end, place) }
        for flow in slice.drains { add(flow: flow, "f", at: slice.end, place) }
    }

    private mutating func add(
        flow: UInt64, _ phase: StaticString, at time: UInt64, _ place: (pid: Int64, tid: Int64, name: String)
    ) {
        object { out in
            out.append("\"ph\":\"")
            out.append(phase)
            out.append("\",\"bp\":\"e\",\"cat\":\"bytes\",\"name\":\"bytes\",\"id\":")
            out.append(decimal: flow)
            Self.append(place, to: &out)
            out.append(",\"ts\":")
            Self.append(time: time, to: &out)
        }
    }

    private static func append(_ arguments: [TraceArgument], to out: inout OutputBuffer) {
        out.append(",\"args\":{")
        for (index, argument) in arguments.enumerated() {
            out.append(index == 0 ? "\"" : ",\"")
            out.append(argument.name)
            out.append("\":")
            switch argument.value {
            case .number(let number): out.append(decimal: number)
            case .text(let text): append(text, to: &out)
            }
        }
        out.append("}")
    }

    package mutating func add(counter value: UInt64, at time: UInt64, to track: Int) {
        let place = places[track]
        object { out in
            out.append("\"ph\":\"C\",\"name\":")
            Self.append(place.name, to: &out)
            Self.append(place, to: &out)
            out.append(",\"ts\":")
            Self.append(time: time, to: &out)
            out.append(",\"args\":{\"value\":")
            out.append(decimal: value)
            out.append("}")
        }
    }

    package mutating func add(instant name: String, at time: UInt64, _ arguments: [TraceArgument], to track: Int) {
        let place = places[track]
        object { out in
            out.append("\"ph\":\"i\",\"s\":\"g\",\"name\":")
            Self.append(name, to: &out)
            Self.append(place, to: &out)
            out.append(",\"ts\":")
            Self.append(time: time, to: &out)
            Self.append(arguments, to: &out)
        }
    }

    package mutating func finish() throws(ExportError) {
        file.append { $0.append("\n]}\n") }
        try file.finish()
    }
}
