internal import ArgumentParser
internal import LinuxSystem
internal import SocketEvents
internal import SocketNames

/// Which events to show. Every filter given must fit; given twice, one of the two is enough.
struct FilterArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only threads with this name or pattern, as in 'redis*'; repeatable.", valueName: "name"))
    var comm: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only processes of this user; repeatable.",
            discussion: """
                By name as in /etc/passwd of this machine, or by number. Live: the effective user of the process; a \
                process that ended before it was looked up is not shown. Of a recording: the user who made or accepted \
                the socket, as far as that is known.
                """,
            valueName: "name|uid"), completion: Completions.users)
    var user: [String] = []

    @Option(
        help: ArgumentHelp("Only sockets of this family, as in INET6; repeatable.", valueName: "name"),
        completion: Completions.families)
    var family: [String] = []

    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp("Only sockets of this protocol, as in TCP; repeatable.", valueName: "name"),
        completion: Completions.protocols)
    var protocols: [String] = []

    @Option(
        help: ArgumentHelp("Only sockets of this type, as in DGRAM; repeatable.", valueName: "name"),
        completion: Completions.types)
    var type: [String] = []

    @Option(help: ArgumentHelp("Only sockets with this port at either end; repeatable.", valueName: "number"))
    var port: [UInt16] = []

    @Option(help: ArgumentHelp("Only sockets with this local address; repeatable.", valueName: "address"))
    var local: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only sockets with this remote address; repeatable.",
            discussion: """
                An address, a network (10.0.0.0/8), a port (:443), both ([::1]:80), or the path or @name of a UNIX socket, \
                which may be a pattern (/run/*).
                """,
            valueName: "address"))
    var remote: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only sockets of this control group and those below it; repeatable.",
            discussion: """
                By its path below the mount of cgroup2 (/system.slice/nginx.service), by a pattern of paths (/docker*), or \
                by number. A socket is of the group that its maker was in. Of a recording only where `record` had \
                --fields cgroup or --cgroup.
                """,
            valueName: "path|number"), completion: .directory)
    var cgroup: [String] = []

    @Flag(help: "Only operations that failed.")
    var errors = false

    @Option(
        help: ArgumentHelp("Only operations that failed with this error, as in EAGAIN; repeatable.", valueName: "name"),
        completion: Completions.errors)
    var error: [String] = []

    @Option(help: ArgumentHelp("Only messages of at least this size, as in 100 or 64k.", valueName: "bytes"))
    var minSize: ByteCount?

    @Option(help: ArgumentHelp("Only operations that took at least this long, as in 10ms or 0.5.", valueName: "time"))
    var minLatency: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Leave out matching events, as in error=EAGAIN or comm='ssh*'; repeatable.",
            discussion: "Kinds: \(EventFilter.Exclusion.kinds.joined(separator: ", ")).", valueName: "kind=value"),
        completion: Completions.exclusions)
    var exclude: [String] = []

    mutating func validate() throws {
        try Self.checkPossible(try filter())
    }

    /// Refuses what no event can be.
    private static func checkPossible(_ filter: EventFilter) throws {
        if filter.errorsOnly || !filter.errors.isEmpty, filter.minimumSize != nil {
            throw ValidationError("--min-size cannot be combined with --errors or --error: what failed moved no bytes")
        }
        if !filter.families.isEmpty, let impossible = filter.protocols.first,
            filter.protocols.allSatisfy({ !$0.canBe(inOneOf: filter.families.numbers) })
        {
            let families = filter.families.numbers.compactMap { AddressFamilyNames.name(of: $0)?.description }
            throw ValidationError(
                "no socket of \(families.joined(separator: ", ")) has the protocol \(impossible.name)")
        }
        if !filter.types.isEmpty, let impossible = filter.protocols.first,
            filter.protocols.allSatisfy({ !$0.canBe(ofOneOf: filter.types.numbers) })
        {
            let types = filter.types.numbers.compactMap { SocketTypeNames.name(of: $0)?.description }
            throw ValidationError("no \(impossible.name) socket is of the type \(types.joined(separator: ", "))")
        }
        if filter.errors.contains(where: { filter.exclusions.contains(.error($0)) }) {
            throw ValidationError("--error and --exclude name the same error: nothing would be left")
        }
    }

    /// Refuses what cannot be noted in a recording.
    func checkRecordable() throws {
        if !user.isEmpty {
            throw ValidationError(
                "--user is for live traces and for report: a recording holds the sockets of all users")
        }
    }

    /// As a filter; users are apart, as events do not carry them.
    func filter() throws -> EventFilter {
        var filter = EventFilter()
        for name in comm { filter.add(comm: name) }
        try NameArguments.add(family) { text throws(UnknownNameError) in try filter.add(family: text) }
        try NameArguments.add(protocols) { text throws(UnknownNameError) in try filter.add(protocol: text) }
        try NameArguments.add(type) { text throws(UnknownNameError) in try filter.add(type: text) }
        try NameArguments.add(error) { text throws(UnknownNameError) in try filter.add(error: text) }
        try NameArguments.add(exclude) { text throws(UnknownNameError) in try filter.add(exclusion: text) }
        filter.ends.ports = port
        try NameArguments.add(local) { text throws(UnknownNameError) in
            filter.ends.locals.append(try EndpointPattern(text))
        }
        try NameArguments.add(remote) { text throws(UnknownNameError) in
            filter.ends.remotes.append(try EndpointPattern(text))
        }
        try NameArguments.add(cgroup) { text throws(UnknownNameError) in
            filter.cgroups.append(try ControlGroupPattern(text))
        }
        filter.errorsOnly = errors
        filter.minimumSize = minSize.map { Int64(clamping: $0.bytes) }
        filter.minimumLatency = minLatency?.nanoseconds
        return filter
    }

    /// Whether any was given.
    var isGiven: Bool { !words.isEmpty || !user.isEmpty }

    /// As words that `EventFilter(noted:)` understands years later.
    var words: [String] {
        comm.map { "comm \($0)" } + family.map { "family \($0)" } + protocols.map { "protocol \($0)" }
            + type.map { "type \($0)" } + (errors ? ["errors"] : []) + error.map { "error \($0)" }
            + (minSize.map { ["min-size \($0.bytes)"] } ?? [])
            + (minLatency.map { ["min-latency \($0.nanoseconds)"] } ?? []) + exclude.map { "exclude \($0)" }
            + port.map { "port \($0)" } + local.map { "local \($0)" } + remote.map { "remote \($0)" }
            + cgroup.map { "cgroup \($0)" }
    }

    /// Refuses control groups that are not there; a pattern may be of some that are made later.
    func checkGroups() throws {
        let patterns = try filter().cgroups.filter(\.goesByPath)
        guard !patterns.isEmpty else { return }
        guard let groups = ControlGroups() else {
            throw CommandFailure(
                "--cgroup \(patterns[0].text): no cgroup2 is mounted here\n"
                    + "Fix: mount -t cgroup2 none /sys/fs/cgroup, or give the number of the group", status: .failed)
        }
        for pattern in patterns {
            guard let path = pattern.path, groups.number(of: path) == nil else { continue }
            throw CommandFailure(
                "--cgroup \(pattern.text): there is no such control group in \(groups.mount)\n"
                    + "Fix: see /proc/PID/cgroup for that of a process; of a group that will be made later give a "
                    + "pattern, as in '\(path)*'", status: .failed)
        }
    }

    /// The users wanted; nil for all.
    func users() throws(CommandFailure) -> Set<UInt32>? {
        guard !user.isEmpty else { return nil }
        var numbers: Set<UInt32> = []
        for name in user { numbers.insert(try ProcessLookup.user(name)) }
        return numbers
    }
}
