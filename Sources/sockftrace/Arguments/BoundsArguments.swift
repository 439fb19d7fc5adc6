internal import ArgumentParser
internal import Glibc
internal import SocketTracing

/// How much of a recording is kept, and when it is written.
struct BoundsArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "End the recording, or with --keep the file, when it holds so much, such as 200M.",
            discussion: """
                This counts before compression, and what the kernel's buffers hold at that moment (--buffer-kb) comes on top. \
                While a file is compressed, the disk needs room for it twice.
                """,
            valueName: "size"))
    var maxSize: ByteCount?

    @Option(
        help: ArgumentHelp(
            "Record to FILE.0001, FILE.0002 and so on, each of --max-size, and remove the oldest beyond so many.",
            discussion: "Each file can be read alone; `sockftrace report FILE.*` shows them all.",
            valueName: "files"))
    var keep: Int?

    @Option(
        name: .customLong("flight-recorder"),
        help: ArgumentHelp(
            """
            Write nothing until SIGUSR1 or the end; then what was recorded last: as much as so many bytes of ring buffer hold \
            (64M, all CPUs together), or what is no older than so long (30s, 5min).
            """,
            discussion: """
                SIGUSR1 ends the recording, as Ctrl-C does. How far a time reaches back depends on --buffer-kb.
                """,
            valueName: "size|time"))
    var flight: FlightArgument?

    @Option(
        help: ArgumentHelp(
            """
            Write what the flight recorder has, and end, at the first such event, too: error=ECONNREFUSED, latency>100ms (quote \
            it) or exit; repeatable.
            """,
            discussion: """
                error and latency are those of --error and --min-latency, of the operations that the filters pass; it takes a \
                tenth of a second until one is noticed. exit is the end of a process of --pid, or of the command. There is \
                one file, however often it happens. The recorder then decodes what is recorded, which costs it what \
                sockftrace trace costs.
                """,
            valueName: "condition"), completion: .list(TriggerArgument.completions))
    var on: [String] = []

    /// A file has to hold more than the lists at its beginning.
    private static let leastSize: UInt64 = 1 << 20

    mutating func validate() throws {
        if let keep, !(1...9999).contains(keep) { throw ValidationError("--keep \(keep): give 1 to 9999 files") }
        if keep != nil, maxSize == nil { throw ValidationError("--keep needs --max-size, which says when a file ends") }
        if let maxSize, maxSize.bytes < Self.leastSize { throw ValidationError("--max-size must be at least 1M") }
        if !on.isEmpty, flight == nil {
            throw ValidationError("--on needs --flight-recorder, which says how much is written then")
        }
        _ = try conditions
        if flight != nil, maxSize != nil {
            throw ValidationError("--flight-recorder and --max-size cannot be combined: the ring is the bound")
        }
    }

    var isSet: Bool { maxSize != nil || flight != nil }

    func apply(to format: inout RecordingFormat) {
        format.flight = flight?.window
        if let conditions = try? conditions { format.triggers = conditions.events }
        format.bounds = maxSize.map { RecordingBounds(size: $0.bytes, keep: keep) }
    }

    /// What a flight recorder waits for.
    var conditions: (events: [TriggerCondition], exit: Bool) {
        get throws {
            var (events, exit): ([TriggerCondition], Bool) = ([], false)
            for text in on {
                switch try TriggerArgument(text) {
                case .event(let condition): events.append(condition)
                case .exit: exit = true
                }
            }
            return (events, exit)
        }
    }

    /// Signals that ask for a file, not for the end.
    var triggers: Set<Int32> { flight == nil ? [] : [SIGUSR1] }
}

/// Bytes or a time; a lone `m` means minutes, `M` the bytes.
struct FlightArgument: ExpressibleByArgument {
    let window: FlightWindow

    init?(argument: String) {
        guard let (_, unit) = Quantity.split(argument) else { return nil }
        if TimeSpan.scale(unit) != nil, let span = TimeSpan(argument: argument) {
            window = .nanoseconds(span.nanoseconds)
        } else if ByteCount.scale(unit) != nil, let size = ByteCount(argument: argument) {
            window = .bytes(size.bytes)
        } else {
            return nil
        }
    }
}
