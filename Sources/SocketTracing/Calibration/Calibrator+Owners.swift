internal import BasicContainers
internal import KernelLayout
internal import LinuxSystem
internal import ProbePlanning
internal import SocketEvents

/// Looks for whose a socket is, which only who asks for it needs to know.
extension Calibrator {
    mutating func findOwners(
        _ fields: Set<OptionalField>, _ subjects: borrowing OwnSockets
    ) -> [StructLayout.Member: StructLayout.Place] {
        var found: [StructLayout.Member: StructLayout.Place] = [:]
        if fields.contains(.namespace) { found = findNamespaces(subjects) }
        if fields.contains(.cgroup) { found.merge(findControlGroups(subjects)) { first, _ in first } }
        return found
    }

    // MARK: Network namespaces

    private mutating func findNamespaces(
        _ subjects: borrowing OwnSockets
    ) -> [StructLayout.Member: StructLayout.Place] {
        guard let number = OwnNamespace.current else { return [:] }
        let own = socks(of: sockets).map { Observation($0, holds: number) }
        guard let other = OwnNamespace() else { return findNamespaces(own, subjects) }
        return findNamespaces(own, beside: other, subjects)
    }

    /// - Parameter other: it must be there as long as its memory is looked at.
    private mutating func findNamespaces(
        _ own: [Observation], beside other: borrowing OwnNamespace, _ subjects: borrowing OwnSockets
    ) -> [StructLayout.Member: StructLayout.Place] {
        let number = other.number
        let others = socks(of: samples(of: other.sockets)).map { Observation($0, holds: number) }
        // One that was made and not seen is no evidence of anything.
        return others.isEmpty ? [:] : findNamespaces(own + others, subjects)
    }

    private mutating func findNamespaces(
        _ socks: [Observation], _ subjects: borrowing OwnSockets
    ) -> [StructLayout.Member: StructLayout.Place] {
        let search = NamespaceSearch(socks, wordSize: convention.wordSize)
        let targets = search.targets
        let memories = read(targets.map(\.address), bytes: NamespaceSearch.window, subjects)
        return search.places(zip(targets, memories).compactMap { target, memory in memory.map { (target, $0) } })
    }

    // MARK: Control groups

    /// How often at most the memory is looked at.
    private static var looks: Int { 4 }

    private mutating func findControlGroups(
        _ subjects: borrowing OwnSockets
    ) -> [StructLayout.Member: StructLayout.Place] {
        guard let number = ControlGroups.numberOfOwn() else { return [:] }
        let search = ControlGroupSearch(
            socks(of: sockets), number: number, wordSize: convention.wordSize)
        var ways = lookForWays(search, subjects)
        for _ in 1..<Self.looks where ways.count > 1 { ways.formIntersection(lookForWays(search, subjects)) }
        return search.places(ways)
    }

    private mutating func lookForWays(
        _ search: ControlGroupSearch, _ subjects: borrowing OwnSockets
    ) -> Set<ControlGroupSearch.Way> {
        let groups = search.groups
        let found = read(groups.map(\.address), bytes: ControlGroupSearch.groupWindow, subjects)
        let nodes = search.nodes(zip(groups, found).compactMap { group, memory in memory.map { (group, $0) } })
        // Many words point to the same.
        let addresses = Set(nodes.map(\.address)).sorted()
        let memories = Dictionary(
            uniqueKeysWithValues: zip(
                addresses, read(addresses, bytes: ControlGroupSearch.nodeWindow, subjects)))
        return search.ways(nodes.compactMap { node in memories[node.address].flatMap { $0 }.map { (node, $0) } })
    }
}
