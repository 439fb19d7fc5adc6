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

    mutating func validate() throws { try wanted().format.check(path, "-o") }

    /// What was asked for.
    func wanted() throws(ValidationError) -> WantedExport {
        WantedExport(format: try .chosen(format, for: path, option: "--format"), path: path)
    }
}

/// What to make of a recording when it has ended.
struct LaterExportArguments: ParsableArguments {
    @Option(
        name: .customLong("export"),
        help: ArgumentHelp(
            "When the recording has ended, also make this file of it, as `sockftrace export` does.",
            discussion: "What it is, its name says: \(ExportFormat.endings); or --export-format.", valueName: "file"),
        completion: .file())
    private var path: String?

    @Option(
        name: .customLong("export-format"),
        help: ArgumentHelp("What --export makes: html, sqlite, perfetto or chrome.", valueName: "what"))
    private var format: ExportFormat?

    var isSet: Bool { path != nil }

    mutating func validate() throws {
        if path == nil, format != nil { throw ValidationError("--export-format needs --export FILE") }
        if let wanted = try wanted() { try wanted.format.check(wanted.path, "--export") }
    }

    /// Refuses to write both to one file.
    func check(besides recording: String) throws {
        if path == recording { throw ValidationError("-o and --export name the same file") }
    }

    /// What was asked for, if anything.
    func wanted() throws(ValidationError) -> WantedExport? {
        guard let path else { return nil }
        return WantedExport(format: try .chosen(format, for: path, option: "--export-format"), path: path)
    }
}
