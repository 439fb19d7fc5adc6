internal import EventFormats
internal import LinuxSystem
internal import ProbePlanning
internal import KernelLayout
internal import RingBuffer
internal import TraceFS

/// A probe that records memory.
struct MemoryProbe: Sendable {
    /// A function, or an event of the kernel's, `SYSTEM/EVENT`.
    var symbol: String
    /// The event's name; the group is the session's.
    var event: String
    var arguments: [FetchArgument]

    /// Bytes of windows in one record: kernels since 6.1 take no probe whose record may pass 3,072 (MAX_PROBE_EVENT_SIZE
    /// in kernel/trace/trace_probe.h).
    static let recordRoom = 2900

    func text(group: String) -> String {
        let kind = symbol.utf8.contains(UInt8(ascii: "/")) ? "e" : "p"
        return (["\(kind):\(group)/\(event)", symbol] + arguments.map(\.text)).joined(separator: " ")
    }
}

/// What a ``MemoryProbe`` recorded of one call.
struct MemoryRecord: Sendable {
    var event: String
    var fields: [String: MemoryDump]

    func word(_ name: String) -> UInt64? {
        fields[name].flatMap { $0.integer(at: 0, width: $0.bytes.count) }
    }

    /// The windows `NAME_0`, `NAME_504`, … in a row.
    func memory(_ name: String) -> MemoryDump? {
        let windows = fields.compactMap { field, memory -> (start: Int, memory: MemoryDump)? in
            guard Self.base(of: field) == name, let start = Int(field.dropFirst(name.utf8.count + 1)) else {
                return nil
            }
            return (start, memory)
        }
        guard !windows.isEmpty else { return nil }
        return MemoryDump(
            windows.sorted { $0.start < $1.start }.flatMap(\.memory.bytes), isSwapped: windows[0].memory.isSwapped)
    }

    /// `NAME` of `NAME_504`.
    static func base(of field: String) -> String? {
        guard let end = field.lastIndex(of: "_"), Int(field[field.index(after: end)...]) != nil else { return nil }
        return String(field[..<end])
    }
}

/// Probes on which only the calling thread is seen.
///
/// Calls are watched one after the other and what they left in the buffers is read once, at the end: each look into a
/// buffer costs far more than a call. A record belongs to the call that was under way at its time, which the buffer's
/// clock and ours tell alike.
struct MemorySession: ~Copyable {
    private var instance: TracerInstance
    /// As records have it in `common_pid`.
    private let thread: Int32
    private var formats: [UInt16: EventFormat] = [:]
    /// The probes that are armed.
    private var enabled: Set<String> = []
    /// When the calls since the last look began, in nanoseconds.
    private var beginnings: [UInt64] = []

    /// Kibibytes a CPU that hold all records between two looks: up to 8 KiB of each of two dozen sockets.
    static let bufferKilobytes = 1024

    init(_ instance: consuming TracerInstance) throws(TracingError) {
        do { try instance.buffer.setTracing(true) } catch { throw .traceFS(error) }
        thread = instance.numbers.thread
        self.instance = instance
    }

    /// Installs probes and throws their switches. One that the kernel refuses is an error; those before it stay.
    mutating func add(_ new: [MemoryProbe]) throws(TracingError) {
        do {
            for probe in new {
                let description = try instance.add(probe.text(group: instance.group))
                formats[UInt16(truncatingIfNeeded: description.id)] = try? TracerInstance.formatParser.parseFormat(
                    Array(description.format.utf8), system: instance.group)
                // What other tasks do is fetched and thrown away before it takes any room.
                try instance.buffer.setFilter("common_pid == \(thread)", on: description.name)
                try instance.enable(description.name)
                enabled.insert(probe.event)
            }
        } catch {
            throw .traceFS(error)
        }
    }

    /// Throws the switches of probes that are of no use.
    mutating func disable(_ probes: [MemoryProbe]) {
        for probe in probes where enabled.contains(probe.event) {
            // Should it fail, it is tried again at the end.
            guard (try? instance.disable(instance.name(of: probe.event))) != nil else { continue }
            enabled.remove(probe.event)
        }
    }

    /// Makes a call.
    /// - Returns: its number, by which `look` tells its records.
    mutating func watch(_ call: () -> Void) -> Int {
        beginnings.append(Clock.monotonic.now)
        call()
        return beginnings.count - 1
    }

    /// What the probes recorded of this thread since the last look, call by call and in order.
    mutating func look() -> [[MemoryRecord]] {
        var found: [[(time: UInt64, record: MemoryRecord)]] = Array(repeating: [], count: beginnings.count)
        let beginnings = beginnings
        let formats = formats
        try? instance.drain { time, bytes in
            guard bytes.count >= 8, bytes.loadUnaligned(fromByteOffset: 4, as: Int32.self) == thread,
                let format = formats[bytes.loadUnaligned(as: UInt16.self)],
                // Nothing else calls what is probed: what seems older than the first call is of a clock that lags.
                let call = beginnings.lastIndex(where: { $0 <= time }) ?? beginnings.indices.first
            else { return }
            var fields: [String: MemoryDump] = [:]
            for field in format.fields where field.offset + field.size <= bytes.count {
                fields[field.name] = MemoryDump(Array(bytes[field.offset..<field.offset + field.size]))
            }
            found[call].append((time, MemoryRecord(event: format.name, fields: fields)))
        }
        self.beginnings.removeAll()
        return found.map { $0.sorted { $0.time < $1.time }.map(\.record) }
    }

    /// Throws every switch, and gives back the instance. The probes go with it: to take them away costs time that the
    /// trace need not wait for.
    consuming func leave() -> TracerInstance {
        for event in enabled { try? instance.disable(instance.name(of: event)) }
        try? instance.buffer.setTracing(false)
        return instance
    }
}
