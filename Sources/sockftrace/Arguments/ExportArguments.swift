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

    mutating func validate() throws { try chosen().check(path, "-o") }

    /// What was asked for.
    func chosen() throws(ValidationError) -> ExportFormat {
        if let format { return format }
        return try ExportFormat.meant(by: path, option: "--format")
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

    mutating func validate() throws {
        guard let path else {
            if format != nil { throw ValidationError("--export-format needs --export FILE") }
            return
        }
        try chosen(path).check(path, "--export")
    }

    private func chosen(_ path: String) throws(ValidationError) -> ExportFormat {
        if let format { return format }
        return try ExportFormat.meant(by: path, option: "--export-format")
    }

    /// Refuses to write both to one file.
    func check(besides recording: String) throws {
        if path == recording { throw ValidationError("-o and --export name the same file") }
    }

    /// What was asked for, if anything.
    func wanted() throws -> (path: String, format: ExportFormat)? {
        guard let path else { return nil }
        return (path, try chosen(path))
    }
}
