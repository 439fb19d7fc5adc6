internal import ArgumentParser
internal import SocketEvents
internal import SocketNames

/// Which events to show. Every filter given must fit; given twice, one of the two is enough.
struct FilterArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Only threads of this name, repeatable.", valueName: "name"))
    var comm: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only processes of this user, repeatable.",
            discussion: """
                It is the effective user of the process at the time of the event, by name as in /etc/passwd or by \
                number. A process that ended before it was looked at is not shown. Live traces only.
                """,
            valueName: "name|uid"))
    var user: [String] = []

    @Option(help: ArgumentHelp("Only sockets of this family, as in INET6, repeatable.", valueName: "name"))
    var family: [String] = []

    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp("Only sockets of this protocol, as in TCP, repeatable.", valueName: "name"))
    var protocols: [String] = []

    @Option(help: ArgumentHelp("Only sockets of this type, as in DGRAM, repeatable.", valueName: "name"))
    var type: [String] = []

    @Flag(help: "Only operations that failed.")
    var errors = false

    @Option(help: ArgumentHelp("Only messages of at least so many bytes.", valueName: "bytes"))
    var minSize: Int64?

    mutating func validate() throws {
        if let minSize, minSize < 0 { throw ValidationError("--min-size \(minSize): it must not be negative") }
        _ = try filter()
    }

    /// Refuses what a recording cannot tell.
    func checkRecordable() throws {
        if !user.isEmpty {
            throw ValidationError(
                "--user needs a live trace: a recording does not hold the users of processes; use --pid or --comm")
        }
    }

    /// As a filter; users are apart, as events do not carry them.
    func filter() throws -> EventFilter {
        var filter = EventFilter()
        for name in comm { filter.add(comm: name) }
        try NameArguments.add(family) { text throws(UnknownNameError) in try filter.add(family: text) }
        try NameArguments.add(protocols) { text throws(UnknownNameError) in try filter.add(protocol: text) }
        try NameArguments.add(type) { text throws(UnknownNameError) in try filter.add(type: text) }
        filter.errorsOnly = errors
        filter.minimumSize = minSize
        return filter
    }

    /// As words that `EventFilter(noted:)` understands years later.
    var words: [String] {
        comm.map { "comm \($0)" } + family.map { "family \($0)" } + protocols.map { "protocol \($0)" }
            + type.map { "type \($0)" } + (errors ? ["errors"] : []) + (minSize.map { ["min-size \($0)"] } ?? [])
    }

    /// The users wanted; nil for all.
    func users() throws(CommandFailure) -> Set<UInt32>? {
        guard !user.isEmpty else { return nil }
        var numbers: Set<UInt32> = []
        for name in user { numbers.insert(try ProcessLookup.user(name)) }
        return numbers
    }
}
