internal import EventOutput

/// A timeline as Perfetto's protobuf: a sequence of packets for each track, so that the times of each sequence do not go
/// back.
package struct PerfettoWriter: ~Copyable, TimelineWriter {
    private var file: ExportFile
    private let sources: [ExportSource]
    private var packet = ProtoMessage()
    private var inner = ProtoMessage()
    private var deep = ProtoMessage()
    private var announced: Set<UInt64> = []
    private let clock: UInt64

    // Numbers of fields and values, as perfetto's protos/perfetto/trace has them.
    private enum Packet {
        static let clockSnapshot: UInt64 = 6
        static let timestamp: UInt64 = 8
        static let sequence: UInt64 = 10
        static let trackEvent: UInt64 = 11
        static let flags: UInt64 = 13
        static let trackDescriptor: UInt64 = 60
        static let clock: UInt64 = 58
    }

    private enum Event {
        static let annotation: UInt64 = 4
        static let type: UInt64 = 9
        static let track: UInt64 = 11
        static let category: UInt64 = 22
        static let name: UInt64 = 23
        static let counter: UInt64 = 30
        static let flow: UInt64 = 47
        static let endingFlow: UInt64 = 48
        static let begin: UInt64 = 1
        static let end: UInt64 = 2
        static let instant: UInt64 = 3
        static let counterType: UInt64 = 4
    }

    package init(_ file: consuming ExportFile, _ sources: [ExportSource]) {
        self.file = file
        self.sources = sources
        let base = CommonClock(sources).base
        clock = Self.clock(named: base < sources.count ? sources[base].clock : nil)
        if base < sources.count { writeClocks(sources[base]) }
    }

    package var hasFailed: Bool { file.hasFailed }

    // MARK: Clocks

    /// Perfetto's numbers of clocks. It knows none of the kernel's other trace clocks: their times are taken as
    /// CLOCK_MONOTONIC's, so that differences are right.
    private static func clock(named name: String?) -> UInt64 {
        switch name {
        case "boot": 6
        case "mono_raw": 5
        default: 3
        }
    }

    /// Says how the clock of the trace and the time of day belong together.
    private mutating func writeClocks(_ source: ExportSource) {
        inner.clear()
        let begin = source.beginning ?? 0
        var pairs: [(clock: UInt64, time: UInt64)] = [(clock, begin)]
        // Number 1 is the time of day.
        if let offset = source.wallClock { pairs.append((1, begin &+ UInt64(bitPattern: offset))) }
        for pair in pairs {
            deep.clear()
            deep.number(1, pair.clock)
            deep.number(2, pair.time)
            inner.message(1, deep)
        }
        inner.number(2, clock)
        packet.clear()
        packet.message(Packet.clockSnapshot, inner)
        packet.number(Packet.sequence, 1)
        writePacket()
    }

    private mutating func writePacket() { Self.write(packet, to: &file) }

    private static func write(_ packet: borrowing ProtoMessage, to file: inout ExportFile) {
        file.append { out in
            // Trace.packet.
            out.append(0x0a)
            var size = UInt64(packet.out.count)
            while size >= 0x80 {
                out.append(UInt8(truncatingIfNeeded: size) | 0x80)
                size >>= 7
            }
            out.append(UInt8(truncatingIfNeeded: size))
            out.append(contentsOf: packet.out)
        }
    }

    // MARK: Tracks

    package mutating func add(_ track: Track, number: Int) {
        inner.clear()
        inner.number(1, Self.identifier(number))
        switch track {
        case .thread(let thread, let lane): describe(thread, lane)
        case .connection(let name, let source):
            inner.text(2, name)
            inner.number(5, announce(group: "Connections", source, 1))
        case .counter(let name, let unit, let source):
            inner.text(2, name)
            inner.number(5, announce(group: "Traffic", source, 2))
            deep.clear()
            // UNIT_COUNT is 2, UNIT_SIZE_BYTES 3.
            deep.number(3, unit == .bytes ? 3 : 2)
            inner.message(8, deep)
        case .losses(let source):
            inner.text(2, "Lost records")
            inner.number(5, announce(group: "Traffic", source, 2))
        }
        writeTrack()
    }

    /// Perfetto's own notion of a thread has place for the thread of one machine and for calls that do not overlap.
    private mutating func describe(_ thread: TraceThread, _ lane: Int) {
        guard let pid = thread.pid else {
            inner.text(2, thread.label(lane: lane))
            inner.number(5, announce(group: "Process unknown", thread.source, 3))
            return
        }
        let parent = announce(process: pid, thread.process, thread.source)
        guard lane == 0, sources.count == 1 else {
            inner.text(2, thread.label(lane: lane))
            inner.number(5, parent)
            return
        }
        deep.clear()
        deep.number(1, signed: Int64(pid))
        deep.number(2, signed: Int64(thread.tid))
        deep.text(5, thread.name)
        inner.message(4, deep)
    }

    /// Tracks of others begin where those of the timeline's numbers cannot be.
    private static func identifier(_ number: Int) -> UInt64 { UInt64(number) << 8 | 0xff }

    /// Writes what `inner` has.
    private mutating func writeTrack() {
        packet.clear()
        packet.number(Packet.sequence, 1)
        packet.message(Packet.trackDescriptor, inner)
        writePacket()
    }

    /// The track of a process; those of several recordings have their own.
    private mutating func announce(process pid: Int32, _ name: String, _ source: Int) -> UInt64 {
        let track = UInt64(UInt32(bitPattern: pid)) << 24 | UInt64(source) << 8 | 1
        guard announced.insert(track).inserted else { return track }
        var message = ProtoMessage()
        message.number(1, track)
        if sources.count == 1 {
            var process = ProtoMessage()
            process.number(1, signed: Int64(pid))
            process.text(6, name)
            message.message(3, process)
        } else {
            message.text(2, "\(sources[source].name): \(name) \(pid)")
        }
        write(track: message)
        return track
    }

    private mutating func announce(group name: String, _ source: Int, _ kind: UInt64) -> UInt64 {
        let track = UInt64(source) << 8 | kind << 40 | 2
        guard announced.insert(track).inserted else { return track }
        var message = ProtoMessage()
        message.number(1, track)
        message.text(2, sources.count == 1 ? name : "\(sources[source].name): \(name)")
        write(track: message)
        return track
    }

    private mutating func write(track: borrowing ProtoMessage) {
        packet.clear()
        packet.number(Packet.sequence, 1)
        packet.message(Packet.trackDescriptor, track)
        writePacket()
    }

    // MARK: Events

    package mutating func add(_ slice: TraceSlice, to track: Int) {
        inner.clear()
        inner.number(Event.type, Event.begin)
        inner.number(Event.track, Self.identifier(track))
        inner.text(Event.category, "socket")
        inner.text(Event.name, slice.name)
        for argument in slice.arguments { annotate(argument) }
        if let flow = slice.sends { inner.fixed(Event.flow, flow) }
        writeEvent(at: slice.begin, track)
        inner.clear()
        inner.number(Event.type, Event.end)
        inner.number(Event.track, Self.identifier(track))
        // At the end: a receive may have waited since before the send began, and flows go from the earlier to the later.
        for flow in slice.receives { inner.fixed(Event.flow, flow) }
        for flow in slice.drains { inner.fixed(Event.endingFlow, flow) }
        writeEvent(at: slice.end, track)
    }

    package mutating func add(counter value: UInt64, at time: UInt64, to track: Int) {
        inner.clear()
        inner.number(Event.type, Event.counterType)
        inner.number(Event.track, Self.identifier(track))
        inner.number(Event.counter, value)
        writeEvent(at: time, track)
    }

    package mutating func add(instant name: String, at time: UInt64, _ arguments: [TraceArgument], to track: Int) {
        inner.clear()
        inner.number(Event.type, Event.instant)
        inner.number(Event.track, Self.identifier(track))
        inner.text(Event.name, name)
        for argument in arguments { annotate(argument) }
        writeEvent(at: time, track)
    }

    private mutating func annotate(_ argument: TraceArgument) {
        deep.clear()
        deep.text(10, argument.name)
        switch argument.value {
        case .number(let number): deep.number(4, signed: number)
        case .text(let text): deep.text(6, text)
        }
        inner.message(Event.annotation, deep)
    }

    /// Writes what `inner` has. Sequence 1 has the tracks' descriptions.
    private mutating func writeEvent(at time: UInt64, _ track: Int) {
        packet.clear()
        packet.number(Packet.timestamp, time)
        packet.number(Packet.clock, clock)
        packet.number(Packet.sequence, UInt64(track + 1))
        packet.message(Packet.trackEvent, inner)
        writePacket()
    }

    package mutating func finish() throws(ExportError) { try file.finish() }
}
