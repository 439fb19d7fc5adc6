internal import ArgumentParser
internal import EventExport
internal import SocketEvents
internal import SocketTracing

/// What events are made into: the one table of all exports.
enum ExportFormat: String, WordArgument {
    case html
    case sqlite
    case perfetto
    case chrome

    /// As messages call it.
    var what: String {
        switch self {
        case .html: "a page"
        case .sqlite: "a database"
        case .perfetto, .chrome: "a timeline"
        }
    }

    /// What its files' names end with.
    private var suffixes: [String] {
        switch self {
        case .html: [".html", ".htm"]
        case .sqlite: [".sqlite", ".sqlite3", ".db"]
        case .perfetto: [".pftrace", ".perfetto-trace"]
        case .chrome: [".trace.json"]
        }
    }

    private func isMeant(by path: String) -> Bool { suffixes.contains { path.lowercased().hasSuffix($0) } }

    static var endings: String { allCases.flatMap(\.suffixes).joined(separator: ", ") }

    /// What was asked for, else what a file's name asks for.
    /// - Parameter option: what says it where the name does not.
    static func chosen(
        _ format: ExportFormat?, for path: String, option: String
    ) throws(ValidationError) -> ExportFormat {
        if let format { return format }
        if let format = allCases.first(where: { $0.isMeant(by: path) }) { return format }
        // Names that say more than one thing, or what is no export.
        let name = path.lowercased()
        if name.hasSuffix(".json") {
            throw ValidationError(
                "\(path) does not say what to make\nFix: add \(option) chrome for a timeline; "
                    + "for events, sockftrace report --format json -o FILE")
        }
        let ofEvents = [(".csv", "csv"), (".jsonl", "json"), (".ndjson", "json")]
        if let format = ofEvents.first(where: { name.hasSuffix($0.0) })?.1 {
            throw ValidationError("\(path) is no export\nFix: sockftrace report --format \(format) -o FILE")
        }
        throw ValidationError("\(path) does not say what to make\nFix: add \(option), or one of \(endings)")
    }

    /// Refuses what cannot be the name of an export.
    /// - Parameter option: what was to name it.
    func check(_ path: String, _ option: String) throws(ValidationError) {
        if path == "-" {
            throw ValidationError("\(option) - : \(what) takes its name when it is complete; name a file")
        }
        if path.isEmpty { throw ValidationError("\(option) needs the name of a file") }
    }

    /// The events that it needs.
    var aliases: AliasSet {
        switch self {
        case .html: HTMLExport.aliases
        case .sqlite: SQLiteExport.aliases
        case .perfetto: PerfettoExport.aliases
        case .chrome: ChromeExport.aliases
        }
    }

    /// Has a task done with an exporter of this format.
    /// - Parameters:
    ///   - path: an empty file.
    ///   - isCancelled: asked between batches whether the rest is not wanted.
    func run<Task: ExportTask & ~Copyable>(
        _ task: consuming Task, writing path: String, _ sources: [ExportSource],
        isCancelled: @escaping @Sendable () -> Bool
    ) throws -> Task.Outcome {
        let program = "sockftrace \(ProgramVersion.current)"
        switch self {
        case .html:
            return try task.run { () throws(ExportError) in
                try HTMLExport(path: path, sources, program: program, isCancelled: isCancelled)
            }
        case .sqlite:
            return try task.run { () throws(ExportError) in
                try SQLiteExport(path: path, sources, program: program, isCancelled: isCancelled)
            }
        case .perfetto:
            return try task.run { () throws(ExportError) in
                try PerfettoExport(path: path, sources, isCancelled: isCancelled)
            }
        case .chrome:
            return try task.run { () throws(ExportError) in
                try ChromeExport(path: path, sources, isCancelled: isCancelled)
            }
        }
    }
}

/// What is done with an exporter, of whatever format.
protocol ExportTask: ~Copyable {
    associatedtype Outcome

    /// - Parameter make: makes the exporter.
    consuming func run<Target: Exporter & ~Copyable>(_ make: () throws(ExportError) -> Target) throws -> Outcome
}
