internal import SocketEvents

/// Events that a page shows one by one: all of a short trace; of a long one every so-and-so-many-th message, and more of
/// what is rare: failures, the slowest, connections and their ends, the first of each process.
struct EventSample: Sendable {
    struct Event: Sendable {
        var ordinal: UInt64
        var time: UInt64
        var source: Int32
        var process: Int32
        var alias: Alias
        var serial: UInt64
        var size: Int64?
        var bytes: UInt64?
        var error: Int32?
        var duration: UInt64?
        var local: SocketAddress?
        var remote: SocketAddress?
    }

    /// Every so-and-so-many-th of a kind.
    private struct Thinned: Sendable {
        let limit: Int
        private(set) var events: [Event] = []
        private var every: UInt64 = 1
        private var count: UInt64 = 0

        init(limit: Int) { self.limit = limit }

        /// Whether the next one is to be kept.
        mutating func wantsNext() -> Bool {
            defer { count += 1 }
            return count & (every - 1) == 0
        }

        mutating func add(_ event: Event) {
            events.append(event)
            guard events.count > limit else { return }
            events = stride(from: 0, to: events.count, by: 2).map { events[$0] }
            every *= 2
        }
    }

    private var messages = Thinned(limit: 10_000)
    private var failures = Thinned(limit: 2_000)
    private var lives = Thinned(limit: 3_000)
    private var firsts = Thinned(limit: 2_000)
    private var slowest: [Event] = []
    private var threshold: UInt64 = 0
    private(set) var count: UInt64 = 0

    private static let slowestCount = 256

    /// Looks at the next event.
    /// - Parameters:
    ///   - isEarly: one of the first of its process.
    ///   - make: makes it, where it is to be kept.
    @inline(__always)
    mutating func add(_ event: borrowing SocketEvent, isEarly: Bool, _ make: (UInt64) -> Event) {
        count += 1
        let (alias, duration, success) = (event.alias, event.duration ?? 0, event.success)
        let isMessage = alias == .send || alias == .receive
        let isSlow = isMessage && duration > threshold
        let isWanted = isMessage ? messages.wantsNext() : lives.wantsNext()
        let isFailure = success == false && failures.wantsNext()
        guard isWanted || isFailure || isSlow || isEarly else { return }
        keep(make(count), isMessage: isMessage, isWanted, isFailure, isSlow, isEarly)
    }

    private mutating func keep(
        _ event: Event, isMessage: Bool, _ isWanted: Bool, _ isFailure: Bool, _ isSlow: Bool, _ isEarly: Bool
    ) {
        if isWanted { if isMessage { messages.add(event) } else { lives.add(event) } }
        if isFailure { failures.add(event) }
        if isEarly { firsts.add(event) }
        guard isSlow else { return }
        slowest.append(event)
        guard slowest.count >= 2 * Self.slowestCount else { return }
        slowest.sort { ($0.duration ?? 0, $1.ordinal) > ($1.duration ?? 0, $0.ordinal) }
        slowest.removeLast(slowest.count - Self.slowestCount)
        threshold = slowest.last?.duration ?? 0
    }

    /// What was kept, each once, in the order in which it came.
    var events: [Event] {
        var seen: Set<UInt64> = []
        return (messages.events + failures.events + lives.events + firsts.events + slowest)
            .filter { seen.insert($0.ordinal).inserted }.sorted { $0.ordinal < $1.ordinal }
    }
}
