/// What a consumer made of the events that it took, for the last words of a command.
package struct Tally: Sendable, Equatable {
    /// What can be counted.
    package enum Unit: String, Sendable {
        case event
        case message
        case failedCall = "failed call"
        case connection
        case query
        case socket

        /// Of several.
        package var plural: String { self == .query ? "queries" : rawValue + "s" }
    }

    /// How many of one kind.
    package struct Part: Sendable, Equatable {
        package var number: UInt64
        package let unit: Unit
    }

    /// One at least; none is of a kind that another is of.
    package private(set) var parts: [Part]

    /// - Parameter units: what was counted; nothing so far.
    package init(_ units: Unit...) { parts = units.map { Part(number: 0, unit: $0) } }

    /// Events that were written one by one.
    package static func events(_ number: UInt64) -> Tally {
        var tally = Tally(.event)
        tally.add(number, .event)
        return tally
    }

    /// Counts some more of one of its kinds.
    package mutating func add(_ number: UInt64, _ unit: Unit) {
        for index in parts.indices where parts[index].unit == unit { parts[index].number &+= number }
    }

    /// Nothing was counted.
    package var isNothing: Bool { parts.allSatisfy { $0.number == 0 } }

    /// How many events were written one by one; nil where something else was made of them.
    package var eventCount: UInt64? {
        parts.count == 1 && parts.first?.unit == .event ? parts.first?.number : nil
    }
}
