/// The byte order in which a kernel wrote its ring buffer.
@usableFromInline
package enum ByteOrder: Sendable, Equatable {
    case little
    case big

    /// The byte order of the machine this code runs on.
    @inlinable
    package static var host: ByteOrder {
        Int(littleEndian: 1) == 1 ? .little : .big
    }
}

/// A byte order as a type, so that a loop is compiled for each of the two and asks for it no more.
@usableFromInline
package protocol TraceByteOrder {
    /// The trace's byte order is not this machine's.
    static var isSwapped: Bool { get }
}

/// This machine's byte order.
@usableFromInline
package enum HostByteOrder: TraceByteOrder {
    /// Never.
    @inlinable package static var isSwapped: Bool { false }
}

/// The byte order that is not this machine's.
@usableFromInline
package enum SwappedByteOrder: TraceByteOrder {
    /// Always.
    @inlinable package static var isSwapped: Bool { true }
}
