package import SocketEvents

/// Makes something of all events that is complete only when the last of them, and what the sources came to, is known.
package protocol Exporter: EventConsumer, ~Copyable {
    /// The events that it needs.
    static var aliases: AliasSet { get }

    /// Events taken, of each source.
    var shown: [UInt64] { get }

    /// Writes what is left to be written. Called once, after `end`.
    /// - Parameter closings: of each source.
    mutating func finish(_ closings: [ExportClosing]) throws(ExportError)
}

/// Why an export was not made.
package struct ExportError: Error, Sendable, Equatable {
    /// For people.
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}
