internal import ArgumentParser

/// Where to write.
struct OutputFileArguments: ParsableArguments {
    @Option(
        name: [.customLong("output"), .customShort("o")],
        help: ArgumentHelp("Write to this file instead of standard output.", valueName: "file"), completion: .file())
    var path: String?

    /// It is standard output, which may be a terminal.
    var isStandardOutput: Bool { path == nil || path == "-" }

    /// - Parameter inputs: files that are read meanwhile, and so must not be this one.
    func sink(besides inputs: [String], _ signals: SignalWatch?) throws -> EventSink {
        guard let path, !isStandardOutput else { return try EventSink() }
        return try EventSink(creating: path, besides: inputs, signals)
    }
}
