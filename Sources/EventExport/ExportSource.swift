package import SocketNames

/// What an export says of a recording or trace before any of its events.
package struct ExportSource: Sendable {
    /// What it is called; of several, what tells it from the others.
    package var name: String
    /// What uname(1) printed on the traced machine; nil where it is not known.
    package var machine: String?
    /// Name and version of the recorder.
    package var recorder: String?
    /// The trace clock.
    package var clock = "mono"
    /// Times are nanoseconds, not ticks.
    package var countsNanoseconds = true
    /// Nanoseconds from the trace clock to the time since 1970.
    package var wallClock: Int64?
    /// When it began, on the trace clock.
    package var beginning: UInt64?
    /// Which boot of the machine it was.
    package var boot: String?
    /// What the bits of `socket.flags` mean on the traced kernel.
    package var flagNames = SocketFlagNames.unknown
    /// What was asked to be shown, and how it was traced.
    package var remarks: [String] = []

    package init(name: String) { self.name = name }
}

/// What a recording or trace came to, as is known when all of it was read.
package struct ExportClosing: Sendable {
    package var lostRecords: UInt64 = 0
    /// Places where records are missing and nobody counted how many.
    package var uncountedLosses: UInt64 = 0
    package var missedReturns: UInt64 = 0
    package var unfinished: UInt64 = 0
    /// What else there is to say of it.
    package var remarks: [String] = []

    package init() {}
}
