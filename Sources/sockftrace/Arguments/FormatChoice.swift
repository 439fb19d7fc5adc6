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

    /// What is made, where no lines are.
    var export: ExportFormat? {
        if case .export(let format) = self { format } else { nil }
    }
}
