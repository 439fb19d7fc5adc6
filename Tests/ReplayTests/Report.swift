import EventOutput
import SocketEvents
import SocketNames
import SocketTracing
import SystemPackage

/// What a replay of a file comes to.
struct Report {
    var items: [TraceItem] = []
    var closing: TraceReport
    var damage: [String]
    var flagNames: SocketFlagNames?

    init(
        _ path: String, aliases: AliasSet = .all, readsAhead: Bool = false, omitting omitted: Alias.Arguments = [],
        filter: EventFilter? = nil
    ) throws(TracingError) {
        var options = ReplayOptions()
        options.aliases = aliases
        options.readsAhead = readsAhead
        options.selection.filter = filter
        var replay = try Replay(path: FilePath(path), options: options)
        replay.omit(omitted)
        var batch = TraceBatch()
        while try replay.read(into: &batch) { items += batch.items }
        closing = replay.closingReport
        damage = replay.damage
        flagNames = replay.flagNames
    }

    /// As `--format json` prints it.
    var json: String { Self.json(items, flagNames) }

    /// Items as `--format json` prints them.
    static func json(_ items: [TraceItem], _ flagNames: SocketFlagNames? = nil) -> String {
        var out = OutputBuffer()
        let renderer = EventRenderer(format: .json, flagNames: flagNames ?? .unknown)
        for item in items { renderer.render(item, into: &out) }
        return out.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    var lines: [Substring] { json.split(separator: "\n") }

    var events: [SocketEvent] {
        items.compactMap { item in
            guard case .event(let event) = item else { return nil }
            return event.event
        }
    }
}
