internal import SocketEvents

/// Finds which receive a send fed, of TCP connections whose both ends and whole lives are in the trace: bytes come out in
/// the order in which they went in, so the sums of what went in and came out tell.
///
/// A receive may conclude before the send that fed it has. Then it is taken for fed by the next send that concludes, which
/// it is unless threads send over the same socket at the same time. Where that send had not even begun, more came out than
/// went in, as with MSG_PEEK: which byte is which is not known from there on.
struct FlowMatcher: Sendable {
    /// One way of a connection.
    private struct Way: Sendable {
        /// Bytes that went in, and came out.
        var sent: UInt64 = 0
        var received: UInt64 = 0
        /// Sends of which bytes have not come out yet: their flows, and the sums up to their begin and end.
        var waiting: [(flow: UInt64, begin: UInt64, end: UInt64)] = []
        /// A flow that a receive has and its send does not yet, and when that receive was over.
        var promised: (flow: UInt64, time: UInt64)?
        /// The end where bytes come out is in the trace.
        var hasReader = false
        /// When it was first heard of.
        var since: UInt64
    }

    /// Both ends as one of them sees them.
    private struct Key: Hashable, Sendable {
        var source: Int
        var from: SocketAddress
        var to: SocketAddress
    }

    /// So many sends without a receive, and the other end is somewhere else.
    private static let mostWaiting = 1024

    private var ways: [Key: Way] = [:]
    private var flowCount: UInt64 = 0

    /// Which byte is which is not known any longer.
    mutating func forget(_ source: Int) { ways = ways.filter { $0.key.source != source } }

    /// Takes note of an event, and gives its slice the flows that it has.
    mutating func match(_ event: SocketEvent, _ details: EventDetails?, _ source: Int, _ slice: inout TraceSlice) {
        guard event.type == 1, let family = event.family, family == 2 || family == 10, let details,
            let local = details.local, let remote = details.remote
        else { return }
        let out = Key(source: source, from: local, to: remote)
        let back = Key(source: source, from: remote, to: local)
        switch event.alias {
        case .connectReturn, .acceptReturn: open(event, out, back)
        case .send: send(event.bytes ?? 0, out, &slice)
        case .receive: receive(event.bytes ?? 0, back, &slice)
        case .close: close(out, back)
        default: break
        }
    }

    /// A connection begins: what there was between the same ends before the call is another.
    private mutating func open(_ event: SocketEvent, _ out: Key, _ back: Key) {
        // EINPROGRESS goes on.
        if event.success == false, event.alias == .acceptReturn || event.errorNumber != 115 { return }
        let isConnect = event.alias == .connectReturn
        let begin = isConnect ? event.time - min(event.duration ?? 0, event.time) : 0
        for key in [out, back] {
            // The other end may have accepted, and sent, before this call returned.
            if let way = ways[key], way.since >= begin { continue }
            ways[key] = Way(since: event.time)
        }
        ways[back]?.hasReader = true
    }

    private mutating func close(_ out: Key, _ back: Key) {
        ways[back] = nil
        // The other end may still have something to take out.
        if let way = ways[out], !way.hasReader { ways[out] = nil }
    }

    private mutating func send(_ bytes: UInt64, _ key: Key, _ slice: inout TraceSlice) {
        guard bytes > 0, var way = ways.removeValue(forKey: key), way.waiting.count < Self.mostWaiting else { return }
        if let promised = way.promised, promised.time < slice.begin { return }
        let begin = way.sent
        way.sent &+= bytes
        let flow = way.promised?.flow ?? newFlow()
        way.promised = nil
        slice.sends = flow
        if way.sent > way.received { way.waiting.append((flow, begin, way.sent)) }
        ways[key] = way
    }

    private mutating func receive(_ bytes: UInt64, _ key: Key, _ slice: inout TraceSlice) {
        guard bytes > 0, var way = ways.removeValue(forKey: key) else { return }
        way.received &+= bytes
        way.hasReader = true
        let done = way.waiting.prefix { $0.end <= way.received }.count
        slice.drains = way.waiting[..<done].map(\.flow)
        way.waiting.removeFirst(done)
        if let next = way.waiting.first, next.begin < way.received { slice.receives.append(next.flow) }
        if way.received > way.sent, way.promised == nil {
            let flow = newFlow()
            way.promised = (flow, slice.end)
            slice.receives.append(flow)
        }
        ways[key] = way
    }

    private mutating func newFlow() -> UInt64 {
        flowCount += 1
        return flowCount
    }
}
