/// The byte order in which a kernel wrote its ring buffer.
public enum ByteOrder: Sendable, Equatable {
    case little
    case big

    /// The byte order of the machine this code runs on.
    @inlinable
    public static var host: ByteOrder {
        Int(littleEndian: 1) == 1 ? .little : .big
    }
}

/// A byte order as a type, so that a loop is compiled for each of the two and asks for it no more.
public protocol TraceByteOrder {
    /// The trace's byte order is not this machine's.
    static var isSwapped: Bool { get }
}

/// This machine's byte order.
public enum HostByteOrder: TraceByteOrder {
    /// Never.
    @inlinable public static var isSwapped: Bool { false }
}

/// The byte order that is not this machine's.
public enum SwappedByteOrder: TraceByteOrder {
    /// Always.
    @inlinable public static var isSwapped: Bool { true }
}
