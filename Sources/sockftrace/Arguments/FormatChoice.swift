internal import ArgumentParser
internal import EventOutput

/// What to make of events: lines, or an export.
enum FormatChoice: ExpressibleByArgument {
    case events(OutputFormat)
    case export(ExportFormat)

    init?(argument: String) {
        if let format = OutputFormat(argument: argument) {
            self = .events(format)
        } else if let format = ExportFormat(argument: argument) {
            self = .export(format)
        } else {
            return nil
        }
    }

    private var word: String {
        switch self {
        case .events(let format): format.rawValue
        case .export(let format): format.rawValue
        }
    }

    var defaultValueDescription: String { word }

    static var allValueStrings: [String] {
        OutputFormat.allCases.map(\.rawValue) + ExportFormat.allCases.map(\.rawValue)
    }

    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

    /// How lines are written.
    var lines: OutputFormat {
        if case .events(let format) = self { format } else { .text }
    }

    /// The export to make, and its file; nil for lines.
    /// - Parameter given: options that are for lines, and whether they are given.
    func export(
        to path: String?, besides given: [(isGiven: Bool, name: String)]
    ) throws(ValidationError) -> WantedExport? {
        guard case .export(let format) = self else { return nil }
        guard let path else {
            throw ValidationError("--format \(format.rawValue) needs a file\nFix: add -o FILE")
        }
        try format.check(path, "-o")
        if let option = given.first(where: \.isGiven)?.name {
            throw ValidationError("\(option) and --format \(format.rawValue) cannot be combined")
        }
        return WantedExport(format: format, path: path)
    }

    /// Refuses exports, where other commands make them.
    func checkLines() throws(ValidationError) {
        guard case .export(let format) = self else { return }
        let word = "--format \(format.rawValue)"
        throw ValidationError(
            "\(word) is for trace and connections\nFix: sockftrace export \(word) -o FILE RECORDING")
    }
}

/// What export to make, and its file.
struct WantedExport {
    let format: ExportFormat
    let path: String
}
