/// A place in a timeline, as both of Perfetto's formats know it.
package enum Track: Sendable {
    /// A thread's calls; where calls of one thread overlap, they have a lane each.
    case thread(TraceThread, lane: Int)
    /// The life of a connection.
    case connection(name: String, source: Int)
    /// A number over time.
    case counter(name: String, unit: CounterUnit, source: Int)
    /// Where records are missing.
    case losses(source: Int)
}

/// A thread, by the names that it and its process had in the first events of theirs.
package struct TraceThread: Sendable {
    /// Nil where the trace does not tell.
    var pid: Int32?
    var tid: Int32
    var name: String
    var process: String
    var source: Int

    /// Of those of a lane, and of one whose process is not known.
    func label(lane: Int) -> String { "\(name) \(tid)" + (lane == 0 ? "" : " (at the same time, \(lane))") }
}

package enum CounterUnit: Sendable {
    case bytes
    case count
}

/// What is to be said of a slice.
package struct TraceArgument: Sendable {
    enum Value: Sendable {
        case number(Int64)
        case text(String)
    }

    let name: StaticString
    let value: Value
}

/// Something that took from one time to another.
package struct TraceSlice: Sendable {
    var name: String
    var begin: UInt64
    var end: UInt64
    var arguments: [TraceArgument] = []
    /// The flow that begins here.
    var sends: UInt64?
    /// Flows that come in here and go on.
    var receives: [UInt64] = []
    /// Flows that come in here and end.
    var drains: [UInt64] = []
}

/// Writes a timeline. Slices of one track come in the order of their beginnings and do not overlap, or lie within the one
/// before.
package protocol TimelineWriter: ~Copyable {
    /// Begins a trace in an empty file.
    init(_ file: consuming ExportFile, _ sources: [ExportSource])
    /// Announces a track. Called once for each, before anything is on it.
    mutating func add(_ track: Track, number: Int)
    mutating func add(_ slice: TraceSlice, to track: Int)
    mutating func add(counter value: UInt64, at time: UInt64, to track: Int)
    mutating func add(instant name: String, at time: UInt64, _ arguments: [TraceArgument], to track: Int)
    /// Writes what is left.
    mutating func finish() throws(ExportError)
    /// Nothing more can be written.
    var hasFailed: Bool { get }
}
