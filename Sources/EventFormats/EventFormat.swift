/// Where one field of an event lies in a record.
package struct FormatField: Sendable, Equatable {
    /// Its name in the format.
    package var name: String
    /// Bytes from the start of the record's payload (which begins with `common_type`).
    package var offset: Int
    /// Bytes.
    package var size: Int
    /// Whether its sign is to be extended.
    package var isSigned: Bool
    /// The field holds a `__data_loc` word that points at its bytes.
    package var isDynamic: Bool
    /// Whether it holds several values.
    package var isArray: Bool
}

/// An event's format, as `events/SYSTEM/EVENT/format` states it.
package struct EventFormat: Sendable, Equatable {
    /// The group of the event.
    package var system: String
    /// The event's name in its group.
    package var name: String
    /// `common_type` of its records.
    package var id: UInt16
    /// Common fields first, then the event's own.
    package var fields: [FormatField]

    /// A field by its name.
    package func field(_ name: String) -> FormatField? {
        fields.first { $0.name == name }
    }
}
