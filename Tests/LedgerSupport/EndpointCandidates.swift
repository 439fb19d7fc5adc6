/// The lines of one alias that events are found for: of each thread, and those of threads that nobody knows.
///
/// Events are to be asked about in the order of their times.
struct EndpointCandidates {
    private var known: [Int: Queue]
    private var anyone: Queue

    init(_ lines: [EndpointLine]) {
        let sorted = lines.sorted { $0.window.lowerBound < $1.window.lowerBound }
        known = Dictionary(grouping: sorted.filter { $0.tid != nil }, by: { $0.tid ?? -1 }).mapValues { Queue($0) }
        anyone = Queue(sorted.filter { $0.tid == nil })
    }

    /// The lines without an event.
    var left: [EndpointLine] { known.values.flatMap(\.left) + anyone.left }

    /// The line that an event belongs to: within whose time it happened, and with which it agrees best.
    ///
    /// A certain one goes before one that only may be, a thread's own before one of anybody.
    mutating func take(time: Int, tid: Int, _ cost: (EndpointLine) -> Int) -> EndpointLine? {
        let own = known[tid]?.candidates(at: time) ?? []
        let others = anyone.candidates(at: time)
        if own.count == 1, others.isEmpty { return known[tid]?.take(own[0]) }
        var best: (price: (Int, Int), index: Int, isOwn: Bool)?
        for (index, isOwn) in own.map({ ($0, true) }) + others.map({ ($0, false) }) {
            guard let line = isOwn ? known[tid]?.lines[index] : anyone.lines[index] else { continue }
            let price = (cost(line), (line.isCertain ? 0 : line.isRepeated ? 4 : 2) + (isOwn ? 0 : 1))
            if price < best?.price ?? (.max, .max) { best = (price, index, isOwn) }
        }
        guard let best else { return nil }
        return best.isOwn ? known[tid]?.take(best.index) : anyone.take(best.index)
    }

    /// Lines in the order in which their times begin.
    private struct Queue {
        let lines: [EndpointLine]
        private var isTaken: [Bool]
        /// All before are taken, or over.
        private var first = 0

        init(_ lines: [EndpointLine]) {
            self.lines = lines
            isTaken = Array(repeating: false, count: lines.count)
        }

        var left: [EndpointLine] { lines.indices.filter { !isTaken[$0] }.map { lines[$0] } }

        mutating func candidates(at time: Int) -> [Int] {
            while first < lines.count, isTaken[first] || lines[first].window.upperBound < time { first += 1 }
            var found: [Int] = []
            for index in first..<lines.count {
                guard lines[index].window.lowerBound <= time else { break }
                if !isTaken[index], time <= lines[index].window.upperBound { found.append(index) }
            }
            return found
        }

        mutating func take(_ index: Int) -> EndpointLine {
            isTaken[index] = !lines[index].isRepeated
            return lines[index]
        }
    }
}
