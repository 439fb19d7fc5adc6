package import TraceFS

/// What somebody else did to a running trace, from outside: records are missing that the kernel does not count as lost.
public struct Disturbance: Sendable, Equatable {
    /// One thing that was done.
    package enum Kind: Sendable, Hashable {
        /// The instance does not record (`tracing_on`).
        case tracingOff
        /// So many events of the trace were switched off, as `trace-cmd reset -a` does.
        case eventsOff(Int)
        /// So many probes of the trace are gone.
        case probesRemoved(Int)
        /// All probes of the machine are switched off.
        case probesOff(ProbeSwitches.Obstacle)
        /// Only some threads are recorded (`set_event_pid`).
        case threadsChosen
        /// Some threads are left out (`set_event_notrace_pid`).
        case threadsLeftOut
        /// Only some CPUs are recorded (`tracing_cpumask`).
        case cpusChosen
        /// The clock of the instance was changed, to this one; the buffer was emptied.
        case clockChanged(String)
        /// The buffers were given another size.
        case buffersResized
        /// The buffer of a CPU was emptied.
        case bufferCleared(cpu: Int)
        /// Somebody else read so many records of a CPU.
        case recordsTaken(cpu: Int, count: UInt64)
    }

    /// What was done.
    package var kind: Kind
    /// When it was noticed, in nanoseconds of the trace's clock; it was done at some time since the look before.
    public var time: UInt64

    /// Something noticed at a time.
    package init(_ kind: Kind, at time: UInt64) {
        self.kind = kind
        self.time = time
    }
}

extension Disturbance: CustomStringConvertible {
    /// What was done, in a sentence without its end.
    public var description: String {
        switch kind {
        case .tracingOff: "somebody stopped the trace's instance (tracing_on is 0): nothing is recorded"
        case .eventsOff(let count): "somebody switched \(Self.count(count, "event")) of the trace off"
        case .probesRemoved(let count): "somebody removed \(Self.count(count, "probe")) of the trace"
        case .probesOff(let obstacle): obstacle.description
        case .threadsChosen: "somebody narrowed the trace to some threads (set_event_pid)"
        case .threadsLeftOut: "somebody took threads out of the trace (set_event_notrace_pid)"
        case .cpusChosen: "somebody narrowed the trace to some CPUs (tracing_cpumask)"
        case .clockChanged(let clock):
            "somebody changed the trace's clock to \(clock): times cannot be compared, and records were lost"
        case .buffersResized: "somebody changed the size of the trace's buffers"
        case .bufferCleared(let cpu):
            "somebody emptied the trace's buffer of CPU \(cpu): an unknown number of records was lost"
        case .recordsTaken(let cpu, let count):
            "somebody else read \(Self.count(count, "record")) of CPU \(cpu) from the trace's buffer"
        }
    }

    private static func count(_ count: some BinaryInteger, _ what: String) -> String {
        "\(count) \(what)" + (count == 1 ? "" : "s")
    }
}
