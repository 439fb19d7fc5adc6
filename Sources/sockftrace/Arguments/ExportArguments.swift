internal import ArgumentParser

/// What to make of the events, and where.
struct ExportArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What to make: html (a page), sqlite (a database), perfetto or chrome (timelines).",
            discussion: "By default what the file's name ends with: \(ExportFormat.endings).",
            valueName: "what"))
    var format: ExportFormat?

    @Option(
        name: [.customLong("output"), .customShort("o")],
        help: ArgumentHelp("The file to make.", valueName: "file"), completion: .file())
    var path: String

    mutating func validate() throws {
        let format = try chosen()
        if path == "-" {
            throw ValidationError("-o - : \(format.what) takes its name when it is complete; name a file")
        }
        if path.isEmpty { throw ValidationError("-o needs the name of a file") }
    }

    /// What was asked for.
    func chosen() throws -> ExportFormat {
        if let format { return format }
        if let format = ExportFormat.allCases.first(where: { $0.isMeant(by: path) }) { return format }
        throw ValidationError("\(path) does not say what to make\nFix: add --format, or one of \(ExportFormat.endings)")
    }
}

/// What events are made into.
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

    func isMeant(by path: String) -> Bool { suffixes.contains { path.lowercased().hasSuffix($0) } }

    static var endings: String { allCases.flatMap(\.suffixes).joined(separator: ", ") }
}
