internal import ArgumentParser
internal import SocketEvents

/// Which aliases to tell.
struct ProbeArguments: ParsableArguments {
    @Option(
        name: .customLong("probe"),
        help: ArgumentHelp("Event to show; repeatable. See `sockftrace list`.", valueName: "name"),
        completion: Completions.probes)
    var names: [String] = []

    mutating func validate() throws {
        for name in names { _ = try NameArguments.alias(name) }
    }

    /// The aliases named, or nil where none was.
    func aliases() throws -> AliasSet? {
        names.isEmpty ? nil : AliasSet(try names.map { try NameArguments.alias($0) })
    }
}
