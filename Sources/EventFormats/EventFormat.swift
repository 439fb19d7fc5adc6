/// Where one field of an event lies in a record.
public struct FormatField: Sendable, Equatable {
    /// Its name in the format.
    public var name: String
    /// Bytes from the start of the record's payload (which begins with `common_type`).
    public var offset: Int
    /// Bytes.
    public var size: Int
    /// Whether its sign is to be extended.
    public var isSigned: Bool
    /// The field holds a `__data_loc` word that points at its bytes.
    public var isDynamic: Bool
    /// Whether it holds several values.
    public var isArray: Bool
}

/// An event's format, as `events/SYSTEM/EVENT/format` states it.
public struct EventFormat: Sendable, Equatable {
    /// The group of the event.
    public var system: String
    /// The event's name in its group.
    public var name: String
    /// `common_type` of its records.
    public var id: UInt16
    /// Common fields first, then the event's own.
    public var fields: [FormatField]

    /// A field by its name.
    public func field(_ name: String) -> FormatField? {
        fields.first { $0.name == name }
    }
}
