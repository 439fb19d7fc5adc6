internal import ArgumentParser

/// Whether a command that can do both looks at the running system or at recordings.
struct LiveSourceArguments: ParsableArguments {
    // Such a command takes another behind `--` and so, by the parser's rules, one file at most.
    @Argument(
        help: ArgumentHelp("The recording; - for standard input. (default: trace.dat)", valueName: "file"),
        completion: Completions.recordings)
    private var file: String?

    @Flag(name: .customLong("live"), help: "Trace the running system, until Ctrl-C or --duration.")
    private var isLiveAsked = false

    /// The file that is named first, if any.
    var files: [String] { file.map { [$0] } ?? [] }

    /// A command to run means the running system, too.
    func isLive(_ capture: CaptureArguments) -> Bool { isLiveAsked || !capture.command.isEmpty }

    /// Refuses what only the other of the two can do.
    func check(
        _ recordings: RecordingArguments, _ processes: ProcessArguments, _ filters: FilterArguments,
        _ capture: CaptureArguments
    ) throws {
        if isLive(capture) {
            if let file = (files + recordings.more).first {
                throw ValidationError("\(file) cannot be combined with a live trace")
            }
            if recordings.isWholeSystem { throw ValidationError("--all is for recordings") }
            if recordings.window.isGiven { throw ValidationError("--since, --until and --cpu are for recordings") }
        } else {
            try recordings.check(files, processes, filters)
            if capture.duration != nil { throw ValidationError("--duration needs --live or -- COMMAND") }
        }
        try capture.check(processes)
    }
}
