internal import ArgumentParser
internal import SocketEvents

/// Which aliases to show.
struct ProbeArguments: ParsableArguments {
    @Option(
        name: .customLong("probe"),
        help: ArgumentHelp("Event to show; repeatable. See `sockftrace list`.", valueName: "name"),
        completion: Completions.probes)
    var names: [String] = []

    mutating func validate() throws {
        for name in names { _ = try NameArguments.alias(name) }
    }

    /// Refuses a choice where stories are to be shown, which need what they need.
    func check(_ output: OutputArguments) throws {
        if output.isStory, !names.isEmpty { throw ValidationError("--probe and --story cannot be combined") }
    }

    /// The aliases named, or nil where none was.
    func aliases() throws -> AliasSet? {
        names.isEmpty ? nil : AliasSet(try names.map { try NameArguments.alias($0) })
    }
}
