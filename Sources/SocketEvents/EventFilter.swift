public import SocketNames

/// Which events a user wants to see. Every part that is set must hold; within a part one match is enough.
///
/// An event passes a part only when it carries the value and the value fits: what is unknown, or what an alias does not
/// have, fits nothing. Users (`--user`) are not here: events do not carry them.
public struct EventFilter: Sendable, Equatable {
    /// Aliases wanted; empty for all.
    package var aliases = SmallBitSet()
    /// Processes wanted, by process number; empty for all. Where the process of a thread is unknown, its thread number
    /// is compared, which is that of the process for its first thread.
    public var processes: [Int32] = []
    /// What names of threads must be like; empty for all.
    public var comms: [NamePattern] = []
    /// Address families wanted; empty for all.
    package var families = SmallBitSet()
    /// Protocols wanted; empty for all.
    package var protocols: [ProtocolSelector] = []
    /// Socket types wanted; empty for all.
    package var types = SmallBitSet()
    /// Only failed operations.
    public var errorsOnly = false
    /// Only operations that failed with one of these errors, by positive number; empty for all.
    public var errors: [Int32] = []
    /// Only operations that took at least so many nanoseconds.
    public var minimumLatency: UInt64?
    /// Only what is none of these.
    public var exclusions: [Exclusion] = []
    /// What the ends of the socket must be. Events do not carry them: who has their batch asks with its details.
    public var ends = EndpointFilter()
    /// Of which control groups the socket must be; empty for all. Events do not carry them, either.
    package var cgroups: [ControlGroupPattern] = []
    /// Only messages of at least so many bytes, asked for or moved; failed operations moved none.
    public var minimumSize: Int64?

    /// Lets everything pass.
    public init() {}

    /// Adds an alias.
    public mutating func add(alias: Alias) { aliases.insert(Int32(alias.rawValue)) }

    /// Adds a thread name, cut to what the kernel keeps of it (15 bytes), or a pattern of names.
    public mutating func add(comm: String) { comms.append(NamePattern(comm)) }

    /// Adds a family by name or number.
    public mutating func add(family: String) throws(UnknownNameError) {
        families.insert(try AddressFamilyNames.number(of: family))
    }

    /// Adds a protocol by name or number.
    public mutating func add(protocol text: String) throws(UnknownNameError) {
        protocols += try ProtocolSelector.parse(text)
    }

    /// Adds a socket type by name or number.
    public mutating func add(type: String) throws(UnknownNameError) {
        types.insert(try SocketTypeNames.number(of: type))
    }

    /// Whether everything passes.
    public var isEmpty: Bool { self == EventFilter() }

    /// Whether there is a part by which messages can be left out of a recording: threads' names go to the kernel, and which
    /// control groups there were is known at the end.
    package var hasPartsForDiscarding: Bool {
        var rest = self
        (rest.comms, rest.cgroups) = ([], [])
        return !rest.isEmpty
    }

    /// Whether an event passes. Allocates nothing.
    package func accepts(_ event: borrowing SocketEvent) -> Bool {
        if !aliases.isEmpty, !aliases.contains(Int32(event.alias.rawValue)) { return false }
        if errorsOnly, event.success != false { return false }
        if !families.isEmpty, !families.contains(event.family) { return false }
        if !types.isEmpty, !types.contains(event.type) { return false }
        if let minimumSize {
            guard let size = event.size, size >= minimumSize, event.success != false else { return false }
        }
        if let minimumLatency {
            guard let duration = event.duration, duration >= minimumLatency else { return false }
        }
        return acceptsLists(event)
    }

    /// The parts that are lists, of which there are rarely any.
    private func acceptsLists(_ event: borrowing SocketEvent) -> Bool {
        if !processes.isEmpty {
            let (process, thread) = (event.pid, event.tid)
            guard processes.contains(process ?? thread) else { return false }
        }
        if !comms.isEmpty {
            guard let comm = event.comm, comms.contains(where: { $0.matches(comm) }) else { return false }
        }
        if !errors.isEmpty {
            guard let error = event.errorNumber, errors.contains(error) else { return false }
        }
        if !protocols.isEmpty {
            let (number, family) = (event.protocol, event.family)
            guard protocols.contains(where: { $0.matches(protocol: number, family: family) }) else { return false }
        }
        for exclusion in exclusions where exclusion.matches(event) { return false }
        return true
    }
}

/// A set of numbers from 0 to 63, in one word.
package struct SmallBitSet: Sendable, Equatable {
    private var bits: UInt64 = 0

    /// The empty set.
    package init() {}

    /// Whether it holds nothing.
    package var isEmpty: Bool { bits == 0 }

    /// Adds a number; one that cannot be held is left out.
    package mutating func insert(_ number: Int32) {
        if (0..<64).contains(number) { bits |= 1 << UInt64(number) }
    }

    /// Whether it holds a number; never for nil.
    package func contains(_ number: Int32?) -> Bool {
        guard let number, (0..<64).contains(number) else { return false }
        return bits >> UInt64(number) & 1 == 1
    }

    /// Its numbers, ascending.
    package var numbers: [Int32] { (0..<64).filter { contains($0) } }
}
