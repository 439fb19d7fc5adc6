internal import ArgumentParser
internal import EventOutput
internal import LinuxSystem
internal import SocketEvents
internal import SocketTracing

/// Which recordings to look at; the same for all commands that do.
struct RecordingArguments: ParsableArguments {
    @Option(
        name: [.customLong("input"), .customShort("i")],
        help: ArgumentHelp("One more file; repeatable; - for standard input.", valueName: "file"),
        completion: Completions.recordings)
    var more: [String] = []

    @Flag(name: .customLong("all"), help: "Ignore the --pid or COMMAND selection of the recording.")
    var isWholeSystem = false

    @OptionGroup(title: "What to show") var window: WindowArguments

    /// Refuses what makes no sense of recordings.
    func check(_ files: [String], _ processes: ProcessArguments, _ filters: FilterArguments) throws {
        if (files + more).count(where: { $0 == "-" }) > 1 {
            throw ValidationError("standard input can be read only once")
        }
        if isWholeSystem, !processes.processes.isEmpty { throw ValidationError("--all and --pid cannot be combined") }
    }

    /// Opens the files; trace.dat where none is named.
    /// - Parameters:
    ///   - needsEnds: what is to be shown hangs on the ends of sockets.
    ///   - needsGroups: it hangs on their control groups.
    ///   - signals: ask for the end of a file that may still be recorded; nil where none is to be followed.
    func inputs(
        _ files: [String], _ processes: ProcessArguments, aliases: AliasSet, _ filters: FilterArguments,
        readsAhead: Bool, needsEnds: Bool = false, needsGroups: Bool = false,
        following signals: SignalWatch? = nil
    ) throws -> ReportInputs {
        let named = files + more
        var options = ReplayOptions()
        options.aliases = aliases
        options.processes = processes.processes.isEmpty ? nil : Set(processes.processes)
        options.followsChildren = processes.followsChildren
        options.wholeSystem = isWholeSystem
        // Of several files each would need a thread of its own.
        options.readsAhead = readsAhead && named.count <= 1
        options.selection.filter = filters.words.isEmpty ? nil : try filters.filter()
        options.selection.users = try filters.users()
        options.selection.cpus = window.cpu
        // Of a recording in several files none has this name.
        if named.isEmpty, signals == nil, !Files.exists("trace.dat") {
            throw CommandFailure(
                "there is no trace.dat here\nFix: name a file, or make one with sockftrace record", status: .failed)
        }
        let inputs = ReportInputs(
            try (named.isEmpty ? ["trace.dat"] : named).map { path in
                guard let signals else { return try ReportInput(path, options) }
                return try ReportInput(path, options, following: signals)
            })
        if try needsEnds || !filters.filter().ends.isEmpty,
            let blind = inputs.files.first(where: { !$0.tellsEndpoints })
        {
            throw CommandFailure(
                "\(blind.name): it does not say between whom its messages were\n"
                    + "Fix: record again, with this version of sockftrace", status: .failed)
        }
        if options.selection.users != nil, let silent = inputs.files.first(where: { !$0.shownFields.contains(.user) }) {
            throw CommandFailure(
                "--user: \(silent.name) does not say whom its sockets belong to\n"
                    + "Fix: record again, with this version of sockftrace, or use --pid or --comm", status: .failed)
        }
        try Self.checkGroups(inputs, try filters.filter().cgroups, areNeeded: needsGroups)
        try window.apply(to: inputs)
        return inputs
    }

    /// Refuses what recordings do not tell of control groups.
    private static func checkGroups(
        _ inputs: ReportInputs, _ patterns: [ControlGroupPattern], areNeeded: Bool
    ) throws {
        guard areNeeded || !patterns.isEmpty else { return }
        if let silent = inputs.files.first(where: { !$0.shownFields.contains(.cgroup) }) {
            throw CommandFailure(
                "\(silent.name) does not say of which control groups its sockets are\n"
                    + "Fix: record with --fields cgroup", status: .failed)
        }
        let known = inputs.files.flatMap { $0.facts.groupPaths.map { $0 } }
        for pattern in patterns where pattern.goesByPath {
            guard !known.contains(where: { pattern.matches($0.key, path: $0.value) }) else { continue }
            let some = Set(known.map(\.value)).sorted().prefix(8).map(PrintableText.line).joined(separator: ", ")
            throw CommandFailure(
                "--cgroup \(pattern.text): no control group of the recording is like that\nknown: \(some)",
                status: .failed)
        }
    }
}
