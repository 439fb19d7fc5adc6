/// Where one field of an event lies in a record.
public struct EventField: Sendable, Equatable {
    public var name: String
    /// Bytes from the start of the record's payload (which begins with `common_type`).
    public var offset: Int
    /// Bytes.
    public var size: Int
    public var isSigned: Bool
    /// The field holds a `__data_loc` word that points at its bytes.
    public var isDynamic: Bool
    public var isArray: Bool
}

/// An event's format, as `events/SYSTEM/EVENT/format` states it.
public struct EventFormat: Sendable, Equatable {
    public var system: String
    public var name: String
    public var id: UInt16
    /// Common fields first, then the event's own.
    public var fields: [EventField]

    public func field(_ name: String) -> EventField? {
        fields.first { $0.name == name }
    }
}
