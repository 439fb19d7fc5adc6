import EventOutput
import EventStatistics
import SocketEvents

/// A message with what the tests care about; the rest is as on a TCP socket of nginx.
func message(
    _ alias: Alias = .send, pid: Int32? = 812, comm: String? = "nginx", size: Int64? = 100, duration: UInt64? = 1000,
    edit: (inout SocketEvent) -> Void = { _ in }
) -> SocketEvent {
    var event = SocketEvent(alias: alias, time: 0, cpu: 0, tid: 813)
    event.pid = pid
    event.comm = comm.map { TaskName($0.utf8) }
    event.socket = 0xffff_8e85_4042_c340
    (event.family, event.protocol, event.type) = (2, 6, 1)
    event.size = size
    event.success = size.map { $0 >= 0 }
    event.duration = duration
    edit(&event)
    return event
}

/// A summary of these events.
func summary(of events: [SocketEvent], _ options: SummaryOptions) -> EventSummary {
    var summary = EventSummary(options: options)
    let batch = TraceBatch(events.map { .plain($0) })
    summary.add(batch, 0..<batch.eventCount)
    return summary
}

/// The rows of a summary of these events.
func rows(
    of events: [SocketEvent], by dimensions: Set<SummaryDimension> = SummaryOptions.standard,
    order: SummaryOrder = .messages, top: Int? = nil
) -> [SummaryRow] {
    var options = SummaryOptions()
    (options.dimensions, options.order, options.top) = (dimensions, order, top)
    return summary(of: events, options).rows
}

/// What a format makes of a summary.
enum SummarySample {
    static func text(
        of events: [SocketEvent], as format: SummaryFormat,
        by dimensions: Set<SummaryDimension> = SummaryOptions.standard, width: Int? = nil,
        edit: (inout SummaryOptions) -> Void = { _ in }
    ) -> String {
        var out = OutputBuffer()
        var options = SummaryOptions()
        options.dimensions = dimensions
        edit(&options)
        SummaryRenderer(format: format, options: options, width: width).render(summary(of: events, options), into: &out)
        return out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}

/// An event of a TCP socket between two ends, of which the ledger of nobody tells: pid 7, `curl`.
func socketEvent(
    _ alias: Alias, _ time: UInt64, socket serial: UInt64, _ change: (inout TracedEvent) -> Void = { _ in }
) -> TraceItem {
    var event = SocketEvent(alias: alias, time: time, cpu: 0, tid: 7)
    (event.pid, event.comm) = (7, TaskName("curl".utf8))
    (event.family, event.protocol, event.type) = (2, 6, 1)
    event.success = true
    var details = EventDetails()
    details.serial = serial
    details.local = .ipv4(10, 0, 0, 2, port: 51234)
    details.remote = .ipv4(10, 0, 0, 9, port: 80)
    var traced = TracedEvent(event, details)
    change(&traced)
    return .event(traced)
}

/// Random numbers that are the same in every run (splitmix64).
struct Repeatable: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
